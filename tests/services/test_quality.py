"""Quality: blame goes to the books that a gate names, and nobody but an admin reads it."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from domain.board import Compared
from domain.errors import NotAllowed
from domain.opportunities import GateCode, Refusal
from domain.sources import SourceState
from services import board, quality
from services.access import Permission, Subject
from services.margins import margins
from services.work import Work
from store.opportunities import save_lives
from store.refused import save_refused
from tests.accounts import READER
from tests.facts import NOON, a_health, a_leg, a_row, an_event, an_opportunity, some_refusals

ADMIN = Subject(permissions=frozenset({Permission.VIEW_QUALITY}))


def a_refused(*refusals):
    (row,) = some_refusals().rows
    found = an_opportunity(refusals=[Refusal(code=code, detail=text) for code, text in refusals])
    return msgspec.structs.replace(row, opportunity=found)


OLD = (GateCode.LEG_TOO_OLD, "leg beta is 400 s old; at most 120 s")
WAY_OUT = (GateCode.WAY_OUT, "leg beta is +0.60 in logit from the median of the other books")
APART = (GateCode.LEGS_APART, "the legs changed 90 s apart; at most 60 s")


def test_a_gate_blames_the_book_that_it_names_and_nobody_for_what_is_of_all_legs():
    (blame,) = quality.blames([a_refused(OLD, WAY_OUT), a_refused(OLD, APART)])
    assert (blame.source, blame.book, blame.crossings) == ("invented", "beta", 2)
    assert blame.by == {GateCode.LEG_TOO_OLD: 2, GateCode.WAY_OUT: 1}
    assert blame.anomalies == 1


def test_a_book_whose_name_is_a_part_of_anothers_is_not_blamed_for_it():
    legs = [a_leg(book="bet"), a_leg(book="bet_more")]
    found = an_opportunity(legs=legs)
    refusal = Refusal(code=GateCode.LEG_TOO_OLD, detail="leg bet_more is 400 s old")
    assert quality.blamed(found, refusal) == {("invented", "bet_more")}


async def test_what_is_held_back_is_counted_now_and_within_a_day(db, cache, clock):
    work = Work(ADMIN, db, cache, clock)
    await save_refused(db, [a_refused(OLD, APART)], now=NOON - timedelta(hours=30))
    await save_refused(db, [a_refused(OLD)], now=NOON)
    found = await quality.quality(work)
    assert (found.as_of, found.total, found.day_total, found.day) == (
        None, 0, 1, {"leg_too_old": 1},
    )  # fmt: skip
    await cache.put_refusals(some_refusals())
    found = await quality.quality(work)
    assert (found.total, found.now, found.told) == (1, {"leg_too_old": 1}, 1)


async def test_crossings_of_long_ago_are_forgotten(db, cache, clock):
    await save_refused(db, [a_refused(OLD)], now=NOON - timedelta(days=20))
    await save_refused(db, [], now=NOON)
    await save_refused(db, [a_refused(OLD)], now=NOON)
    work = Work(ADMIN, db, cache, clock)
    assert (await quality.quality(work)).day_total == 1


async def test_nobody_else_may(work):
    for attempt in (quality.quality(work), quality.names(work, source="", limit=5)):
        with pytest.raises(NotAllowed):
            await attempt


async def test_an_empty_board_is_explained_by_what_is_true_now(work, cache):
    work = replace(work, subject=READER)
    told = await board.why(work)
    assert (told.answering, told.followed, told.compared) == (0, 0, None)
    await cache.put_sources(
        [
            a_health("a"),
            a_health("b", state=SourceState.FAILING),
            a_health("c", state=SourceState.OFF),
        ]
    )
    await cache.put_compared("one", Compared(events=1, markets=2, prices=3))
    early = a_row(an_event("Owls v Foxes"), first_seen_at=NOON - timedelta(hours=1))
    late = a_row()
    await save_lives(work.db, [early, late], seen_at=NOON)
    told = await board.why(work)
    assert (told.answering, told.followed) == (1, 2)
    assert told.compared == Compared(events=1, markets=2, prices=3)
    assert told.last is not None
    assert told.last.row.id == late.id


async def test_who_may_not_see_the_board_is_told_nothing_of_it(db, cache, clock, stranger):
    with pytest.raises(NotAllowed):
        await board.why(Work(stranger, db, cache, clock))


def test_margins_name_the_figure_and_the_limit_the_closest_gate_first():
    legs = [
        a_leg(age_s=64.0, changed_at=NOON - timedelta(seconds=64)),
        a_leg(book="beta", age_s=10.0, changed_at=NOON - timedelta(seconds=10)),
    ]
    told = margins(an_opportunity(legs=legs))
    assert [(one.code, one.figure, one.limit, one.book) for one in told[:2]] == [
        (GateCode.LEGS_APART, 54.0, 60.0, ""),
        (GateCode.LEG_TOO_OLD, 64.0, 120.0, "alpha"),
    ]
    assert told[0].used == pytest.approx(0.9)


def test_a_leg_of_unknown_age_has_no_margin_and_one_ahead_of_the_clock_has_its_own():
    unknown = margins(an_opportunity(legs=[a_leg(age_s=None, changed_at=None)]))
    assert {one.code for one in unknown} == {GateCode.RULES_UNKNOWN}
    ahead = margins(an_opportunity(legs=[a_leg(age_s=-4.0)]))
    assert ahead[0].code is GateCode.LEG_FROM_FUTURE
    assert ahead[0].used == pytest.approx(0.8)
    assert all(0.0 <= one.used <= 1.0 for one in ahead)
