"""The status page in a real browser."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from domain.quotes import Origin
from domain.sources import NotAsked, SourceState
from tests.facts import a_health, a_reliability, a_standing


def now():
    return datetime.now(UTC)


@pytest.mark.usefixtures("heartbeat")
async def test_every_part_of_the_product_is_shown_as_it_is(stage):
    await stage.worker.cache.beat("one", {})
    async with stage.open("/status") as page:
        parts = page.get_by_test_id("part")
        await expect(parts).to_have_count(4)
        await expect(parts.filter(has_text="Working")).to_have_count(4)


@pytest.mark.usefixtures("heartbeat")
async def test_a_source_is_shown_and_kept_up_to_date(stage):
    source = a_health("vendor", title="A vendor", last_answer_at=now(), quotes=1234)
    await stage.worker.cache.put_source(source)
    async with stage.open("/status") as page:
        row = page.get_by_test_id("source-row").filter(has_text="A vendor")
        await expect(row).to_contain_text("Healthy")
        await expect(row).to_contain_text("1,234")
        await stage.worker.cache.put_source(
            a_health(
                "vendor",
                title="A vendor",
                state=SourceState.FAILING,
                note="It answers with an error.",
                next_due_at=now() + timedelta(minutes=5),
            )
        )
        await expect(row).to_contain_text("Failing")
        await expect(row).to_contain_text("It answers with an error.")
        await expect(row).to_contain_text("in 4 min")


@pytest.mark.usefixtures("heartbeat")
async def test_what_was_rejected_folds_out_by_reason_and_stays_open(stage):
    rejected = {"odds_not_above_one": 3, "duplicate": 1200}
    source = a_health("picky", title="Picky", rejected=rejected, last_answer_at=now())
    await stage.worker.cache.put_source(source)
    async with stage.open("/status") as page:
        row = page.get_by_test_id("source-row").filter(has_text="Picky")
        reason = row.get_by_text("Odds of one or less")
        await expect(reason).to_be_hidden()
        await row.get_by_text("1,203 rejected").click()
        await expect(reason).to_be_visible()
        await stage.worker.cache.put_source(
            a_health("picky", title="Picky", rejected=rejected | {"line_missing": 1})
        )
        await expect(row.get_by_text("Line missing")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
async def test_a_source_of_unreal_prices_is_stamped(stage):
    source = a_health("dice", title="Dice", origin=Origin.SIMULATED)
    await stage.worker.cache.put_source(source)
    async with stage.open("/status") as page:
        row = page.get_by_test_id("source-row").filter(has_text="Dice")
        await expect(row).to_contain_text("Simulated")


@pytest.mark.usefixtures("heartbeat")
async def test_why_a_source_is_not_asked_and_what_its_quota_holds_is_told(stage):
    spent = a_health(
        "spent", title="Spent", quota_left=0.0, quota_ends_at=now() + timedelta(days=2, hours=1),
        error_rate=0.05, failures=5, not_asked=NotAsked.QUOTA_SPENT,
    )  # fmt: skip
    await stage.worker.cache.put_source(spent)
    async with stage.open("/status") as page:
        row = page.get_by_test_id("source-row").filter(has_text="Spent")
        for told in ("Not asked until its quota begins anew.", "anew in 2 d", "5 % (5)"):
            await expect(row).to_contain_text(told)


@pytest.mark.usefixtures("heartbeat")
async def test_sources_that_can_be_set_up_fold_out_with_what_each_needs(stage):
    lacking = a_health(
        "keyed", title="Keyed", state=SourceState.OFF, not_asked=NotAsked.NO_CREDENTIAL,
        needs=("DUTCHBOOK_CREDENTIAL_KEYED",),
    )  # fmt: skip
    await stage.worker.cache.put_source(lacking)
    async with stage.open("/status") as page:
        group = page.get_by_test_id("sources-unset")
        setting = group.get_by_text("DUTCHBOOK_CREDENTIAL_KEYED")
        await expect(setting).to_be_hidden()
        await group.get_by_text("1 more can be set up").click()
        await expect(setting).to_be_visible()
        rows = page.get_by_test_id("source-row")
        await expect(rows.filter(has_text="Keyed")).to_have_count(0)


async def test_a_board_that_nobody_publishes_is_late(stage):
    await stage.worker.publish(ago_s=60)
    async with stage.open("/status") as page:
        board = page.get_by_test_id("part").filter(has_text="Board")
        await expect(board).to_contain_text("Late")


@pytest.mark.usefixtures("heartbeat")
async def test_reliability_is_shown_with_its_parts_book_by_book(stage):
    told = a_reliability("trusted", a_standing("pinnacle", score=0.973, silent=2, events=7))
    await stage.worker.cache.put_reliability(told)
    async with stage.open("/status") as page:
        rows = page.get_by_test_id("reliability-row")
        await expect(rows.filter(has_text="trusted")).to_be_visible()
        book = rows.filter(has_text="Pinnacle")
        await expect(book).to_contain_text("97.3 %")
        await expect(book).to_contain_text("90.00 %")
        await expect(book).to_contain_text("2 of 7")
