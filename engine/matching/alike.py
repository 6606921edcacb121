"""How alike two names are: what they share, and what each has that the other lacks."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from engine.matching.names import Name, plain
from engine.matching.vocabulary import vocabulary

SPELLING = 0.75
_NO_VOWEL_BUT_FIRST = frozenset("aeiou")


class Alike(NamedTuple):
    """What two names have in common.

    `shared` is the Dice coefficient of their words by weight, 0 to 1, and `covered` the share of
    the lighter name that the other has too: 1 where one is a part of the other. `contradiction` is
    the weight of words that each has and the other lacks, the lesser of the two: Manchester City
    and Manchester United contradict, Newcastle and Newcastle United do not. `apart` says that a
    word which makes another side stands in one alone.
    """

    shared: float
    covered: float
    contradiction: float
    apart: bool


SAME = Alike(1.0, 1.0, 0.0, apart=False)


def alike(one: Name, other: Name) -> Alike:
    """Compare two names of one sport, their squads apart.

    Examples:
        >>> from engine.matching.names import name
        >>> alike(name("Newcastle"), name("Newcastle Utd")).contradiction
        0.0
        >>> alike(name("Man City"), name("Man Utd")).contradiction
        0.5
    """
    return SAME if one.key == other.key else _unequal(one, other)


@lru_cache(maxsize=65_536)
def _unequal(one: Name, other: Name) -> Alike:
    if one.players != other.players:
        return Alike(0.0, 0.0, 1.0, apart=True)
    if "".join(one.words) == "".join(other.words):
        return SAME
    mine, theirs, common = _pairs(one, other)
    common += _initials(one, mine, other, theirs) + _initials(other, theirs, one, mine)
    left, right = _weight(one, mine), _weight(other, theirs)
    unlike = {one.words[i] for i in mine} | {other.words[i] for i in theirs}
    apart = one.apart and not unlike.isdisjoint(vocabulary().apart)
    shared = min(1.0, 2.0 * common / (one.weight + other.weight))
    covered = min(1.0, common / min(one.weight, other.weight))
    return Alike(shared, covered, min(left, right), apart)


def _pairs(one: Name, other: Name) -> tuple[list[int], list[int], float]:
    """Return the places of words without a partner in each name, and the weight that is shared."""
    mine, theirs = list(range(len(one.words))), list(range(len(other.words)))
    common = 0.0
    for least in (1.0, 0.0):  # equal words first, so that a likeness never takes their place
        for i in tuple(mine):
            best, at = 0.0, -1
            for j in theirs:
                likeness = _likeness(one.words[i], other.words[j], persons=one.persons)
                if likeness > best and likeness >= least:
                    best, at = likeness, j
            if at >= 0:
                common += best * (one.weights[i] + other.weights[at]) / 2
                mine.remove(i)
                theirs.remove(at)
    return mine, theirs, common


def _initials(one: Name, mine: list[int], other: Name, theirs: list[int]) -> float:
    """Take out a word that is the initials of the other's words left over: `NE` of `North End`."""
    initials = "".join(other.words[j][0] for j in theirs)
    for i in mine:
        if len(initials) >= 2 and one.words[i] == initials:
            common = 0.8 * (one.weights[i] + _weight(other, theirs)) / 2
            mine.remove(i)
            theirs.clear()
            return common
    return 0.0


def _weight(of: Name, places: Sequence[int]) -> float:
    return sum((of.weights[i] for i in places), 0.0)


@lru_cache(maxsize=65_536)
def _likeness(one: str, other: str, *, persons: bool) -> float:
    """Return how far one word may stand for the other, 0 to 1."""
    if one == other or plain(one) == plain(other):
        return 1.0
    short, long = sorted((one, other), key=len)
    exact = vocabulary().exact
    if short[0] != long[0] or short in exact or long in exact or short.isdigit():
        return 0.0
    if len(short) == 1:
        return 0.7 if persons else 0.5
    if long.startswith(short) and (len(short) >= 3 or persons):
        return 0.9
    if _begin_alike(short, long) or (len(short) <= 4 and _is_skeleton(short, long)):
        return 0.8
    alikeness = OSA.normalized_similarity(short, long, score_cutoff=SPELLING)
    return alikeness - 0.05 if len(short) >= 5 and alikeness else 0.0


def _begin_alike(short: str, long: str) -> bool:
    """Whether two long words differ in their ends alone: `middlesboro`, `middlesbrough`."""
    common = next(
        (i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short)
    )
    return common >= 6 and common >= 0.6 * len(long)


def _is_skeleton(short: str, long: str) -> bool:
    """Whether a word without vowels is another with letters left out: `rvs` of `rovers`."""
    if len(short) < 3 or not _NO_VOWEL_BUT_FIRST.isdisjoint(short[1:]):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)
