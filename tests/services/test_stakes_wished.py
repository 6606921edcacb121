"""Stakes on the reader's own terms, checked by arithmetic that shares nothing with the engine."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Refused
from domain.markets import MarketKind, Outcome
from domain.money import Money
from services.stakes import BookWish, LegWish, Wish, plan, plan_as, suggested
from tests.facts import an_opportunity
from tests.services.portfolios import leg, opportunity_of

DOLLARS = Wish(currency="USD", total_minor=100_000)
JOINT = opportunity_of(
    [
        leg(MarketKind.HANDICAP, Outcome.HOME, 2.16, line=-0.25),
        leg(MarketKind.WINNER, Outcome.DRAW, 3.9),
        leg(MarketKind.WINNER, Outcome.AWAY, 4.4),
    ]
)
THREE = (Outcome.HOME, Outcome.DRAW, Outcome.AWAY)
odds = st.integers(1_200, 9_000).map(lambda n: Fraction(n, 1_000))
steps = st.sampled_from([1, 50, 100, 500, 1_000])


def crossing(prices):
    """Return legs on the outcomes of one match, each at a book of its own."""
    legs = [
        leg(MarketKind.WINNER, outcome, float(price), book=outcome.value)
        for outcome, price in zip(THREE, prices, strict=True)
    ]
    return opportunity_of(legs)


@st.composite
def three_ways(draw):
    """Return three prices that cross by 0.5 to 25 percent."""
    first, second = draw(odds), draw(odds)
    rest = 1 - 1 / first - 1 / second
    if rest <= Fraction(1, 50):
        first, second, rest = Fraction(3), Fraction(3), Fraction(1, 3)
    third = Fraction(round(1_000 / rest * draw(st.integers(1_005, 1_250)) / 1_000), 1_000)
    return [first, second, max(third, Fraction(1_001, 1_000))]


def brought(got, prices, rates=(1, 1, 1)):
    """Return what each leg's win brings, payouts rounded down and stakes up, in cents of ours."""
    stakes = [one.stake_minor for one in got.legs]
    cost = sum(-(-stake * rate // 1) for stake, rate in zip(stakes, rates, strict=False))
    won = [
        (int(stake * price) - stake) * rate // 1 + -(-stake * rate // 1)
        for stake, price, rate in zip(stakes, prices, rates, strict=False)
    ]
    return [each - cost for each in won], cost


@given(three_ways(), st.lists(steps, min_size=3, max_size=3), st.integers(5_000, 2_000_000))
@settings(deadline=None, max_examples=60)
def test_what_is_locked_stays_locked_after_every_rounding_and_limit(prices, each, total):
    legs = tuple(LegWish(step_minor=step, most_minor=total // 3) for step in each)
    try:
        got = plan_as(crossing(prices), replace(DOLLARS, total_minor=total, legs=legs))
    except Refused:
        return
    profits, cost = brought(got, prices)
    assert got.at_risk_minor == cost <= total
    assert got.worst_profit_minor == min(profits)
    assert got.locked == (min(profits) > 0)
    for one, step in zip(got.legs, each, strict=True):
        assert one.stake_minor % step == 0
        assert one.stake_minor <= total // 3


@given(three_ways(), st.integers(0, 2), st.integers(1_000, 500_000))
@settings(deadline=None, max_examples=60)
def test_a_fixed_stake_stands_exactly_and_the_others_keep_the_profit(prices, place, stake):
    wish = Wish(currency="USD", fixed=(place, stake))
    got = plan_as(crossing(prices), wish)
    profits, _ = brought(got, prices)
    assert got.legs[place].stake_minor == stake
    assert got.worst_profit_minor == min(profits)
    ideal = float(stake * prices[place] * (1 - sum(1 / price for price in prices)))
    assert min(profits) >= ideal - max(map(float, prices)) - 1


@given(three_ways(), st.integers(0, 2), st.sampled_from([1, 100]), st.data())
@settings(deadline=None, max_examples=30)
def test_endings_that_share_the_profit_are_equal_within_a_step_and_the_others_break_even(
    prices, alone, step, data
):
    shares = [place == alone or data.draw(st.booleans()) for place in range(3)]
    legs = tuple(LegWish(step_minor=step, shares=each) for each in shares)
    got = plan_as(crossing(prices), replace(DOLLARS, total_minor=1_000_000, legs=legs))
    profits, _ = brought(got, prices)
    near = float(max(prices)) * step * 3
    sharing = [profit for profit, each in zip(profits, shares, strict=True) if each]
    resting = [profit for profit, each in zip(profits, shares, strict=True) if not each]
    if got.locked:
        assert min(sharing) > 0
        assert max(sharing) - min(sharing) <= near
        assert all(0 <= rest <= near for rest in resting)


def test_a_limit_holds_the_whole_plan_down_and_says_which_leg_it_is():
    got = plan_as(an_opportunity(), replace(DOLLARS, legs=(LegWish(most_minor=20_000), LegWish())))
    assert [leg.stake_minor for leg in got.legs] == [20_000, 17_355]
    assert (got.held_by, got.locked) == ((0,), True)


def test_a_total_that_is_used_up_is_held_by_nobody():
    got = plan_as(an_opportunity(), replace(DOLLARS, legs=(LegWish(most_minor=60_000), LegWish())))
    assert (got.at_risk_minor, got.held_by) == (100_000, ())


def test_a_balance_holds_the_bets_at_its_book_together():
    legs = [
        leg(MarketKind.WINNER, Outcome.HOME, 3.2, book="one"),
        leg(MarketKind.WINNER, Outcome.DRAW, 3.3, book="one"),
        leg(MarketKind.WINNER, Outcome.AWAY, 3.4, book="two"),
    ]
    books = (("one", BookWish(currency="USD", balance_minor=10_000)),)
    got = plan_as(opportunity_of(legs), replace(DOLLARS, books=books))
    assert got.legs[0].stake_minor + got.legs[1].stake_minor <= 10_000
    assert got.locked
    assert set(got.held_by) == {0, 1}


def test_a_commission_that_is_typed_stands_in_place_of_the_one_known():
    found = an_opportunity()
    before = plan_as(found, DOLLARS)
    after = plan_as(found, replace(DOLLARS, legs=(LegWish(commission=0.02), LegWish())))
    assert after.worst_profit_minor < before.worst_profit_minor
    assert after.legs[0].leg.commission == 0.02


@given(three_ways(), st.integers(200, 30_000).map(lambda n: Fraction(n, 10_000)))
@settings(deadline=None, max_examples=40)
def test_stakes_in_another_currency_keep_the_profit_at_the_rate_that_was_typed(prices, rate):
    books = (("draw", BookWish(currency="EUR", rate=rate)),)
    got = plan_as(crossing(prices), replace(DOLLARS, books=books))
    profits, cost = brought(got, prices, (1, rate, 1))
    assert [leg.currency for leg in got.legs] == ["USD", "EUR", "USD"]
    assert got.at_risk_minor == cost <= 100_000
    assert got.worst_profit_minor == min(profits)


def test_yen_have_no_cents():
    books = (("beta", BookWish(currency="JPY", rate=Fraction("0.0068"))),)
    got = plan_as(an_opportunity(), replace(DOLLARS, books=books))
    yen = got.legs[1]
    assert (yen.currency, got.locked) == ("JPY", True)
    assert abs(yen.stake_minor * Fraction("0.0068") - Fraction(46_460, 100)) < 1


@pytest.mark.parametrize("rate", ["0.0001", "9999.123457", "10000"])
def test_a_currency_worth_far_more_or_less_is_planned_without_a_long_search(rate):
    legs = [replace_odds(leg, 2.0001) for leg in an_opportunity().legs]
    books = (("beta", BookWish(currency="EUR", rate=Fraction(rate))),)
    got = plan_as(an_opportunity(legs=legs), replace(DOLLARS, total_minor=10**8, books=books))
    assert got.locked
    profits, cost = brought(got, [Fraction(20_001, 10_000)] * 2, (1, Fraction(rate)))
    assert (got.worst_profit_minor, got.at_risk_minor) == (min(profits), cost)


def test_nothing_said_plans_as_a_total_and_a_step_do():
    found = an_opportunity()
    assert plan_as(found, DOLLARS) == plan(found, Money(100_000))


def test_where_others_limits_leave_no_lock_the_largest_stake_that_has_one_is_found():
    legs = (LegWish(), LegWish(most_minor=10_000))
    wish = Wish(currency="USD", fixed=(0, 50_000), legs=legs)
    got = plan_as(an_opportunity(), wish)
    assert (got.locked, got.held_by, got.legs[0].stake_minor) == (False, (1,), 50_000)
    nearest = suggested(an_opportunity(), wish)
    assert nearest.locked
    largest = nearest.legs[0].stake_minor
    assert plan_as(an_opportunity(), replace(wish, fixed=(0, largest))).locked
    assert not plan_as(an_opportunity(), replace(wish, fixed=(0, largest * 2))).locked


def test_a_total_too_small_for_the_steps_has_a_larger_one_suggested():
    wish = replace(DOLLARS, total_minor=1_000, legs=(LegWish(step_minor=1_000),) * 2)
    with pytest.raises(Refused):
        plan_as(an_opportunity(), wish)
    nearest = suggested(an_opportunity(), wish)
    assert nearest.locked
    assert plan_as(an_opportunity(), replace(wish, total_minor=nearest.at_risk_minor)).locked


def test_where_no_stakes_lock_anything_none_are_suggested():
    found = an_opportunity(legs=[replace_odds(leg, 1.5) for leg in an_opportunity().legs])
    assert suggested(found, DOLLARS) is None
    assert suggested(found, Wish(currency="USD", fixed=(0, 10_000))) is None


def replace_odds(of, price):
    return type(of)(**{name: getattr(of, name) for name in of.__struct_fields__} | {"odds": price})


def test_legs_in_several_markets_take_a_fixed_stake_and_a_step_too():
    steps = (LegWish(step_minor=100),) * 3
    got = plan_as(JOINT, Wish(currency="USD", fixed=(1, 25_000), legs=steps))
    assert got.legs[1].stake_minor == 25_000
    assert got.locked
    assert all(leg.stake_minor % 100 == 0 for leg in got.legs)


@pytest.mark.parametrize(
    "changes",
    [
        {"total_minor": 0},
        {"total_minor": None},
        {"fixed": (0, 100)},
        {"total_minor": None, "fixed": (0, 0)},
        {"legs": (LegWish(step_minor=0),)},
        {"legs": (LegWish(most_minor=-1),)},
        {"legs": (LegWish(commission=1.0),)},
        {"legs": (LegWish(shares=False),)},
        {"books": (("a", BookWish(currency="EUR", rate=Fraction(0))),)},
        {"books": (("a", BookWish(currency="EUR", balance_minor=-1)),)},
    ],
)
def test_a_wish_that_cannot_be_meant_is_refused(changes):
    with pytest.raises(Refused):
        replace(DOLLARS, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"fixed": (2, 100)},
        {"fixed": (0, 20_000), "legs": (LegWish(most_minor=10_000), LegWish())},
        {
            "fixed": (0, 20_000),
            "books": (("alpha", BookWish(currency="USD", balance_minor=10_000)),),
        },
        {"fixed": (0, 100), "legs": (LegWish(),)},
    ],
)
def test_a_fixed_stake_that_cannot_stand_is_refused(changes):
    with pytest.raises(Refused):
        plan_as(an_opportunity(), replace(DOLLARS, total_minor=None, **changes))
