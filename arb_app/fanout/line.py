"""The board as it was so many seconds ago, and the rooms of those who see it so late."""

from collections import deque
from datetime import timedelta
from typing import Final

import msgspec

from arb_app.fanout.rooms import Room
from arb_app.fanout.sockets import Sockets
from domain.board import BoardMessage, BoardPatch, BoardRow, BoardSnapshot, Refusals
from domain.plans import View
from domain.preferences import Language
from kit.clock import Clock
from services.board import Why

Said = BoardMessage | Refusals | Why


class Line:
    """Keeps what is said until it is due, then has every room of its delay take it."""

    def __init__(self, delay_s: float, sockets: Sockets, clock: Clock) -> None:
        """Begin with nothing said."""
        self._delay_s: Final = delay_s
        self._sockets = sockets
        self._clock = clock
        self._waiting: deque[tuple[float, Said]] = deque()
        self._caught_up = delay_s == 0.0
        self._rows: dict[str, BoardRow] = {}
        self._latest: BoardMessage | None = None
        self._refusals: Refusals | None = None
        self._why: Why | None = None
        self._rooms: dict[tuple[View, Language], Room] = {}

    def say(self, said: Said) -> None:
        """Take in what is said now, to be handed out when it is due."""
        if self._delay_s == 0.0:
            self._take(said)
            return
        self._waiting.append((self._clock.monotonic() + self._delay_s, said))
        if not self._caught_up and isinstance(said, BoardMessage):
            self._take(self._meanwhile(said))

    def release(self) -> None:
        """Hand out what has become due."""
        now = self._clock.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            said = self._waiting.popleft()[1]
            self._caught_up = self._caught_up or isinstance(said, BoardMessage)
            self._take(said)

    def room(self, view: View, language: Language = Language.ENGLISH) -> Room:
        """Return the room of a view and a language; opened and up to date.

        Nothing is written in a language that nobody reads: a room is opened for its first reader.
        """
        room = self._rooms.get((view, language))
        if room is None:
            room = Room(view, self._sockets, self._clock, language)
            self._rooms[view, language] = room
            if self._latest is not None:
                room.take(self._as_snapshot(self._latest, list(self._rows.values())))
            if self._refusals is not None:
                room.refuse(self._refusals)
            if self._why is not None:
                room.explain(self._why)
        return room

    def leave(self, session_id: str, view: View, language: Language = Language.ENGLISH) -> None:
        """Give a reader of a room nothing more."""
        if room := self._rooms.get((view, language)):
            room.leave(session_id)

    def close_empty(self) -> None:
        """Forget the rooms that nobody is in: each keeps rows of its own."""
        self._rooms = {key: room for key, room in self._rooms.items() if len(room)}

    def __len__(self) -> int:
        return sum(map(len, self._rooms.values()))

    def _take(self, said: Said) -> None:
        if isinstance(said, BoardMessage):
            self._keep(said)
        elif isinstance(said, Refusals):
            self._refusals = said
        else:
            self._why = said
        for room in self._rooms.values():
            _hand(room, said)

    def _keep(self, message: BoardMessage) -> None:
        if isinstance(message, BoardSnapshot):
            self._rows = {}
        else:
            for life_id in message.gone:
                self._rows.pop(life_id, None)
        self._rows |= {row.id: row for row in message.rows}
        self._latest = message

    def _meanwhile(self, message: BoardMessage) -> BoardMessage:
        """Return what may be shown before the first that was said is due.

        That is what had been there for long enough when this process began; then nothing changes
        but the age.
        """
        late = timedelta(seconds=self._delay_s)
        at = message.published_at - late
        if self._latest is None:
            rows = [row for row in message.rows if row.first_seen_at <= at]
            return self._as_snapshot(msgspec.structs.replace(message, published_at=at), rows)
        return BoardPatch(
            epoch=message.epoch,
            seq=message.seq,
            published_at=at,
            rows=[],
            gone=[],
            refused_total=self._latest.refused_total,
            refused_by=self._latest.refused_by,
            feeding=self._latest.feeding,
        )

    def _as_snapshot(self, of: BoardMessage, rows: list[BoardRow]) -> BoardSnapshot:
        return BoardSnapshot(
            epoch=of.epoch,
            seq=of.seq,
            published_at=of.published_at,
            rows=rows,
            refused_total=of.refused_total,
            refused_by=of.refused_by,
            feeding=of.feeding,
        )


def _hand(room: Room, said: Said) -> None:
    if isinstance(said, BoardMessage):
        room.take(said)
    elif isinstance(said, Refusals):
        room.refuse(said)
    else:
        room.explain(said)
