"""What can be made of a leg that moved, checked by hand and by arithmetic of its own."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Refused
from domain.markets import MarketKind, Outcome, Side
from services.stakes import EndingKind, Lay, LegWish, Placed, Position, Way, Wish, rescued
from tests.facts import an_opportunity
from tests.services.portfolios import leg, opportunity_of

DOLLARS = Wish(currency="USD", total_minor=100_000)
TAKEN = Placed(2.2, 50_000)


def found():
    home, away = an_opportunity().legs
    return an_opportunity(legs=[msgspec.structs.replace(home, odds=2.2), away])


def ways(**changes):
    position = Position(**{"placed": {0: TAKEN}, "now": {1: 1.9}, **changes})
    made = rescued(found(), position, DOLLARS)
    return {option.way: option for option in made.options}, made


def profits(option):
    played = [one for one in option.plan.endings if one.kind is not EndingKind.RULE]
    return sorted(one.profit_minor for one in played)


def test_left_open_it_is_a_plain_bet():
    by_way, _ = ways()
    assert profits(by_way[Way.HOLD]) == [-50_000, 60_000]
    assert by_way[Way.HOLD].adds == {}


def test_finished_as_planned_at_the_odds_of_now_each_ending_is_told():
    by_way, _ = ways(planned=(50_000, 50_000))
    assert by_way[Way.FINISH].adds == {1: 50_000}
    assert profits(by_way[Way.FINISH]) == [-5_000, 10_000]


def test_the_hedge_is_the_best_of_all_whole_stakes():
    by_way, _ = ways()
    (stake,) = by_way[Way.HEDGE].adds.values()

    def worst(other):
        return min(60_000 - other, int(other * 1.9) - other - 50_000)

    assert by_way[Way.HEDGE].plan.worst_profit_minor == worst(stake)
    assert worst(stake) == max(worst(other) for other in range(50_000, 65_000))


def test_what_loses_nothing_is_offered_only_where_prices_still_cross():
    assert Way.EVEN not in ways(now={1: 1.7})[0]
    by_way, _ = ways(now={1: 2.1})
    even = by_way[Way.EVEN]
    assert even.plan.worst_profit_minor >= 0
    assert even.plan.best_profit_minor > by_way[Way.HEDGE].plan.worst_profit_minor


def test_a_placed_leg_is_laid_off_by_what_the_lay_pays_after_commission():
    by_way, _ = ways(lay=Lay(2.4, 0.02))
    off = by_way[Way.LAY_OFF]
    ((place, stake),) = off.adds.items()
    assert place == 2
    lost = 60_000 - -(-stake * 14 // 10)
    won = stake * 98 // 100 - 50_000
    assert profits(off) == sorted([lost, won])
    assert [leg.leg.side for leg in off.plan.legs] == [Side.BACK, Side.LAY]


def test_the_least_worst_loss_comes_first():
    _, made = ways(planned=(50_000, 50_000), lay=Lay(2.4))
    worst = [option.plan.worst_profit_minor for option in made.options]
    assert worst == sorted(worst, reverse=True)


def test_a_leg_that_moved_breaks_even_where_the_sum_of_shares_is_one():
    _, made = ways()
    assert made.break_even[1] == pytest.approx(1 / (1 - 1 / 2.2))


@given(
    st.integers(1_200, 6_000).map(lambda n: n / 1_000),
    st.integers(1_200, 6_000).map(lambda n: n / 1_000),
    st.integers(100, 1_000_000),
)
@settings(deadline=None, max_examples=40)
def test_no_way_on_is_worse_than_it_says(taken, now, stake):
    position = Position(placed={0: Placed(taken, stake)}, now={1: now}, planned=(0, stake))
    for option in rescued(found(), position, DOLLARS).options:
        other = option.adds.get(1, 0)
        first = int(stake * round(taken * 1_000) // 1_000) - stake - other
        second = int(other * round(now * 1_000) // 1_000) - stake - other
        assert option.plan.worst_profit_minor == min(first, second)
        assert option.plan.best_profit_minor == max(first, second)


def test_one_of_three_legs_left_is_hedged_with_the_two_that_stand():
    legs = [
        leg(MarketKind.WINNER, Outcome.HOME, 3.2),
        leg(MarketKind.WINNER, Outcome.DRAW, 3.3),
        leg(MarketKind.WINNER, Outcome.AWAY, 3.4),
    ]
    position = Position(placed={0: Placed(3.2, 10_000), 1: Placed(3.3, 9_697)}, now={2: 3.0})
    made = rescued(opportunity_of(legs), position, DOLLARS)
    hedge = next(option for option in made.options if option.way is Way.HEDGE)
    stake = hedge.adds[2]
    assert min(32_000, 32_000, 3 * stake) - 19_697 - stake == hedge.plan.worst_profit_minor


def test_the_steps_of_a_book_are_kept_by_what_is_added():
    wish = Wish(currency="USD", total_minor=100_000, legs=(LegWish(), LegWish(step_minor=500)))
    made = rescued(found(), Position(placed={0: TAKEN}, now={1: 1.9}), wish)
    assert all(stake % 500 == 0 for option in made.options for stake in option.adds.values())


@pytest.mark.parametrize(
    "changes",
    [
        {"placed": {}, "now": {0: 2.0, 1: 2.0}},
        {"placed": {0: TAKEN, 1: TAKEN}, "now": {}},
        {"now": {}},
        {"now": {0: 2.0, 1: 2.0}},
        {"now": {1: 1.0}},
        {"now": {1: float("nan")}},
        {"now": {1: float("inf")}},
        {"placed": {0: Placed(2.2, 0)}},
        {"placed": {0: Placed(1.0, 100)}},
        {"lay": Lay(1.0)},
        {"lay": Lay(2.0, 1.0)},
    ],
)
def test_a_position_that_cannot_be_is_refused(changes):
    with pytest.raises(Refused):
        ways(**changes)
