"""What one opportunity offers besides its proof: stakes, other books, a rescue, a picture."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from domain.markets import Outcome
from domain.quotes import Origin
from store.odds import Change, save_changes, save_events, save_markets
from tests.e2e.test_opportunity_page import EVENT, LIFE, lions
from tests.facts import SOURCE, a_market, a_quote


@pytest.fixture
async def priced(database):
    """Past prices of both legs' books, and three other books on the first leg."""
    now = datetime.now(UTC)
    market = a_market(EVENT)

    def change(minutes, *quotes):
        seen_at = now - timedelta(minutes=minutes)
        return Change(source=SOURCE, origin=Origin.REPLAY, seen_at=seen_at, changed=quotes)

    async with database.begin() as db:
        await save_events(db, SOURCE, [EVENT])
        await save_markets(db, [market])
        others = [
            a_quote(market=market, book=book, odds=odds)
            for book, odds in (("gamma", 1.9), ("delta", 1.88), ("epsilon", 1.7))
        ]
        away = a_quote(market=market, book="beta", outcome=Outcome.AWAY, odds=2.2)
        await save_changes(
            db,
            [
                change(30, a_quote(market=market, odds=1.8), *others, away),
                change(10, a_quote(market=market, odds=21 / 11)),
            ],
        )


@pytest.mark.usefixtures("heartbeat")
async def test_what_to_do_stands_on_top_with_order_stake_limit_and_reason(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        steps = page.get_by_test_id("step")
        await expect(steps).to_have_count(2)
        await expect(steps.first).to_contain_text("$535.40")
        await expect(steps.first).to_contain_text("Lions at Alpha")
        await expect(steps.first).to_contain_text("still good down to 1.834")
        await expect(steps.first).to_contain_text(re.compile("changed only .* s ago"))


@pytest.mark.usefixtures("heartbeat")
async def test_a_leg_whose_stake_is_fixed_leads_and_the_others_follow(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await page.get_by_role("button", name="Leg A", exact=True).click()
        box = page.get_by_test_id("stake-input")
        await expect(box).to_have_value("535.40")
        await expect(page.get_by_label("Stake on leg A: Lions, Alpha")).to_be_visible()
        await box.fill("100")
        stakes = page.get_by_test_id("step-stake")
        await expect(stakes).to_have_text(["$100.00", re.compile(r"\$86\.7[78]")])
        await page.get_by_role("button", name="Total", exact=True).click()
        await expect(box).to_have_value(re.compile(r"186\.7[78]"))


@pytest.mark.usefixtures("heartbeat")
async def test_limits_that_leave_no_lock_show_the_largest_stake_that_has_one(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await page.get_by_test_id("stake-fields").locator("summary").click()
        limit = page.locator("#most-B")
        await limit.fill("lots")
        await expect(limit).to_have_attribute("aria-invalid", "true")
        await expect(page.locator("#most-B-wrong")).to_have_text(re.compile("Type an amount"))
        await limit.fill("100")
        await expect(page.get_by_text("Held to $215.")).to_be_visible()
        await page.get_by_role("button", name="Leg A", exact=True).click()
        await expect(page.get_by_test_id("stake-input")).to_have_value(re.compile("^115"))
        await page.get_by_test_id("stake-input").fill("500")
        await expect(page.get_by_test_id("suggestion")).to_contain_text("$115.2")
        await page.get_by_test_id("take-suggestion").click()
        await expect(page.get_by_text("you get back more than you staked")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
async def test_the_profit_goes_where_the_reader_chooses(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await page.get_by_test_id("stake-fields").locator("summary").click()
        await page.get_by_test_id("shares").nth(1).click()
        await expect(page.get_by_text("All of the profit goes to: Lions.")).to_be_visible()
        await expect(page.get_by_test_id("opportunity.best_case")).to_have_text("+$41.31")


@pytest.mark.usefixtures("heartbeat")
async def test_stakes_at_a_book_in_another_currency_wait_for_a_rate(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await page.get_by_test_id("stake-fields").locator("summary").click()
        await page.locator("#currency-2").select_option("GBP")
        await expect(page.locator("#rate-2-wrong")).to_contain_text("what 1 GBP is worth in USD")
        await page.locator("#rate-2").fill("1.27")
        await expect(page.get_by_test_id("step-stake").nth(1)).to_have_text(re.compile("\u00a3365"))


@pytest.mark.usefixtures("heartbeat", "priced", "emptied")
async def test_other_books_and_past_prices_stand_beside_the_legs(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        rivals = page.get_by_test_id("rival")
        await expect(rivals).to_have_count(3)
        await expect(rivals.first).to_contain_text("Gamma")
        await expect(rivals.first).to_contain_text("+1.95 %")
        past = page.get_by_test_id("past").first
        told = re.compile("Alpha: 1.80 at first, 1.909 now, between 1.80 and 1.909 in")
        await expect(past).to_have_attribute("aria-label", told)
        await expect(page.get_by_text("Distance from the other books, Alpha")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
async def test_a_leg_that_moved_is_rescued_in_exact_money(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await page.get_by_test_id("rescue.begin").click()
        ways = page.get_by_test_id("way")
        await expect(ways.first).to_be_visible()
        await page.locator("#rescue-odds-B").fill("1.95")
        hedge = ways.filter(has_text="Hedge evenly")
        await expect(hedge).to_contain_text("\u2212$37.4")
        await expect(hedge).to_contain_text(re.compile(r"\$524\.\d\d on Bears at Beta, odds 1.95"))
        await expect(ways.filter(has_text="Leave it open")).to_contain_text("\u2212$535.40")
        await expect(page.get_by_text("No loss down to 2.1.")).to_be_visible()
        await page.locator("#rescue-odds-B").fill("one")
        await expect(page.locator("#rescue-odds-B-wrong")).to_contain_text("decimal odds above 1")


@pytest.mark.usefixtures("heartbeat")
async def test_a_picture_without_book_names_can_be_taken_along(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await page.get_by_test_id("share.make").click()
        picture = page.get_by_test_id("share")
        await expect(picture).to_have_attribute("alt", re.compile("Lions v Bears"))
        assert await picture.evaluate("async (img) => (await img.decode(), img.naturalWidth)")
        async with page.expect_download() as taken:
            await page.get_by_test_id("share.download").click()
        drawn = (await (await taken.value).path()).read_text("utf-8")
        assert "Lions" in drawn
        assert "alpha" not in drawn.lower()


@pytest.mark.usefixtures("heartbeat", "priced", "emptied")
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
async def test_all_of_the_page_unfolded_has_no_fault_that_axe_finds(stage, scheme, width):
    await stage.worker.publish(lions())
    view = {"width": width, "height": 900}
    async with stage.open(f"/board/{LIFE}", color_scheme=scheme, viewport=view) as page:
        await expect(page.get_by_test_id("past").first).to_be_visible()
        await page.get_by_test_id("stake-fields").locator("summary").click()
        await page.locator("#most-A").fill("lots")
        await page.get_by_test_id("rescue.begin").click()
        await expect(page.get_by_test_id("way").first).to_be_visible()
        await page.get_by_test_id("share.make").click()
        await expect(page.get_by_test_id("share")).to_be_visible()
        found = await Axe().run(page)
        assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
