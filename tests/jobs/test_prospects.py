"""Prospects on the board: bounded, steady, beside detection, and nobody's statistics."""

from datetime import timedelta

import msgspec
import pytest

from domain.markets import MarketKind, Outcome
from domain.opportunities import GateCode, Kind, Refusal, Value
from jobs.prospects import AGAIN_AFTER, MOST, MOST_KEPT, SLICE_EVERY_S, SLICE_S, Prospects
from kit.clock import ManualClock
from tests.facts import NOON, a_market, a_quote, a_reading, an_event, an_opportunity
from tests.jobs.parts import CLOCK, board, detecting, tell


def a_value(event_id, ev, **changes):
    value = Value(
        chance=0.5, fair_odds=2.0, ev=ev, by="", books=4, method="shin", kelly=ev,
    )  # fmt: skip
    event = an_event(f"{event_id} v Bears", id=event_id)
    return an_opportunity(
        event, key=f"value {event_id}", kind=Kind.VALUE, roi=ev, value=value, **changes
    )


class Finder:
    """Stands for the detector: what it finds is what it was told, and it takes its time."""

    def __init__(self, clock, cost_s=0.0, *, pieces=1):
        self.clock, self.cost_s, self.many = clock, cost_s, pieces
        self.worth, self.asked, self.shown = {}, [], set()

    def pieces(self, event_id):
        return [event_id] * self.many

    def prospects(self, some, shown, now):
        self.asked += some
        self.shown = set(shown)
        self.clock.advance(self.cost_s)
        return [self.worth[each] for each in some if each in self.worth]


@pytest.fixture
def clock():
    return ManualClock(NOON)


DUE_S = AGAIN_AFTER.total_seconds()


def looked(prospects, finder, *, after_s=DUE_S):
    """Look once more, some time later; return what is shown by event, best first."""
    finder.clock.advance(after_s)
    prospects.look(finder)
    return [row.opportunity.event.id for row in prospects.rows]


def test_what_is_found_is_shown_the_best_first(clock):
    prospects, finder = Prospects(clock), Finder(clock)
    finder.worth = {"a": a_value("a", 0.02), "b": a_value("b", 0.05)}
    prospects.hear("ab")
    assert looked(prospects, finder) == ["b", "a"]
    beside = prospects.take()
    assert {row.id for row in beside.rows} == set(beside.changes.rows)
    assert not prospects.take().changes


def test_what_is_found_no_more_goes_and_what_is_refused_is_only_counted(clock):
    prospects, finder = Prospects(clock), Finder(clock)
    finder.worth = {"a": a_value("a", 0.02)}
    prospects.hear("a")
    looked(prospects, finder)
    (row,) = prospects.take().rows
    refusals = [Refusal(code=GateCode.LEG_TOO_OLD, detail="")]
    finder.worth = {"a": a_value("a", 0.02, refusals=refusals)}
    assert looked(prospects, finder) == []
    assert list(prospects.take().changes.ended) == [row.id]
    assert prospects.refused_by == {(Kind.VALUE, "leg_too_old"): 1}


def test_of_each_kind_no_more_than_a_bounded_number_is_shown(clock):
    prospects, finder = Prospects(clock), Finder(clock)
    names = [f"e{n}" for n in range(MOST + 50)]
    finder.worth = {name: a_value(name, 0.01 + n / 1e4) for n, name in enumerate(names)}
    prospects.hear(names)
    assert len(looked(prospects, finder)) == MOST
    assert "e0" not in {row.opportunity.event.id for row in prospects.rows}


def test_shards_share_the_bound(clock):
    prospects, finder = Prospects(clock, shards=4), Finder(clock)
    finder.worth = {f"e{n}": a_value(f"e{n}", 0.05) for n in range(MOST)}
    prospects.hear(finder.worth)
    assert len(looked(prospects, finder)) == MOST // 4


def test_a_row_that_falls_a_little_behind_stays_and_one_far_behind_goes(clock):
    prospects, finder = Prospects(clock), Finder(clock)
    finder.worth = {f"e{n}": a_value(f"e{n}", 0.05) for n in range(MOST)}
    prospects.hear(finder.worth)
    looked(prospects, finder)
    better = [f"better{n}" for n in range(MOST_KEPT - MOST)]
    finder.worth |= {name: a_value(name, 0.06) for name in better}
    prospects.hear(better)
    assert set(looked(prospects, finder)).isdisjoint(better)
    more = [f"more{n}" for n in range(10)]
    finder.worth |= {name: a_value(name, 0.06) for name in more}
    prospects.hear(more)
    shown = looked(prospects, finder)
    assert len(shown) == MOST
    assert len([name for name in shown if name.startswith("e")]) == MOST - 10


def test_a_row_keeps_its_id_and_is_told_again_only_when_a_figure_has_moved(clock):
    prospects, finder = Prospects(clock), Finder(clock)
    finder.worth = {"a": a_value("a", 0.02)}
    prospects.hear("a")
    looked(prospects, finder)
    (before,) = prospects.take().rows
    finder.worth = {"a": a_value("a", 0.0201)}
    looked(prospects, finder)
    assert not prospects.take().changes
    finder.worth = {"a": a_value("a", 0.03)}
    looked(prospects, finder)
    (after,) = prospects.take().changes.rows.values()
    assert (after.id, after.opportunity.roi, after.best_roi) == (before.id, 0.03, 0.03)
    assert finder.shown == {"value a"}


def test_an_event_is_looked_at_again_no_sooner_than_it_is_due(clock):
    prospects, finder = Prospects(clock), Finder(clock)
    prospects.hear("a")
    looked(prospects, finder)
    prospects.hear("a")
    looked(prospects, finder, after_s=SLICE_EVERY_S)
    assert finder.asked == ["a"]
    looked(prospects, finder)
    assert finder.asked == ["a", "a"]
    looked(prospects, finder)
    assert finder.asked == ["a", "a"]


def test_a_look_takes_no_more_than_its_slice_and_those_who_waited_are_next(clock):
    prospects, finder = Prospects(clock), Finder(clock, cost_s=2 * SLICE_S)
    prospects.hear("abc")
    looked(prospects, finder)
    assert finder.asked == ["a"]
    looked(prospects, finder, after_s=SLICE_EVERY_S / 2)
    assert finder.asked == ["a"]
    looked(prospects, finder, after_s=SLICE_EVERY_S)
    looked(prospects, finder, after_s=SLICE_EVERY_S)
    assert finder.asked == ["a", "b", "c"]


def test_an_event_of_many_pieces_is_looked_at_over_several_slices_and_shown_at_the_last(clock):
    prospects, finder = Prospects(clock), Finder(clock, cost_s=2 * SLICE_S, pieces=3)
    finder.worth = {"a": a_value("a", 0.02)}
    prospects.hear("a")
    assert looked(prospects, finder) == []
    assert looked(prospects, finder, after_s=SLICE_EVERY_S) == []
    assert looked(prospects, finder, after_s=SLICE_EVERY_S) == ["a"]
    assert finder.asked == ["a", "a", "a"]


def test_an_event_with_nothing_to_look_at_loses_its_rows(clock):
    prospects, finder = Prospects(clock), Finder(clock)
    finder.worth = {"a": a_value("a", 0.02)}
    prospects.hear("a")
    assert looked(prospects, finder) == ["a"]
    finder.many = 0
    assert looked(prospects, finder) == []


def generous(now):
    """One picture: three houses agree on a total, and a fourth pays more for over."""
    market = a_market(kind=MarketKind.TOTAL, line=8.5)
    changed_at = now - timedelta(seconds=2)
    quotes = [
        a_quote(book=book, market=market, outcome=outcome, odds=odds, changed_at=changed_at)
        for book, over, under in (("a", 1.95, 1.95), ("b", 1.95, 1.95), ("c", 1.95, 1.95),
                                  ("d", 2.04, 1.80))
        for outcome, odds in ((Outcome.OVER, over), (Outcome.UNDER, under))
    ]  # fmt: skip
    event = an_event(starts_at=now + timedelta(hours=3))
    return a_reading(as_of=now, arrived_at=now, events=[event], quotes=quotes, rejected={})


@pytest.mark.usefixtures("emptied")
async def test_a_value_bet_reaches_the_board_and_nothing_of_it_is_kept(database, cache, owner):
    def has_prospects(snapshot):
        return {row.opportunity.kind for row in snapshot.rows} == {Kind.VALUE, Kind.LOW_HOLD}

    async with detecting(database, cache):
        await tell(cache, generous(CLOCK.now()))
        told = await board(cache, has_prospects)
        assert msgspec.json.encode(told.rows)
        refusals = await cache.refusals()
    assert (told.refused_total, refusals.total) == (0, 0)
    assert owner.execute("select count(*) from opportunities").fetchone() == (0,)
    assert owner.execute("select count(*) from refused_crossings").fetchone() == (0,)


def test_what_is_switched_off_is_taken_off_at_once_and_found_again_afterwards(clock):
    prospects, finder = Prospects(clock), Finder(clock)
    finder.worth = {"a": a_value("a", 0.02)}
    prospects.hear("a")
    looked(prospects, finder)
    (row,) = prospects.take().rows
    prospects.clear()
    beside = prospects.take()
    assert (list(beside.rows), list(beside.changes.ended)) == ([], [row.id])
    prospects.clear()
    assert not prospects.take().changes
    assert looked(prospects, finder) == ["a"]
