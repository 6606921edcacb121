"""Lattices of scores: every count of both sides that settles differently, played out or broken off.

Why a finite lattice is exact. Let L be the largest level and D the largest margin of the questions
(`engine.settlement.questions.Reach`), and G = L + D + 4. A score (h, a) with h > G settles as a
smaller one does. If a > L, take 1 from both: the difference and the parity of the total stay, and
all counts stay at L or more. Otherwise h - a > D + 4: take 2 from h; the difference stays above D,
h stays above L, and the parity stays. The same with the sides swapped; so by induction some score
in [0..G] x [0..G] settles as any score does.

A game that is broken off at (h, a) has decided a bet if it is settled alike by all scores to which
play could have gone on. By the same two steps, those up to 2G stand for all of them.
"""

from collections.abc import Iterable

import numpy as np

from engine.settlement.codes import DECIDED_EARLY, UNDECIDED, Codes, Ints, classes
from engine.settlement.kinds import Pick, Score
from engine.settlement.questions import ScoreQuestion, Scores

Asked = tuple[ScoreQuestion, Pick]


class Lattice:
    """The scores of one part, from 0 to `side` each, and how questions are settled at them.

    Points are numbered row by row: first the scores of play that is over; then, if `running`, the
    same scores of play that was broken off there.
    """

    def __init__(self, asked: Iterable[Asked], side: int, *, running: bool) -> None:
        self._asked = tuple(dict.fromkeys(asked))
        self._side = side
        self._running = running
        self._columns: dict[Asked, Codes] = {}
        self._labels: Ints | None = None

    @property
    def over(self) -> int:
        """How many points are of play that is over."""
        return (self._side + 1) ** 2

    @property
    def labels(self) -> Ints:
        """The class of every point: all that was asked is settled alike within one."""
        if self._labels is None:
            size = self.over * (2 if self._running else 1)
            self._labels = classes((self.column(*asked) for asked in self._asked), size)
        return self._labels

    def point(self, home: Ints, away: Ints) -> Ints:
        """Return the points of scores where play is over."""
        return home * (self._side + 1) + away

    def broken_off(self, home: Ints, away: Ints) -> Ints:
        """Return the points of scores where play was broken off."""
        return self.over + self.point(home, away)

    def scores(self) -> Scores:
        """Return every score of the lattice once, in the order of the points."""
        home, away = np.indices((self._side + 1, self._side + 1)).reshape(2, -1)
        return Scores(home, away)

    def score(self, point: int) -> tuple[Score, bool]:
        """Return the score of a point, and whether play was over."""
        home, away = divmod(point % self.over, self._side + 1)
        return (home, away), point < self.over

    def column(self, question: ScoreQuestion, pick: Pick) -> Codes:
        """Return how a back of the pick is settled at every point."""
        asked = (question, pick)
        if asked not in self._columns:
            self._columns[asked] = self._settled(question, pick)
        return self._columns[asked]

    def _settled(self, question: ScoreQuestion, pick: Pick) -> Codes:
        last = 2 * self._side if self._running else self._side
        home, away = np.indices((last + 1, last + 1))
        codes = question.codes(pick, Scores(home, away))
        within = slice(self._side + 1)
        over = codes[within, within].ravel()
        if not self._running:
            return over
        least, most = _from_there_on(np.minimum, codes), _from_there_on(np.maximum, codes)
        decided = np.where(least == most, DECIDED_EARLY + codes, UNDECIDED).astype(np.int8)
        return np.concatenate([over, decided[within, within].ravel()])


def side_of(asked: Iterable[ScoreQuestion]) -> int:
    """Return G of one part: L + D + 4, with room for either side to be ahead."""
    level, margin = _reach(asked)
    return level + margin + 4


def side_of_halves(asked: Iterable[ScoreQuestion]) -> int:
    """Return G of each of two halves whose sum is asked about too: 2L + 2D + 6.

    A half's h > G shrinks as before, but for one case: a <= L in that half while the sum of both
    is less than D + 2 apart. Then the other half has the away side ahead by more than L + D + 4,
    so 2 are taken from the home side of this half and 2 from the away side of the other: the sum
    keeps its difference, and every count stays at L or more.
    """
    level, margin = _reach(asked)
    return 2 * level + 2 * margin + 6


def _reach(asked: Iterable[ScoreQuestion]) -> tuple[int, int]:
    reaches = [question.reach for question in asked]
    return max(reach.level for reach in reaches), max(1, *(reach.margin for reach in reaches))


def _from_there_on(extreme: np.ufunc, codes: Codes) -> Codes:
    """Return the extreme of each cell and all below it and to its right."""
    turned = codes[::-1, ::-1]
    return extreme.accumulate(extreme.accumulate(turned, axis=0), axis=1)[::-1, ::-1]
