"""The board for everybody: by keyboard, on a phone, with a screen reader, and a thousand rows."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.e2e.test_board_arranged import IDS, door, put_three, shown, stand
from tests.facts import a_row, an_event, an_opportunity, some_refusals

pytestmark = pytest.mark.usefixtures("heartbeat")

FOCUSED = "document.activeElement.textContent"
SMALL = (
    "[...document.querySelectorAll('.board button, .board input, .board select')].filter((each) =>"
    " { const { width, height } = (each.closest('label') ?? each).getBoundingClientRect();"
    " return width > 0 && (width < 24 || height < 24); }).map((each) => each.outerHTML)"
)


def a_thousand(changes=None):
    """Return a thousand rows, the best first; `changes` of returns by number."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    return [
        a_row(
            id=f"{n:024d}",
            opportunity=an_opportunity(
                an_event(f"Side {n} v Bears"),
                key=f"key{n}",
                roi=(changes or {}).get(n, 1 - n / 1e3),
            ),
            arrived_at=datetime.now(UTC),
            first_seen_at=long_ago,
        )
        for n in (range(1_000) if changes is None else changes)
    ]


async def test_the_board_is_worked_by_keyboard_alone(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        await stand(page, "Lions", "Otters", "Wolves")
        await page.keyboard.press("j")
        await page.wait_for_function(f"() => {FOCUSED}.startsWith('Lions')")
        await page.keyboard.press("j")
        await page.keyboard.press("ArrowDown")
        await page.wait_for_function(f"() => {FOCUSED}.startsWith('Wolves')")
        await page.keyboard.press("p")
        await stand(page, "Wolves", "Lions", "Otters")
        await page.wait_for_function(f"() => {FOCUSED}.startsWith('Wolves')")
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        await stand(page, "Wolves", "Otters")
        await page.wait_for_function(f"() => {FOCUSED}.startsWith('Otters')")
        await page.keyboard.press("f")
        await expect(page.get_by_role("searchbox")).to_be_focused()
        await page.keyboard.type("jk")
        await expect(page.get_by_role("searchbox")).to_have_value("jk")
        await page.keyboard.press("Control+a")
        await page.keyboard.press("Delete")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("searchbox")).not_to_be_focused()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("k")
        await page.wait_for_function(f"() => {FOCUSED}.startsWith('Wolves')")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(f"/board/{IDS['Wolves']}"))


async def test_single_keys_can_be_switched_off(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        await door(page, "Display")
        await page.get_by_label("Single-key shortcuts").uncheck()
        await page.locator("h1").click()
        await page.keyboard.press("f")
        await expect(page.get_by_role("searchbox")).not_to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("group", name="Columns")).to_have_count(0)


async def test_the_menu_of_a_row_is_closed_by_escape_and_gives_the_focus_back(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        more = page.get_by_role("button", name="More to do with Otters v Bears")
        await more.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Open", exact=True)).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(more).to_be_focused()


async def test_the_focus_stays_with_its_row_when_rows_move(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        link = page.get_by_role("link", name=re.compile("Wolves"))
        await link.focus()
        await stage.worker.publish(shown("Wolves", 0.09))
        await stand(page, "Wolves", "Lions", "Otters")
        await expect(link).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
async def test_the_board_has_no_fault_that_axe_finds_whatever_is_open(stage, width, scheme):
    await stage.worker.refuse(some_refusals())
    await put_three(stage)
    size = {"width": width, "height": 900}
    async with stage.open("/board?roi=0", viewport=size, color_scheme=scheme) as page:
        await stand(page, "Lions", "Otters", "Wolves")
        await page.get_by_role("button", name="More to do with Wolves v Bears").click()
        await page.get_by_role("button", name="Hide this bet").click()
        for name in ("Filters", "Display", "Views", "Hidden"):
            await door(page, name)
            # The router writes the skip link as a whole address, which axe takes for a way out.
            found = await Axe().run(page, options={"rules": {"skip-link": {"enabled": False}}})
            faults = [
                (v["id"], [n["html"] for n in v["nodes"]]) for v in found.response["violations"]
            ]
            assert faults == []
            assert await page.evaluate(SMALL) == []
            assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_on_a_phone_a_row_has_its_menu_and_the_filters_their_way_out(stage):
    await put_three(stage)
    phone = {"viewport": {"width": 390, "height": 700}, "has_touch": True}
    async with stage.open("/board", **phone) as page:
        await door(page, "Filters")
        await page.get_by_label("Return at least").fill("2,5")
        await page.get_by_role("button", name="Show 1").click()
        await stand(page, "Lions")
        await page.get_by_role("button", name="More to do with Lions v Bears").tap()
        await page.get_by_role("button", name="Hide this bet").tap()
        await page.get_by_role("button", name="Undo").tap()
        await stand(page, "Lions")


@pytest.mark.slow
async def test_a_thousand_rows_are_counted_in_full_and_only_those_near_are_in_the_page(stage):
    await stage.worker.publish(*a_thousand())
    async with stage.open("/board") as page:
        rows = page.get_by_test_id("opportunity-row")
        await expect(page.get_by_test_id("board-count")).to_have_text("1,000")
        table = page.get_by_role("table", name="Opportunities")
        await expect(table).to_have_attribute("aria-rowcount", "1001")
        await expect(rows.first).to_have_attribute("aria-rowindex", "2")
        assert await rows.count() < 60
        await page.evaluate(
            "document.querySelector('.board-refused').scrollIntoView({ behavior: 'instant' })"
        )
        last = page.get_by_role("row", name=re.compile("Side 999 v"))
        await expect(last).to_have_attribute("aria-rowindex", "1001")
        assert await rows.count() < 60


@pytest.mark.slow
async def test_what_is_read_far_down_stays_in_place_while_rows_above_come_and_go(stage):
    await stage.worker.publish(*a_thousand())
    async with stage.open("/board") as page:
        rows = page.get_by_test_id("opportunity-row")
        await expect(rows.first).to_be_visible()
        await page.evaluate("scrollTo({ top: 30000, behavior: 'instant' })")
        middle = "document.elementFromPoint(700, 450).closest('[data-id]')"
        await page.wait_for_function(f"() => {middle}")
        name = await page.evaluate(f"{middle}.dataset.id")
        spot = await page.evaluate(f"{middle}.getBoundingClientRect().top")
        gone = tuple(f"{n:024d}" for n in range(7))
        await stage.worker.publish(*a_thousand(dict.fromkeys(range(20, 30), 0.0005)), gone=gone)
        await expect(page.get_by_test_id("board-count")).to_have_text("993")
        place = f"document.querySelector('[data-id=\"{name}\"]')"
        await page.wait_for_function(
            f"() => {place}?.getAttribute('aria-rowindex') < {int(name) - 14}"
        )
        moved = await page.evaluate(f"{place}.getBoundingClientRect().top")
        assert abs(moved - spot) <= 2


@pytest.mark.slow
async def test_keys_reach_rows_that_are_not_yet_in_the_page(stage):
    await stage.worker.publish(*a_thousand())
    async with stage.open("/board") as page:
        await expect(page.get_by_test_id("opportunity-row").first).to_be_visible()
        for _ in range(40):
            await page.keyboard.press("j")
        await page.wait_for_function(f"() => {FOCUSED}.startsWith('Side 39 ')")
        place = "document.activeElement.getBoundingClientRect()"
        assert await page.evaluate(f"{place}.top > 0 && {place}.bottom <= innerHeight")


@pytest.mark.slow
async def test_every_patch_tells_how_long_it_took(stage):
    await stage.worker.publish(*a_thousand())
    async with stage.open("/board") as page:
        await expect(page.get_by_test_id("opportunity-row").first).to_be_visible()
        await stage.worker.publish(*a_thousand(dict.fromkeys(range(20), 0.5)))
        for name in ("board-patch", "board-paint"):
            await page.wait_for_function(
                f"() => performance.getEntriesByName('{name}', 'measure').length > 1"
            )
