"""Faults put into recorded prices, one at a time, as they would be judged the moment they come."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.anomaly_windows import MIN_OTHERS, Window, measured
from engine.peers import apart_from, implied_logits
from engine.quotes import Floats, Ints

FAINT = 0.1
_STALE_S = (300.0, 3600.0)


class Places(NamedTuple):
    """Which prices are spoilt: their reading, place and book."""

    turn: Ints
    place: Ints
    book: Ints


class Spoilt(NamedTuple):
    """The odds that stand instead, 0 where the fault makes none, and how old they are.

    `since` is the reading whose price it is: the one judged, unless an older price stayed.
    """

    odds: Floats
    age_s: Floats
    since: Ints


class Faults(NamedTuple):
    """The parts of each spoilt price, by how much it was moved, and how far it is from the others.

    The last two are in logits.
    """

    parts: Floats
    moved: Floats
    distance: Floats


Spoil = Callable[[Window, Places, np.random.Generator], Spoilt]


def faults(window: Window, spoil: Spoil, count: int, chance: np.random.Generator) -> Faults:
    """Return what `count` judged prices look like once spoilt, every other price left as it was."""
    all_judged = np.argwhere(window.judged)
    places = Places(*all_judged[chance.integers(0, len(all_judged), count)].T)
    odds, age_s, since = spoil(window, places, chance)
    there = odds > 1.0
    places, since = Places(*(axis[there] for axis in places)), since[there]
    own = implied_logits(odds[there])
    turn, place, book = places
    said = implied_logits(window.odds[turn, place])
    apart = apart_from(own, said, book, window.group, MIN_OTHERS)
    moved = np.abs(own - said[np.arange(len(own)), book])
    parts = measured(apart, _before(window, places, since), age_s[there])
    return Faults(parts, moved, np.abs(apart.distance))


def _before(window: Window, places: Places, since: Ints) -> Floats:
    """Return the distance before: of the last reading's price, or of what stayed, its own."""
    turn, place, book = places
    fresh = window.apart.distance[turn - 1, place, book]
    return np.where(since == turn, fresh, window.before[since, place, book])


def swapped(window: Window, places: Places, _: np.random.Generator) -> Spoilt:
    """Return the book's price of the opposite side."""
    turn, place, book = places
    other = window.other_side[place]
    return _fresh(window, places, np.where(other >= 0, window.odds[turn, other, book], 0.0))


def slipped(window: Window, places: Places, chance: np.random.Generator) -> Spoilt:
    """Return the price with its decimal point one place off, where that leaves a price."""
    odds, left = window.odds[places], chance.random(len(places.turn)) < 0.5
    return _fresh(window, places, np.where(left & (odds > 10.1), odds / 10.0, odds * 10.0))


def fat_fingered(window: Window, places: Places, chance: np.random.Generator) -> Spoilt:
    """Return the American price with a neighbouring key struck for one digit but the last."""
    odds = window.odds[places]
    native = np.where(odds >= 2.0, 100.0 * (odds - 1.0), 100.0 / (odds - 1.0)).round().astype(int)
    digits = np.log10(native).astype(int)
    worth = 10 ** (digits - chance.integers(0, 1 << 30, len(odds)) % digits)
    digit = native // worth % 10
    step = np.where(digit == 0, 1, np.where(digit == 9, -1, chance.choice([-1, 1], len(odds))))
    struck = (native + step * worth).astype(float)
    there = struck >= 100.0
    struck[~there] = 100.0
    wrong = 1.0 + np.where(odds >= 2.0, struck / 100.0, 100.0 / struck)
    return _fresh(window, places, np.where(there, wrong, 0.0))


def stale(window: Window, places: Places, chance: np.random.Generator) -> Spoilt:
    """Return what the book quoted five minutes to an hour before, with its time of then."""
    return _stuck(window, places, chance)


def stuck(window: Window, places: Places, chance: np.random.Generator) -> Spoilt:
    """Return the same with the time of now: a feed that confirms what it no longer sees."""
    return _stuck(window, places, chance)._replace(age_s=window.age_s[places])


def _stuck(window: Window, places: Places, chance: np.random.Generator) -> Spoilt:
    turn, place, book = places
    then_s = window.at_s[turn] - chance.uniform(*_STALE_S, len(turn))
    since = np.searchsorted(window.at_s, then_s, side="right") - 1
    odds = np.where(since >= 0, window.odds[since, place, book], 0.0)
    return Spoilt(odds, window.at_s[turn] - window.changed_s[since, place, book], since)


def _fresh(window: Window, places: Places, odds: Floats) -> Spoilt:
    return Spoilt(odds, window.age_s[places], places.turn)


FAULTS: dict[str, Spoil] = {
    "swap": swapped,
    "slip": slipped,
    "finger": fat_fingered,
    "stale": stale,
    "stuck": stuck,
}
