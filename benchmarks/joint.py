"""Joint arbitrage against general solvers, and the monitor on a stream of prices, side by side.

One synthetic football template: 138 selections on the full-time score, settled on 324 scorelines,
which the engine reduces to 48 states by 125 shapes. Prices are Poisson chances with each book's
margin and noise, so the share of arbitrages and of solver calls depends on the generator; the
ratios and the agreement do not.
"""

from collections.abc import Callable, Mapping
from math import factorial
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import linprog

from domain.errors import Broken
from engine.bets import Floats
from engine.game import NOISE, Verdict, solve
from engine.monitor import Monitor
from engine.offers import Offers
from engine.simplex import Ints

BOOKS, GOALS = 20, 18
EVENTS, UPDATES, BATCH = 1_000, 20_000, 1_000
GAMES, NAIVE_GAMES, ROUNDS = 50, 5, 7
NOISE_OF_BOOKS, MARGIN, SHORTEST = 0.006, 0.03, 0.98
WITHDRAWN, MISSING = 0.03, 0.15


class Football(NamedTuple):
    """What settles on the scorelines, and the same reduced to distinct states and shapes."""

    won: Floats
    lost: Floats
    win: Floats
    lose: Floats
    shape_of: Ints


def run() -> Mapping[str, float]:
    """Return how many times faster the joint game is solved, and how the monitor keeps up.

    `lp_vs_linprog_reduced` and `lp_vs_naive`: scipy's `linprog` on the reduced problem, and on all
    scorelines and quotes, over `engine.game.solve`; `monitor_updates_per_s` and
    `monitor_solver_share`: quotes written a second, and solver calls a quote; `monitor_wrong`:
    events whose verdict or value differs from a full solution of all in the end.
    """
    chance = np.random.default_rng(7)
    football = _football()
    return {**_solvers(chance, football), **_monitored(chance, football)}


def _solvers(chance: np.random.Generator, football: Football) -> Mapping[str, float]:
    boards = [_net(_chances(chance, football), chance) for _ in range(GAMES)]
    reduced = [_reduced(football, board) for board in boards]
    for game in reduced:
        _agree(solve(game), _linprog(game))
    ours_s = _each(solve, reduced, ROUNDS)
    naive = [_unreduced(football, board) for board in boards[:NAIVE_GAMES]]
    return {
        "lp_vs_linprog_reduced": _each(_linprog, reduced, 1) / ours_s,
        "lp_vs_naive": _each(_linprog, naive, 1) / ours_s,
    }


def _monitored(chance: np.random.Generator, football: Football) -> Mapping[str, float]:
    order = np.argsort(football.shape_of, kind="stable")
    shapes, width = football.win.shape[1], len(order) * BOOKS
    within = np.repeat(football.shape_of[order], BOOKS)
    offers = Offers(np.concatenate([within + shapes * event for event in range(EVENTS)]))
    chances = np.concatenate(
        [_chances(chance, football)[:, order].T.ravel() for _ in range(EVENTS)]
    )
    monitor = Monitor()
    template = monitor.add_template(football.win, football.lose)
    for _ in range(EVENTS):
        monitor.add_event(template)

    def write(slots: Ints, net: Floats) -> None:
        rows = offers.update(slots, net)
        monitor.update(rows // shapes, rows % shapes, offers.best[rows])

    net = _net(chances, chance)
    write(np.arange(EVENTS * width), net)
    started, rates = monitor.solver_calls, list[float]()
    for _ in range(ROUNDS):
        batches = [_batch(chance, chances) for _ in range(UPDATES // BATCH)]
        rates.append(UPDATES / _seconds(lambda todo=batches: [write(*batch) for batch in todo]))
        for slots, written in batches:
            net[slots] = written
    return {
        "monitor_updates_per_s": median(rates),
        "monitor_solver_share": (monitor.solver_calls - started) / (ROUNDS * UPDATES),
        "monitor_wrong": float(_wrong(football, monitor, net.reshape(EVENTS, width), within)),
    }


def _wrong(football: Football, monitor: Monitor, net: Floats, within: Ints) -> int:
    """Count the events that a full solution, from all quotes anew, judges otherwise."""
    wrong, first = 0, np.searchsorted(within, np.arange(football.win.shape[1]))
    for event, best in enumerate(np.maximum.reduceat(net, first, axis=1)):
        live = best > 0.0
        anew = solve(best[live] * football.win[:, live] - football.lose[:, live])
        kept = float(monitor.value[event])
        same = abs(anew.lower - kept) <= NOISE or not anew.found
        wrong += not (same and anew.found == (kept > NOISE))
    return wrong


def _batch(chance: np.random.Generator, chances: Floats) -> tuple[Ints, Floats]:
    slots = chance.choice(len(chances), BATCH, replace=False)
    net = _net(chances[slots], chance, missing=WITHDRAWN)
    return slots, net


def _chances(chance: np.random.Generator, football: Football) -> Floats:
    """Return what each book's price of each selection implies on average."""
    goals = [_poisson(float(chance.uniform(0.6, 2.2))) for _ in range(2)]
    states = np.outer(*goals).ravel()
    wins, loses = states @ football.won, states @ football.lost
    margins = 1.0 + MARGIN * chance.uniform(0.5, 1.2, (BOOKS, 1))
    return wins / (wins + loses) * margins


def _net(chances: Floats, chance: np.random.Generator, missing: float = MISSING) -> Floats:
    """Return prices in net odds; 0 where a book has none, as for what is all but certain."""
    noisy = np.maximum(chances * np.exp(chance.normal(0, NOISE_OF_BOOKS, chances.shape)), 1e-3)
    quoted = (noisy < SHORTEST) & (chance.random(chances.shape) >= missing)
    return np.where(quoted, np.round(1.0 / noisy, 2) - 1.0, 0.0)


def _poisson(mean: float) -> Floats:
    masses = np.array([np.exp(-mean) * mean**k / factorial(k) for k in range(GOALS)])
    return masses / masses.sum()


def _reduced(football: Football, board: Floats) -> Floats:
    best = np.zeros(football.win.shape[1])
    np.maximum.at(best, football.shape_of, board.max(axis=0))
    live = best > 0.0
    return best[live] * football.win[:, live] - football.lose[:, live]


def _unreduced(football: Football, board: Floats) -> Floats:
    _, selection = quoted = np.nonzero(board)
    return board[quoted] * football.won[:, selection] - football.lost[:, selection]


def _linprog(game: Floats) -> float:
    """Return the value as scipy finds it: the most t with A x >= t and sum(x) = 1."""
    states, bets = game.shape
    answer: Any = linprog(
        np.append(np.zeros(bets), -1.0),
        A_ub=np.hstack([-game, np.ones((states, 1))]),
        b_ub=np.zeros(states),
        A_eq=np.append(np.ones(bets), 0.0)[np.newaxis],
        b_eq=[1.0],
        bounds=[(0.0, None)] * bets + [(None, None)],
        method="highs",
    )
    return -float(answer.fun)


def _agree(verdict: Verdict, value: float) -> None:
    if not abs(verdict.value - value) <= 1e-7:
        raise Broken(f"the solvers disagree: {verdict.value} and {value}")


def _each(work: Callable[[Floats], object], games: list[Floats], rounds: int) -> float:
    for game in games[:2]:
        work(game)
    return median(_seconds(lambda one=game: work(one)) for _ in range(rounds) for game in games)


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _football() -> Football:
    home, away = (goals.ravel() for goals in np.indices((GOALS, GOALS)))
    lead, total = home - away, home + away
    columns: list[tuple[Floats, Floats]] = []

    def either(win: Any, lose: Any) -> None:
        columns.extend([(win * 1.0, lose * 1.0), (lose * 1.0, win * 1.0)])

    def over(figure: Ints, line: float) -> None:
        halves = (line - 0.25, line + 0.25) if round(line * 4) % 2 else (line, line)
        either(
            sum((figure > half) / 2.0 for half in halves),
            sum((figure < half) / 2.0 for half in halves),
        )

    def only(win: Any) -> None:
        columns.append((win * 1.0, 1.0 - win))

    for won in (lead > 0, lead == 0, lead < 0):
        only(won)
        only(~won)
    over(lead, 0.0)
    for line in np.arange(-2.0, 2.01, 0.25):
        over(lead, float(line))
    for line in np.arange(0.5, 5.51, 0.25):
        over(total, float(line))
    for goals in (home, away):
        for line in (0.5, 1.5, 2.5):
            over(goals, line)
    both = (home > 0) & (away > 0)
    either(both, ~both)
    for h, a in np.ndindex(5, 5):
        only((home == h) & (away == a))
    only((home > 4) | (away > 4))
    for start in (-2, -1, 1, 2):
        for won in (lead + start > 0, lead + start == 0, lead + start < 0):
            only(won)
    either(total % 2 == 1, total % 2 == 0)
    return _as_football(*(np.stack(side, axis=1) for side in zip(*columns, strict=True)))


def _as_football(won: Floats, lost: Floats) -> Football:
    width = won.shape[1]
    states = np.unique(np.hstack([won, lost]), axis=0)
    stacked = np.vstack([states[:, :width], states[:, width:]])
    shapes, shape_of = np.unique(stacked, axis=1, return_inverse=True)
    win, lose = np.ascontiguousarray(shapes[: len(states)]), shapes[len(states) :]
    return Football(won, lost, win, np.ascontiguousarray(lose), shape_of.ravel())


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:<24}{figure:>14,.4g}")
