"""Middles, value bets and low holds in a real browser: live, apart from arbitrage, and honest."""

import re
from datetime import UTC, datetime

import msgspec
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from domain.markets import MarketKind, Outcome
from domain.opportunities import Kind, Middle, Proof, Value
from kit.ids import stable
from tests.e2e.test_whole_product import running
from tests.facts import a_leg, a_market, a_row, an_event, an_opportunity

MINUS = "\u2212"
PAGES = {"/middles": Kind.MIDDLE, "/value": Kind.VALUE, "/low-hold": Kind.LOW_HOLD}
MIDDLE = Middle(
    low=9.0, high=9.0, polish=False, outside=-0.011, hit_roi=0.48, needed=0.0224, chance=0.064,
    expected=0.0204, books=3,
)  # fmt: skip
VALUE = Value(chance=0.5, fair_odds=2.0, ev=0.031, by="", books=5, method="shin", kelly=0.029)


def shown(name, kind, roi, **changes):
    now, event = datetime.now(UTC), an_event(name)
    low, high = (a_market(event, kind=MarketKind.TOTAL, line=line) for line in (8.5, 9.5))
    legs = [
        a_leg(low, outcome=Outcome.OVER, odds=2.01, share=0.49, changed_at=now),
        a_leg(high, outcome=Outcome.UNDER, odds=1.94, share=0.51, book="beta", changed_at=now),
    ]
    found = an_opportunity(
        event, key=stable(name, kind), kind=kind, roi=roi, market=low,
        legs=legs[:1] if kind is Kind.VALUE else legs,
        proof=Proof(states=3, worst_roi=-1.0 if kind is Kind.VALUE else roi, unprotected=[]),
        **changes,
    )  # fmt: skip
    id_ = stable("life", name, kind)
    return a_row(opportunity=found, id=id_, arrived_at=now, first_seen_at=now, best_roi=roi)


def every_kind():
    """Return a row of each kind."""
    now = datetime.now(UTC)
    return [
        a_row(
            opportunity=an_opportunity(an_event("Sure v Bet")), arrived_at=now, first_seen_at=now
        ),
        shown("Lions v Bears", Kind.MIDDLE, -0.011, middle=MIDDLE),
        shown("Otters v Storks", Kind.VALUE, 0.031, value=VALUE),
        shown("Gulls v Terns", Kind.LOW_HOLD, -0.004),
    ]


@pytest.mark.usefixtures("heartbeat")
async def test_each_page_shows_its_own_kind_and_the_board_arbitrage_alone(stage):
    await stage.worker.publish(*every_kind())
    names = {"/board": "Sure", "/middles": "Lions", "/value": "Otters", "/low-hold": "Gulls"}
    for path, name in names.items():
        async with stage.open(path) as page:
            rows = page.get_by_test_id("opportunity-row")
            await expect(rows).to_have_count(1)
            await expect(rows).to_contain_text(name)
            await expect(page.get_by_test_id("board-count")).to_have_text("1")


@pytest.mark.usefixtures("heartbeat")
async def test_a_middle_says_what_it_costs_where_it_lands_and_how_likely_that_is(stage):
    await stage.worker.publish(*every_kind())
    async with stage.open("/middles") as page:
        row = page.get_by_role("row", name=re.compile(rf"Lions v Bears.*{MINUS}1\.10 %"))
        await expect(row).to_have_attribute("data-kind", "middle")
        for label, said in {
            "Lands on": "9",
            "Then, at best": "+48.00 %",
            "Otherwise": f"{MINUS}1.10 %",
            "Chance": "6.4 % by 3 houses, 2.2 % breaks even",
            "Expected": "+2.04 %",
            "Money": "49.0 % / 51.0 %",
        }.items():
            figure = row.locator(".board-figures div", has=page.get_by_text(label, exact=True))
            await expect(figure.locator("dd")).to_have_text(said)
        await expect(row.get_by_role("link")).to_have_count(0)
        await expect(page.get_by_text("A middle costs money every time it misses")).to_be_visible()
        await expect(page.get_by_text("Held back")).to_have_count(0)


@pytest.mark.usefixtures("heartbeat")
async def test_a_value_bet_appears_moves_and_leaves_while_it_is_watched(stage):
    async with stage.open("/value") as page:
        await expect(page.get_by_text("No price is above the fair one")).to_be_visible()
        row = shown("Otters v Storks", Kind.VALUE, 0.031, value=VALUE)
        await stage.worker.publish(row)
        line = page.get_by_test_id("opportunity-row")
        await expect(line).to_contain_text("median of 5 houses (Shin)")
        await expect(line).to_contain_text("2.90 %, half 1.45 %")
        better = shown("Otters v Storks", Kind.VALUE, 0.042, value=VALUE)
        await stage.worker.publish(better)
        await expect(line).to_have_attribute("data-roi", "0.042")
        await stage.worker.publish(gone=(row.id,))
        await expect(line).to_have_count(0)
        await expect(page.get_by_text("Value wins only on average")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
async def test_middles_are_ordered_by_what_is_expected_with_the_unknown_last(stage):
    unknown = msgspec.structs.replace(MIDDLE, chance=None, expected=None, books=0)
    better = msgspec.structs.replace(MIDDLE, expected=0.05)
    await stage.worker.publish(
        shown("Known v One", Kind.MIDDLE, -0.011, middle=MIDDLE),
        shown("Unknown v Cheap", Kind.MIDDLE, -0.001, middle=unknown),
        shown("Better v Dear", Kind.MIDDLE, -0.02, middle=better),
    )
    async with stage.open("/middles") as page:
        rows = page.get_by_test_id("opportunity-row")
        await expect(rows).to_have_count(3)
        names = re.compile("^(Better|Known|Unknown)")
        events = page.locator(".board-event").filter(has_text=names)
        await expect(events).to_have_text([re.compile(n) for n in ("Better", "Known", "Unknown")])
        await page.get_by_role("button", name="Cheapest").click()
        await expect(events).to_have_text([re.compile(n) for n in ("Unknown", "Known", "Better")])


async def test_no_page_of_an_opportunity_opens_for_what_is_none(stage):
    middle = shown("Lions v Bears", Kind.MIDDLE, -0.011, middle=MIDDLE)
    await stage.worker.publish(middle)
    async with stage.open(f"/board/{middle.id}") as page:
        await expect(page.get_by_text("The address is incomplete")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
async def test_the_three_pages_lead_to_each_other_and_the_frame_leads_to_them(stage):
    await stage.worker.publish(*every_kind())
    async with stage.open("/board") as page:
        main = page.get_by_role("navigation", name="Main")
        await main.get_by_role("link", name="Middles").click()
        await expect(page.get_by_test_id("opportunity-row")).to_contain_text("Lions")
        tabs = page.get_by_role("navigation", name=re.compile("Kinds of bets"))
        await tabs.get_by_role("link", name="Low hold").click()
        await expect(page.get_by_test_id("opportunity-row")).to_contain_text("Gulls")
        await expect(tabs.get_by_role("link", name="Low hold")).to_have_attribute(
            "aria-current", "page"
        )


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("path", PAGES)
async def test_no_page_has_a_fault_that_axe_finds_or_scrolls_sideways_on_a_phone(
    stage, path, scheme
):
    await stage.worker.publish(*every_kind())
    phone = {"width": 390, "height": 844}
    async with stage.open(path, color_scheme=scheme, viewport=phone) as page:
        await expect(page.get_by_test_id("opportunity-row")).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
        for width in (390, 1440):
            await page.set_viewport_size({"width": width, "height": 900})
            found = (await Axe().run(page)).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


@pytest.mark.timeout(300)
async def test_a_replay_shows_value_bets_and_low_holds(browser, recorded_dir, tmp_path, built):
    recording = recorded_dir / "odds_stream" / "mlb_2026-08-04_216snaps.jsonl.xz"
    replay = ("--replay", str(recording), "--speed", "60")
    async with running(tmp_path, *replay, built=built) as product:
        room = await browser.new_context()
        for path, kind in (("/low-hold", "low_hold"), ("/value", "value")):
            page = await room.new_page()
            await page.goto(f"{product.url}{path}")
            row = page.locator(f"[data-testid=opportunity-row][data-kind={kind}]").first
            await expect(row).to_be_visible(timeout=90_000)
        await room.close()
