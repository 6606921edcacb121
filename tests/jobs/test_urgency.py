"""Urgency: what starts soon and moves comes first, near arbitrages before all, nobody never."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Event, Market, MarketKind, Outcome, Period
from domain.quotes import Origin, Quote, Reading
from jobs.urgency import PATIENCE, Scope, turn, urgency

NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)
hours = st.floats(-200, 200)
shares = st.floats(0, 1)


def a_scope(start_h=None, volatility=None, asked_s=None, event="e"):
    return Scope(
        asked_at=None if asked_s is None else NOON - timedelta(seconds=asked_s),
        events=frozenset({event}),
        starts=() if start_h is None else (NOON + timedelta(hours=start_h),),
        volatility=volatility,
    )


def a_reading(*odds, start_h=1.0):
    event = Event(
        id="e", source_id="1", sport="tennis", league="atp", home="A", away="B",
        starts_at=NOON + timedelta(hours=start_h),
    )  # fmt: skip
    quotes = [
        Quote(
            book="b", outcome=Outcome.OVER, odds=price, changed_at=None,
            market=Market(event_id="e", kind=MarketKind.TOTAL, period=Period.FULL_TIME, line=line),
        )
        for line, price in enumerate(odds)
    ]  # fmt: skip
    return Reading(
        source="s", scope="x", origin=Origin.LIVE, as_of=NOON, arrived_at=NOON, complete=True,
        events=[event], quotes=quotes,
    )  # fmt: skip


@given(hours | st.none(), shares | st.none())
def test_urgency_is_a_share(start_h, volatility):
    assert 0 <= urgency(a_scope(start_h, volatility), NOON) <= 1


@given(st.floats(0, 200), st.floats(0, 200), shares)
def test_the_nearer_the_start_the_more_urgent(one_h, other_h, volatility):
    near, far = sorted([one_h, other_h])
    assert urgency(a_scope(near, volatility), NOON) >= urgency(a_scope(far, volatility), NOON)


@given(hours, shares, shares)
def test_the_more_it_moves_the_more_urgent(start_h, one, other):
    calm, wild = sorted([one, other])
    assert urgency(a_scope(start_h, wild), NOON) >= urgency(a_scope(start_h, calm), NOON)


@pytest.mark.parametrize(("start_h", "share"), [(-3.9, 1), (0, 1), (3, 0.5), (-4.1, 0), (9, 0.25)])
def test_in_play_is_most_urgent_and_three_hours_before_half(start_h, share):
    assert urgency(a_scope(start_h), NOON) == share


@given(hours, shares, st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_near_arbitrage_is_asked_before_all_others(start_h, volatility, waited_s, others_s):
    near = a_scope(start_h, 0.0, waited_s, event="near")
    other = a_scope(0.0, volatility, others_s)
    assert urgency(near, NOON, frozenset({"near"})) == 1
    assert turn(near, NOON, frozenset({"near"})) < turn(other, NOON, frozenset({"near"}))


@given(hours, shares, hours, shares, st.floats(1, 1e5))
def test_nobody_waits_for_ever(start_h, calm, others_h, wild, waited_s):
    patient = a_scope(start_h, calm, PATIENCE * waited_s * 1.001)
    assert turn(patient, NOON) < turn(a_scope(others_h, wild, waited_s), NOON)


def test_who_was_never_asked_comes_before_who_was():
    assert turn(a_scope(100), NOON) < turn(a_scope(0, 1.0, 1e9), NOON)


def test_of_two_that_waited_alike_the_urgent_comes_first():
    assert turn(a_scope(0, asked_s=60), NOON) < turn(a_scope(48, asked_s=60), NOON)


def test_volatility_is_the_share_of_prices_that_changed():
    first = Scope().seen([a_reading(2.0, 3.0, 4.0, 5.0)])
    assert first.volatility is None
    second = first.seen([a_reading(2.0, 3.0, 4.0, 5.5)])
    assert second.volatility == 0.25
    third = second.unchanged()
    assert third.volatility == pytest.approx(0.25 * 0.7)
    assert third.starts == (NOON + timedelta(hours=1),)


def test_nothing_is_learned_from_a_scope_without_prices():
    assert Scope().unchanged() == Scope()
    assert Scope().seen([a_reading()]).volatility is None
