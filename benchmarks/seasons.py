"""Seasons of a bettor with a fallible model against a fallible market, drawn from a seed.

The truth of every event is known here and nowhere else, so growth can be scored without the luck of
results: by the expected logarithm of wealth under the true chance. All of it is assumption:
independent normal errors on the logit scale, a close without bias, prices at the market's chance
plus a margin, no limits and no moving lines. It says which way of staking copes with errors of a
given size, not what anyone will earn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.kelly import binary
from engine.margin import Floats
from engine.shrink import Shrinker

Scores = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class World:
    """What is drawn: leagues of events, and how wrong model, market and close are.

    Each league draws the spread of its model's and its market's error from the ranges given.
    """

    model: tuple[float, float] = (0.08, 0.20)
    market: tuple[float, float] = (0.08, 0.20)
    close: float = 0.05
    margin: float = 0.02
    truth: float = 0.7
    leagues: int = 8
    events: int = 600
    refit: int = 50


class League(NamedTuple):
    """Logits of the truth, the model, the market and the close of every event, in order."""

    truth: Floats
    model: Floats
    market: Floats
    close: Floats


def league(chance: np.random.Generator, world: World) -> League:
    """Draw one league."""
    truth = chance.normal(0.0, world.truth, world.events)
    spreads = (chance.uniform(*world.model), chance.uniform(*world.market), world.close)
    said = [truth + chance.normal(0.0, spread, world.events) for spread in spreads]
    return League(truth, *said)


def growths(chance: np.random.Generator, world: World, seasons: int) -> Scores:
    """Return, for each way of staking, the expected log growth an event in each season.

    All ways meet the same events. `oracle` knows the truth; `known` shrinks with the weights and
    spread that the league's errors really have, the best that can be learned.
    """
    rows = [_season(chance, world) for _ in range(seasons)]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _season(chance: np.random.Generator, world: World) -> dict[str, float]:
    played = [_scores(league(chance, world), world) for _ in range(world.leagues)]
    return {name: float(np.mean([one[name] for one in played])) for name in played[0]}


def _scores(drawn: League, world: World) -> dict[str, float]:
    plain = _stakes(_logistic(drawn.model), drawn, world)
    shrunk = _stakes(_learned(drawn, world), drawn, world)
    known = _stakes(_best_known(drawn), drawn, world)
    oracle = _stakes(_logistic(drawn.truth), drawn, world)
    ways = {
        "kelly": plain,
        "half_kelly": 0.5 * plain,
        "quarter_kelly": 0.25 * plain,
        "shrunk": shrunk,
        "half_shrunk": 0.5 * shrunk,
        "known": known,
        "oracle": oracle,
    }
    return {name: _growth(stakes, drawn, world) for name, stakes in ways.items()}


def _learned(drawn: League, world: World) -> Floats:
    """Return chances that each know the closes of the events before theirs, by batches."""
    said = np.empty(world.events)
    for first in range(0, world.events, world.refit):
        past, now = slice(0, first), slice(first, first + world.refit)
        weights = Shrinker.fit(drawn.model[past], drawn.market[past], drawn.close[past])
        said[now] = weights.chance(drawn.model[now], drawn.market[now])
    return said


def _best_known(drawn: League) -> Floats:
    seen = np.column_stack([drawn.model, drawn.market])
    weights = np.linalg.lstsq(seen, drawn.truth, rcond=None)[0]
    spread = float(np.std(drawn.truth - seen @ weights))
    perfect = Shrinker(float(weights[0]), float(weights[1]), spread)
    return perfect.chance(drawn.model, drawn.market)


def _stakes(chances: Floats, drawn: League, world: World) -> Floats:
    """Return Kelly stakes on both sides, shape (2, events); at most one is above 0."""
    return binary(np.stack([chances, 1.0 - chances]), _odds(drawn, world))


def _odds(drawn: League, world: World) -> Floats:
    fair = _logistic(drawn.market)
    return np.maximum(1.0 / (np.stack([fair, 1.0 - fair]) * (1.0 + world.margin)), 1.001)


def _growth(stakes: Floats, drawn: League, world: World) -> float:
    truth = _logistic(drawn.truth)
    won = stakes * (_odds(drawn, world) - 1.0)
    first, second = won[0] - stakes[1], won[1] - stakes[0]
    return float(np.mean(truth * np.log1p(first) + (1.0 - truth) * np.log1p(second)))


def _logistic(logits: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-logits))
