import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.stakes.bet import Book, Rate, back, exact, free_bet, lay
from engine.stakes.certificate import certificate
from engine.stakes.goal import Goal, Want
from engine.stakes.slip import slip
from tests.engine.stakes.oracle import cash, settle
from tests.engine.stakes.slips import (
    HALF_LOST,
    HALF_WON,
    LOST,
    MIDDLE,
    VOID,
    WON,
    exclusive,
    slip_of,
    tickets,
)

ANY = Goal(wants=None)


@st.composite
def portfolios(draw):
    bets = draw(st.lists(tickets, min_size=1, max_size=4))
    endings = [
        st.sampled_from([WON, LOST, VOID, *([HALF_WON, HALF_LOST] if bet.halves else [])])
        for bet in bets
    ]
    states = draw(st.lists(st.tuples(*endings), min_size=1, max_size=6))
    stakes = [draw(st.integers(0, 2_500)) * (2 if bet.halves else 1) for bet in bets]
    return bets, states, stakes


@given(portfolios())
def test_the_certificate_is_what_a_bookmaker_settles_in_decimals(portfolio):
    bets, states, stakes = portfolio
    goal = Goal(wants=(Want.PROFIT,) * len(states))
    proof = certificate(slip_of(bets, states), stakes, goal)
    settled = [
        sum(settle(b, s, *end) for b, s, end in zip(bets, stakes, row, strict=True))
        for row in states
    ]
    assert list(proof.profits_minor) == settled
    assert proof.least_profit_minor == min(settled)
    assert proof.at_risk_minor == sum(cash(b, s) for b, s in zip(bets, stakes, strict=True))
    assert proof.unprotected == tuple(at for at, profit in enumerate(settled) if profit < 0)


@given(st.integers(1, 5_000), st.integers(1_100, 9_000), st.sampled_from([HALF_WON, WON, VOID]))
def test_an_odd_cent_of_a_quarter_line_is_never_counted_on(stake, milli, ending):
    bet = back(exact(milli / 1000), parts=2)
    one = slip([bet], np.array([[ending[0]]], float), np.array([[ending[1]]], float))
    proven = certificate(one, [stake], Goal(wants=(Want.PROFIT,))).least_profit_minor
    halves = (stake // 2, stake - stake // 2)
    wins, lost = int(ending[0] * 2), int(ending[1] * 2)
    for order in (halves, halves[::-1]):
        paid = sum(part * milli // 1000 for part in order[:wins])
        assert proven <= paid + sum(order[wins : 2 - lost]) - stake
    assert proven == 0 or ending != VOID


def test_a_middle_with_two_pushes_pays_in_all_four_states():
    proof = certificate(slip_of(*MIDDLE), [5_421, 4_578], ANY)
    assert proof.profits_minor == (301, 5_722, 4_878, 300)
    assert (proof.locked, proof.least_profit_minor, proof.unprotected) == (True, 300, ())


def test_a_lay_of_the_away_win_is_a_back_of_home_or_draw():
    ends = np.eye(2)
    laid = slip([lay(21.0), back(22.0)], ends, 1 - ends)
    backed = slip([back(exact(22 / 21) - exact(1 / 420)), back(22.0)], ends, 1 - ends)
    assert lay(21.0).gain / lay(21.0).risk == exact(1.05) - 1
    assert certificate(laid, [100, 0], ANY).profits_minor == (100, -2_000)
    assert certificate(backed, [2_000, 0], ANY).profits_minor[1] == -2_000


def test_a_state_without_a_promise_is_listed_with_its_loss_but_does_not_count():
    states = [*exclusive(2), [LOST, LOST]]
    goal = Goal(wants=(Want.PROFIT, Want.PROFIT, Want.OPEN))
    proof = certificate(slip_of(MIDDLE[0], states), [5_421, 4_578], goal)
    assert (proof.locked, proof.unprotected) == (True, (2,))
    assert proof.profits_minor[2] == -9_999


def test_an_even_state_may_lose_what_is_bearable_and_no_more():
    states = [[WON], [LOST]]
    wants = (Want.PROFIT, Want.EVEN)
    for bearable, short in ((99, 1), (100, 0)):
        goal = Goal(wants=wants, bearable_minor=bearable)
        proof = certificate(slip_of(MIDDLE[0][:1], states), [100], goal)
        assert (proof.shortfall_minor, proof.locked) == (short, short == 0)


def test_another_currency_wins_at_its_lowest_rate_and_loses_at_its_highest():
    euros = Book(rate=Rate(exact(1.05), exact(1.10)))
    ends = np.array([[1.0], [0.0], [0.0]])
    one = slip([back(2.5)], ends, np.array([[0.0], [1.0], [0.0]]), books=[euros])
    proof = certificate(one, [1_001], ANY)
    assert proof.profits_minor == (1_501 * 105 // 100, -1_102, 0)
    assert proof.at_risk_minor == 1_102


def test_a_free_bet_loses_nothing_and_wins_without_its_stake():
    ends = np.array([[1.0], [0.0]])
    one = slip([free_bet(4.0, 2_000)], ends, 1 - ends)
    assert certificate(one, [2_000], ANY).profits_minor == (6_000, 0)
    assert certificate(one, [2_000], ANY).at_risk_minor == 0


def test_a_dead_heat_and_a_deduction_are_exact():
    win, lose = np.array([[1 / 3], [0.9]]), np.array([[2 / 3], [0.0]])
    one = slip([back(4.0)], win, lose)
    assert certificate(one, [300], ANY).profits_minor == (100, 810)


@pytest.mark.parametrize(
    ("stakes", "sentence"),
    [([-1], "stakes must be"), ([10**12 + 1], "stakes must be"), ([1, 1], "stakes must be")],
)
def test_stakes_that_are_none_are_refused(stakes, sentence):
    with pytest.raises(ValueError, match=sentence):
        certificate(slip_of(MIDDLE[0][:1], [[WON]]), stakes, ANY)


def test_a_result_too_large_to_prove_is_refused():
    one = slip([back(1e6)], np.ones((1, 1)), np.zeros((1, 1)))
    with pytest.raises(ValueError, match="more than can be proved"):
        certificate(one, [10**12], ANY)
