"""Proofs and shares against a settlement of scores that shares no code with ours."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Market, MarketKind, Outcome, Period, Side
from domain.opportunities import Leg
from services.endings import payoffs, settlement
from services.proof import proof
from tests.services.prices import NOW, THREE_WAY, WINNER

CLOSE = 1e-9
SPORT = "soccer"

quarters = st.integers(-20, 20).map(lambda n: n / 4)
odds = st.integers(1_050, 5_000).map(lambda n: n / 1000)


def line_market(kind, line):
    return Market(event_id="game", kind=kind, period=Period.FULL_TIME, line=line)


def legs_of(market, *prices, books="abc", sides=None):
    sides = sides or [(outcome, Side.BACK) for outcome in market.outcomes]
    nets = [
        o if side is Side.BACK else 1 + 1 / (o - 1)
        for o, (_, side) in zip(prices, sides, strict=True)
    ]
    cost = sum(1 / net for net in nets)
    return [
        Leg(
            book=book, market=market, outcome=outcome, side=side, odds=price, commission=0.0,
            share=1 / net / cost, changed_at=NOW, age_s=0.0,
        )
        for book, price, net, (outcome, side) in zip(books, prices, nets, sides, strict=False)
    ]  # fmt: skip


def half_line(home, away, outcome, kind, half):
    """Settle one stake at a line of halves: 1 won, 0 given back, -1 lost."""
    if kind is MarketKind.TOTAL:
        over = Decimal(home + away) - half
        score = over if outcome is Outcome.OVER else -over
    else:
        ahead = Decimal(home - away) + half
        score = ahead if outcome is Outcome.HOME else -ahead
    return (score > 0) - (score < 0)


def settled(home, away, leg):
    """Return the profit of 1 staked by a final score, as a bookmaker's rules put it."""
    line, kind = Decimal(str(leg.market.line)), leg.market.kind
    halves = [line, line] if line % Decimal("0.5") == 0 else [
        line - Decimal("0.25"),
        line + Decimal("0.25"),
    ]  # fmt: skip
    gain = Decimal(str(leg.odds)) - 1
    results = [half_line(home, away, leg.outcome, kind, half) for half in halves]
    return sum((gain if r > 0 else Decimal(r)) / 2 for r in results)


@given(st.sampled_from([MarketKind.HANDICAP, MarketKind.TOTAL]), quarters, odds, odds)
def test_every_score_ends_in_a_state_of_the_proof_and_every_state_in_a_score(
    kind, line, first, second
):
    line = abs(line) + 1 if kind is MarketKind.TOTAL else line
    legs = legs_of(line_market(kind, line), first, second)
    scores = {
        float(sum(Decimal(str(leg.share)) * settled(h, a, leg) for leg in legs))
        for h in range(12)
        for a in range(12)
    }
    settled_as = settlement(legs, SPORT)
    endings = payoffs(settled_as, legs)[: settled_as.binding].tolist()
    assert all(any(abs(score - ending) < CLOSE for ending in endings) for score in scores)
    assert all(any(abs(score - ending) < CLOSE for score in scores) for ending in endings)
    assert proof(legs, SPORT).worst_roi == pytest.approx(min(scores), abs=CLOSE)


@pytest.mark.parametrize(
    ("kind", "line", "states", "worst"),
    [
        (MarketKind.TOTAL, 2.5, 2, 0.05),
        (MarketKind.TOTAL, 3.0, 3, 0.0),
        (MarketKind.TOTAL, 2.25, 3, 0.025),
        (MarketKind.TOTAL, 2.75, 3, 0.025),
        (MarketKind.HANDICAP, -1.5, 2, 0.05),
        (MarketKind.HANDICAP, 0.0, 3, 0.0),
        (MarketKind.HANDICAP, -0.25, 3, 0.025),
    ],
)
def test_a_line_that_can_be_hit_gives_the_stakes_back_or_half_of_the_profit(
    kind, line, states, worst
):
    got = proof(legs_of(line_market(kind, line), 2.1, 2.1), SPORT)
    assert (got.states, got.worst_roi) == (states, pytest.approx(worst))


def test_three_ways_end_in_three_states_with_the_same_profit():
    got = proof(legs_of(THREE_WAY, 3.3, 3.3, 3.3), SPORT)
    assert (got.states, got.worst_roi) == (3, pytest.approx(0.1))


def test_a_three_way_handicap_ends_as_one_of_its_outcomes():
    market = Market(
        event_id="game", kind=MarketKind.HANDICAP, period=Period.FULL_TIME, line=-1.0, ways=3
    )
    got = proof(legs_of(market, 3.3, 3.3, 3.3), SPORT)
    assert (got.states, got.worst_roi) == (3, pytest.approx(0.1))


def test_backing_and_laying_an_outcome_covers_it_and_all_others_as_one_ending():
    sides = [(Outcome.DRAW, Side.BACK), (Outcome.DRAW, Side.LAY)]
    got = proof(legs_of(THREE_WAY, 4.0, 3.5, sides=sides), SPORT)
    assert (got.states, got.worst_roi) == (2, pytest.approx(1 / (1 / 4 + 2.5 / 3.5) - 1))


def test_the_worst_of_an_abandoned_event_is_the_smallest_books_stake_given_back():
    shares = {leg.book: leg.share for leg in legs_of(THREE_WAY, 2.0, 4.0, 8.0, books="aab")}
    (ending,) = proof(legs_of(THREE_WAY, 2.0, 4.0, 8.0, books="aab"), SPORT).unprotected
    assert ending.worst_roi == pytest.approx(shares["b"] - 1)


def test_legs_at_one_book_are_given_back_together():
    assert proof(legs_of(WINNER, 2.1, 2.1, books="aa"), "basketball").unprotected == []


def test_a_draw_in_a_two_way_market_may_lose_where_draws_are_usual():
    market = Market(event_id="game", kind=MarketKind.WINNER, period=Period.FULL_TIME)
    assert proof(legs_of(market, 2.1, 2.1), "soccer").worst_roi == pytest.approx(-1.0)


def test_a_retirement_is_left_open_where_the_rules_of_the_books_are_not_known():
    market = Market(event_id="game", kind=MarketKind.WINNER, period=Period.FULL_TIME)
    got = proof(legs_of(market, 2.1, 2.1), "tennis")
    assert (got.states, got.worst_roi) == (2, pytest.approx(0.05))
    assert {ending.state: ending.worst_roi for ending in got.unprotected} == {
        "retired in the first set, home advances": pytest.approx(-0.5),
        "retired in the first set, away advances": pytest.approx(-0.5),
        "abandoned at one book only": pytest.approx(-0.5),
    }


def test_legs_in_two_markets_are_settled_together():
    winner = Market(event_id="game", kind=MarketKind.WINNER, period=Period.FULL_TIME, ways=3)
    level = line_market(MarketKind.HANDICAP, 0.5)
    legs = [
        msgspec.structs.replace(leg, share=share)
        for leg, share in zip(
            [*legs_of(level, 1.9, 1.9)[1:], *legs_of(winner, 4.5, 4.2, 9.0)[:2]],
            (0.5335, 0.2252, 0.2413),
            strict=True,
        )
    ]
    got = proof(legs, SPORT)
    assert (got.states, got.worst_roi) == (3, pytest.approx(0.0134, abs=1e-4))
