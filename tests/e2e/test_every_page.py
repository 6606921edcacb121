"""What holds of every page, whoever wrote it: no barrier, no complaint, no edge hung over."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from arb_app import theme
from arb_app.pages import PAGES
from arb_app.words import say
from domain.quotes import Origin
from services.access import Role
from store.odds import Change, save_changes, save_events, save_markets
from tests.e2e.conftest import office_of
from tests.facts import (
    SOURCE,
    a_health,
    a_market,
    a_quote,
    a_reliability,
    a_row,
    an_event,
    an_opportunity,
    some_refusals,
)

LIFE = "d4" * 12
# An address of each page whose route has a part to fill in, or is not one.
ADDRESSES = {
    "/board/[opportunity]": f"/board/{LIFE}",
    "/history/[event]": f"/history/{an_event().id}",
    "/admin/members/[member]": "/admin/members/00000000-0000-0000-0000-000000000001",
    "404": "/no-such-page",
}
WIDTHS, SCHEMES = (1440, 390), ("light", "dark")
MOST_STEPS = 25
SPOKEN = {
    *("button", "checkbox", "combobox", "link", "listbox", "menuitem", "option", "radio"),
    *("searchbox", "slider", "spinbutton", "switch", "tab", "textbox"),
}
STYLED = re.compile(r"\.([a-z][\w-]*)(?=[^{}]*\{)")
# The classes that a page uses, and all that its style sheets say.
CLASSES = """() => [
  [...new Set([...document.querySelectorAll("[class]")].flatMap((e) => [...e.classList]))],
  [...document.styleSheets].flatMap((s) => [...s.cssRules].map((r) => r.cssText)).join("\\n"),
]"""
LANDMARKS = {"banner": 1, "main": 1, "contentinfo": 1}
# Where the focus is among all elements in the order of the document; -1: it has left the page.
PLACE = """() => {
  const on = document.activeElement;
  return on === document.body || !on ? -1 : [...document.querySelectorAll("*")].indexOf(on);
}"""
BACK_TO_THE_TOP = (
    "() => (document.activeElement?.blur(), getSelection().collapse(document.body, 0))"
)
AHEAD_OF_ORDER = "[...document.querySelectorAll('[tabindex]')].filter((e) => e.tabIndex > 0).length"


def lions():
    now = datetime.now(UTC)
    event = msgspec.structs.replace(an_event(), starts_at=now + timedelta(hours=3))
    found = an_opportunity(event, as_of=now)
    return a_row(opportunity=found, id=LIFE, arrived_at=now, first_seen_at=now)


@pytest.fixture
async def furnished(stage, database, emptied):
    """A product in which every page has something to show."""
    del emptied
    await stage.worker.publish(lions())
    await stage.worker.refuse(some_refusals())
    await stage.worker.cache.put_source(a_health())
    await stage.worker.cache.put_reliability(a_reliability())
    seen_at = datetime(2030, 1, 1, 12, tzinfo=UTC)
    first = [a_quote(odds=2.0), a_quote(odds=2.1, book="beta")]
    then = [a_quote(odds=2.2), a_quote(odds=1.95, book="beta")]
    async with database.begin() as db:
        await save_events(db, SOURCE, [an_event()])
        await save_markets(db, [a_market()])
        moves = [
            Change(source=SOURCE, origin=Origin.REPLAY, seen_at=at, changed=quotes, withdrawn=[])
            for at, quotes in ((seen_at, first), (seen_at + timedelta(minutes=30), then))
        ]
        await save_changes(db, moves)
    return stage


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("route", [page.route for page in PAGES])
async def test_a_page_is_for_everybody_and_breaks_no_rule(furnished, database, route):
    assert "[" not in route or route in ADDRESSES, "say in ADDRESSES how to open it"
    who = furnished
    if route.startswith("/admin"):
        who = await office_of(furnished, database, Role.OWNER)
    size = {"width": WIDTHS[0], "height": 900}
    async with who.open(ADDRESSES.get(route, route), viewport=size) as page:
        await expect(page.get_by_role("heading", level=1)).to_have_count(1)
        await expect(page.locator(".loading:not(.gallery *)")).to_have_count(0)
        await _is_one_document(page)
        await _is_walked_in_order(page)
        await _says_what_everything_is(page)
        await _is_styled(page)
        await page.emulate_media(reduced_motion="reduce")
        await _stands_still(page)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            for scheme in SCHEMES:
                await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                assert await _faults(page) == [], f"{width} pixels, {scheme}"


@pytest.mark.parametrize("route", [p.route for p in PAGES if p.route.startswith("/admin")])
async def test_a_page_for_admins_is_shut_to_a_visitor_and_says_so_without_a_barrier(stage, route):
    async with stage.open(route) as page:
        await expect(page.get_by_text(say("guard.visitor.title"))).to_be_visible()
        await _is_one_document(page)
        assert await _faults(page) == []


PLANTED = """() => {
  const at = document.querySelector("main");
  const faulty = '<button></button><p>faint</p><a tabindex="5" href="/">x</a>';
  at.insertAdjacentHTML("afterbegin", faulty);
  at.querySelector("p").style.color = "var(--c-line)";
}"""


async def test_these_checks_find_what_is_wrong(stage):
    async with stage.open("/legal/privacy") as page:
        # What is planted before React has taken the page over does not stay.
        await expect(page.get_by_test_id("kept-people")).to_contain_text("days")
        await page.evaluate(PLANTED)
        found = {fault for fault, _ in await _faults(page)}
        assert found == {"button-name", "color-contrast", "tabindex"}
        with pytest.raises(AssertionError):
            await _is_walked_in_order(page)
        with pytest.raises(AssertionError):
            await _says_what_everything_is(page)


async def _is_one_document(page):
    """One heading of the first level, and everything in its landmark."""
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for role, count in LANDMARKS.items():
        await expect(page.get_by_role(role)).to_have_count(count)
    await expect(page.get_by_role("navigation", name="Main")).to_have_count(1)
    assert await page.title()


async def _is_walked_in_order(page):
    """The tabulator goes through the page as it is written."""
    assert await page.evaluate(AHEAD_OF_ORDER) == 0
    await page.evaluate(BACK_TO_THE_TOP)
    places = []
    for _ in range(MOST_STEPS):
        await page.keyboard.press("Tab")
        place = await page.evaluate(PLACE)
        if place < 0:
            break
        places.append(place)
    assert len(places) > 3
    assert places == sorted(places)


async def _says_what_everything_is(page):
    """Whatever can be worked has a name that a screen reader says."""
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Accessibility.getFullAXTree")
    spoken = [n for n in tree["nodes"] if n.get("role", {}).get("value") in SPOKEN]
    assert spoken
    assert [n for n in spoken if not n["ignored"] and not n["name"].get("value", "").strip()] == []


async def _is_styled(page):
    """A page loads the sheets of all that stands on it."""
    used, loaded = await page.evaluate(CLASSES)
    ours = "".join(sheet.read_text() for sheet in theme.STYLE_SHEET.parent.glob("*.css"))
    assert set(used) & set(STYLED.findall(ours)) - set(STYLED.findall(loaded)) == set()


async def _stands_still(page):
    """Whoever asked for less motion gets none."""
    assert await page.evaluate("document.getAnimations().length") == 0


async def _faults(page):
    found = await Axe().run(page)
    return [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
