"""Drills: a server is killed under load; what was promised of that is what happens."""

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
import sqlalchemy as sa
import websockets
from aiosmtpd.controller import Controller

from arb_app.state.board import BoardState
from domain.errors import Unavailable
from domain.outages import OUTAGES, RECOVERS_WITHIN_S, Door, Kept
from domain.outages import Server as Down
from domain.plans import View
from domain.vitals import Level, Part, Sign
from jobs.post import ABSENT_PAUSE, Post, Server
from kit.clock import ManualClock, SystemClock
from kit.ids import fresh
from services import health
from services.access import Permission, Role, Subject
from services.audit_check import checked
from services.work import Resources, begin
from store import audit_chain
from store.anchors import AnchorFile
from store.cache import Cache
from store.db import Database
from store.embedded import free_port
from store.keys import FILE, KeyRing
from tests.accounts import PASSWORD, open_account, signed_in
from tests.e2e.conftest import Web, Worker, until
from tests.facts import a_row
from tests.outages import killed

pytestmark = [pytest.mark.slow, pytest.mark.servers]

JOIN = f"{BoardState.get_full_name()}.join"
PLACES = [f"10.{n // 250}.{n % 250}.7" for n in range(5_000)]
"""Networks apart: attempts are counted by network too."""
EXPECTED = {200, 303, 503}
"""What is ever answered: a page, a way on, or that it cannot be done now."""


@dataclass
class Load:
    """What was answered while many asked, and which acts were acknowledged."""

    answers: Counter = field(default_factory=Counter)
    exports: list[str] = field(default_factory=list)
    entered: Counter = field(default_factory=Counter)
    broken: Counter = field(default_factory=Counter)


@dataclass
class Plant:
    """The web process with servers of its own, and people who use it."""

    web: Web
    worker: Worker
    resources: Resources
    admin: Subject
    cookie: str
    people: dict[str, str]
    places: list[str] = field(default_factory=lambda: list(PLACES))

    def __post_init__(self):
        self.turns = cycle(sorted(self.people))

    async def post(self, client, path, **form):
        told = {
            "origin": self.web.url,
            "content-type": "application/x-www-form-urlencoded",
            "x-forwarded-for": self.places.pop(),
        }
        return await client.post(f"{self.web.url}{path}", content=urlencode(form), headers=told)

    async def export(self, client, mark):
        """Take a search for `mark` away: an act, which puts the mark on record."""
        url = f"{self.web.url}/exports/audit.csv?who={mark}"
        return await client.get(url, headers={"cookie": self.cookie})


def client():
    # As a browser asks: a form that is refused leads back to its page.
    return httpx.AsyncClient(trust_env=False, timeout=20, headers={"accept": "text/html"})


@pytest.fixture(scope="module")
async def plant(environment, mortal):
    namespace = fresh("drill-")
    there = {
        "DATABASE_URL": mortal.database_url,
        "REDIS_URL": mortal.redis_url,
        "DUTCHBOOK_NAMESPACE": namespace,
    }
    cache = await Cache.open(mortal.redis_url, namespace=namespace)
    database = await Database.open(mortal.database_url, application="drills")
    keys = KeyRing.read(_keys(environment))
    resources = Resources(database, cache, SystemClock(), keys)
    email = f"{fresh()}@example.com"
    admin = await open_account(resources, email, Role.ADMIN)
    cookie = f"dutchbook={await signed_in(resources, email)}"
    people = {}
    for _ in range(12):
        name = f"{fresh()}@example.com"
        people[name] = str((await open_account(resources, name)).user_id)
    # All load comes from one address: what is beyond its quota would be refused for that alone.
    web = Web(environment | there, module="tests.scanners.roomy")
    await web.start()
    yield Plant(web, Worker(cache), resources, admin, cookie, people)
    web.end()
    await database.close()
    await cache.close()


def _keys(environment):
    return Path(environment["DUTCHBOOK_DATA_DIR"]) / FILE


@pytest.fixture
async def beating(plant):
    """A worker that goes on saying that the board holds, whenever it can."""

    async def beat():
        while True:
            with suppress(Unavailable):
                await plant.worker.publish()
            await asyncio.sleep(0.3)

    task = asyncio.create_task(beat())
    await plant.web.becomes("/readyz", 200)
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def reading(plant, http, load):
    for path in ("/", "/board", "/status", "/healthz"):
        answer = await http.get(f"{plant.web.url}{path}")
        load.answers[answer.status_code] += 1


async def acting(plant, http, load):
    mark = fresh("mark-")
    answer = await plant.export(http, mark)
    load.answers[answer.status_code] += 1
    if answer.status_code == 200:
        load.exports.append(mark)


async def signing(plant, http, load):
    email = next(plant.turns)
    answer = await plant.post(http, "/auth/sign-in", email=email, password=PASSWORD)
    load.answers[answer.status_code] += 1
    if "dutchbook=" in answer.headers.get("set-cookie", ""):  # and not halfway
        load.entered[plant.people[email]] += 1


@asynccontextmanager
async def loaded(plant):
    """Let many read, act and sign in until the end of the block; yield what came of it."""
    load, over = Load(), asyncio.Event()

    async def again(act):
        async with client() as http:
            while not over.is_set():
                try:
                    await act(plant, http, load)
                except httpx.TransportError as e:
                    load.broken[act, type(e)] += 1
                await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as tasks:
        for act in [reading] * 4 + [acting] * 3 + [signing] * 2:
            tasks.create_task(again(act))
        try:
            await until(lambda: _has_begun(load), within_s=30)
            yield load
        finally:
            over.set()


async def _has_begun(load):
    return len(load.exports) >= 3 and load.answers[200] >= 20 and load.entered


@asynccontextmanager
async def watching(plant):
    """Open the board's channel by hand, and say how to wait for a row there."""
    where = f"ws://127.0.0.1:{plant.web.port}/_event/?token={fresh()}&EIO=4&transport=websocket"
    async with websockets.connect(where, origin=plant.web.url, proxy=None) as raw:
        await raw.recv()
        await raw.send("40/_event,")
        await raw.recv()
        event = {"name": JOIN, "payload": {}, "router_data": {"pathname": "/board"}}
        await raw.send("42/_event," + json.dumps(["event", event]))

        async def shows(life_id, *, within_s=RECOVERS_WITHIN_S):
            async with asyncio.timeout(within_s):
                while life_id not in (heard := str(await raw.recv())):
                    if heard == "2":
                        await raw.send("3")

        yield shows


async def asked(plant, http, door, down):
    """Return what a door answers now."""
    match door:
        case Door.PAGE:
            return await http.get(f"{plant.web.url}/board")
        case Door.ALIVE:
            return await http.get(f"{plant.web.url}/healthz")
        case Door.READY:
            return await http.get(f"{plant.web.url}/readyz")
        case Door.ACT:
            return await plant.export(http, fresh("probe-"))
        case Door.SIGN_IN:
            email = max(plant.people)
            return await plant.post(http, "/auth/sign-in", email=email, password=PASSWORD)
        case Door.JOIN:
            form = {"email": f"{fresh()}@example.com", "password": PASSWORD}
            return await plant.post(http, "/auth/register", **form)
    raise AssertionError(f"{door} of {down} has no door of its own")


async def holds(plant, http, down):
    """Compare every door of a server's outage with what was promised of it."""
    for door, promised in OUTAGES[down].items():
        if promised.status:
            answer = await asked(plant, http, door, down)
            said = answer.headers.get("location", "") or answer.text
            assert answer.status_code == promised.status, (down, door, answer.text)
            assert promised.says in said, (down, door, said)
            if promised.kept is Kept.GOES_ON and door is Door.SIGN_IN:
                assert "set-cookie" in answer.headers


async def entries(plant, action):
    """Return the actor and the filter of every entry of an action, of an audit that is whole."""
    found = Counter()
    async with plant.resources.database.begin() as db:
        report = await _report(db)
    async with plant.resources.database.begin() as db:
        async for links in audit_chain.links(db):
            for link in links:
                if link.action == action:
                    found[link.details] += 1
    return report, found


async def _report(db):
    from pathlib import Path

    await audit_chain.still(db)
    return await checked(db, AnchorFile(Path("/nonexistent/anchors")), set())


async def nothing_is_lost(plant, load):
    """Check that the audit is whole, and holds every act that was acknowledged."""
    report, exports = await entries(plant, "audit.export")
    assert report.clean, report.broken
    told = "\n".join(exports)
    assert [mark for mark in load.exports if mark not in told] == []
    async with plant.resources.database.begin() as db:
        for user_id, times in load.entered.items():
            assert await _signed_in(db, user_id) >= times


async def _signed_in(db, user_id):

    asked_for = sa.text("select count(*) from audit where action = 'sign_in' and actor = :who")
    return await db.scalar(asked_for, {"who": user_id})


async def looked_at(plant):
    """Return what the page of health reads now, by part and sign."""
    subject = Subject(permissions=frozenset({Permission.VIEW_SYSTEM}), view=View.of("pro"))
    async with begin(plant.resources, subject) as work:
        seen = await health.look(work, _keys(plant.web.environment).parent)
    return {(each.part, each.sign): each.level for each in seen.readings}


@pytest.mark.usefixtures("beating")
@pytest.mark.parametrize("down", [Down.POSTGRES, Down.VALKEY])
async def test_a_server_is_killed_under_load_and_comes_back(plant, mortal, down):
    server = mortal.postgres if down is Down.POSTGRES else mortal.valkey
    part = Part.POSTGRES if down is Down.POSTGRES else Part.VALKEY
    before, after = a_row(id=fresh()), a_row(id=fresh())
    async with watching(plant) as shows, client() as http:
        await plant.worker.publish(before)
        await shows(before.id)
        async with loaded(plant) as load:
            async with killed(server):
                await plant.web.becomes("/readyz", 503)
                await holds(plant, http, down)
                assert (await looked_at(plant))[part, Sign.ANSWERS] is Level.BAD
                if down is Down.POSTGRES:  # the board goes on: it needs Valkey alone
                    during = a_row(id=fresh())
                    await plant.worker.publish(during)
                    await shows(during.id)
            await plant.web.becomes("/readyz", 200, within_s=RECOVERS_WITHIN_S)
            before_it = len(load.exports), load.entered.total()
            await until(lambda: _goes_on(load, before_it), within_s=RECOVERS_WITHIN_S)
            await _published(plant, after)
            await shows(after.id)
        assert plant.web.process.poll() is None
    assert set(load.answers) <= EXPECTED, load.answers
    assert load.answers[503] > 0 or down is Down.VALKEY
    # A file whose end can no longer be looked up breaks off, for it must not look whole.
    allowed = {(acting, httpx.RemoteProtocolError)} if down is Down.POSTGRES else set()
    assert set(load.broken) <= allowed, load.broken
    assert (await looked_at(plant))[part, Sign.ANSWERS] is Level.GOOD
    await nothing_is_lost(plant, load)


async def _goes_on(load, before):
    """Whether acts and sign-ins succeed again that were begun by those who never stopped."""
    exports, entered = before
    return len(load.exports) > exports and load.entered.total() > entered


async def _published(plant, row):
    async def published():
        with suppress(Unavailable):
            await plant.worker.publish(row)
            return True
        return False

    await until(published, within_s=RECOVERS_WITHIN_S)


class Mailbox:
    """Counts what it takes, by whom it is for."""

    def __init__(self):
        self.taken = Counter()

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - as aiosmtpd calls it
        self.taken.update(envelope.rcpt_tos)
        return "250 OK"


@pytest.mark.usefixtures("beating")
async def test_the_mail_server_is_away_under_load_and_every_letter_goes_out_once(plant):
    port, mailbox = free_port(), Mailbox()
    at = Server(host="127.0.0.1", port=port, user=None, password=None, tls=False,
                sender="Dutchbook <post@dutchbook.example>")  # fmt: skip
    clock = ManualClock(SystemClock().now() + timedelta(minutes=1))
    post = Post(
        database=plant.resources.database, clock=clock, keys=plant.resources.keys, server=at
    )
    async with loaded(plant) as load, client() as http:
        names = [f"{fresh()}@example.com" for _ in range(6)]
        for name in names:
            answer = await plant.post(http, "/auth/register", email=name, password=PASSWORD)
            assert answer.headers["location"].endswith("#sent")
        await post.carry()
        await holds(plant, http, Down.SMTP)
        levels = await looked_at(plant)
        assert levels[Part.QUEUES, Sign.LETTERS] is Level.GOOD
        controller = Controller(mailbox, "127.0.0.1", port)
        controller.start()
        try:
            for _ in range(2):
                clock.advance(ABSENT_PAUSE.total_seconds())
                await post.carry()
                await post.carry()
        finally:
            controller.stop()
    assert [mailbox.taken[name] for name in names] == [1] * len(names)
    assert set(load.answers) <= EXPECTED, load.answers
    await nothing_is_lost(plant, load)
