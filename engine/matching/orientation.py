"""Which side is which, by prices: two sources of one event agree on who is likely to win."""

from enum import StrEnum
from math import log
from typing import NamedTuple

# Spread of the difference of two books' logits of one side's chance, before the start; the
# benchmark `matching_prices` measures it on recorded seasons, and how often the answer is wrong.
SPREAD = 0.15
SURE = 9.2
FAR = 1.0


class Chances(NamedTuple):
    """A source's chances of both sides, without margin; a draw is what they leave."""

    home: float
    away: float


class Sides(StrEnum):
    """What prices say of two lists of the sides: the same order, the other, nothing, or neither."""

    SAME = "same"
    REVERSED = "reversed"
    UNCLEAR = "unclear"
    NEITHER = "neither"


def sides(one: Chances, other: Chances) -> Sides:
    """Return in which order `other` lists the sides of `one`, as far as their prices tell.

    The evidence is the logarithm of the likelihood ratio under normal differences of logits; it
    must be 10,000 to 1 (`SURE`). `NEITHER` says that prices are far apart either way.

    Raises:
        ValueError: A chance is not between 0 and 1.
    """
    straight = _distance(one, other)
    swapped = _distance(one, Chances(other.away, other.home))
    if min(straight, swapped) > FAR * FAR:
        return Sides.NEITHER
    evidence = (swapped - straight) / (2.0 * SPREAD * SPREAD)
    if abs(evidence) < SURE:
        return Sides.UNCLEAR
    return Sides.SAME if evidence > 0 else Sides.REVERSED


def _distance(one: Chances, other: Chances) -> float:
    """Return the mean squared difference of the logits of both sides' chances."""
    pairs = zip(one, other, strict=True)
    return sum((_logit(mine) - _logit(theirs)) ** 2 for mine, theirs in pairs) / 2.0


def _logit(chance: float) -> float:
    if not 0.0 < chance < 1.0:
        raise ValueError(f"a chance must be between 0 and 1, not {chance}")
    return log(chance / (1.0 - chance))
