import itertools
import math
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.markets import Market, MarketKind, Outcome, Period, Side
from domain.money import Money
from engine.gates import NO_GATES
from services.detect import Detector
from services.stakes import plan
from tests.services.prices import AWAY, DRAW, HOME, NOW, THREE_WAY, WINNER, quote, reading


def crossing(*quotes):
    """Return the one opportunity in these prices."""
    detector = Detector(NO_GATES)
    detector.absorb(reading(*quotes))
    (opportunity,) = detector.judge({q.market for q in quotes}, NOW)
    return opportunity


def two_way(home, away, **rest):
    return crossing(quote("a", HOME, home, **rest), quote("b", AWAY, away))


def test_the_contracts_example_earns_its_return_in_cents():
    got = plan(two_way(2.85, 141 / 91), Money.of("100"))
    assert {leg.leg.outcome: leg.stake_minor for leg in got.legs} == {AWAY: 6478, HOME: 3522}
    assert [leg.return_minor for leg in got.legs] == [10037, 10037]
    assert (got.worst_profit_minor, got.best_profit_minor, got.locked) == (37, 37, True)
    assert (got.at_risk_minor, got.note) == (10000, "")


def best_by_trying_all(nets, total, step):
    """Return the best worst case of every combination of stakes."""
    sizes = [range(step, total + 1, step)] * len(nets)
    return max(
        min(int(stake * net) for stake, net in zip(stakes, nets, strict=True)) - sum(stakes)
        for stakes in itertools.product(*sizes)
        if sum(stakes) <= total
    )


prices = st.integers(1_300, 9_000).map(lambda n: Fraction(n, 1000))


@given(prices, prices, st.integers(20, 90), st.sampled_from([1, 2, 5]))
def test_two_stakes_are_as_good_as_the_best_of_all_combinations(home, away, total, step):
    if 1 / home + 1 / away >= 1:
        return
    got = plan(two_way(float(home), float(away)), Money(total), step_minor=step)
    assert got.worst_profit_minor == best_by_trying_all([home, away], total, step)
    assert all(leg.stake_minor % step == 0 for leg in got.legs)
    assert got.at_risk_minor <= total


@given(prices, prices, prices, st.integers(10, 28))
def test_three_stakes_are_as_good_as_the_best_of_all_combinations(home, draw, away, total):
    odds = {HOME: home, DRAW: draw, AWAY: away}
    if sum(1 / price for price in odds.values()) >= 1:
        return
    quotes = [quote(o, o, float(price), market=THREE_WAY) for o, price in odds.items()]
    got = plan(crossing(*quotes), Money(total))
    assert got.worst_profit_minor == best_by_trying_all(list(odds.values()), total, 1)


@given(prices, prices, st.integers(100, 10**7))
def test_the_promise_is_kept_by_every_outcome_in_exact_arithmetic(home, away, total):
    if 1 / home + 1 / away >= 1:
        return
    got = plan(two_way(float(home), float(away)), Money(total))
    odds = {HOME: home, AWAY: away}
    paid = [int(leg.stake_minor * odds[leg.leg.outcome]) for leg in got.legs]
    assert sorted(p - got.at_risk_minor for p in paid) == sorted(got.profits_minor)
    assert got.locked == (min(got.profits_minor) > 0)


def test_a_total_too_small_to_split_says_that_the_lock_is_lost():
    got = plan(two_way(2.1, 2.1), Money(3))
    assert (got.locked, got.worst_profit_minor) == (False, 0)
    assert "larger total" in got.note


def test_coarse_stakes_lose_a_thin_lock():
    opportunity = two_way(2.85, 141 / 91)
    assert plan(opportunity, Money(10_000), step_minor=1).locked
    assert not plan(opportunity, Money(10_000), step_minor=2_500).locked


@pytest.mark.parametrize(("total", "step"), [(0, 1), (-5, 1), (100, 0), (1, 1), (100, 80)])
def test_a_total_or_step_that_no_stakes_fit_is_refused(total, step):
    with pytest.raises(Refused):
        plan(two_way(2.1, 2.1), Money(total), step_minor=step)


@pytest.mark.parametrize("odds", [3.0, 3.015])
def test_a_lay_says_both_the_stake_and_the_liability_rounded_against_us(odds):
    lay = quote("exchange", HOME, odds, side=Side.LAY, commission=0.05)
    got = plan(crossing(quote("a", HOME, 3.5), lay), Money.of("100"))
    (leg,) = [leg for leg in got.legs if leg.leg.side is Side.LAY]
    assert leg.at_risk_minor == math.ceil((Fraction(str(odds)) - 1) * leg.stake_minor)
    assert leg.return_minor == leg.at_risk_minor + leg.stake_minor * 95 // 100
    assert got.locked
    assert got.at_risk_minor <= 10_000


def test_a_books_limit_holds_the_whole_plan_down():
    got = plan(two_way(2.2, 2.2, max_stake=10.0), Money.of("1000"))
    assert got.locked
    assert max(leg.stake_minor for leg in got.legs) <= 1000


@pytest.mark.parametrize(("line", "endings"), [(2.5, 2), (3.0, 3), (2.75, 3)])
def test_a_line_that_can_be_hit_has_an_ending_of_its_own(line, endings):
    total = Market(event_id="game", kind=MarketKind.TOTAL, period=Period.FULL_TIME, line=line)
    got = plan(
        crossing(
            quote("a", Outcome.OVER, 2.1, market=total),
            quote("b", Outcome.UNDER, 2.1, market=total),
        ),
        Money.of("100"),
    )
    assert (len(got.profits_minor), got.locked) == (endings, True)
    assert got.worst_profit_minor == {2.5: 500, 3.0: 0, 2.75: 250}[line]


def test_a_plan_travels_as_json():
    got = plan(two_way(2.1, 2.1), Money.of("10", "EUR"))
    assert msgspec.json.decode(msgspec.json.encode(got), type=type(got)) == got
    assert got.currency == "EUR"
    assert got.legs[0].leg.market == WINNER
