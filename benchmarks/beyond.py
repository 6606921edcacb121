"""Margins, Kelly stakes and shrunk chances against what others use: as ratios of one run."""

import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from time import perf_counter

import numpy as np
import shin

from benchmarks.seasons import World, growths
from engine.bets import Floats
from engine.kelly import exclusive
from engine.margin import fair_chances

MARKETS = 100_000
SHIN_MARKETS = 4_000
PENALTYBLOG_MARKETS = 200
PENALTYBLOG_KELLYS = 3
ROUNDS = 5
SEASONS = 200


def run() -> Mapping[str, float]:
    """Return ratios of median times a market, three outcomes each, and of growths.

    `shin_vs_shin`, `shin_vs_shin_two_way`, `shin_vs_penaltyblog`: Shin's chances, times faster
    than the packages' own calls; `shin_disagreement`: the largest difference to theirs.
    `kelly_vs_penaltyblog`: stakes on exclusive outcomes, times faster. `shrunk_vs_half_kelly`:
    growth with chances shrunk by closing lines over that of half Kelly, in simulated seasons where
    the model errs mildly; `shrunk_vs_half_kelly_low` its lower 95 % bound, seasons paired.
    """
    chance = np.random.default_rng(17)
    odds, twos = _odds(chance, 3, 1.05), _odds(chance, 2, 1.05)
    ours, two_way = _a_market(lambda: fair_chances(odds)), _a_market(lambda: fair_chances(twos))
    theirs = _seconds(lambda: _by_shin(odds)) / SHIN_MARKETS
    theirs_two_way = _seconds(lambda: _by_shin(twos)) / SHIN_MARKETS
    figures = {
        "shin_vs_shin": theirs / ours,
        "shin_vs_shin_two_way": theirs_two_way / two_way,
        "shin_disagreement": _apart(odds, _by_shin(odds)),
        **_grown(),
    }
    return figures | (_against_penaltyblog(chance, odds, ours) if find_spec("penaltyblog") else {})


def _against_penaltyblog(
    chance: np.random.Generator, odds: Floats, ours: float
) -> dict[str, float]:
    chances = fair_chances(odds)
    dear = _odds_of(chance, chances)
    others = _seconds(lambda: _by_penaltyblog(odds)) / PENALTYBLOG_MARKETS
    stakes = _a_market(lambda: exclusive(chances, dear))
    kellys = _seconds(lambda: _kelly_by_penaltyblog(chances, dear)) / PENALTYBLOG_KELLYS
    return {
        "shin_vs_penaltyblog": others / ours,
        "shin_disagreement_penaltyblog": _apart(odds, _by_penaltyblog(odds)),
        "kelly_vs_penaltyblog": kellys / stakes,
    }


def _odds(chance: np.random.Generator, ways: int, booked: float) -> Floats:
    fair = chance.dirichlet(np.full(ways, 6.0), MARKETS)
    return np.maximum(1.0 / (fair * booked), 1.02)


def _odds_of(chance: np.random.Generator, chances: Floats) -> Floats:
    """Return best prices: at a small margin, each off the mark by a few per cent."""
    return np.maximum(np.exp(chance.normal(-0.02, 0.04, chances.shape)) / chances, 1.02)


def _by_shin(odds: Floats) -> list[list[float]]:
    rows = odds[:SHIN_MARKETS].tolist()
    return [shin.calculate_implied_probabilities(row) for row in rows]


def _by_penaltyblog(odds: Floats) -> list[list[float]]:
    rows = odds[:PENALTYBLOG_MARKETS].tolist()
    implied = import_module("penaltyblog.implied").calculate_implied
    return [implied(row, "shin").probabilities for row in rows]


def _kelly_by_penaltyblog(chances: Floats, odds: Floats) -> None:
    kelly = import_module("penaltyblog.betting.kelly")
    rows = zip(odds[:PENALTYBLOG_KELLYS].tolist(), chances.tolist(), strict=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its optimiser complains of a flat gradient
        for prices, believed in rows:
            kelly.multiple_kelly_criterion(prices, believed)


def _apart(odds: Floats, theirs: list[list[float]]) -> float:
    return float(np.abs(fair_chances(odds[: len(theirs)]) - theirs).max())


def _grown() -> dict[str, float]:
    chance = np.random.default_rng(2026)
    grown = growths(chance, World(), SEASONS)
    picks = chance.integers(0, SEASONS, (4_000, SEASONS))
    ratios = grown["shrunk"][picks].mean(axis=1) / grown["half_kelly"][picks].mean(axis=1)
    ratio = float(grown["shrunk"].mean() / grown["half_kelly"].mean())
    low = float(np.quantile(ratios, 0.025))
    return {"shrunk_vs_half_kelly": ratio, "shrunk_vs_half_kelly_low": low}


def _a_market(work: Callable[[], object]) -> float:
    return _seconds(work) / MARKETS


def _seconds(work: Callable[[], object]) -> float:
    def once() -> float:
        started = perf_counter()
        work()
        return perf_counter() - started

    once()
    return median(once() for _ in range(ROUNDS))


if __name__ == "__main__":
    for name, ratio in run().items():
        print(f"{name:<28}{ratio:>14.4g}")
