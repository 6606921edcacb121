from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.stakes.bet import Book, Rate, back, exact, lay
from engine.stakes.break_even import back_odds, break_even_net, lay_odds
from engine.stakes.rescue import rescue
from engine.stakes.slip import slip
from tests.engine.stakes.slips import LOST, MIDDLE, VOID, WON, backs, exclusive, slip_of


def test_a_placed_leg_breaks_even_at_what_its_return_still_covers():
    needed = break_even_net(slip_of(backs("2.20", "2.00"), exclusive(2)), {0: 10_000}, 1)
    assert back_odds(needed) == pytest.approx(11 / 6)
    assert back_odds(needed, commission_bp=500) == pytest.approx(1 + (5 / 6) / 0.95)
    assert lay_odds(needed) == pytest.approx(1 + 6 / 5)


def test_the_third_price_counts_when_the_second_of_three_moved():
    bets = slip_of(backs("3.1", "3.4", "2.75"), exclusive(3))
    needed = back_odds(break_even_net(bets, {0: 10_000}, 1))
    assert 1 / 3.1 + 1 / needed + 1 / 2.75 == pytest.approx(1)


def test_no_price_helps_where_something_else_is_uncovered():
    uncovered = slip_of(backs("3.1", "3.4"), [*exclusive(2), [LOST, LOST]])
    assert break_even_net(uncovered, {0: 10_000}, 1) is None


def test_a_limit_on_the_moved_bet_asks_for_longer_odds():
    free = slip_of(backs("2.20", "2.00"), exclusive(2))
    held = slip_of(backs("2.20", "2.00"), exclusive(2), most=10_000)
    needed = back_odds(break_even_net(held, {0: 10_000}, 1))
    assert needed > back_odds(break_even_net(free, {0: 10_000}, 1))
    assert needed == pytest.approx(2.0)


def test_a_limit_on_another_bet_counts_too():
    ends = np.eye(3)
    small = [back(3.1), back(3.4), back(2.75, most_minor=1_000)]
    assert break_even_net(slip(small, ends, 1 - ends), {0: 10_000}, 1) is None
    some = [back(3.1), back(3.4), back(2.75, most_minor=11_000)]
    needed = break_even_net(slip(some, ends, 1 - ends), {0: 10_000}, 1)
    assert needed == pytest.approx(30_250 / 9_250 - 1)


def test_another_currency_asks_for_longer_odds():
    pounds = Book(rate=Rate(exact(1.15), exact(1.20)))
    bets = slip_of(backs("2.20", "2.00"), exclusive(2), books=(Book(), pounds))
    needed = break_even_net(bets, {0: 10_000}, 1)
    assert needed == pytest.approx(10 / 12 * 1.20 / 1.15)


@settings(deadline=None)
@given(st.integers(1_500, 4_000), st.sampled_from([[VOID, WON], [WON, VOID], [WON, WON]]))
def test_a_price_above_break_even_saves_the_position_and_one_below_does_not(milli, middle):
    taken, states = Decimal(milli) / 1000, [[WON, LOST], middle, [LOST, WON]]
    placed = {0: 10_000_000}
    needed = back_odds(break_even_net(slip_of([*backs(taken), *backs(2)], states), placed, 1))
    for factor, saved in (("1.001", True), ("0.999", False)):
        price = exact(needed) * exact(float(factor))
        if price <= 1:
            continue
        now = slip_of([*backs(taken), backs(2)[0]._replace(odds=price)], states)
        least = rescue(now, placed).hedge.certificate.least_profit_minor
        assert (least >= 0) is saved


@pytest.mark.parametrize("moved", [0, 5, -1])
def test_a_bet_that_is_not_open_has_no_break_even(moved):
    with pytest.raises(ValueError, match="no open bet"):
        break_even_net(slip_of(*MIDDLE), {0: 100}, moved)


def test_the_best_hedge_is_chosen_from_what_is_on_the_board_now():
    ends = np.array([[1.0, 0, 0, 0], [0, 1, 1, 1]])
    board = [back(2.20), back(1.70), back(1.80, book=1), lay(2.30, commission_bp=200)]
    now = slip(board, ends, 1 - ends, books=[Book(), Book(max_minor=5_000)])
    got = rescue(now, {0: 10_000})
    assert (got.open_loss_minor, got.left_open.least_profit_minor) == (10_000, -10_000)
    assert got.hedge.stakes_minor[0] == 10_000
    assert got.hedge.stakes_minor[2] == 5_000
    assert got.saved_minor == 10_000 + got.hedge.certificate.least_profit_minor
    alone = [rescue(now.only([0, other]), {0: 10_000}) for other in (1, 2, 3)]
    assert got.saved_minor >= max(each.saved_minor for each in alone)


def test_a_price_that_held_completes_the_lock():
    got = rescue(slip_of(*MIDDLE), {0: 5_421})
    assert got.hedge.executable
    assert got.hedge.certificate.least_profit_minor == 300
    assert (got.open_loss_minor, got.saved_minor) == (5_421, 5_721)


def test_an_empty_board_leaves_the_position_open():
    got = rescue(slip_of(backs("2.20"), [[WON], [LOST]]), {0: 10_000})
    assert got.saved_minor == 0
    assert got.hedge.certificate == got.left_open


def test_a_total_limits_the_hedge():
    bets = slip_of(backs("2.20", "2.00"), exclusive(2))
    got = rescue(bets, {0: 10_000}, total_minor=12_000)
    assert got.hedge.stakes_minor == (10_000, 2_000)


def test_nothing_placed_needs_no_rescue():
    with pytest.raises(ValueError, match="nothing to rescue"):
        rescue(slip_of(*MIDDLE), {0: 0})
