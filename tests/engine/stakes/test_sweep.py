from decimal import Decimal
from fractions import Fraction
from itertools import count

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.stakes.bet import Book, Rate
from engine.stakes.certificate import certificate
from engine.stakes.goal import Goal, allowed
from engine.stakes.plan import Method, plan
from engine.stakes.sweep import partitioned, sweep
from tests.engine.stakes.oracle import Ticket, best_of_all
from tests.engine.stakes.slips import VOID, backs, exclusive, slip_of

SIDES = st.sampled_from([("back", "0"), ("back", "0"), ("back", "0.05"), ("lay", "0.02")])
MILLI = Decimal("0.001")


@st.composite
def crossings(draw, legs):
    """Return tickets whose costs of a sure 1 sum to about 0.9 to 1, in odds of three decimals."""
    weights = [draw(st.integers(20, 100)) for _ in range(legs)]
    margin = draw(st.decimals("0.0005", "0.1", places=4))
    sides = [draw(SIDES) for _ in range(legs)]
    return [
        ticket(side, Decimal(kept), sum(weights) / (weight * (1 - margin)))
        for (side, kept), weight in zip(sides, weights, strict=True)
    ]


def ticket(side, commission, returned):
    """Return a ticket of which 1 of cash at risk returns that much or slightly more."""
    kept, wins = 1 - commission, Decimal(returned) - 1
    if side == "back":
        return Ticket(side, up(1 + wins / kept), commission)
    return Ticket(side, max(Decimal("1.01"), (1 + kept / wins).quantize(MILLI)), commission)


def up(price):
    return price.quantize(MILLI) + MILLI


def stakes_of(book):
    """Yield the stakes above 0 that a book takes, rising."""
    step = book.step_minor
    least = max(1, -(-book.min_minor // step)) * step
    return count(least, step) if book.max_minor is None else range(least, book.max_minor + 1, step)


books = st.builds(
    Book,
    step_minor=st.sampled_from([1, 2, 5]),
    min_minor=st.integers(0, 12),
    max_minor=st.none() | st.integers(12, 60),
)


@settings(deadline=None)
@given(crossings(2), st.tuples(books, books), st.integers(20, 120))
def test_two_swept_stakes_are_the_best_of_all_combinations(tickets, places, total):
    agree_with_brute_force(tickets, places, total)


@settings(deadline=None, max_examples=50)
@given(crossings(3), st.tuples(books, books, books), st.integers(15, 35))
def test_three_swept_stakes_are_the_best_of_all_combinations(tickets, places, total):
    agree_with_brute_force(tickets, places, total)


def agree_with_brute_force(tickets, places, total):
    settlements = exclusive(len(tickets))
    bets = slip_of(tickets, settlements, books=places)
    best = best_of_all(tickets, settlements, total, lambda at: stakes_of(places[at]))
    found = sweep(bets, Goal(total_minor=total))
    assert max(0, found.profit_minor if found else 0) == best
    if found is not None:
        proof = certificate(bets, found.stakes, Goal())
        assert proof.least_profit_minor == found.profit_minor
        assert allowed(bets, found.stakes, Goal(total_minor=total), total)
        assert found.proven


@given(crossings(2), st.integers(200, 10**7), st.integers(1, 3))
def test_a_foreign_books_stakes_are_certified_to_the_cent(tickets, total, scale):
    yen = Book(rate=Rate(Fraction(scale, 160), Fraction(scale, 150)))
    bets = slip_of(tickets, exclusive(2), books=(Book(), yen))
    found = sweep(bets, Goal(total_minor=total))
    assume(found is not None)
    proof = certificate(bets, found.stakes, Goal())
    assert proof.least_profit_minor == found.profit_minor
    assert proof.at_risk_minor <= total


def test_the_stakes_are_those_of_two_bets_that_cross_by_three_and_a_half_percent():
    found = sweep(slip_of(backs("2.10", "2.05"), exclusive(2)), Goal(total_minor=20_000))
    assert (found.stakes, found.profit_minor, found.proven) == ((9_880, 10_120), 746, True)


def test_a_shared_balance_and_a_limit_hold_all_stakes_down():
    book = Book(balance_minor=5_000)
    got = plan(slip_of(backs(2.1, 2.1), exclusive(2), books=(book,)), Goal(total_minor=100_000))
    assert (got.stakes_minor, got.method) == ((2_500, 2_500), Method.SWEEP)
    capped = slip_of(backs(2.1, 2.1), exclusive(2), books=(Book(max_minor=900), Book()))
    assert plan(capped, Goal(total_minor=10**9)).stakes_minor == (900, 900)


def test_a_minimum_above_what_the_total_leaves_is_not_executable():
    dear = slip_of(backs(2.1, 2.1), exclusive(2), books=(Book(min_minor=6_000), Book()))
    assert plan(dear, Goal(total_minor=11_000)).executable is False
    assert sweep(dear, Goal(total_minor=5_000)) is None
    assert plan(dear, Goal(total_minor=12_000)).stakes_minor == (6_000, 6_000)


def test_stakes_on_coarse_steps_that_lose_the_lock_are_not_placed():
    thin = backs("2.85", "1.5494505495")
    coarse = plan(
        slip_of(thin, exclusive(2), books=(Book(step_minor=2_500),)), Goal(total_minor=10_000)
    )
    assert (coarse.executable, coarse.stakes_minor) == (False, (0, 0))
    assert (coarse.bound_minor, coarse.method) == (0, Method.NOTHING)
    assert plan(slip_of(thin, exclusive(2)), Goal(total_minor=10_000)).kept > 0.95


def test_figures_too_large_for_64_bits_are_swept_all_the_same():
    odd = backs("2.000003", "2.000005")
    rate = Rate(Fraction(999_983, 999_979), Fraction(999_983, 999_979))
    bets = slip_of(odd, exclusive(2), books=(Book(rate=rate), Book()))
    found = sweep(bets, Goal(total_minor=10**11))
    assert found.profit_minor == certificate(bets, found.stakes, Goal()).least_profit_minor
    assert found.profit_minor == pytest.approx(10**11 * 2e-6, rel=1e-3)


def test_a_push_of_all_bets_is_even_and_does_not_stop_a_sweep():
    bets = slip_of(backs(2.1, 2.1), [*exclusive(2), [VOID, VOID]])
    assert partitioned(bets, Goal())
    got = plan(bets, Goal(total_minor=10_000))
    assert got.certificate.profits_minor == (500, 500, 0)
    assert got.executable


def test_twenty_four_runners_are_swept():
    field = backs(*["25.5"] * 24)
    got = plan(slip_of(field, exclusive(24)), Goal(total_minor=10_000))
    assert (got.method, got.executable) == (Method.SWEEP, True)
    assert got.certificate.least_profit_minor == got.bound_minor
