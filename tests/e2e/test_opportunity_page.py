"""One opportunity in a real browser."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from playwright.async_api import expect

from domain.board import RefusedRow
from domain.markets import MarketKind, Outcome
from domain.opportunities import GateCode, Refusal
from domain.quotes import Origin
from services.proof import proof
from store import opportunities
from tests.facts import a_row, an_event, an_opportunity, some_refusals
from tests.services.portfolios import leg

LIFE = "c3" * 12
EVENT = an_event("Lions v Bears")


def lions(event=EVENT, **changes):
    now = datetime.now(UTC)
    event = msgspec.structs.replace(event, starts_at=now + timedelta(hours=3, minutes=12))
    found = an_opportunity(event, as_of=now, **changes)
    return a_row(opportunity=found, id=LIFE, arrived_at=now, first_seen_at=now)


def joint(*, levels=0):
    """Return a row whose legs are in several markets of a match, on `levels` totals besides."""
    legs = [
        leg(MarketKind.HANDICAP, Outcome.HOME, 2.16, line=-0.25, book="alpha"),
        leg(MarketKind.WINNER, Outcome.DRAW, 3.9, book="beta"),
        leg(MarketKind.WINNER, Outcome.AWAY, 4.4, book="gamma"),
    ]
    if levels:
        legs = [
            leg(MarketKind.TOTAL, Outcome.OVER, 3.0 + n, line=0.5 + n, book=f"book {n}")
            for n in range(levels)
        ]
        legs.append(leg(MarketKind.TOTAL, Outcome.UNDER, 2.0, line=0.5))
    legs = [msgspec.structs.replace(one, share=1 / len(legs)) for one in legs]
    event = an_event("Lions v Bears", sport="soccer")
    return lions(event=event, legs=legs, proof=proof(legs, "soccer"))


@pytest.mark.usefixtures("heartbeat")
async def test_legs_in_several_markets_show_each_market_and_how_every_ending_settles_them(stage):
    await stage.worker.publish(joint())
    async with stage.open(f"/board/{LIFE}") as page:
        legs = page.get_by_test_id("leg")
        await expect(legs).to_have_count(3)
        await expect(legs.first).to_contain_text("Handicap \u22120.25")
        await expect(legs.first).to_contain_text("still good down to")
        await expect(legs.nth(1)).to_contain_text("Match result")
        level = page.get_by_test_id("ending").filter(has_text="Sides level")
        await expect(level).to_contain_text("for instance 0\u2060\u2013\u20600")
        await expect(level.get_by_role("cell")).to_have_text(
            [re.compile(r"\d"), "Half lost", "Won", "Lost", re.compile(r"\+\$")]
        )
        open_end = page.get_by_test_id("ending").filter(has_text="Not covered").first
        await expect(open_end).to_contain_text("\u2212$")
        await expect(page.get_by_test_id("check").first).to_contain_text("Check")


@pytest.mark.usefixtures("heartbeat")
async def test_the_chart_says_in_words_what_it_draws_and_keeps_its_size(stage):
    await stage.worker.publish(joint())
    async with stage.open(f"/board/{LIFE}") as page:
        chart = page.get_by_test_id("payoff").first
        words = re.compile(r"^Played to the end: 3 endings, from \+\$[\d.]+ to \+\$[\d.]+\.$")
        await expect(chart).to_have_attribute("aria-label", words)
        await expect(chart.locator("rect")).to_have_count(3)
        before, told = await chart.bounding_box(), await chart.get_attribute("aria-label")
        await page.get_by_test_id("stake-input").fill("800000")
        await expect(chart).not_to_have_attribute("aria-label", told)
        after = await chart.bounding_box()
        assert (before["width"], before["height"]) == (after["width"], after["height"])


@pytest.mark.usefixtures("heartbeat")
async def test_many_endings_are_folded_until_they_are_asked_for(stage):
    await stage.worker.publish(joint(levels=9))
    async with stage.open(f"/board/{LIFE}") as page:
        endings, button = page.get_by_test_id("ending"), page.get_by_test_id("unfold")
        await expect(button).to_have_text(re.compile(r"Show all \d+ endings"))
        await expect(button).to_have_attribute("aria-expanded", "false")
        count = int(re.sub(r"\D", "", await button.inner_text()))
        assert await endings.count() < count
        await button.click()
        await expect(endings).to_have_count(count)
        await expect(button).to_have_attribute("aria-expanded", "true")
        await button.click()
        await expect(endings).not_to_have_count(count)


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("levels", [0, 9])
async def test_the_proof_fits_a_small_screen(stage, levels):
    await stage.worker.publish(joint(levels=levels))
    async with stage.open(f"/board/{LIFE}", viewport={"width": 390, "height": 800}) as page:
        result = page.get_by_test_id("ending").first.get_by_role("cell").last
        await expect(result).to_contain_text("$")
        box = await result.bounding_box()
        assert box["x"] + box["width"] <= 390
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.usefixtures("heartbeat")
async def test_an_opportunity_shows_its_legs_and_their_ages_go_up(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Lions v Bears")
        await expect(page.get_by_test_id("roi")).to_have_text("+2.21 %")
        await expect(page.get_by_text("in 3 h 1")).to_be_visible()
        leg = page.get_by_test_id("leg").first
        await expect(leg).to_contain_text("Alpha")
        await expect(leg).to_contain_text("1.909")
        await expect(leg).to_contain_text("judged at 5 s")
        aged = leg.get_by_text(re.compile(r"\d+ s ago"))
        shown = await aged.inner_text()
        await expect(aged).not_to_have_text(shown)


@pytest.mark.usefixtures("heartbeat")
async def test_a_typed_total_is_planned_on_the_server(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        cost = page.get_by_test_id("opportunity.cost")
        await expect(cost).to_have_text("$1,000.00")
        await page.get_by_test_id("stake-input").fill("250.50")
        await expect(cost).to_have_text(re.compile(r"^\$250\.[0-5]\d$"))
        await expect(page.get_by_test_id("opportunity.worst")).to_have_text("+$5.54")
        await expect(page.get_by_text("you get back more than you staked")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
async def test_what_is_no_amount_is_said_and_the_last_stakes_stay(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        cost = page.get_by_test_id("opportunity.cost")
        await expect(cost).to_have_text("$1,000.00")
        box = page.get_by_test_id("stake-input")
        await box.fill("lots")
        await expect(page.get_by_text("Type an amount from 1 to 1,000,000")).to_be_visible()
        await expect(box).to_have_attribute("aria-invalid", "true")
        await expect(cost).to_have_text("$1,000.00")


@pytest.mark.usefixtures("heartbeat")
async def test_rounding_that_loses_the_lock_is_said(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await page.get_by_test_id("stake-input").fill("3")
        await expect(page.get_by_test_id("opportunity.cost")).to_have_text(re.compile(r"\$[23]\."))
        await page.get_by_label("Round stakes to").first.select_option("1")
        await expect(page.get_by_text("Rounding loses the lock")).to_be_visible()
        await expect(page.get_by_test_id("opportunity.worst")).to_have_text(re.compile("\u2212"))


@pytest.mark.usefixtures("heartbeat")
async def test_the_proof_lists_every_ending_and_the_loss_of_what_is_not_covered(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        endings = page.get_by_test_id("ending")
        await expect(endings).to_have_count(3)
        await expect(endings.nth(0)).to_contain_text("Lions wins")
        await expect(endings.nth(2)).to_contain_text("Not covered")
        await expect(endings.nth(2)).to_contain_text("\u2212$535.40")


@pytest.mark.usefixtures("heartbeat")
async def test_near_misses_of_the_same_event_are_shown_with_their_figures(stage):
    row = lions()
    refusal = Refusal(code=GateCode.LEGS_APART, detail="the legs changed 70 s apart; at most 60 s")
    near = msgspec.structs.replace(row.opportunity, key="another bet", refusals=[refusal])
    await stage.worker.refuse(
        some_refusals(rows=[RefusedRow(opportunity=near, arrived_at=row.arrived_at)])
    )
    await stage.worker.publish(row)
    async with stage.open(f"/board/{LIFE}") as page:
        reason = page.get_by_test_id("refusal-reason")
        await expect(reason).to_have_count(1)
        await expect(reason).to_contain_text("Legs apart")
        await expect(reason).to_contain_text("70 s apart")


@pytest.mark.usefixtures("heartbeat")
async def test_prices_that_change_change_the_page(stage):
    await stage.worker.publish(lions())
    async with stage.open(f"/board/{LIFE}") as page:
        await expect(page.get_by_test_id("roi")).to_have_text("+2.21 %")
        await stage.worker.publish(lions(roi=0.0175))
        await expect(page.get_by_test_id("roi")).to_have_text("+1.75 %")


@pytest.mark.usefixtures("heartbeat", "emptied")
async def test_what_goes_while_it_is_looked_at_says_when_and_why(stage, database):
    row = lions()
    async with database.begin() as db:
        await opportunities.save_lives(db, [row], seen_at=row.arrived_at)
    await stage.worker.publish(row)
    async with stage.open(f"/board/{LIFE}") as page:
        await expect(page.get_by_text("On the board", exact=True)).to_be_visible()
        async with database.begin() as db:
            at = datetime.now(UTC)
            await opportunities.close_lives(db, [LIFE], at=at, reason="leg_too_old")
        await stage.worker.publish(gone=(LIFE,))
        await expect(page.get_by_test_id("gone")).to_contain_text("Gone since")
        await expect(page.get_by_test_id("gone")).to_contain_text("do not bet on them")
        reason = page.get_by_test_id("refusal-reason").filter(has_text="Price too old")
        await expect(reason).to_be_visible()
        await expect(page.get_by_text("Last return on stake")).to_be_visible()
        await expect(page.get_by_text("you get back more than you staked")).to_have_count(0)


@pytest.mark.parametrize("path", ["0" * 24, "x", "%27%20or%201=1"])
async def test_an_opportunity_that_never_was_is_not_found(stage, path):
    async with stage.open(f"/board/{path}") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("No such opportunity")
        await expect(page.get_by_test_id("stake-input")).to_have_count(0)


@pytest.mark.usefixtures("heartbeat")
async def test_simulated_prices_are_stamped(stage):
    await stage.worker.publish(lions(origin=Origin.SIMULATED))
    async with stage.open(f"/board/{LIFE}") as page:
        await expect(page.get_by_text("Simulated prices: not real odds")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("width", [390, 1440])
async def test_nothing_hangs_over_the_edge(stage, width):
    event = an_event("Wolverhampton Wanderers Football Club v Borussia M\u00f6nchengladbach")
    await stage.worker.publish(a_row(opportunity=an_opportunity(event), id=LIFE))
    async with stage.open(f"/board/{LIFE}", viewport={"width": width, "height": 800}) as page:
        await expect(page.get_by_test_id("leg")).to_have_count(2)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
