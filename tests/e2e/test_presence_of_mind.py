"""Presence of mind in a browser: reminders, limits, breaks that hide the board, the age."""

import re
import time
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from reflex_base.registry import RegistrationContext

from arb_app.gate import door_of
from arb_app.pages import PAGES as ROUTES
from domain.breaks import Length
from domain.plans import PlanName
from kit.clock import SystemClock
from services import accounts, breaks
from services.access import BOARD, OPERATOR
from services.work import Resources, begin
from tests.accounts import browser_of, open_account, signed_in
from tests.e2e.conftest import Stage, Web, until
from tests.e2e.test_doors import BOARD_STATE
from tests.e2e.test_plans import reading
from tests.facts import a_row

pytestmark = pytest.mark.usefixtures("heartbeat")

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
AN_HOUR_AGO = """
    update member_breaks
    set began_at = began_at - interval '2 hours', ends_at = ends_at - interval '1 hour'
"""
WATCHED = """(minutes) => {
  const time = JSON.parse(localStorage.getItem("dutchbook-time")) ?? { since: Date.now() };
  localStorage.setItem("dutchbook-time", JSON.stringify({ ...time, used: minutes * 60_000 }));
}"""
PAGES = (
    "/pricing",
    "/account/breaks",
    "/privacy",
    *(f"/legal/{name}" for name in ("terms", "privacy", "cookies", "responsible")),
)


@pytest.fixture
async def board(stage):
    """A board with one row."""
    await stage.worker.publish(a_row())
    return stage


@pytest.fixture
async def ann(database, stage, emptied):
    """A member, and what a browser begins with to be theirs."""
    resources = Resources(database, stage.worker.cache, SystemClock())
    subject = await open_account(resources)
    async with begin(resources, OPERATOR) as work:
        await accounts.change_plan(work, subject.name, PlanName.PRO)
    return subject, resources, browser_of(await signed_in(resources))


def rows(page):
    return page.get_by_test_id("opportunity-row")


def shut(page):
    return page.get_by_test_id("board-shut")


async def opens_again(page):
    """Look again, and return whether the board is shown."""
    await page.reload()
    await rows(page).or_(shut(page)).first.wait_for()
    return await shut(page).count() == 0


async def watched(page, minutes):
    """Make the browser believe that the board has been open for so long."""
    await page.evaluate(WATCHED, minutes)


async def flawless(page):
    """Return what axe finds wrong with the page."""
    found = await Axe().run(page)
    return [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]]


async def set_limits(page, base, *, remind="0", daily="0", firm=False):
    await page.goto(f"{base}/account/breaks")
    await expect(
        page.get_by_text("You are not signed in").or_(page.get_by_text("You are signed in"))
    ).to_be_visible()
    await page.get_by_label("Remind me").select_option(remind)
    await page.get_by_label("Daily limit").select_option(daily)
    if firm:
        await page.get_by_label("Reminders stand in front").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()


async def test_a_reader_is_reminded_as_they_asked_without_the_board_being_covered_or_focus_moved(
    board,
):
    async with board.open("/board") as page:
        await expect(rows(page)).to_have_count(1)
        await expect(page.get_by_test_id("reminder")).to_be_hidden()
        await set_limits(page, board.web.url, remind="30")
        await expect(page.get_by_label("Remind me")).to_have_value("30")
        await watched(page, 29)
        await page.goto(f"{board.web.url}/board")
        await page.wait_for_function(
            "() => JSON.parse(localStorage['dutchbook-time']).every === 1800000"
        )
        await watched(page, 31)
        await page.get_by_role("searchbox").fill("Lions")
        reminder = page.get_by_role("dialog", name="A moment for yourself")
        await expect(reminder).to_be_visible(timeout=10_000)
        await expect(reminder).to_contain_text(re.compile("today: 3[01] minutes"))
        await expect(reminder.get_by_role("link", name="GamCare")).to_have_attribute(
            "href", "https://www.gamcare.org.uk/"
        )
        await expect(page.get_by_role("searchbox")).to_be_focused()
        await expect(page.get_by_role("status").filter(has_text="A moment")).to_have_count(1)
        await rows(page).get_by_role("link").first.click(trial=True)
        assert await flawless(page) == []
        await page.keyboard.press("Escape")
        await expect(reminder).to_be_hidden()
        await page.reload()
        await expect(rows(page)).to_have_count(1)
        await page.wait_for_function("() => JSON.parse(localStorage['dutchbook-time']).told === 1")
        await expect(reminder).to_be_hidden()


async def test_whoever_wants_it_has_to_answer_the_reminder(board):
    async with board.open("/board", **PHONE) as page:
        await set_limits(page, board.web.url, remind="15", firm=True)
        await expect(page.get_by_label("Reminders stand in front")).to_be_checked()
        await watched(page, 1)
        await page.goto(f"{board.web.url}/board")
        await page.wait_for_function(
            "() => JSON.parse(localStorage['dutchbook-time']).every === 900000"
        )
        await watched(page, 16)
        reminder = page.get_by_role("dialog")
        await expect(reminder).to_be_visible(timeout=10_000)
        assert await reminder.evaluate("(each) => each.matches(':modal')")
        await expect(reminder.get_by_role("button", name="Back to the board")).to_be_focused()
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        assert await flawless(page) == []
        await reminder.get_by_role("button", name="Back to the board").click()
        await expect(reminder).to_be_hidden()


async def test_a_visitor_is_told_that_their_daily_limit_is_reached(board):
    async with board.open("/board") as page:
        await set_limits(page, board.web.url, daily="60")
        await watched(page, 61)
        await page.goto(f"{board.web.url}/board")
        reminder = page.get_by_role("dialog", name="You have reached your daily limit")
        await expect(reminder).to_be_visible(timeout=10_000)
        await expect(reminder.get_by_role("button", name="1 day")).to_be_visible()


async def test_a_visitors_break_hides_the_board_in_all_tabs_of_the_browser_until_it_ends(board):
    async with board.open("/board") as page:
        await expect(rows(page)).to_have_count(1)
        await page.wait_for_function("() => localStorage.getItem('dutchbook-board') !== null")
        other = await page.context.new_page()
        await other.goto(f"{board.web.url}/account/breaks")
        await other.get_by_role("button", name="1 hour").click()
        await expect(other.get_by_text("Your break has begun.")).to_be_visible()
        await expect(other.get_by_role("heading", name="You are on a break")).to_be_visible()
        await expect(shut(page)).to_contain_text("This holds in this browser only")
        await expect(rows(page)).to_have_count(0)
        assert await page.evaluate("localStorage.getItem('dutchbook-board')") is None
        assert await flawless(page) == []
        for path in ("/board/" + "0" * 24, "/history/" + "0" * 24):
            await page.goto(f"{board.web.url}{path}")
            await expect(shut(page)).to_contain_text("You are on a break")
        (cookie,) = [c for c in await page.context.cookies() if c["name"] == "dutchbook_break"]
        assert cookie["httpOnly"]
        assert float(cookie["value"]) == pytest.approx(time.time() + 3600, abs=60)
        assert cookie["value"] not in await page.evaluate("document.cookie")
        await page.context.clear_cookies(name="dutchbook_break")
        await page.goto(f"{board.web.url}/board")
        await expect(rows(page)).to_have_count(1)
        await other.close()


async def test_a_break_that_is_over_shows_the_board_again(board):
    async with board.open("/board") as page:
        over = {"name": "dutchbook_break", "value": f"{time.time() + 5:.0f}", "url": board.web.url}
        await page.context.add_cookies([over])
        assert not await opens_again(page)
        await until(partial(opens_again, page))
        await expect(rows(page)).to_have_count(1)


async def test_a_members_break_puts_out_open_pages_within_seconds_on_every_device(board, ann):
    subject, resources, browser = ann
    async with board.open("/board", **browser) as page:
        await expect(rows(page)).to_have_count(1)
        async with begin(resources, subject) as work:
            await breaks.take(work, Length.DAY)
        await expect(shut(page)).to_contain_text("for your account on every device")
        await expect(rows(page)).to_have_count(0)
        await page.reload()
        await expect(shut(page)).to_contain_text("You are on a break")


async def test_a_members_break_ends_by_itself(board, ann, owner):
    subject, resources, browser = ann
    async with board.open("/board", **browser) as page:
        async with begin(resources, subject) as work:
            await breaks.take(work, Length.HOUR)
        await expect(shut(page)).to_be_visible(timeout=8_000)
        with owner.transaction():  # as if an hour had passed
            owner.execute("select set_config('app.oversight', 'accounts', true)")
            owner.execute("alter table member_breaks disable trigger kept")
            owner.execute(AN_HOUR_AGO)
            owner.execute("alter table member_breaks enable trigger kept")
        await until(partial(opens_again, page))
        await expect(rows(page)).to_have_count(1)


async def test_a_members_break_comes_over_an_opportunity_that_is_open(board, ann):
    subject, resources, browser = ann
    await board.worker.publish(a_row(id="d4" * 12))
    async with board.open(f"/board/{'d4' * 12}", **browser) as page:
        await expect(page.get_by_test_id("leg")).to_have_count(2)
        async with begin(resources, subject) as work:
            await breaks.take(work, Length.YEAR)
        await expect(shut(page)).to_contain_text("You are on a break")
        await expect(page.get_by_test_id("leg")).to_have_count(0)
        ends_at = datetime.now(UTC) + Length.YEAR.time
        await expect(shut(page)).to_contain_text(f"({ends_at.year})")


async def test_a_member_who_reached_their_limit_is_put_out_by_the_server(board, ann, owner):
    _, _, browser = ann
    async with board.open("/board", **browser) as page:
        await set_limits(page, board.web.url, daily="30")
        await page.goto(f"{board.web.url}/board")
        await expect(rows(page)).to_have_count(1)
        with owner.transaction():
            owner.execute("select set_config('app.oversight', 'accounts', true)")
            owner.execute("update member_limits set used_s = 1800, since_at = now()")
        await expect(shut(page)).to_contain_text("That was your time for today")
        await expect(shut(page)).to_contain_text("a daily limit of 30 minutes")
        assert await flawless(page) == []


async def test_self_exclusion_is_asked_for_twice(board, ann):
    _, _, browser = ann
    async with board.open("/account/breaks", **browser) as page:
        await page.get_by_label("5 years").check()
        await page.get_by_role("button", name="Exclude me").click()
        await expect(page).to_have_url(f"{board.web.url}/account/breaks")
        await page.get_by_label("I understand").check()
        await page.get_by_role("button", name="Exclude me").click()
        await expect(page.get_by_text("Your break has begun.")).to_be_visible()
        await page.goto(f"{board.web.url}/board")
        await expect(shut(page)).to_be_visible()


@pytest.fixture(scope="module")
async def gated(environment, whole_stage):
    """A stage whose visitors are asked for their age."""
    web = Web(environment | {"DUTCHBOOK_AGE_GATE": "true"})
    await web.start()
    yield Stage(web, whole_stage.worker, whole_stage.browser)
    web.end()


async def test_the_age_is_asked_once_before_the_board_where_that_is_set(board, gated):
    async with gated.open("/board", **PHONE) as page:
        await expect(shut(page)).to_contain_text("Are you of legal age?")
        await expect(rows(page)).to_have_count(0)
        assert await flawless(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        await page.goto(f"{gated.web.url}/history/{'0' * 24}")
        await page.get_by_role("button", name="Yes, I am of legal age").click()
        await expect(page).to_have_url(f"{gated.web.url}/history/{'0' * 24}")
        await page.goto(f"{gated.web.url}/board")
        await expect(rows(page)).to_have_count(1)
        (cookie,) = [c for c in await page.context.cookies() if c["name"] == "dutchbook_age"]
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        assert cookie["expires"] == pytest.approx(time.time() + 365 * 86_400, abs=600)


def events_of_the_board():
    """Return every event that only those fire who may see the board, in whichever state it is."""
    handlers = RegistrationContext.get().event_handlers
    doors = {name: door_of(each.handler.fn) for name, each in handlers.items()}
    return sorted(name for name, door in doors.items() if door and door.permission in BOARD)


@pytest.mark.parametrize("held", ["break", "age", "member", None])
async def test_a_program_that_fires_every_event_of_the_board_is_told_nothing(
    board, gated, ann, held
):
    subject, resources, _ = ann
    cookies = {
        "break": f"dutchbook_break={time.time() + 60:.0f}",
        "member": f"dutchbook={await signed_in(resources)}",
    }
    if held == "member":
        async with begin(resources, subject) as work:
            await breaks.take(work, Length.HOUR)
    await board.worker.publish(a_row(id="e5" * 12))
    assert len(ROUTES) > 10  # whose states are registered by that
    assert f"{BOARD_STATE}.join" in events_of_the_board()
    web = gated.web if held == "age" else board.web
    async with reading(web, cookies.get(held, "")) as reader:
        for name in [*(events_of_the_board() if held else ()), f"{BOARD_STATE}.join"]:
            await reader.fire(name, path=f"/board/{'e5' * 12}")
        await reader.settle()
        await board.worker.publish(a_row(id="f6" * 12))
        if held is None:
            await reader.until("Lions", "f6" * 12)
        await reader.settle()
        assert any("Lions" in text for text in reader.said) is (held is None)


async def test_where_it_is_not_set_nobody_is_asked(board):
    async with board.open("/board") as page:
        await expect(rows(page)).to_have_count(1)
        assert await page.context.cookies() == []


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_of_words_is_whole_and_flawless_on_a_phone_and_has_its_links(stage, path):
    async with stage.open(path, **PHONE) as page:
        await expect(page.get_by_role("heading", level=1)).to_have_count(1)
        links = page.get_by_role("contentinfo").get_by_role("link")
        await expect(links).to_have_text(
            ["Plans", "Breaks and limits", "Responsible play", "Terms", "Privacy", "Cookies"]
        )
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        assert await flawless(page) == []
        for href in await links.evaluate_all("all => all.map((each) => each.pathname)"):
            assert (await stage.web.get(href)).status_code == httpx.codes.OK


async def test_privacy_says_how_long_this_copy_keeps_what(stage):
    async with stage.open("/privacy") as page:
        people, prices = (page.get_by_test_id(f"kept-{name}") for name in ("people", "prices"))
        await expect(people).to_contain_text("7 days without use and 30 in all")
        await expect(prices).to_contain_text("90 days")
