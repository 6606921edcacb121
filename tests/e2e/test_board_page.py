"""The live board in a real browser."""

import re
from datetime import UTC, datetime

import msgspec
import pytest
from playwright.async_api import expect

from domain.board import BoardRow
from domain.markets import Event
from domain.quotes import Origin
from tests.facts import a_row, an_event, an_opportunity, some_refusals

LIONS = "a1" * 12


def shown(life_id: str, event: Event, roi: float) -> BoardRow:
    now = datetime.now(UTC)
    found = an_opportunity(event, roi=roi)
    return a_row(opportunity=found, id=life_id, arrived_at=now, first_seen_at=now, best_roi=0.05)


def lions(roi: float) -> BoardRow:
    return shown(LIONS, an_event("Lions v Bears"), roi)


def otters(roi: float) -> BoardRow:
    return shown("b2" * 12, an_event("Otters v Storks", league="Second League"), roi)


@pytest.mark.usefixtures("heartbeat")
async def test_an_opportunity_appears_changes_and_leaves(stage):
    async with stage.open("/board") as page:
        await stage.worker.publish(lions(0.0210))
        row = page.get_by_role("row", name=re.compile(r"Lions v Bears.*\+2\.10 %"))
        await expect(row).to_be_visible()
        await expect(row).to_have_attribute("data-testid", "opportunity-row")
        await expect(row).to_have_attribute("data-roi", "0.021")
        await expect(row).to_have_attribute("data-key", lions(0.02).opportunity.key)
        await expect(page.get_by_test_id("board-count")).to_have_text("1")
        await stage.worker.publish(lions(0.0175))
        await expect(page.get_by_test_id("opportunity-row")).to_have_attribute("data-roi", "0.0175")
        await stage.worker.publish(gone=(LIONS,))
        await expect(page.get_by_test_id("opportunity-row")).to_have_count(0)
        await expect(page.get_by_test_id("board-count")).to_have_text("0")


@pytest.mark.usefixtures("heartbeat")
async def test_every_leg_shows_book_odds_and_its_age_going_up(stage):
    async with stage.open("/board") as page:
        await stage.worker.publish(lions(0.02))
        legs = page.get_by_test_id("opportunity-row").get_by_role("listitem")
        await expect(legs).to_have_count(2)
        await expect(legs.first).to_contain_text("1.909")
        await expect(legs.first).to_contain_text("Alpha")
        age = legs.first.get_by_text(re.compile(r"^\d+ s$"))
        await expect(age).to_have_text(re.compile(r"^[5-7] s$"))
        await expect(age).to_have_text("8 s")


@pytest.mark.usefixtures("heartbeat")
async def test_a_row_says_how_long_ago_its_prices_were_checked_if_they_were(stage):
    checked = msgspec.structs.replace(lions(0.02), verified_at=datetime.now(UTC))
    async with stage.open("/board") as page:
        await stage.worker.publish(checked, otters(0.03))
        await expect(page.get_by_test_id("opportunity-row")).to_have_count(2)
        mark = page.get_by_test_id("verified")
        await expect(mark).to_have_count(1)
        await expect(mark).to_have_text(re.compile(r"^checked \d+ s ago$"))
        await expect(page.get_by_role("row", name=re.compile("Lions"))).to_contain_text("checked")


@pytest.mark.usefixtures("heartbeat")
async def test_rows_can_be_filtered_and_ordered_in_the_browser(stage):
    await stage.worker.publish(lions(0.01), otters(0.03))
    async with stage.open("/board") as page:
        rows = page.get_by_test_id("opportunity-row")
        await expect(rows).to_have_count(2)
        await expect(rows.first).to_contain_text("Otters")
        await page.get_by_role("searchbox").fill("lions alpha")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("Lions")
        await expect(page.get_by_test_id("board-count")).to_have_text("2")
        await page.get_by_role("searchbox").fill("nobody")
        await expect(page.get_by_text("No opportunity matches")).to_be_visible()


async def test_an_empty_board_explains_what_was_held_back(stage):
    await stage.worker.refuse(some_refusals())
    await stage.worker.publish()
    async with stage.open("/board") as page:
        await expect(page.get_by_text("Nothing holds right now")).to_be_visible()
        reason = page.get_by_test_id("refusal-reason")
        await expect(reason).to_have_count(1)
        await expect(reason).to_contain_text("Price too old")
        figures = page.get_by_text("Alpha: 400 s, allowed 90 s")
        await expect(figures).to_be_hidden()
        await page.get_by_test_id("refused-row").locator("summary").click()
        await expect(figures).to_be_visible()


async def test_prices_that_are_not_real_say_so(stage):
    stage.worker.origin = Origin.SIMULATED
    await stage.worker.publish()
    async with stage.open("/board") as page:
        await expect(page.get_by_text("Simulated prices")).to_be_visible()
        stage.worker.origin = Origin.REPLAY
        await stage.worker.publish()
        await expect(page.get_by_text("Replay of recorded odds")).to_be_visible()
        await expect(page.get_by_text("Simulated prices")).to_have_count(0)


async def test_a_board_that_nobody_publishes_says_that_it_is_late(stage):
    async with stage.open("/board") as page:
        await stage.worker.publish(lions(0.02), ago_s=60)
        await expect(page.get_by_text("The board is late.")).to_be_visible()
        age = page.get_by_test_id("board-age")
        await expect(age).to_have_text(re.compile(r"^6\d$"))
        await stage.worker.publish()
        await expect(page.get_by_text("The board is late.")).to_have_count(0)


@pytest.mark.usefixtures("heartbeat")
async def test_two_tabs_show_the_same(stage):
    async with stage.open("/board") as one, stage.open("/board") as other:
        await stage.worker.publish(lions(0.02))
        for page in (one, other):
            await expect(page.get_by_test_id("opportunity-row")).to_have_attribute(
                "data-roi", "0.02"
            )


@pytest.mark.usefixtures("heartbeat")
async def test_a_page_left_and_opened_again_goes_on(stage):
    await stage.worker.publish(lions(0.02))
    async with stage.open("/board") as page:
        rows = page.get_by_test_id("opportunity-row")
        await expect(rows).to_have_count(1)
        await page.get_by_role("link", name="Status").click()
        await expect(page).to_have_url(re.compile("/status"))
        await stage.worker.publish(lions(0.03))
        await page.get_by_role("link", name="Board", exact=True).click()
        await expect(rows).to_have_attribute("data-roi", "0.03")


@pytest.mark.usefixtures("heartbeat")
async def test_a_row_leads_to_its_opportunity(stage):
    await stage.worker.publish(lions(0.02))
    async with stage.open("/board") as page:
        await page.get_by_test_id("opportunity-row").get_by_role("link").click()
        await expect(page).to_have_url(re.compile(f"/board/{LIONS}"))


@pytest.mark.usefixtures("heartbeat")
async def test_a_web_process_that_dies_is_seen_and_its_return_too(stage):
    await stage.worker.publish(lions(0.02))
    async with stage.open("/board") as page:
        row = page.get_by_test_id("opportunity-row")
        await expect(row).to_have_attribute("data-roi", "0.02")
        stage.web.process.kill()
        stage.web.process.wait()
        await expect(page.get_by_text("Not connected.")).to_be_visible()
        await stage.worker.publish(lions(0.04))
        await stage.web.start()
        await expect(row).to_have_attribute("data-roi", "0.04")
        await expect(page.get_by_text("Not connected.")).to_have_count(0)


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("width", [390, 1440])
async def test_nothing_hangs_over_the_edge(stage, width):
    await stage.worker.refuse(some_refusals())
    await stage.worker.publish(lions(0.02), otters(0.03))
    async with stage.open("/board", viewport={"width": width, "height": 800}) as page:
        await expect(page.get_by_test_id("opportunity-row")).to_have_count(2)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
