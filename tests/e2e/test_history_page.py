"""Line movement in a real browser."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from domain.markets import MarketKind, Outcome
from domain.quotes import Origin
from store.odds import Change, save_changes, save_events, save_markets
from tests.facts import SOURCE, a_market, a_quote, an_event

WINNER, TOTAL = a_market(), a_market(kind=MarketKind.TOTAL, line=8.5)
ADDRESS = f"/history/{an_event().id}"
STARTED = datetime(2030, 1, 1, 12, tzinfo=UTC)


def change(minutes, *quotes, gone=()):
    return Change(
        source=SOURCE,
        origin=Origin.REPLAY,
        seen_at=STARTED + timedelta(minutes=minutes),
        changed=quotes,
        withdrawn=[quote.price for quote in gone],
    )


@pytest.fixture
async def moved(database):
    """Two books that moved, one of which withdrew its price for a while."""
    alpha, beta = a_quote(odds=2.0), a_quote(odds=2.1, book="beta")
    over = a_quote(market=TOTAL, outcome=Outcome.OVER, odds=1.7)
    async with database.begin() as db:
        await save_events(db, SOURCE, [an_event()])
        await save_markets(db, [WINNER, TOTAL])
        await save_changes(
            db,
            [
                change(0, alpha, beta, over),
                change(30, a_quote(odds=2.2), a_quote(odds=1.95, book="beta")),
                change(45, gone=[beta]),
                change(60, a_quote(odds=2.05), a_quote(odds=2.15, book="beta")),
            ],
        )


@pytest.mark.usefixtures("moved", "emptied")
async def test_every_book_has_a_line_a_place_in_the_legend_and_its_figures(stage):
    async with stage.open(ADDRESS) as page:
        chart = page.get_by_test_id("moves")
        await expect(chart).to_have_attribute("aria-label", "Lions: odds of 2 books over time")
        await expect(chart.locator("path")).to_have_count(2)
        await expect(chart.locator("path").nth(1)).to_have_attribute("d", re.compile(r"M.*M"))
        row = page.get_by_role("row", name=re.compile("^Beta 2.10 1.95 2.15 2.15"))
        await expect(row).to_be_visible()
        await expect(page.get_by_role("row", name=re.compile("Beta withdrawn"))).to_be_visible()
        await expect(page.get_by_text("Some of these prices are not live: Replay.")).to_be_visible()


@pytest.mark.usefixtures("moved", "emptied")
async def test_a_market_and_an_outcome_are_chosen_and_a_line_lit_by_keyboard(stage):
    async with stage.open(ADDRESS) as page:
        beta = page.get_by_role("button", name="Beta")
        await beta.focus()
        await page.keyboard.press("Enter")
        await expect(beta).to_have_attribute("aria-pressed", "true")
        await expect(page.get_by_test_id("moves").locator(".move-lit")).to_have_count(1)
        await page.get_by_label("Market").select_option("Total 8.5")
        told = re.compile("^Over 8.5: odds of one book")
        await expect(page.get_by_test_id("moves")).to_have_attribute("aria-label", told)
        await page.get_by_label("Outcome").select_option("Under 8.5")
        await expect(page.get_by_role("heading", name="No price of this outcome")).to_be_visible()


@pytest.mark.usefixtures("moved", "emptied")
async def test_instants_are_in_the_readers_zone(stage):
    async with stage.open(ADDRESS, timezone_id="Asia/Tokyo") as page:
        await expect(page.locator(".moves-times time").first).to_contain_text("21:00")


@pytest.mark.usefixtures("moved", "emptied")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_has_no_fault_that_axe_finds(stage, scheme):
    async with stage.open(ADDRESS, color_scheme=scheme) as page:
        await expect(page.get_by_test_id("moves")).to_be_visible()
        found = await Axe().run(page)
        assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []


@pytest.mark.usefixtures("moved", "emptied")
async def test_a_narrow_screen_scrolls_only_its_tables(stage):
    async with stage.open(ADDRESS, viewport={"width": 360, "height": 740}) as page:
        await expect(page.get_by_test_id("moves")).to_be_visible()
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not await page.evaluate(wide)


@pytest.mark.parametrize("path", ["/history/" + "0" * 24, "/history/nonsense"])
async def test_an_event_that_does_not_exist_is_not_found(stage, path):
    async with stage.open(path) as page:
        await expect(page.get_by_role("heading", name="No such event", level=1)).to_be_visible()


@pytest.mark.usefixtures("moved", "emptied")
async def test_on_a_phone_every_figure_is_in_view_without_scrolling_sideways(stage):
    async with stage.open(ADDRESS, viewport={"width": 390, "height": 844}) as page:
        figures = page.locator(".moves-scroll")
        await expect(figures).to_have_count(2)
        for place in range(2):
            assert await figures.nth(place).evaluate("(of) => of.scrollWidth <= of.clientWidth")
        label = "(of) => getComputedStyle(of, '::before').content"
        assert await page.locator(".moves-figures td").last.evaluate(label) == '"Since"'
