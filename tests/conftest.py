"""What every test may ask for: real servers, one transaction of its own, and no way out."""

import gc
import ipaddress
import os
import signal
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from kit.clock import ManualClock
from kit.ids import fresh
from services.access import ANONYMOUS, Subject
from services.work import Resources, Work
from store.cache import Cache
from store.db import Database
from store.embedded import Servers
from store.migrate import app_role, migrate
from tests.controls import CONTROL
from tests.facts import NOON

ROOT = Path(__file__).resolve().parent.parent
RECORDED = ROOT.parent / "shared" / "data"

# How long a case takes is measured in benchmarks/: the first one that compiles takes seconds.
# A gate draws the same cases of the same code each time; `--hypothesis-profile=explore` draws new.
settings.register_profile("dutchbook", deadline=None, derandomize=True)
settings.register_profile("quick", settings.get_profile("dutchbook"), max_examples=25)
settings.register_profile("explore", deadline=None, max_examples=1_000, print_blob=True)
settings.load_profile("dutchbook")


def pytest_collection_finish():
    """Spare the collector a million objects that stay: it took a fifth of the unit tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 15, 15)


def pytest_collection_modifyitems(items):
    """Mark what needs servers or recorded odds by the fixtures that it asks for."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if not {"servers", "mortal"}.isdisjoint(names):
            item.add_marker("servers")
        if "recorded_dir" in names:
            item.add_marker("recorded")


@pytest.fixture(scope="session", autouse=True)
def wall():
    """Refuse every connection from Python that would leave this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def stays(address):
        host = address[0] if isinstance(address, tuple) else None
        if host in (None, "", "localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def guarded(real):
        def attempt(self, address):
            if not stays(address):
                raise RuntimeError(f"a test tried to reach {address}")
            return real(self, address)

        return attempt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(connect))
        patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
        yield


@pytest.fixture(scope="session")
def recorded_dir():
    """The recorded odds beside the project."""
    if not RECORDED.is_dir():
        pytest.skip("the recorded odds are not beside the project, at ../shared/data")
    return RECORDED


def careless(folder):
    """Tell a server whose data nobody misses not to wait for the disk."""
    (settled,) = folder.rglob("postgresql.auto.conf")
    settled.write_text("fsync = off\nsynchronous_commit = off\n")
    process = (settled.parent / "postmaster.pid").read_text().split()[0]
    os.kill(int(process), signal.SIGHUP)


@contextmanager
def migrated_servers(prepare=lambda _: None):
    with tempfile.TemporaryDirectory(prefix="dutchbook-test-") as folder:
        Path(folder).chmod(0o755)
        with Servers.start(Path(folder)) as running:
            prepare(Path(folder))
            role = app_role(running.database_url, running.owner_url)
            migrate(running.owner_url, app_role=role)
            yield running


@pytest.fixture(scope="session")
def servers():
    """PostgreSQL and Valkey, migrated once."""
    with migrated_servers(careless) as running:
        yield running


@pytest.fixture(scope="session")
def mortal():
    """Servers of their own for tests that kill; whoever kills one starts it again."""
    with migrated_servers() as running:
        yield running


@pytest.fixture(scope="session")
async def database(servers):
    """The application's pool; what a test commits there, `emptied` takes away."""
    pool = await Database.open(servers.database_url, application="tests")
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def owner(servers):
    """A connection of the tables' owner, which commits every statement."""
    with psycopg.connect(servers.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def emptied(owner):
    """Leave empty tables behind; the audit cannot be emptied, as is its nature."""
    yield
    owner.execute(
        "truncate opportunities, markets, events, quotes, sources, stream_positions,"
        " canonical_events, match_actions, accounts cascade"
    )
    # A page that is open looks at these every second: a lock of the whole table may meet its own.
    for table in ("unknown_names", "refused_crossings", *CONTROL):
        owner.execute(f"delete from {table}")


@pytest.fixture
async def db(database):
    """One transaction, rolled back in the end."""
    async with database.begin() as session:
        yield session
        await session.rollback()


@pytest.fixture
async def cache(servers):
    """Valkey under a namespace that no other test has."""
    opened = await Cache.open(servers.redis_url, namespace=fresh("test-"))
    yield opened
    await opened.close()


@pytest.fixture
def clock():
    """A clock that stands at noon until it is told to move."""
    return ManualClock(NOON)


@pytest.fixture
def stranger():
    """Somebody who may do nothing."""
    return Subject()


@pytest.fixture
def work(db, cache, clock):
    """The work of a visitor who has not signed in."""
    return Work(ANONYMOUS, db, cache, clock)


@pytest.fixture
def resources(database, cache, clock):
    """What a process would have opened."""
    return Resources(database, cache, clock)
