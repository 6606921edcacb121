"""Anomaly: how unlike a sound price a price is, by the other books and by its own past.

Three figures, each a share of what is usual, of which the largest is the score:

- the robust z: the distance of the logit of the implied chance from the median of the other books,
  in units of their scatter. 1.4826 times the median absolute deviation estimates the standard
  deviation of normal errors (Hampel, The influence curve and its role in robust estimation, Journal
  of the American Statistical Association 69, 1974). Books that agree to the digit scatter by
  nothing, and any price would be infinitely far out: their scatter never counts as less than 0.012;
- the innovation: how far the price went away from the others when it last changed, which is its own
  move less theirs. A book that always lies apart is no news, one that leaps is. It cannot exceed
  the distance that is left: a price that leaps back to the others is none either;
- the age: the time since the book confirmed the price.

A price that lacks one of them is judged by the rest.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.peers import Apart
from engine.quotes import Floats

_NORMAL = 1.4826
_LEAST_SCATTER = 0.012


class Usual(NamedTuple):
    """What is usual at most: a robust z, an innovation in logits, an age. A score of 1 is reached.

    `innovation` is of a price that the source was last asked for some minutes before.
    """

    z: float
    innovation: float
    age_s: float = 900.0


# One sound price in a thousand goes beyond z or innovation, in two recorded windows of each sport,
# looked at every 5 minutes (baseball), 5 or 15 (basketball), 15 (soccer), 30 (American football);
# sound are prices before the start, of four books or more, within 0.45 in logit of the others.
# `python -m benchmarks.anomaly_fit` prints these figures, docs/quality.md says what they find.
USUAL: Mapping[str, Usual] = MappingProxyType(
    {
        "american_football": Usual(15.5, 0.233),
        "baseball": Usual(12.5, 0.098),
        "basketball": Usual(12.2, 0.162),
        "soccer": Usual(20.1, 0.179),
    }
)
WIDEST = Usual(*(max(figures) for figures in zip(*USUAL.values(), strict=True)))


class Parts(NamedTuple):
    """The parts of a score, each a share of what is usual; NaN where it is not known."""

    z: Floats
    innovation: Floats
    age: Floats

    @property
    def score(self) -> Floats:
        """The largest part that is known; 0 where none is."""
        return np.fmax(np.fmax(self.z, self.innovation), np.fmax(self.age, 0.0))


def parts(apart: Apart, before: Floats, age_s: Floats, usual: Usual) -> Parts:
    """Return the parts of the score of each price; all tables have one shape.

    Args:
        apart: How far each price stands from the others now, and how far they scatter.
        before: The distance from the others at which the price before it stood last; NaN: there
            was none.
        age_s: Seconds since each price was confirmed; NaN: not known.
        usual: What makes a score of 1.

    Examples:
        >>> leaps = Apart(np.array([0.3]), np.array([0.02]))
        >>> before, age_s = np.array([0.1]), np.array([90.0])
        >>> parts(leaps, before, age_s, Usual(20.0, 0.1)).score.round(2).tolist()
        [2.0]
    """
    return Parts(
        robust_z(apart) / usual.z,
        innovation(apart, before) / usual.innovation,
        np.maximum(age_s, 0.0) / usual.age_s,
    )


def robust_z(apart: Apart) -> Floats:
    """Return how many scatters of the others each price stands from them."""
    return np.abs(apart.distance) / np.fmax(_NORMAL * apart.scatter, _LEAST_SCATTER)


def innovation(apart: Apart, before: Floats) -> Floats:
    """Return how far each price went away from the others when it last changed, in logits."""
    leap = np.abs(apart.distance - before)
    return np.where(np.isnan(leap), np.nan, np.minimum(leap, np.abs(apart.distance)))


def usual_of(sport: str) -> Usual:
    """Return what is usual in a sport; where nobody recorded it, the widest of all that were."""
    return USUAL.get(sport, WIDEST)
