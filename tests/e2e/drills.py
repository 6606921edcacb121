"""A plant to be drilled: a web process of its own, those who use it, and what was promised them."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import httpx
import sqlalchemy as sa

from domain.errors import Unavailable
from domain.outages import OUTAGES, Door, Kept
from kit.clock import SystemClock
from kit.ids import fresh
from services.access import Role, Subject
from services.audit_check import checked
from services.work import Resources
from store import audit_chain
from store.anchors import AnchorFile
from store.cache import Cache
from store.db import Database
from tests.accounts import PASSWORD, open_account, signed_in
from tests.e2e.conftest import Web, Worker, until

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


@asynccontextmanager
async def planted(environment, mortal, keys, **settings):
    """Start a web process on servers that may be killed, with people and one who may see all."""
    namespace = fresh("drill-")
    there = {
        "DATABASE_URL": mortal.database_url,
        "REDIS_URL": mortal.redis_url,
        "DUTCHBOOK_NAMESPACE": namespace,
    }
    cache = await Cache.open(mortal.redis_url, namespace=namespace)
    database = await Database.open(mortal.database_url, application="drills")
    resources = Resources(database, cache, SystemClock(), keys)
    email = f"{fresh()}@example.com"
    admin = await open_account(resources, email, Role.ADMIN)
    cookie = f"dutchbook={await signed_in(resources, email)}"
    people = {}
    for _ in range(12):
        name = f"{fresh()}@example.com"
        people[name] = str((await open_account(resources, name)).user_id)
    # All load comes from one address: what is beyond its quota would be refused for that alone.
    web = Web(environment | there | settings, module="tests.scanners.roomy")
    try:
        await web.start()
        yield Plant(web, Worker(cache), resources, admin, cookie, people)
    finally:
        web.end()
        await database.close()
        await cache.close()


@asynccontextmanager
async def alive(plant):
    """Have a worker go on saying that the board holds, whenever it can."""

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
async def loaded(plant, *more, pause_s=0.01):
    """Let many read, act and sign in, and do more, to the block's end; yield what came of it."""
    load, over = Load(), asyncio.Event()

    async def again(act):
        async with client() as http:
            while not over.is_set():
                try:
                    await act(plant, http, load)
                except httpx.TransportError as e:
                    load.broken[act, type(e)] += 1
                await asyncio.sleep(pause_s)

    async with asyncio.TaskGroup() as tasks:
        for act in [reading] * 4 + [acting] * 3 + [signing] * 2 + list(more):
            tasks.create_task(again(act))
        try:
            await until(lambda: _has_begun(load), within_s=30)
            yield load
        finally:
            over.set()


async def _has_begun(load):
    return len(load.exports) >= 3 and load.answers[200] >= 20 and load.entered


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
                assert "set-cookie" in answer.headers, (down, door, said)


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


async def goes_on(load, before):
    """Whether acts and sign-ins succeed again that were begun by those who never stopped."""
    exports, entered = before
    return len(load.exports) > exports and load.entered.total() > entered
