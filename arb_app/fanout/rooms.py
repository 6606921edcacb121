"""Rooms: those who see the board alike get the same message, encoded once."""

from datetime import timedelta
from typing import Final

import msgspec
from prometheus_client import Counter

from arb_app import wire
from arb_app.fanout.frames import Encoded
from arb_app.fanout.sockets import Seat, Sockets
from arb_app.reader import writing_for
from domain.board import BoardMessage, BoardSnapshot, Refusals
from domain.opportunities import Kind
from domain.plans import View
from domain.preferences import Language, Preferences
from kit.clock import Clock, epoch_ms
from kit.ids import fresh
from services import board, plans
from services.board import Why

MESSAGES: Final = Counter("dutchbook_board_messages_total", "Board messages made.", ["kind"])
SKIPPED: Final = Counter("dutchbook_board_skipped_total", "Messages a slow reader had to miss.")
HEALED: Final = Counter("dutchbook_board_healed_total", "Snapshots that slow readers were given.")


class Room:
    """One view of the board: its rows as they are sent, its own numbering, and its readers.

    What is sent is written in the language of the room and for nobody in particular: odds and
    instants come along as numbers, which a browser shows as its reader has chosen.

    Snapshot and patches take the same path and nothing here awaits, so that entering is atomic
    with regard to what is sent. Whoever reads too slowly misses patches, and is given a snapshot
    as soon as all that waited for them has left.
    """

    def __init__(
        self,
        view: View,
        sockets: Sockets,
        clock: Clock,
        language: Language = Language.ENGLISH,
    ) -> None:
        """Open an empty room."""
        self.view: Final = view
        self._heard = Preferences(language=language)
        self._sockets = sockets
        self._clock = clock
        self._late = timedelta(seconds=view.plan.delay_s)
        self._epoch = fresh()
        self._seats: dict[str, Seat] = {}
        self._behind: set[str] = set()
        self._rows: dict[str, wire.Wire] = {}
        self._latest: BoardMessage | None = None
        self._snapshot: Encoded | None = None
        self._told: dict[str, Encoded] = {}

    def __len__(self) -> int:
        return len(self._seats)

    def enter(self, session_id: str, seat: Seat, *, moved: bool = False) -> None:
        """Give the reader a snapshot, and every message after it.

        Args:
            session_id: Whose seat it is.
            seat: Where to put messages.
            moved: Whether the reader comes from another room, whose near misses must go.
        """
        self._seats[session_id] = seat
        self._behind.discard(session_id)
        with writing_for(self._heard):
            self._welcome(session_id, blank=moved)

    def leave(self, session_id: str) -> None:
        """Give the reader nothing more."""
        self._seats.pop(session_id, None)
        self._behind.discard(session_id)

    def take(self, message: BoardMessage) -> None:
        """Hand out a snapshot or a patch of the whole board, as the view shows it."""
        if isinstance(message, BoardSnapshot):
            message, known = plans.snapshot(message, self.view), {}
        else:
            message, known = plans.patch(message, self.view, self._rows.keys()), self._rows
            for life_id in message.gone:
                known.pop(life_id, None)
        self._latest, self._snapshot = self._numbered(message), None
        with writing_for(self._heard):
            rows = {row.id: wire.row(row, self.view) for row in message.rows}
            changed = [row for life_id, row in rows.items() if known.get(life_id) != row]
            self._rows = known | rows
            self._hand_out(wire.board(self._latest, changed, self.view))

    def refuse(self, refusals: Refusals) -> None:
        """Hand out the near misses, as the view shows them."""
        with writing_for(self._heard):
            self._tell(wire.refusals(plans.refusals(refusals, self.view), self.view))

    def explain(self, why: Why) -> None:
        """Hand out what an empty board rests on, as the view shows it."""
        seen = board.seen(why, self.view, now=self._clock.now())
        with writing_for(self._heard):
            self._tell(wire.why(seen, self.view))

    def _numbered(self, message: BoardMessage) -> BoardMessage:
        """Return the message in the room's own numbers; a delayed one is as fresh as it can be."""
        seq = message.seq if self._latest is None else self._latest.seq + 1
        at = message.published_at + self._late
        return msgspec.structs.replace(message, epoch=self._epoch, seq=seq, published_at=at)

    def _tell(self, message: wire.Wire) -> None:
        self._told[message["kind"]] = self._hand_out(message)

    def _hand_out(self, message: wire.Wire) -> Encoded:
        encoded, behind = self._encoded(message), self._behind
        for session_id, seat in tuple(self._seats.items()):
            if behind and session_id in behind:
                self._heal(session_id, seat)
            elif not seat.put(encoded):
                self._miss(session_id, seat)
        MESSAGES.labels(message["kind"]).inc()
        return encoded

    def _heal(self, session_id: str, seat: Seat) -> None:
        if seat.gone or not seat.drained:
            self._miss(session_id, seat)
            return
        self._behind.discard(session_id)
        HEALED.inc()
        self._welcome(session_id)

    def _miss(self, session_id: str, seat: Seat) -> None:
        """Count what a reader was not given: one that is gone leaves, another has fallen behind."""
        if seat.gone:
            self.leave(session_id)
            return
        self._behind.add(session_id)
        SKIPPED.inc()

    def _welcome(self, session_id: str, *, blank: bool = False) -> None:
        told = self._blank() | self._told if blank else self._told
        seat = self._seats[session_id]
        for message in (self._whole(), *told.values()):
            if message is not None and not seat.put(message):
                self._miss(session_id, seat)

    def _blank(self) -> dict[str, Encoded]:
        """Return what takes away what another room has told."""
        none = Refusals(published_at=self._clock.now(), total=0, by_code={}, rows=[])
        nothing: tuple[wire.Wire, ...] = (
            wire.refusals(none, self.view),
            {"kind": "why", "told": [], "last": None},
        )
        return {each["kind"]: self._encoded(each) for each in nothing}

    def _whole(self) -> Encoded | None:
        if self._snapshot is None and self._latest is not None:
            rows = sorted(self._rows.values(), key=_place)
            whole = wire.board(self._latest, rows, self.view)
            self._snapshot = self._encoded({**whole, "kind": "snapshot", "gone": []})
        return self._snapshot

    def _encoded(self, message: wire.Wire) -> Encoded:
        return self._sockets.encoded({**message, "sent_ms": epoch_ms(self._clock.now())})


def _place(row: wire.Wire) -> tuple[bool, float, str]:
    return row["kind"] != Kind.ARBITRAGE, -row["roi"], row["id"]
