"""The budget: a quota is never overspent, and lasts its period whoever asks how often."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Quota
from jobs.budget import AHEAD, Budget

NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)
DAY_S = 86_400.0
asks = st.lists(
    st.tuples(st.floats(0, 4000), st.sampled_from([0.0, 1.0, 3.0, 10.0]), st.floats(0, 1)),
    max_size=80,
)


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def spending(happened, quota, urgent=None):
    """Yield what has been spent and when, by who asks whenever it may."""
    budget, now, spent = Budget.opened(quota, NOON), NOON, 0.0
    for later_s, cost, urgency in happened:
        now += timedelta(seconds=later_s)
        wait_s = budget.wait_s(cost, now, urgency if urgent is None else urgent)
        now += timedelta(seconds=wait_s)
        if now >= after(quota.period_s):
            return
        budget = budget.spent(cost, now)
        spent += cost
        yield spent, (now - NOON).total_seconds(), cost


@given(asks, st.floats(1, 100))
def test_no_more_is_spent_than_there_is(happened, whole):
    for spent, _, _ in spending(happened, Quota(credits=whole, period_s=DAY_S)):
        assert spent <= whole + 1e-6


@given(asks, st.floats(20, 100))
def test_who_is_not_urgent_is_never_ahead_of_an_even_pace(happened, whole):
    quota = Quota(credits=whole, period_s=DAY_S)
    for spent, at_s, cost in spending(happened, quota, urgent=0.0):
        assert not cost or spent - cost <= whole * at_s / DAY_S + 1e-3


@given(asks, st.floats(20, 100))
def test_who_is_urgent_is_ahead_of_it_by_no_more_than_a_share(happened, whole):
    quota = Quota(credits=whole, period_s=DAY_S)
    for spent, at_s, cost in spending(happened, quota):
        share = (at_s + AHEAD * DAY_S) / DAY_S
        assert not cost or spent - cost <= whole * share + 1e-3


def test_a_quota_that_is_asked_for_all_the_time_lasts_to_the_end_and_is_used():
    quota = Quota(credits=500, period_s=30 * DAY_S)
    told = list(spending([(0, 3, 0.0)] * 1000, quota, urgent=0.0))
    assert told[-1][0] == pytest.approx(500, abs=3)
    assert told[-1][1] > 29 * DAY_S


def test_what_was_saved_while_nobody_asked_is_spent_later():
    quota = Quota(credits=100, period_s=DAY_S)
    budget = Budget.opened(quota, NOON).spent(1, after(DAY_S / 2))
    assert budget.wait_s(1, after(DAY_S / 2)) == pytest.approx(DAY_S / 2 / 100)


def test_the_urgent_goes_first_and_the_rest_pays_for_it():
    quota = Quota(credits=100, period_s=DAY_S)
    budget = Budget.opened(quota, NOON).spent(1, NOON)
    assert budget.wait_s(1, NOON, 1.0) == 0
    assert budget.spent(1, NOON).wait_s(1, NOON, 0.0) == pytest.approx(2 * DAY_S / 100, rel=0.01)


def test_what_costs_nothing_is_not_held_back():
    budget = Budget.opened(Quota(credits=1, period_s=DAY_S), NOON).spent(1, NOON)
    assert budget.wait_s(0, NOON) == 0
    assert budget.wait_s(1, NOON) == DAY_S


def test_a_new_period_begins_whole():
    budget = Budget.opened(Quota(credits=2, period_s=DAY_S), NOON).spent(2, NOON)
    assert budget.left == 0
    assert budget.at(after(DAY_S)).left == 2
    assert budget.wait_s(1, after(DAY_S)) == 0


def test_what_the_vendor_says_is_believed():
    quota = Quota(credits=500, period_s=30 * DAY_S)
    fewer = Budget.opened(quota, NOON).spent(1, NOON, told_left=17)
    assert fewer.left == 17
    more = fewer.spent(1, after(DAY_S), told_left=20_000)
    assert (more.left, more.ends_at) == (20_000, after(31 * DAY_S))
    assert more.wait_s(1, after(DAY_S)) == pytest.approx(30 * DAY_S / 20_000, rel=0.01)


def test_requests_a_second_are_kept_apart():
    budget = Budget.opened(Quota(per_s=4), NOON)
    assert budget.wait_s(1, NOON) == 0
    budget = budget.spent(1, NOON)
    assert budget.wait_s(1, NOON, 1.0) == 0.25
    assert budget.wait_s(1, after(0.25)) == 0


@pytest.mark.parametrize(("ends_s", "left"), [(DAY_S, 7), (-1, 100)])
def test_what_is_remembered_counts_until_its_period_is_over(ends_s, left):
    quota = Quota(credits=100, period_s=2 * DAY_S)
    assert Budget.opened(quota, NOON, left=7, ends_at=after(ends_s)).left == left
