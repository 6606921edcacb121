"""Lives: opened once, kept up to date, closed for a reason, and taken up again."""

from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from domain.markets import MarketKind
from store import positions
from store.odds import save_quotes
from store.opportunities import Life, alive, by_id, close_lives, save_lives
from tests.facts import NOON, SOURCE, a_leg, a_market, a_quote, a_row, an_event, an_opportunity

LATER = NOON + timedelta(seconds=30)
replace = msgspec.structs.replace


async def test_a_life_comes_back_as_it_was(db):
    row = a_row()
    await save_lives(db, [row], seen_at=LATER)
    assert await alive(db) == [row]
    assert await by_id(db, row.id) == Life(row=row, last_seen_at=LATER)


async def test_legs_of_another_market_and_without_ages_come_back_too(db):
    total = a_market(kind=MarketKind.TOTAL, line=224.5)
    legs = [a_leg(), a_leg(total, book="gamma", changed_at=None, age_s=None, max_stake=99.5)]
    row = a_row(opportunity=an_opportunity(legs=legs))
    await save_lives(db, [row], seen_at=NOON)
    assert await alive(db) == [row]


async def test_a_later_look_replaces_the_legs_and_keeps_the_best(db):
    first = a_row()
    worse = replace(first.opportunity, roi=0.001, as_of=LATER, legs=[a_leg(book="delta")])
    second = replace(first, opportunity=worse, arrived_at=LATER)
    await save_lives(db, [first], seen_at=NOON)
    await save_lives(db, [replace(second, best_roi=0.001)], seen_at=LATER)
    assert await by_id(db, first.id) == Life(row=second, last_seen_at=LATER)
    assert await db.scalar(sa.text("select count(*) from opportunity_legs")) == 1


async def test_a_closed_life_keeps_its_end_whatever_comes_after(db):
    row = a_row()
    await save_lives(db, [row], seen_at=NOON)
    await close_lives(db, [row.id], at=LATER, reason="no longer crosses")
    end = Life(row=row, last_seen_at=NOON, gone_at=LATER, gone_reason="no longer crosses")
    assert (await alive(db), await by_id(db, row.id)) == ([], end)

    much_later = LATER + timedelta(hours=1)
    await close_lives(db, [row.id], at=much_later, reason="shut down")
    changed = replace(row, opportunity=replace(row.opportunity, legs=[a_leg(book="delta")]))
    await save_lives(db, [changed], seen_at=much_later)
    assert await by_id(db, row.id) == end


async def test_the_same_bet_lives_again_under_another_id(db):
    first, second = a_row(), a_row(first_seen_at=LATER)
    await save_lives(db, [first], seen_at=NOON)
    await close_lives(db, [first.id], at=LATER, reason="leg_too_old")
    await save_lives(db, [second], seen_at=LATER)
    assert await alive(db) == [second]
    assert (await by_id(db, first.id)).gone_reason == "leg_too_old"


async def test_one_bet_has_no_two_lives_at_once(db):
    await save_lives(db, [a_row()], seen_at=NOON)
    with pytest.raises(IntegrityError, match="uq_opportunities_key_alive"):
        await save_lives(db, [a_row()], seen_at=NOON)


@pytest.mark.usefixtures("emptied")
async def test_lives_are_taken_up_again_after_a_restart(database):
    rows = [a_row(), a_row(an_event("Owls v Foxes"), first_seen_at=LATER)]
    async with database.begin() as db:
        await save_lives(db, rows, seen_at=LATER)
    async with database.begin() as db:
        found = await alive(db)
        assert found == rows
        await save_lives(db, found, seen_at=LATER + timedelta(seconds=1))
        assert await alive(db) == rows


async def test_what_was_never_seen_is_not_found(db):
    assert await by_id(db, "never") is None
    await save_lives(db, [], seen_at=NOON)
    await close_lives(db, ["never"], at=NOON, reason="nothing")
    assert await alive(db) == []


@pytest.mark.usefixtures("emptied")
async def test_prices_lives_and_position_are_written_together_or_not_at_all(database):
    row = a_row()

    async def detect(*, fail):
        async with database.begin() as db:
            await save_lives(db, [row], seen_at=NOON)
            origin = row.opportunity.origin
            await save_quotes(db, [a_quote()], source=SOURCE, origin=origin, seen_at=NOON)
            place = await positions.take(db, "detector", "quotes:0", "a holder")
            await positions.move(db, place, "1-0")
            if fail:
                raise ConnectionResetError

    async def written():
        async with database.begin() as db:
            quotes = await db.scalar(sa.text("select count(*) from quotes"))
            place = await positions.position(db, "detector", "quotes:0")
            return len(await alive(db)), quotes, place

    with pytest.raises(ConnectionResetError):
        await detect(fail=True)
    assert await written() == (0, 0, None)
    await detect(fail=False)
    assert await written() == (1, 1, "1-0")


async def test_a_life_remembers_since_when_its_prices_are_checked_and_may_lose_the_mark(db):
    row = a_row(verified_at=NOON)
    await save_lives(db, [row], seen_at=NOON)
    assert (await by_id(db, row.id)).row.verified_at == NOON
    await save_lives(db, [msgspec.structs.replace(row, verified_at=None)], seen_at=NOON)
    assert (await by_id(db, row.id)).row.verified_at is None
