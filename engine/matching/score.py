"""The chance that two events are one: a logistic of what their names and starts have in common."""

import json
from functools import cache, lru_cache
from math import exp, log1p
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.matching.alike import alike
from engine.matching.contests import Contest, same_squads

FEATURES = (
    "constant",
    "better_side_unlike",
    "worse_side_uncovered",
    "contradictions",
    "minutes_apart_log",
    "reversed",
)
"""What the chance depends on, in the order of the weights."""

# Starts further apart are two events; further than the drift, a person says. Orders of play slip.
FIELD = "field"
NEVER_MINUTES = 36 * 60
MOST_DRIFT = 90
MOST_DRIFT_OF_PERSONS = 12 * 60
CLOCK, PERSONS_CLOCK = 10.0, 120.0
# A side that shares less than this with the other, or contradicts it, is never joined unasked.
MOST_UNLIKE = 0.62
MOST_CONTRADICTION = 0.25


class Weights(NamedTuple):
    """A fitted logistic, and the chances from which a pair is joined, or asked about."""

    weights: tuple[float, ...]
    join_at: float
    ask_at: float


class Likeness(msgspec.Struct, frozen=True, gc=False):
    """How far two events are one.

    `reversed` says that the sides are listed the other way round. `vetoes` are reasons for which
    they cannot be one, whatever their names; `doubts` those for which nobody but a person may say
    that they are. `minutes` is None where a start is not known.
    """

    chance: float
    reversed: bool
    minutes: int | None
    features: tuple[float, ...]
    vetoes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@cache
def fitted() -> Weights:
    """Return the weights of `weights.json`, which says what they were fitted on."""
    raw = json.loads(Path(__file__).with_name("weights.json").read_text(encoding="utf-8"))
    if tuple(raw["features"]) != FEATURES:
        raise ValueError("weights.json is of other features than this code's; fit it again")
    return Weights(tuple(raw["weights"]), raw["join_at"], raw["ask_at"])


def likeness(one: Contest, other: Contest) -> Likeness:
    """Compare two events, the sides as they are listed and the other way round."""
    straight = _compared(one, other, swapped=False)
    if straight.chance > 0.5 and not straight.vetoes:
        return straight
    swapped = _compared(one, other, swapped=True)
    return max(straight, swapped, key=lambda found: (not found.vetoes, found.chance))


def identical(one: Contest, other: Contest) -> Likeness:
    """Compare two events that differ in their starts alone, both of which are known."""
    minutes = abs((one.minute or 0) - (other.minute or 0))
    return _identical(minutes, PERSONS_CLOCK if one.home.persons else CLOCK)


@lru_cache(maxsize=4096)
def _identical(minutes: int, clock: float) -> Likeness:
    features = (1.0, 0.0, 0.0, 0.0, log1p(minutes / clock), 0.0)
    return Likeness(chance=_chance(features), reversed=False, minutes=minutes, features=features)


def _compared(one: Contest, other: Contest, *, swapped: bool) -> Likeness:
    away, home = (other.home, other.away) if swapped else (other.away, other.home)
    squads = (other.squads[1], other.squads[0]) if swapped else other.squads
    sides = alike(one.home, home), alike(one.away, away)
    minutes = None
    if one.minute is not None and other.minute is not None:
        minutes = abs(one.minute - other.minute)
    unlike = sorted(1.0 - side.shared for side in sides)
    features = (
        1.0,
        unlike[0],
        1.0 - min(side.covered for side in sides),
        sides[0].contradiction + sides[1].contradiction,
        log1p((minutes or 0) / (PERSONS_CLOCK if one.home.persons else CLOCK)),
        float(swapped),
    )
    same = same_squads(one.squads, squads)
    vetoes = [
        veto
        for veto, holds in (
            ("squad", same is False),
            ("another_side", sides[0].apart or sides[1].apart),
            ("region", _regions_differ(one, other)),
            ("game_of_doubleheader", 0 < one.game != other.game > 0),
            ("days_apart", minutes is not None and minutes > NEVER_MINUTES),
        )
        if holds
    ]
    most = max(side.contradiction for side in sides)
    doubts = _doubts(one, minutes, same=same, worse=unlike[1], contradiction=most)
    return Likeness(
        chance=_chance(features),
        reversed=swapped,
        minutes=minutes,
        features=features,
        vetoes=tuple(vetoes),
        doubts=doubts,
    )


def _doubts(
    one: Contest, minutes: int | None, *, same: bool | None, worse: float, contradiction: float
) -> tuple[str, ...]:
    drift = MOST_DRIFT_OF_PERSONS if one.home.persons else MOST_DRIFT
    told = (
        ("a_race", one.away.key == FIELD),
        ("squad_unclear", same is None),
        ("start_unknown", minutes is None),
        ("start_drifted", minutes is not None and minutes > drift),
        ("a_side_unlike", worse > MOST_UNLIKE),
        ("names_contradict", contradiction > MOST_CONTRADICTION),
    )
    return tuple(doubt for doubt, holds in told if holds)


def _regions_differ(one: Contest, other: Contest) -> bool:
    mine, theirs = one.league.region, other.league.region
    return bool(mine and theirs and mine != theirs)


@lru_cache(maxsize=65_536)
def _chance(features: tuple[float, ...]) -> float:
    z = sum(w * x for w, x in zip(fitted().weights, features, strict=True))
    return 1.0 / (1.0 + exp(-max(-500.0, min(500.0, z))))
