"""Breaks and limits: whatever is asked, a break only grows and a limit loosens only after a day."""

from datetime import timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.breaks import DAILY_MIN, DAY, Length, Limits, lengthened
from tests.facts import NOON

HOURS = st.integers(0, 20_000).map(lambda hours: timedelta(hours=hours))
LENGTHS = st.sampled_from(Length)


@given(st.lists(st.tuples(LENGTHS, HOURS), min_size=1, max_size=12))
def test_a_break_ends_no_sooner_for_anything_that_is_asked_after_it(asked):
    now, ends_at = NOON, None
    for length, later in asked:
        before, now = ends_at, now + later
        ends_at = lengthened(ends_at, length, now)
        assert ends_at >= now + length.time
        assert before is None or ends_at >= before


def strictness(minutes):
    return minutes or inf


CHANGES = st.tuples(st.sampled_from((0, *DAILY_MIN)), st.integers(0, 40))


@given(st.lists(CHANGES, min_size=1, max_size=15), st.integers(0, 24 * 60 - 1))
def test_nothing_that_is_asked_loosens_a_limit_within_a_day(asked, minutes):
    limits, now = Limits(), NOON
    for daily, hours in asked:
        now += timedelta(hours=hours)
        changed = limits.changed(0, daily, now, firm=False)
        within = now + timedelta(minutes=minutes)
        assert strictness(changed.holding(within)) <= strictness(limits.holding(within))
        assert strictness(changed.holding(now + DAY)) <= strictness(daily)
        limits = changed


@pytest.mark.parametrize("stricter", [30, 60])
def test_a_stricter_limit_holds_at_once(stricter):
    limits = Limits(daily_min=120).changed(15, stricter, NOON, firm=True)
    assert limits == Limits(15, firm=True, daily_min=stricter)
    assert limits.holding(NOON) == stricter


@pytest.mark.parametrize("looser", [60, 240, 0])
def test_a_looser_limit_waits_a_day_and_saving_it_again_does_not_put_it_off(looser):
    limits = Limits(daily_min=30).changed(0, looser, NOON, firm=False)
    again = limits.changed(15, looser, NOON + timedelta(hours=20), firm=False)
    assert again.holding(NOON + DAY - timedelta(seconds=1)) == 30
    assert again.holding(NOON + DAY) == looser


def test_an_even_looser_limit_begins_to_wait_anew():
    limits = Limits(daily_min=30).changed(0, 60, NOON, firm=False)
    late = NOON + timedelta(hours=20)
    limits = limits.changed(0, 0, late, firm=False)
    assert limits.holding(NOON + DAY) == 30
    assert limits.holding(late + DAY) == 0
