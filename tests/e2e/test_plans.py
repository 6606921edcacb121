"""Plans over the wire: what a masked plan is sent, who moves, and what hostile programs get."""

import asyncio
import inspect
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import websockets
from playwright.async_api import expect
from reflex_base.registry import RegistrationContext

from arb_app.pages import PAGES
from domain.markets import Outcome
from domain.opportunities import GateCode, Refusal
from domain.plans import PlanName
from kit.clock import SystemClock
from kit.ids import fresh
from services import accounts, sessions
from services.access import ANONYMOUS, OPERATOR
from services.work import Resources, begin
from tests.accounts import open_account, signed_in
from tests.e2e.conftest import Stage, Web, until
from tests.e2e.test_doors import BOARD_STATE, ROOT_STATE, alive
from tests.facts import a_leg, a_row, an_event, an_opportunity, some_refusals

OPPORTUNITY_STATE = f"{ROOT_STATE}.arb_app___state___opportunity____opportunity_state"
HISTORY_STATE = f"{ROOT_STATE}.arb_app___state___history____history_state"
SECRETS = (
    "zqalpha",
    "zqbeta",
    "Zqalpha",
    "Zqbeta",
    "zqfeed",
    "2.618",
    "2.7183",
    "zqdetail",
    "Zqdetail",
)
HOSTILE = [None, "x" * 2_000, -1, 2**70, True, [[]], {"a": {"b": None}}, "../../etc/passwd", "\0"]


def secret_row(**changes):
    """Return a row that has been there for an hour, with names and odds of its own."""
    event = an_event("Owls v Larks", league="zzz league")
    legs = [
        a_leg(book="zqalpha", odds=2.618, source="zqfeed"),
        a_leg(book="zqbeta", outcome=Outcome.AWAY, odds=2.7183, source="zqfeed"),
    ]
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    found = an_opportunity(event, legs=legs, **changes)
    return a_row(opportunity=found, first_seen_at=hour_ago)


@pytest.fixture(scope="module")
async def masked(environment, whole_stage):
    """A web process that shows visitors the least."""
    web = Web(environment | {"DUTCHBOOK_VISITOR_PLAN": "anonymous"})
    await web.start()
    yield web
    web.end()


class Reader:
    """A page's socket by hand, which keeps the text of every frame."""

    def __init__(self, raw):
        self.raw, self.said = raw, []

    async def fire(self, name, path="/board", payload=None):
        payload = payload or {}
        event = {
            "name": name,
            "payload": payload,
            "router_data": {"pathname": path, "asPath": path},
        }
        await self.raw.send("42/_event," + json.dumps(["event", event]))

    async def read(self):
        text = await self.raw.recv()
        if text == "2":
            await self.raw.send("3")
        self.said.append(text)
        return text

    async def until(self, *parts, within_s=15):
        """Read on until a frame has all of the parts."""
        async with asyncio.timeout(within_s):
            while True:
                text = await self.read()
                if all(part in text for part in parts):
                    return text

    async def settle(self):
        """Read all that comes before the answer to a ping."""
        await self.raw.send('42/_event,["ping"]')
        await self.until('"pong"')


@asynccontextmanager
async def reading(web, cookie=""):
    where = f"ws://127.0.0.1:{web.port}/_event/?token={fresh()}&EIO=4&transport=websocket"
    headers = {"Cookie": cookie} if cookie else {}
    async with websockets.connect(
        where, origin=web.url, proxy=None, additional_headers=headers
    ) as raw:
        reader = Reader(raw)
        await reader.until("0{")
        await raw.send("40/_event,")
        await reader.until("40/_event,")
        yield reader


def leaked(reader):
    """Return what a reader was told and may not know."""
    return [secret for secret in SECRETS if any(secret in text for text in reader.said)]


async def test_a_masked_plan_is_sent_the_row_and_none_of_its_secrets(stage, masked):
    refusal = Refusal(code=GateCode.LEG_TOO_OLD, detail="zqdetail: 400 s")
    row = secret_row()
    await stage.worker.publish(row)
    missed = some_refusals().rows[0]
    near = msgspec.structs.replace(
        missed, opportunity=secret_row(refusals=[refusal], key="near").opportunity
    )
    async with reading(masked) as reader, reading(stage.web) as whole:
        await whole.fire(f"{BOARD_STATE}.join")
        await whole.until(row.id, "2.618")
        await reader.fire(f"{BOARD_STATE}.join")
        await stage.worker.refuse(some_refusals(rows=[near]))
        await whole.until("Zqdetail")
        await reader.fire(f"{OPPORTUNITY_STATE}.open", path=f"/board/{row.id}")
        await reader.until("Owls v Larks")
        await reader.fire(f"{HISTORY_STATE}.open", path=f"/history/{row.opportunity.event.id}")
        await reader.until("shut")
        await reader.settle()
        assert leaked(reader) == []
        assert set(leaked(whole)) >= {"Zqalpha", "2.618"}


@pytest.mark.usefixtures("heartbeat")
async def test_masked_pages_say_what_they_leave_out(stage, masked):
    row = secret_row()
    await stage.worker.publish(row)
    seen = Stage(masked, stage.worker, stage.browser)
    async with seen.open("/board") as page:
        await expect(page.get_by_text("This plan shows the board 60 seconds late")).to_be_visible()
        await expect(page.locator(".board")).to_have_attribute("data-condition", "live")
    async with seen.open(f"/board/{row.id}") as page:
        await expect(page.get_by_test_id("roi")).to_have_text("+1 % or more")
        await expect(page.get_by_text("Book A")).to_be_visible()
        await expect(page.get_by_test_id("stake-input")).to_have_count(0)
        assert [each for each in SECRETS if each in await page.content()] == []
    async with seen.open(f"/history/{row.opportunity.event.id}") as page:
        await expect(page.get_by_text("Prices are not part of this plan")).to_be_visible()


async def test_a_member_who_changes_plan_is_moved_while_they_watch(stage, masked, database):
    resources = Resources(database, stage.worker.cache, SystemClock())
    email = f"{fresh()}@example.com"
    await open_account(resources, email)
    token = await signed_in(resources, email)
    row = secret_row()
    await stage.worker.publish(row)
    async with reading(masked, f"dutchbook={token}") as reader:
        await reader.fire(f"{BOARD_STATE}.join")
        await reader.settle()
        assert leaked(reader) == []
        async with begin(resources, OPERATOR) as work:
            await accounts.change_plan(work, email, PlanName.PRO)
        await reader.until('"snapshot"', row.id, "2.618")
        async with begin(resources, OPERATOR) as work:
            await accounts.change_plan(work, email, PlanName.FREE)
        await reader.until('"snapshot"', '"plan"')
        reader.said.clear()
        await stage.worker.publish(msgspec.structs.replace(row, best_roi=0.5))
        await reader.settle()
        assert leaked(reader) == []


async def test_an_old_session_is_nobodys(stage, masked, database):
    resources = Resources(database, stage.worker.cache, SystemClock())
    email = f"{fresh()}@example.com"
    await open_account(resources, email)
    async with begin(resources, OPERATOR) as work:
        await accounts.change_plan(work, email, PlanName.ENTERPRISE)
    token = await signed_in(resources, email)
    async with begin(resources, ANONYMOUS) as work:
        subject = await sessions.resume(work, token)
    async with begin(resources, subject) as work:
        await sessions.sign_out(work, token)
    await stage.worker.publish(secret_row())
    async with reading(masked, f"dutchbook={token}") as reader:
        await reader.fire(f"{BOARD_STATE}.join")
        await reader.settle()
        assert leaked(reader) == []


def registered():
    """Return every event of the product, with the names of its arguments."""
    assert PAGES
    handlers = RegistrationContext.get().event_handlers
    return {
        name: [each for each in inspect.signature(handler.handler.fn).parameters if each != "self"]
        for name, handler in sorted(handlers.items())
        if ".arb_app___" in name
    }


async def test_every_event_with_hostile_arguments_gets_nothing_and_brings_nothing_down(
    stage, masked
):
    row = secret_row()
    await stage.worker.publish(row)
    events = registered()
    assert len(events) > 30
    async with reading(masked) as bystander:
        for number, (name, parameters) in enumerate(events.items()):
            async with reading(masked) as hostile:
                more = {"room": "enterprise", "plan": "pro", "view": {"plan": "pro"}, "sid": "1"}
                for value in (HOSTILE[number % len(HOSTILE)], f"/board/{row.id}"):
                    given = dict.fromkeys(parameters, value)
                    await hostile.fire(name, path=f"/board/{row.id}", payload=given)
                await hostile.fire(name, path=f"/board/{row.id}", payload=more)
                await hostile.settle()
                assert leaked(hostile) == []
        await bystander.fire(f"{BOARD_STATE}.join")
        await bystander.until('"snapshot"')
        assert leaked(bystander) == []
    assert masked.process.poll() is None


async def overdo(hostile):
    """Send what is small until it is inflated; the door may shut while it is still being sent."""
    await hostile.raw.send("42/_event," + " " * 50_000_000)
    await hostile.until("never")


async def test_a_frame_that_inflates_beyond_all_measure_closes_only_its_own_socket(masked):
    async with reading(masked) as bystander:
        async with reading(masked) as hostile:
            assert hostile.raw.protocol.extensions != []
            with pytest.raises(websockets.ConnectionClosed):
                await overdo(hostile)
        await alive(bystander.raw)


async def test_what_is_asked_again_and_again_is_not_kept(masked):
    async with reading(masked) as reader:
        for _ in range(300):
            await reader.fire(f"{BOARD_STATE}.join")
        await reader.settle()
    async with reading(masked) as other:
        await alive(other.raw)

    async def nobody_watches():
        lines = (await masked.get("/metrics")).text.splitlines()
        return "dutchbook_board_watchers 0.0" in lines

    await until(nobody_watches)
