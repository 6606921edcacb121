"""Stakes against puntersedge's sizing and against a MILP on the same bets: as ratios."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from statistics import median
from time import perf_counter

import numpy as np
from puntersedge.arb import ArbKind, Leg, Opportunity, size

from engine.stakes.bet import Book, back
from engine.stakes.certificate import certificate
from engine.stakes.goal import Goal
from engine.stakes.greedy import Scores, greedy
from engine.stakes.ideal import ideal
from engine.stakes.milp import solve
from engine.stakes.slip import Slip, slip
from engine.stakes.sweep import sweep

CASES = 10
ROUNDS = 5
TOTAL, STEP, LEAST = 200.0, 0.01, 1.0
FINE = 1_000

_Odds = Sequence[Fraction]


def run() -> Mapping[str, float]:
    """Return ratios of medians of `ROUNDS`, measured in this run on generated crossings.

    `sizing_vs_puntersedge`: their `size` over our slip, sweep and proof, at the same odds of three
    decimals, total, step and minimum, the median of all cases; `_2` and `_3` by number of legs.
    `sizing_lower`: cases in which our worst ending is below theirs, by payouts rounded down to the
    cent, or as they count them, not rounded. `greedy_vs_milp`: the integer program over the greedy
    repair, four bets of a middle with pushes on steps of a unit.
    """
    chance = np.random.default_rng(11)
    ratios: dict[int, list[float]] = {2: [], 3: []}
    lower = 0
    for legs, found in ratios.items():
        for _ in range(CASES):
            odds = _crossing(chance, legs)
            theirs = _opportunity(odds)
            sized_s = _seconds(lambda theirs=theirs: size(theirs, TOTAL, step=STEP))
            found.append(sized_s / _seconds(lambda odds=odds: _sized(odds, 1)))
            lower += any(_is_lower(odds, scale) for scale in (1, FINE))
    return {
        "sizing_vs_puntersedge": median([*ratios[2], *ratios[3]]),
        "sizing_vs_puntersedge_2": median(ratios[2]),
        "sizing_vs_puntersedge_3": median(ratios[3]),
        "sizing_lower": float(lower),
        "greedy_vs_milp": _greedy_vs_milp(),
    }


def _crossing(chance: np.random.Generator, legs: int) -> _Odds:
    """Return odds of three decimals whose costs sum to 0.94 to 0.999."""
    while True:
        shares = chance.dirichlet(np.full(legs, 8.0)) * chance.uniform(0.94, 0.999)
        odds = [Fraction(round(1000 / share), 1000) for share in shares.tolist()]
        if sum(1 / each for each in odds) < Fraction(999, 1000):
            return odds


def _opportunity(odds: _Odds) -> Opportunity:
    legs = [Leg(f"book {at}", f"outcome {at}", float(each)) for at, each in enumerate(odds)]
    return Opportunity(ArbKind.SPORTS_BACK_BACK, "an event", "a sport", legs)


def _slip(odds: _Odds, scale: int) -> Slip:
    """Return the bets; `scale` is into how many parts a cent is divided, to round less."""
    wins = np.eye(len(odds))
    book = Book(step_minor=scale, min_minor=round(LEAST * 100) * scale)
    return slip([back(each) for each in odds], wins, 1 - wins, books=[book])


def _sized(odds: _Odds, scale: int) -> int:
    bets, goal = _slip(odds, scale), Goal(total_minor=round(TOTAL * 100) * scale)
    found = sweep(bets, goal)
    stakes = (0,) * len(odds) if found is None else found.stakes
    return certificate(bets, stakes, goal).least_profit_minor


def _is_lower(odds: _Odds, scale: int) -> bool:
    theirs = size(_opportunity(odds), TOTAL, step=STEP)
    stakes = [round(leg.stake * 100) * scale for leg in theirs.legs]
    if not stakes:
        return False
    settled = certificate(_slip(odds, scale), stakes, Goal())
    return _sized(odds, scale) < settled.least_profit_minor


def _greedy_vs_milp() -> float:
    win = np.array([[0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 1]], float)
    lose = np.array([[1, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 1, 0]], float)
    bets = [back(1.90), back(2.25), back(2.05, most_minor=1_500), back(2.02, most_minor=900)]
    placed, goal = slip(bets, win, lose, books=[Book(step_minor=100)]), Goal(total_minor=10_000)
    aim = ideal(placed, goal)
    solved_s = _seconds(lambda: solve(placed, goal, seconds=5.0))
    return solved_s / _seconds(lambda: greedy(Scores(placed, goal), aim.stakes))


def _seconds(work: Callable[[], object]) -> float:
    def once() -> float:
        started = perf_counter()
        work()
        return perf_counter() - started

    once()
    return median(once() for _ in range(ROUNDS))


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:<28}{figure:>10.2f}")
