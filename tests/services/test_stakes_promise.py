"""The promise of joint portfolios: what a plan guarantees is kept by every scoreline.

Settled by the oracle's `Decimal` arithmetic, over scores of 0 to 12 a side.
"""

from functools import cache
from itertools import cycle, islice

import numpy as np
import pytest

from domain.money import Money
from services.stakes import plan
from tests.engine.stakes.oracle import cash, settle
from tests.services.portfolios import (
    SCORES,
    crossing,
    generated,
    raised,
    recorded,
    settled_at,
    ticket_of,
)

ASKED = [("100", 1), ("100", 100), ("1000", 100), ("1000", 500)]
"""Totals in dollars, and steps in cents."""


def keeps(opportunity, total, step):
    """Return whether a plan promises a profit; check it either way on every scoreline."""
    got = plan(opportunity, Money.of(total), step_minor=step)
    results, decided = settled(got)
    assert got.at_risk_minor <= Money.of(total).minor
    assert got.profits_minor == [ending.profit_minor for ending in core(got)]
    assert set(results) == set(got.profits_minor)
    if not got.locked:
        assert got.note
        assert min(results[n] for n in decided) <= 0
        return False
    assert got.note == ""
    assert min(results[n] for n in decided) > 0
    assert min(results) >= 0
    return True


def core(got):
    return [ending for ending in got.endings if ending.kind != "rule"]


def settled(got):
    """Return the cents that a plan brings at each score, and where any leg is decided."""
    tickets = [ticket_of(leg.leg) for leg in got.legs]
    stakes = [leg.stake_minor for leg in got.legs]
    assert sum(map(cash, tickets, stakes)) == got.at_risk_minor
    brought = cache(settle)
    results, decided = [], []
    for at, score in enumerate(SCORES):
        ends = [settled_at(leg.leg, *score) for leg in got.legs]
        each = zip(tickets, stakes, ends, strict=True)
        results.append(sum(brought(ticket, stake, *end) for ticket, stake, end in each))
        decided += [at] if any(map(any, ends)) else []
    return results, decided


def all_kept(portfolios, *, least, most):
    """Plan portfolios until `most` promise a profit, in turn at each total and step."""
    asked, kept, lost = cycle(ASKED), 0, 0
    for opportunity in portfolios:
        placed = keeps(opportunity, *next(asked))
        kept, lost = kept + placed, lost + (not placed)
        if kept == most:
            break
    assert kept >= least, f"{kept} promise a profit, {lost} say that no rounding keeps it"


@pytest.mark.timeout(300)
def test_recorded_joint_portfolios_keep_their_promise_on_169_scorelines(recorded_dir):
    found = filter(None, map(crossing, recorded(recorded_dir / "football_data")))
    all_kept(found, least=500, most=500)


@pytest.mark.timeout(300)
def test_recorded_prices_made_longer_keep_their_promise_on_169_scorelines(recorded_dir):
    rng = np.random.default_rng(5)
    legs = (each for each in recorded(recorded_dir / "football_data") if len(each) == 7)
    longer = (crossing(raised(each, rng, 0.05)) for each in islice(legs, 0, None, 5))
    all_kept(filter(None, longer), least=200, most=200)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.timeout(300)
def test_generated_joint_portfolios_keep_their_promise_on_169_scorelines(seed):
    rng = np.random.default_rng(seed)
    matches = (generated(rng) for _ in range(1_000))
    portfolios = filter(None, map(crossing, matches))
    all_kept(portfolios, least=25, most=25)
