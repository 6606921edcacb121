from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.bets import Bets, payoff
from engine.game import asking, solve
from engine.trigger import thresholds, trigger
from tests.engine.joint.exact_bets import GIVEN_BACK, LOST, WON, a_back, some_bets, together
from tests.engine.oracle.exact_game import exact_value

THOUSANDTH = Fraction(1, 1000)
ASKED = Fraction(1, 10_000)


def strictly(bets):
    return exact_value(bets.payoff) > 0


def of_settled_cash(bets):
    return exact_value(bets.asking(ASKED).payoff) >= 0


@settings(max_examples=300, deadline=None)
@given(some_bets(), st.integers(0, 4), st.sampled_from([(0, strictly), (ASKED, of_settled_cash)]))
def test_a_thousandth_above_the_trigger_is_an_arbitrage_and_below_is_none(bets, place, kind):
    (least, exists), bet = kind, place % len(bets.net)
    assume((bets.floats.win + bets.floats.lose).any(axis=0).all())
    net = trigger(bets.floats, bet, least=float(least)).net
    if net == np.inf:
        assert not exists(bets.priced(bet, Fraction(1_000_000)))
    elif net < 1e-7:
        assert exists(bets.priced(bet, Fraction(1, 1000)))
    else:
        assert exists(bets.priced(bet, Fraction(net) * (1 + THOUSANDTH)))
        assert not exists(bets.priced(bet, Fraction(net) * (1 - THOUSANDTH)))


@settings(max_examples=100, deadline=None)
@given(some_bets(), st.integers(0, 4))
def test_the_hedge_breaks_even_at_the_trigger(bets, place):
    bet = place % len(bets.net)
    net, hedge = trigger(bets.floats, bet)
    if 1e-7 < net < 1e4:
        at_trigger = bets.floats._replace(
            net=np.where(np.arange(len(hedge)) == bet, net, bets.floats.net)
        )
        assert hedge[bet] == 1.0
        assert (payoff(at_trigger) @ hedge).min() == pytest.approx(0.0, abs=1e-6 * hedge.sum())
    elif net == np.inf:
        assert not hedge.any()


@settings(max_examples=200, deadline=None)
@given(some_bets(), st.data())
def test_prices_within_the_thresholds_never_raise_the_value(bets, data):
    win, lose, net = bets.floats
    verdict = solve(payoff(bets.floats))
    room = thresholds(win, lose, verdict)
    assert (net <= room + 1e-9).all()
    moved = [data.draw(st.floats(0.01, min(top, 100.0))) if top > 0.01 else 0.01 for top in room]
    raised = solve(payoff(Bets(win, lose, np.minimum(moved, room))))
    assert raised.value <= max(verdict.value, 0.0) + 2e-9


def test_the_second_leg_of_a_surebet_triggers_at_its_break_even_odds():
    pair = together(a_back([WON, LOST], Fraction(5, 2)), a_back([LOST, WON], Fraction(3, 2)))
    net, hedge = trigger(pair.floats, 1)
    assert net + 1 == pytest.approx(1 / (1 - 1 / 2.5))
    assert hedge == pytest.approx([1 / 1.5, 1.0])


def test_any_price_will_do_where_the_others_are_an_arbitrage():
    pair = [a_back([WON, LOST], Fraction(3)), a_back([LOST, WON], Fraction(2))]
    assert trigger(together(*pair, a_back([WON, LOST], Fraction(2))).floats, 2).net == 0.0


def test_no_price_will_do_where_the_bet_never_wins():
    alone = together(a_back([WON, LOST], Fraction(3)), a_back([WON, LOST], Fraction(2)))
    assert trigger(alone.floats, 1).net == np.inf
    assert trigger(together(a_back([WON, LOST], Fraction(3))).floats, 0).net == np.inf


def test_draw_no_bet_triggers_only_on_what_settles():
    pair = together(
        a_back([WON, GIVEN_BACK, LOST], Fraction("2.25")),
        a_back([LOST, GIVEN_BACK, WON], Fraction("1.5")),
    )
    assert trigger(pair.floats, 1).net == np.inf
    assert trigger(pair.floats, 1, least=1e-9).net == pytest.approx(0.8, abs=1e-6)
    assert not solve(payoff(pair.floats)).found
    assert solve(payoff(asking(pair.floats, 1e-3))).value < -1e-4


@pytest.mark.parametrize("bet", [-1, 2])
def test_a_bet_that_is_not_there_is_refused(bet):
    pair = together(a_back([WON, LOST], Fraction(3)), a_back([LOST, WON], Fraction(2)))
    with pytest.raises(ValueError, match="no bet"):
        trigger(pair.floats, bet)
