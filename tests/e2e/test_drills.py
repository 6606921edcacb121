"""Drills: a server is killed under load; what was promised of that is what happens."""

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import websockets
from aiosmtpd.controller import Controller

from arb_app.state.board import BoardState
from domain.errors import Unavailable
from domain.outages import RECOVERS_WITHIN_S
from domain.outages import Server as Down
from domain.plans import View
from domain.vitals import Level, Part, Sign
from jobs.post import ABSENT_PAUSE, Post, Server
from kit.clock import ManualClock, SystemClock
from kit.ids import fresh
from services import health
from services.access import Permission, Subject
from services.work import begin
from store.embedded import free_port
from store.keys import FILE, KeyRing
from tests.accounts import PASSWORD
from tests.e2e.conftest import until
from tests.e2e.drills import (
    EXPECTED,
    acting,
    alive,
    client,
    goes_on,
    holds,
    loaded,
    nothing_is_lost,
    planted,
)
from tests.facts import a_row
from tests.outages import killed

pytestmark = [pytest.mark.slow, pytest.mark.servers]

JOIN = f"{BoardState.get_full_name()}.join"


@pytest.fixture(scope="module")
async def plant(environment, mortal):
    async with planted(environment, mortal, KeyRing.read(_keys(environment))) as made:
        yield made


def _keys(environment):
    return Path(environment["DUTCHBOOK_DATA_DIR"]) / FILE


@pytest.fixture
async def beating(plant):
    async with alive(plant):
        yield


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
            await until(lambda: goes_on(load, before_it), within_s=RECOVERS_WITHIN_S)
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
