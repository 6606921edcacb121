"""The promise: what a plan guarantees is kept by every scoreline, settled by other code."""

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from domain.markets import MarketKind, Outcome
from engine.stakes.bet import Book
from engine.stakes.goal import Goal
from engine.stakes.plan import plan
from feeds.base import UNDATED, Payload, Request
from feeds.registry import build
from tests.engine.stakes.oracle import Ticket, cash, goals, handicap, over, settle, winner
from tests.engine.stakes.slips import slip_of

SCORES = list(goals(20, 20))
RULES = {"winner": winner, "handicap": handicap, "over": over}
TOTALS = (2_000, 10_000, 100_000)
STEPS = (1, 10, 100)


@cache
def endings(rule, of, *, opposite=False):
    """Return how a question's one side, or its opposite, is settled on each scoreline."""
    settled = [RULES[rule](of, home, away) for home, away in SCORES]
    return [end[::-1] for end in settled] if opposite else settled


def kept(tickets, questions, total, step):
    """Return a plan's result where it promises a profit, settled on every scoreline; else None."""
    settlements = list(zip(*questions, strict=True))
    states = sorted(set(settlements))
    bets = slip_of(tickets, states, books=(Book(step_minor=step),))
    got = plan(bets, Goal(total_minor=total))
    stakes = got.stakes_minor
    if not got.executable:
        assert stakes == (0,) * len(tickets)
        return None
    assert all(stake % step == 0 for stake in stakes)
    assert sum(map(cash, tickets, stakes)) == got.certificate.at_risk_minor <= total
    brought = cache(settle)
    results = [
        sum(brought(t, s, *end) for t, s, end in zip(tickets, stakes, row, strict=True) if s)
        for row in settlements
    ]
    promised = [r for r, row in zip(results, settlements, strict=True) if any(map(any, row))]
    assert min(promised) == got.certificate.least_profit_minor > 0
    assert min(results) >= 0
    return got


def market_of(chance, rng):
    """Return tickets on one match at prices about a Poisson model's, and how each is settled."""
    goals_a_side = rng.poisson(rng.uniform(0.8, 2.2, 2), (400, 2)).clip(max=20)
    played = [21 * int(home) + int(away) for home, away in goals_a_side]
    lines = [Fraction(int(n), 4) for n in rng.integers(-6, 7, 3)]
    levels = [Fraction(int(n), 4) for n in rng.integers(6, 15, 2)]
    lined = [("handicap", line) for line in lines] + [("over", line) for line in levels]
    sides = [("winner", side, False) for side in ("home", "draw", "away")]
    sides += [(*asked, opposite) for asked in lined for opposite in (False, True)]
    tickets, questions = [], []
    for rule, of, opposite in sides:
        settled = endings(rule, of, opposite=opposite)
        won, lost = np.mean([settled[at] for at in played], axis=0).astype(float)
        if min(won, lost) < 0.08:
            continue
        price = 1 + (lost / won) * float(rng.uniform(0.97, 1.0 + chance))
        tickets.append(ticket_of(price, rule != "winner" and of * 4 % 2 == 1, rng))
        questions.append(settled)
    return tickets, questions


def ticket_of(price, halves, rng):
    side = "lay" if rng.random() < 0.2 else "back"
    commission = Decimal("0.02") if side == "lay" or rng.random() < 0.2 else Decimal(0)
    odds = Decimal(str(round(max(1.03, price), 2)))
    if side == "lay":  # the same question asked of the backer's opposite
        odds = Decimal(str(round(max(1.03, 1 + 0.98 / (price - 1)), 2)))
    return Ticket(side, odds, commission, halves)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.timeout(300)
def test_the_promise_is_kept_on_441_scorelines_by_generated_portfolios(seed):
    rng, executed, tried = np.random.default_rng(seed), 0, 0
    while executed < 84:
        tickets, questions = market_of(0.04, rng)
        total, step = int(rng.choice(TOTALS)), int(rng.choice(STEPS))
        tried += 1
        executed += kept(tickets, questions, total, step) is not None
        assert tried < 1_000


def recorded_crossings(folder):
    """Yield best prices of recorded matches some market of which crosses, with settlements."""
    feed = build("football_data")
    for path in sorted(folder.glob("*/*.csv")):
        request = Request(source="football_data", scope=path.stem, url=path.name, params={})
        payload = Payload(
            request=request, body=path.read_bytes(), as_of=UNDATED, arrived_at=UNDATED
        )
        for reading in feed.read(payload):
            by_event = defaultdict(dict)
            for quote in reading.quotes:
                best = by_event[quote.market.event_id]
                place = (quote.market, quote.outcome)
                if place not in best or net(quote) > net(best[place]):
                    best[place] = quote
            yield from filter(None, map(crossing, by_event.values()))


def net(quote):
    return (quote.odds - 1) * (1 - quote.commission)


def crossing(best):
    """Return an event's best prices as tickets, where some market of it crosses."""
    by_market = defaultdict(float)
    for (market, _), quote in best.items():
        by_market[market] += 1 / (1 + net(quote))
    if not any(cost < 0.999 for cost in by_market.values()):
        return None
    return list(zip(*(offer_of(market, o, q) for (market, o), q in best.items()), strict=True))


def offer_of(market, outcome, quote):
    line = Fraction(market.line or 0)
    rule, of, opposite = {
        MarketKind.WINNER: ("winner", outcome.value, False),
        MarketKind.HANDICAP: ("handicap", line, outcome is Outcome.AWAY),
        MarketKind.TOTAL: ("over", line, outcome is Outcome.UNDER),
    }[market.kind]
    odds, commission = Decimal(str(round(quote.odds, 4))), Decimal(str(quote.commission))
    halves = market.line is not None and line * 4 % 2 == 1
    return Ticket("back", odds, commission, halves), endings(rule, of, opposite=opposite)


@pytest.mark.timeout(300)
def test_the_promise_is_kept_on_441_scorelines_by_recorded_portfolios(recorded_dir):
    rng, executed = np.random.default_rng(3), 0
    for tickets, questions in recorded_crossings(recorded_dir / "football_data"):
        total, step = int(rng.choice(TOTALS)), int(rng.choice(STEPS))
        executed += kept(list(tickets), list(questions), total, step) is not None
        if executed == 250:
            return
    pytest.fail(f"only {executed} recorded portfolios could be placed")
