import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Broken
from engine.stakes import integer
from engine.stakes.bet import Book
from engine.stakes.certificate import certificate
from engine.stakes.goal import Goal, allowed, most_cash
from engine.stakes.greedy import Scores, greedy, polished
from engine.stakes.ideal import ideal
from engine.stakes.milp import solve
from engine.stakes.plan import GOOD_ENOUGH, Method, plan
from engine.stakes.sweep import sweep
from tests.engine.stakes.oracle import best_of_all
from tests.engine.stakes.slips import (
    HALF_LOST,
    HALF_WON,
    LOST,
    MIDDLE,
    VOID,
    WON,
    backs,
    exclusive,
    odds,
    slip_of,
)

# Over 2.25 and under 2.75, over 2 and under 3, home level and away level with a draw.
QUARTERS = [[WON, LOST], [HALF_LOST, HALF_WON], [LOST, WON]]
PUSHED = [[WON, LOST], [VOID, WON], [WON, VOID], [LOST, WON]]
COVERED = [[WON, LOST, LOST], [VOID, WON, LOST], [LOST, LOST, WON]]
SHAPES = [exclusive(2), QUARTERS, PUSHED, COVERED]


@st.composite
def small_slips(draw):
    settlements = draw(st.sampled_from(SHAPES))
    halved = settlements is QUARTERS
    tickets = [bet._replace(halves=halved) for bet in backs(*[2] * len(settlements[0]))]
    tickets = [bet._replace(odds=draw(odds)) for bet in tickets]
    step = draw(st.sampled_from([2, 4, 10]))
    book = Book(step_minor=step, min_minor=draw(st.sampled_from([0, 3 * step])))
    total = draw(st.integers(10, 15)) * step
    return tickets, settlements, book, total


@settings(deadline=None, max_examples=150)
@given(small_slips())
def test_mended_milp_stakes_are_the_best_of_all_where_a_bet_is_paid_in_one_piece(drawn):
    tickets, settlements, book, total = drawn
    bets, goal = slip_of(tickets, settlements, books=(book,)), Goal(total_minor=total)
    least = max(book.step_minor, book.min_minor)
    sizes = [0, *range(least, total + 1, book.step_minor)]
    best = best_of_all(tickets, settlements, total, lambda _: sizes)
    scores, solved = Scores(bets, goal), solve(bets, goal, seconds=5)
    reached = max(0, scores.of_stakes(polished(scores, solved.stakes))[1])
    # Halves of a stake are rounded apart, which the program does not see: its bound still holds.
    in_one_piece = settlements is not QUARTERS
    assert reached == best if in_one_piece else reached <= best
    assert solved.bound_minor >= best
    near = greedy(scores, ideal(bets, goal).stakes)
    assert near is None or scores.of_stakes(near)[1] <= best
    got = plan(bets, goal)
    assert got.certificate.least_profit_minor <= best <= got.bound_minor
    if in_one_piece and got.method is not Method.GREEDY:
        assert got.certificate.least_profit_minor == best


@settings(deadline=None, max_examples=60)
@given(small_slips(), st.integers(5, 60))
def test_no_rounded_stakes_guarantee_more_than_unrounded_ones(drawn, times):
    tickets, settlements, book, total = drawn
    bets, goal = slip_of(tickets, settlements, books=(book,)), Goal(total_minor=total * times)
    got = plan(bets, goal)
    least = got.certificate.least_profit_minor
    assert least <= got.ideal_minor + 1e-6
    assert allowed(bets, got.stakes_minor, goal, most_cash(bets, goal))
    assert got.executable == (least > 0)
    if got.method is Method.GREEDY:
        assert got.kept >= GOOD_ENOUGH or got.bound_minor - least <= 2


def test_sweep_and_milp_agree_where_both_apply():
    bets, goal = slip_of(backs("3.1", "3.4", "2.75"), exclusive(3)), Goal(total_minor=20_000)
    scores = Scores(bets, goal)
    solved = solve(bets, goal, seconds=5)
    assert sweep(bets, goal).profit_minor == 400
    assert scores.of_stakes(polished(scores, solved.stakes)) == (0, 400)
    assert solved.bound_minor == 400


@pytest.mark.parametrize(
    ("step", "stakes", "least", "method"),
    [
        (1, (5_421, 4_578), 300, Method.GREEDY),
        (100, (5_200, 4_400), 280, Method.MILP),
        (500, (3_500, 3_000), 150, Method.MILP),
        (4_000, (0, 0), 0, Method.NOTHING),
    ],
)
def test_a_middle_with_two_pushes_is_rounded_as_far_as_it_holds(step, stakes, least, method):
    bets = slip_of(*MIDDLE, books=(Book(step_minor=step),))
    got = plan(bets, Goal(total_minor=10_000))
    assert (got.stakes_minor, got.certificate.least_profit_minor) == (stakes, least)
    assert (got.method, got.executable) == (method, least > 0)
    assert got.ideal_minor == pytest.approx(301.2048, abs=1e-4)
    assert least <= got.bound_minor <= 301


def test_rounding_one_leg_more_coarsely_than_the_other_keeps_each_books_step():
    places = (Book(step_minor=500), Book(step_minor=1, min_minor=1_000, max_minor=4_600))
    got = plan(slip_of(*MIDDLE, books=places), Goal(total_minor=10_000))
    assert got.executable
    assert got.stakes_minor[0] % 500 == 0
    assert 1_000 <= got.stakes_minor[1] <= 4_600


def test_a_bet_that_the_best_stakes_do_not_use_gets_nothing():
    tickets = backs("1.90", "2.25", "1.50")
    settlements = [[*row, away] for row, away in zip(MIDDLE[1], [WON, WON, WON, LOST], strict=True)]
    got = plan(slip_of(tickets, settlements), Goal(total_minor=10_000))
    assert got.stakes_minor == (5_421, 4_578, 0)


def test_other_bets_are_tried_where_the_best_unrounded_ones_do_not_fit_the_steps():
    coarse = Book(step_minor=6_000)
    tickets = backs("2.30", "2.10", "2.28")
    settlements = [[WON, LOST, WON], [LOST, WON, LOST]]
    bets = slip_of(tickets, settlements, books=(coarse, Book(), Book()))
    got = plan(bets, Goal(total_minor=10_000))
    assert (got.stakes_minor[0], got.method, got.executable) == (0, Method.MILP, True)
    assert certificate(bets, got.stakes_minor, Goal()).least_profit_minor == got.bound_minor


def test_a_balance_holds_all_bets_at_one_book_together():
    book = Book(balance_minor=3_000)
    got = plan(slip_of(*MIDDLE, books=(book,)), Goal(total_minor=10_000))
    assert got.executable
    assert sum(got.stakes_minor) <= 3_000


def test_stakes_come_by_other_ways_where_the_solver_disowns_its_own_point():
    prices = ("3", "3", "3.027")
    bets = slip_of(backs(*prices), [[WON, LOST, LOST], [LOST, WON, LOST], [LOST, LOST, WON]])
    got = plan(bets, Goal(fixed={0: 1342}))
    assert got.stakes_minor[0] == 1342
    assert certificate(bets, got.stakes_minor, Goal()).least_profit_minor > 0


def test_a_solver_that_fails_is_an_error_and_not_no_arbitrage():
    columns = [integer.Column(0.0, 1.0)]
    with pytest.raises(Broken, match="integer program failed"):
        integer.cheapest(columns, [integer.Row({0: 1.0}, 2.0)], seconds=1)
