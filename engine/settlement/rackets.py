"""Tennis scores: every tally of a match that is over, and what one broken off could come to.

A set ends 6-0 to 6-4, 7-5 or 7-6, or 1-0 where a match tie-break takes the place of the last one.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from engine.settlement.kinds import Score

_SETS: tuple[Score, ...] = (*((6, lost) for lost in range(5)), (7, 5), (7, 6))
_MATCH_TIE_BREAK: Score = (1, 0)


class Tally(NamedTuple):
    """What has been counted of a match: sets, games, and the games of its first set."""

    sets: Score = (0, 0)
    games: Score = (0, 0)
    first: Score = (0, 0)

    def plus(self, games: Score) -> "Tally":
        """Return the tally after another set."""
        first = games if self.sets == (0, 0) else self.first
        return Tally(_sum(self.sets, _won(games)), _sum(self.games, games), first)


class Span(NamedTuple):
    """The least and the most of total, difference, home and away games, one figure each."""

    least: tuple[int, ...]
    most: tuple[int, ...]


class Matches(NamedTuple):
    """Tallies of matches that are over, and of matches between two sets."""

    over: tuple[Tally, ...]
    between: tuple[Tally, ...]


@lru_cache(maxsize=16)
def matches(to_win: int, *, by_first_set: bool) -> Matches:
    """Return all that can be counted of a match; the first set's games only where they matter."""
    over: set[Tally] = set()
    between: list[Tally] = []
    reached: set[Tally] = {Tally()}
    while reached:
        between += sorted(reached)
        after = {tally.plus(games) for tally in reached for games in ends(tally.sets, to_win)}
        if not by_first_set:
            after = {Tally(tally.sets, tally.games) for tally in after}
        over.update(tally for tally in after if max(tally.sets) == to_win)
        reached = after - over
    return Matches(tuple(sorted(over)), tuple(between))


def ends(sets: Score, to_win: int, begun: Score = (0, 0)) -> Iterator[Score]:
    """Yield how the set after `sets` can end that stands at `begun` games."""
    deciding = sets == (to_win - 1, to_win - 1) and begun == (0, 0)
    for won, lost in (*_SETS, *([_MATCH_TIE_BREAK] if deciding else [])):
        for end in ((won, lost), (lost, won)):
            if begun[0] <= end[0] and begun[1] <= end[1]:
                yield end


@lru_cache(maxsize=1)
def begun_sets() -> tuple[Score, ...]:
    """Return every score at which a set is not over yet."""
    over = {*_SETS, *(end[::-1] for end in _SETS)}
    scores = product(range(7), range(7))
    return tuple(score for score in scores if score not in over and _can_end(score))


def finals(sets: Score, to_win: int) -> list[Score]:
    """Return the set scores that a match can end in which stands at `sets`."""
    ways = [(to_win, lost) for lost in range(to_win)]
    both = [*ways, *((lost, won) for won, lost in ways)]
    return [end for end in both if end[0] >= sets[0] and end[1] >= sets[1]]


@lru_cache(maxsize=1024)
def to_come(sets: Score, to_win: int, begun: Score = (0, 0)) -> Span:
    """Return how many games the set that stands at `begun` and all after it can count."""
    if max(sets) == to_win:
        return Span((0, 0, 0, 0), (0, 0, 0, 0))
    spans = list[Span]()
    for home, away in ends(sets, to_win, begun):
        rest = to_come(_sum(sets, _won((home, away))), to_win)
        games = (home + away, home - away, home, away)
        least = tuple(map(sum, zip(games, rest.least, strict=True)))
        spans.append(Span(least, tuple(map(sum, zip(games, rest.most, strict=True)))))
    least = tuple(map(min, zip(*(span.least for span in spans), strict=True)))
    return Span(least, tuple(map(max, zip(*(span.most for span in spans), strict=True))))


def _can_end(begun: Score) -> bool:
    """Return whether play leads through the score: nobody passes 6-4 without having won."""
    return max(begun) < 6 or min(begun) >= 5


def _won(games: Score) -> Score:
    return (1, 0) if games[0] > games[1] else (0, 1)


def _sum(one: Score, other: Score) -> Score:
    return one[0] + other[0], one[1] + other[1]
