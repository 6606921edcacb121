"""The board as its reader arranges it: filters, orders, views, columns, pins, what is put away."""

import json
import re
from datetime import UTC, datetime
from itertools import cycle

import pytest
from playwright.async_api import expect

from domain.markets import Outcome
from tests.e2e.conftest import until
from tests.facts import NOON, a_leg, a_market, a_row, an_event, an_opportunity

pytestmark = pytest.mark.usefixtures("heartbeat")

IDS = {"Lions": "a1" * 12, "Otters": "b2" * 12, "Wolves": "c3" * 12}


def shown(name, roi, *, books=("alpha", "beta"), age_s=5.0, in_play=False, **event):
    """Return a row of a side that nobody else has."""
    now = datetime.now(UTC)
    of = an_event(f"{name} v Bears", **event)
    market = a_market(of)
    legs = [
        a_leg(market, book=books[0], odds=2.5, age_s=age_s),
        a_leg(market, book=books[1], odds=1.8, outcome=Outcome.AWAY, age_s=age_s),
    ]
    found = an_opportunity(of, roi=roi, legs=legs, in_play=in_play)
    return a_row(id=IDS[name], opportunity=found, arrived_at=now, first_seen_at=now, best_roi=roi)


async def put_three(stage):
    await stage.worker.publish(
        shown("Lions", 0.03),
        shown("Otters", 0.02, league="Second League", sport="tennis"),
        shown("Wolves", 0.01, books=("alpha", "gamma")),
    )


async def names(page):
    """Return the sides whose rows stand there, from top to bottom."""
    links = await page.get_by_test_id("opportunity-row").locator(".board-event").all_inner_texts()
    return [text.split(" v ")[0] for text in links]


async def stand(page, *wanted):
    """Expect these rows in this order."""
    rows = page.get_by_test_id("opportunity-row").locator(".board-event")
    await expect(rows).to_have_text([re.compile(f"^{name} v") for name in wanted])


async def door(page, name):
    await page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


async def test_rows_go_on_changing_under_a_filter_and_an_order(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        await stand(page, "Lions", "Otters", "Wolves")
        await door(page, "Filters")
        await page.get_by_label("Return at least").fill("1.5")
        await stand(page, "Lions", "Otters")
        await expect(page.get_by_test_id("board-shown")).to_have_text("2 of 3 shown")
        await expect(page.get_by_test_id("board-count")).to_have_text("3")
        await stage.worker.publish(shown("Wolves", 0.05))
        await stand(page, "Wolves", "Lions", "Otters")
        await stage.worker.publish(shown("Lions", 0.001))
        await stand(page, "Wolves", "Otters")
        await stage.worker.publish(gone=(IDS["Otters"],))
        await stand(page, "Wolves")
        await page.get_by_role("columnheader").get_by_role("button", name="Return").click()
        await stage.worker.publish(shown("Otters", 0.09))
        await stand(page, "Wolves", "Otters")


async def test_each_filter_narrows_by_what_it_says_and_can_be_taken_off_by_itself(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        await door(page, "Filters")
        await page.get_by_role("group", name="Sport").get_by_label("Tennis").check()
        await stand(page, "Otters")
        await page.get_by_role("group", name="League").get_by_label("Invented League").check()
        await expect(page.get_by_text("No opportunity matches")).to_be_visible()
        off = page.get_by_role("list", name="Filters that are set")
        await off.get_by_role("button", name=re.compile("Sport: Tennis")).click()
        await stand(page, "Lions", "Wolves")
        books = page.get_by_role("group", name="My books")
        await books.get_by_label("Alpha").check()
        await expect(page.get_by_text("No opportunity matches")).to_be_visible()
        await books.get_by_label("Gamma").check()
        await stand(page, "Wolves")
        await off.get_by_role("button", name="Clear filters").click()
        await stand(page, "Lions", "Otters", "Wolves")


async def test_age_and_play_are_filters_too_and_time_takes_rows_out(stage):
    await stage.worker.publish(
        shown("Lions", 0.03, age_s=3.0), shown("Otters", 0.02, age_s=300.0, in_play=True)
    )
    async with stage.open("/board") as page:
        await door(page, "Filters")
        play = page.get_by_role("combobox", name="In play")
        await play.select_option("Yes")
        await stand(page, "Otters")
        await play.select_option("Any")
        await page.get_by_label("Oldest price at most").fill("8")
        await stand(page, "Lions")
        await expect(page.get_by_text("No opportunity matches")).to_be_visible(timeout=15_000)


async def test_a_board_that_filters_leave_empty_offers_the_way_back(stage):
    await put_three(stage)
    async with stage.open("/board?roi=50&q=lions") as page:
        nothing = page.locator(".board-no-match")
        await expect(nothing).to_contain_text("No opportunity matches")
        await nothing.get_by_role("button", name="Clear filters").click()
        await stand(page, "Lions", "Otters", "Wolves")
        await expect(page.get_by_role("searchbox")).to_have_value("")


async def test_a_view_stays_when_the_page_is_left_reloaded_and_opened_again(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        await page.get_by_role("searchbox").fill("invented")
        await stand(page, "Lions", "Wolves")
        orders = page.get_by_role("group", name="Order")
        await orders.get_by_role("button", name="Return").click()
        await stand(page, "Wolves", "Lions")
        await expect(page).to_have_url(re.compile(r"/board\?q=invented&sort=-roi$"))
        await page.get_by_role("link", name=re.compile("Wolves")).click()
        await expect(page).to_have_url(re.compile(f"/board/{IDS['Wolves']}"))
        await page.go_back()
        await stand(page, "Wolves", "Lions")
        await page.reload()
        await stand(page, "Wolves", "Lions")
        await page.get_by_role("link", name="Status").click()
        await expect(page).to_have_url(re.compile("/status"))
        await page.get_by_role("link", name="Board", exact=True).click()
        await stand(page, "Wolves", "Lions")


async def test_a_link_carries_a_view_to_another_browser(stage):
    await put_three(stage)
    async with stage.open("/board?league=Invented+League&sort=-roi&columns=event,roi") as page:
        await stand(page, "Wolves", "Lions")
        heads = page.get_by_role("columnheader")
        await expect(heads).to_have_text(["Event", re.compile("^Return"), "More to do"])


async def test_views_are_saved_by_name_renamed_and_deleted_and_both_tabs_know(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        other = await page.context.new_page()
        await other.goto(page.url)
        await stand(other, "Lions", "Otters", "Wolves")
        await page.get_by_role("searchbox").fill("otters")
        await door(page, "Views")
        await page.get_by_label("Name of this view").fill("Only otters")
        await page.get_by_role("button", name="Save").click()
        await page.get_by_role("searchbox").fill("")
        await stand(page, "Lions", "Otters", "Wolves")
        await page.get_by_role("button", name="Only otters", exact=True).click()
        await stand(page, "Otters")
        await page.get_by_role("button", name="Rename the view Only otters").click()
        await page.get_by_label("Name of this view").last.fill("Otters")
        await page.get_by_role("button", name="Rename", exact=True).click()
        await stand(other, "Lions", "Otters", "Wolves")
        await door(other, "Views")
        await other.get_by_role("button", name="Otters", exact=True).click()
        await stand(other, "Otters")
        await page.get_by_role("button", name="Delete the view Otters").click()
        await expect(other.get_by_role("button", name="Otters", exact=True)).to_have_count(0)


async def test_columns_are_chosen_moved_and_kept(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        await door(page, "Display")
        columns = page.get_by_role("group", name="Columns")
        await columns.get_by_label("Market", exact=True).uncheck()
        await columns.get_by_label("League", exact=True).check()
        await columns.get_by_role("button", name="Move Event up").click()
        heads = ["Event", re.compile("Return"), re.compile("Bets"), "Open for", "League"]
        await page.reload()
        row = page.get_by_role("columnheader")
        await expect(row).to_have_text([*heads, "More to do"])
        first = page.get_by_test_id("opportunity-row").first
        await expect(first.get_by_role("cell").nth(4)).to_have_text("Invented League")


async def test_orders_join_with_shift_and_the_head_says_which(stage):
    await stage.worker.publish(
        shown("Lions", 0.02, league="B League"),
        shown("Otters", 0.01, league="A League"),
        shown("Wolves", 0.03, league="B League"),
    )
    async with stage.open("/board?columns=event,league,roi&sort=league") as page:
        await stand(page, "Otters", "Lions", "Wolves")
        await (
            page.get_by_role("columnheader")
            .get_by_role("button", name="Return")
            .click(modifiers=["Shift"])
        )
        await stand(page, "Otters", "Wolves", "Lions")
        league = page.get_by_role("columnheader", name="League")
        await expect(league).to_have_attribute("aria-sort", "ascending")
        await league.get_by_role("button").focus()
        await page.keyboard.press("Shift+Enter")
        await expect(league).to_have_attribute("aria-sort", "descending")
        await stand(page, "Wolves", "Lions", "Otters")
        await door(page, "Display")
        await page.get_by_label("Order by", exact=True).select_option("Event")
        await stand(page, "Lions", "Otters", "Wolves")


async def test_rows_keep_their_places_under_the_pointer_until_it_leaves_or_an_order_is_asked_for(
    stage,
):
    await put_three(stage)
    async with stage.open("/board") as page:
        await stand(page, "Lions", "Otters", "Wolves")
        last = page.get_by_test_id("opportunity-row").last
        spots = cycle([{"x": 5, "y": 5}, {"x": 9, "y": 9}])

        async def changed_beneath():
            await last.hover(position=next(spots))
            return await last.get_attribute("data-roi") == "0.09"

        await changed_beneath()
        await stage.worker.publish(shown("Wolves", 0.09))
        await until(changed_beneath)
        assert await names(page) == ["Lions", "Otters", "Wolves"]
        await page.get_by_role("columnheader").get_by_role("button", name="Event").click()
        await page.get_by_role("columnheader").get_by_role("button", name="Return").click()
        await stand(page, "Wolves", "Lions", "Otters")


async def test_a_pinned_row_comes_first_and_a_hidden_one_can_be_had_back(stage):
    await put_three(stage)
    async with stage.open("/board") as page:
        await page.get_by_role("button", name="More to do with Wolves v Bears").click()
        await page.get_by_role("button", name="Pin to the top").click()
        await stand(page, "Wolves", "Lions", "Otters")
        await expect(page.get_by_role("row", name=re.compile("Wolves.*Pinned"))).to_be_visible()
        await page.get_by_role("button", name="More to do with Lions v Bears").click()
        await page.get_by_role("button", name="Hide this event").click()
        await stand(page, "Wolves", "Otters")
        await expect(page.get_by_role("status").filter(has_text="Hidden: Lions")).to_be_visible()
        await page.get_by_role("button", name="Undo").click()
        await stand(page, "Wolves", "Lions", "Otters")
        await page.get_by_role("button", name="More to do with Otters v Bears").click()
        await page.get_by_role("button", name="Hide everything at Beta").click()
        await stand(page, "Wolves")
        await page.reload()
        await stand(page, "Wolves")
        await door(page, "Hidden")
        await page.get_by_role("button", name="Give back Beta").click()
        await stand(page, "Wolves", "Lions", "Otters")


async def test_a_row_is_copied_as_text(stage):
    await put_three(stage)
    async with stage.open("/board", permissions=["clipboard-read", "clipboard-write"]) as page:
        await page.get_by_role("button", name="More to do with Lions v Bears").click()
        await page.get_by_role("button", name="Copy as text").click()
        await expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
        copied = await page.evaluate("navigator.clipboard.readText()")
        assert copied.splitlines() == [
            "Lions v Bears · Winner, incl. overtime · +3.00 %",
            "2.50  Lions  @ Alpha",
            "1.80  Bears  @ Beta",
            f"{stage.web.url}/board/{IDS['Lions']}",
        ]


async def test_odds_times_and_numbers_are_as_the_reader_has_chosen(stage):
    chosen = {"odds": "american", "zone": "America/Los_Angeles", "numbers": "comma"}
    said = "odds=american&zone=America%2FLos_Angeles&numbers=comma"
    await stage.worker.publish(shown("Lions", 0.0316, starts_at=NOON))
    async with stage.open("/status") as page:
        await page.context.add_cookies(
            [{"name": "dutchbook_settings", "value": said, "url": stage.web.url}]
        )
        await page.context.add_init_script(
            f"globalThis.dutchbook = {{ settings: {json.dumps(chosen)} }}"
        )
        await page.goto(f"{stage.web.url}/board")
        row = page.get_by_role("row", name=re.compile(r"Lions.*\+3,16 %"))
        await expect(row.locator(".board-leg-odds")).to_have_text(["+150", "-125"])
        await expect(row.locator("time")).to_contain_text("04:00")


async def test_new_rows_are_counted_in_the_title_and_heard_only_if_asked_for(stage):
    async with stage.open("/status") as page:
        await page.context.add_init_script(
            "window.tones = 0;"
            "window.AudioContext = class extends AudioContext {"
            " createOscillator() { window.tones += 1; return super.createOscillator(); } };"
            "window.away = false;"
            "Object.defineProperty(document, 'hidden', { get: () => window.away });"
        )
        await page.goto(f"{stage.web.url}/board")
        await stage.worker.publish(shown("Lions", 0.02))
        await stand(page, "Lions")
        assert await page.evaluate("window.tones") == 0
        await door(page, "Display")
        await page.get_by_label("A sound for each").check()
        await page.get_by_label("Count new ones").check()
        await page.evaluate("window.away = true")
        await stage.worker.publish(shown("Otters", 0.01))
        await expect(page).to_have_title(re.compile(r"^\(1\) "))
        assert await page.evaluate("window.tones") == 2
        await page.evaluate(
            "window.away = false, document.dispatchEvent(new Event('visibilitychange'))"
        )
        await expect(page).to_have_title(re.compile(r"^Live board"))
