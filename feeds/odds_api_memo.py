"""What a feed of The Odds API remembers of its answers, and how it reads the next one by it."""

from collections.abc import Sequence
from threading import Event as Flag
from threading import Lock
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from feeds import odds_api_loops as loops
from feeds import odds_api_rules as rules
from feeds import odds_api_shape as shape
from feeds.odds_api_columns import Columns, Trouble
from feeds.odds_api_events import Contest
from feeds.odds_api_meanings import Known, Meanings
from feeds.prices import Style
from feeds.reasons import Reason
from kit.jit import compiles

PIECES = 1 << 16
"""How many pieces of answers a feed remembers; one more, and it begins anew."""
EVENTS = 1 << 13
"""How many events a feed remembers."""
_FEWEST = 64
_LOADED = Flag()
if TYPE_CHECKING:
    from domain.markets import Event

# A row that is well formed has no fewer bytes.
_LEAST_BYTES = 8
_FIELDS = ["of", "start", "length"]


class Memo:
    """At most so many `pieces` of answers, and what each was found to mean."""

    def __init__(self, pieces: int) -> None:
        self._kept = loops.Kept(
            slots=np.zeros(2 * pieces, np.int32),
            pieces=np.empty(pieces, loops.PIECE),
            words=np.empty(16 * pieces, np.uint64),
            block_slots=np.zeros(pieces, np.int32),
            blocks=np.empty(pieces // 2, loops.BLOCK),
            said=np.empty((2 * pieces, 2), np.int32),
            used=np.zeros(5, np.int64),
        )
        self._priced = rules.Priced(
            slots=np.zeros(2 * pieces, np.int32),
            keys=np.empty(pieces, np.int64),
            seen=np.empty(pieces, np.int64),
            used=np.zeros(2, np.int64),
        )
        self._meant = np.zeros(pieces, rules.MEANT)
        self._bytes = self._kept.words.view(np.uint8).data
        self._learnt = 0
        self._meanings = Meanings()
        self._numbers: list[int] = []
        self._listed = _Listed([])
        self._room = _Room(1 << 14)

    @property
    def events(self) -> int:
        """How many events are remembered."""
        return len(self._meanings.events)

    def columns(
        self, source: str, answer: shape.Answer[shape.Sealed], style: Style | None
    ) -> Columns | Trouble:
        """Return the columns of an answer, or why it has none."""
        try:
            numbers = [self._meanings.number(source, event) for event in answer.events]
        except TypeError:
            return Trouble.ODD
        raws = [event.bookmakers for event in answer.events]
        given = self._given(raws)
        lengths = np.fromiter(map(len, raws), np.int64, len(raws))
        cut = loops.cut(given, lengths.cumsum() - lengths, np.array(numbers, np.int64), self._kept)
        if cut == loops.FULL:
            return Trouble.FULL
        self._learn()
        if cut == loops.ODD:
            return Trouble.ODD
        if numbers != self._numbers:
            self._listed = _Listed([self._meanings.events[number] for number in numbers])
            self._numbers = numbers
        listed = self._listed
        verdict = self._room.verdict(len(raws))
        asked = -1 if style is None else int(style is Style.AMERICAN)
        rows = rules.judge(given, self._meant, listed.skipped, asked, self._priced, verdict)
        if rows < 0:
            return Trouble.FULL if rows == loops.FULL else Trouble.ODD
        return Columns(
            events=listed.events.copy(),
            places=self._meanings.places,
            takers=self._meanings.takers,
            what=verdict.what[:rows].copy(),
            by=verdict.by[:rows].copy(),
            odds=verdict.odds[:rows].copy(),
            changed_ms=verdict.at[:rows].copy(),
            rejected=listed.rejected(verdict),
            given_at=answer.given_at,
        )

    def _given(self, raws: Sequence[msgspec.Raw]) -> loops.Given:
        """Return an answer yet to be cut."""
        length = sum(map(len, raws))
        padded = b"".join((*raws, bytes(16 + -length % 8)))
        if length > _LEAST_BYTES * len(self._room.outcomes):
            self._room = _Room(2 * length // _LEAST_BYTES)
        room = self._room
        room.found[:] = 0
        text, words = np.frombuffer(padded, np.uint8), np.frombuffer(padded, np.uint64)
        return loops.Given(
            text, words, room.books, room.markets, room.outcomes, room.spans, room.found
        )

    def _learn(self) -> None:
        """Read the pieces that are new."""
        began, ended = self._learnt, int(self._kept.used[0])
        if began == ended:
            return
        meaning = self._meanings.of
        new = enumerate(self._kept.pieces[began:ended][_FIELDS].tolist(), began)
        self._meant[began:ended] = [
            meaning(number, of, self._bytes[8 * start : 8 * start + length].tobytes())
            for number, (of, start, length) in new
        ]
        self._learnt = ended


class _Room:
    """Arrays that every answer is read into, of so many rows."""

    def __init__(self, rows: int) -> None:
        self.books = np.empty((rows, 3), np.int64)
        self.markets = np.empty((rows, 5), np.int64)
        self.outcomes = np.empty((rows, 2), np.int32)
        self.spans = np.empty((rows, 4), np.int32)
        self.found = np.zeros(4, np.int64)
        self._what = np.empty(rows, np.int32)
        self._by = np.empty(rows, np.int32)
        self._odds = np.empty(rows, np.float64)
        self._at = np.empty(rows, np.int64)

    def verdict(self, events: int) -> rules.Verdict:
        """Return the rows of an answer yet to be judged."""
        dropped = np.zeros(len(rules.REASONS), np.int64)
        held = np.zeros(events, np.int64)
        return rules.Verdict(self._what, self._by, self._odds, self._at, dropped, held)


class _Listed:
    """The events of one answer, in order: an event that is there twice is taken once."""

    def __init__(self, known: Sequence[Known]) -> None:
        self.events: list[Event] = []
        self._why: list[Reason | None] = []
        self._misdated = 0
        names = set[str]()
        for name, found, _ in known:
            why = Reason.DUPLICATE if name in names else None
            names.add(name)
            if not isinstance(found, Contest):
                why = why or Reason(found)
            elif why is None:
                self.events.append(found.event)
                self._misdated += found.misdated
            self._why.append(why)
        self.skipped = np.array([why is not None for why in self._why], np.int32)

    def rejected(self, verdict: rules.Verdict) -> dict[str, int]:
        """Return how much was dropped, by reason."""
        dropped = dict(zip(rules.REASONS, verdict.dropped.tolist(), strict=True))
        dropped[Reason.TIME_INVALID] += self._misdated
        for why, held in zip(self._why, verdict.held.tolist(), strict=True):
            if why is not None:
                # An event without prices is one thing that was dropped itself.
                dropped[why] += held if why is Reason.DUPLICATE else held or 1
        return {reason.value: count for reason, count in dropped.items() if count}


class Seen:
    """What one feed has seen; a piece is never taken for one of another event, book or market."""

    def __init__(self, *, pieces: int = PIECES, events: int = EVENTS) -> None:
        self._pieces, self._events = pieces, events
        self._memo: Memo | None = None
        self._lock = Lock()

    def columns(self, source: str, body: bytes, style: Style | None) -> Columns | None:
        """Return an answer's columns; None if it must be read piece by piece.

        `style` is how prices were asked for, None if the answer is to show it.
        """
        if not _LOADED.is_set() or (answer := shape.sealed(body)) is None:
            return None
        with self._lock:
            read = self._kept().columns(source, answer, style)
            if read is Trouble.FULL:
                self._memo = None
                read = self._kept().columns(source, answer, style)
            if read is Trouble.FULL:
                self._memo = None
        return None if isinstance(read, Trouble) else read

    def _kept(self) -> Memo:
        if self._memo is None or self._memo.events > self._events:
            self._memo = Memo(self._pieces)
        return self._memo


def load_readers() -> None:
    """Compile the loops that make columns, or load them from disk: 10 s at most, then 1.

    Until that is done, and where Numba is missing, every answer is read piece by piece.
    """
    if compiles() and (answer := shape.sealed(b"[]")) is not None:
        Memo(_FEWEST).columns("", answer, None)
        _LOADED.set()
