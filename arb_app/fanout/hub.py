"""The hub: hears of the board, and knows in which room each reader sits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from prometheus_client import Counter, Gauge

from arb_app.fanout.line import Line, Said
from arb_app.fanout.sockets import Seat, Sockets
from domain.board import BoardMessage, Refusals
from domain.plans import PLANS, View
from domain.preferences import Language
from kit.clock import Clock
from services.board import Why

_WATCHING: Final = Gauge("dutchbook_board_watchers", "Sockets that receive the board.")
_PUT_OUT: Final = Counter("dutchbook_board_put_out_total", "Readers whom the board was shut to.")
_MOVED: Final = Counter("dutchbook_board_moves_total", "Readers moved to another room.")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reader sits, and the hash of the token that says who it is; "" for visitors."""

    view: View
    seat: Seat
    token_hash: str
    language: Language


class BoardHub:
    """Keeps the board as last heard of and hands it to whoever joined, as their plan shows it."""

    def __init__(self, sockets: Sockets, clock: Clock) -> None:
        """Begin without readers, and without having heard of a board."""
        self._sockets = sockets
        self._clock = clock
        self._lines = {
            late: Line(late, sockets, clock) for late in {plan.delay_s for plan in PLANS.values()}
        }
        self._places: dict[str, _Place] = {}
        self._latest: BoardMessage | None = None

    def join(
        self,
        session_id: str,
        view: View,
        token_hash: str = "",
        language: Language = Language.ENGLISH,
    ) -> None:
        """Send the socket a snapshot, and every patch after it.

        Args:
            session_id: Whose socket it is.
            view: What they see; the server says so, never the browser.
            token_hash: The session that it rests on, so that its end is noticed; "": visitors.
            language: That of the page that they read.
        """
        self.leave(session_id)
        if seat := self._sockets.seat(session_id):
            self._places[session_id] = _Place(view, seat, token_hash, language)
            self._line(view).room(view, language).enter(session_id, seat)
        self._count()

    def leave(self, session_id: str) -> None:
        """Send the socket nothing more."""
        if place := self._places.pop(session_id, None):
            self._line(place.view).leave(session_id, place.view, place.language)
            self._count()

    def publish(self, message: BoardMessage) -> None:
        """Hand out what the worker published."""
        self._latest = message
        self._say(message)

    def refuse(self, refusals: Refusals) -> None:
        """Hand out the near misses."""
        self._say(refusals)

    def explain(self, why: Why) -> None:
        """Hand out what an empty board rests on."""
        self._say(why)

    def release(self) -> None:
        """Hand out what has become due to those who see everything late."""
        for line in self._lines.values():
            line.release()

    @property
    def token_hashes(self) -> set[str]:
        """The sessions that readers rest on."""
        return {place.token_hash for place in self._places.values() if place.token_hash}

    def see(self, views: Mapping[str, View | None], visitors: View) -> None:
        """Move everybody whose plan is another now, and put out whom the board is kept from.

        Args:
            views: What those see who joined with a token, by its hash, None for nothing at all;
                who is not among them has joined since this was asked, and stays.
            visitors: What everybody sees who joined without one.
        """
        for session_id, place in tuple(self._places.items()):
            if place.seat.gone:
                self.leave(session_id)
                continue
            view = views.get(place.token_hash, place.view) if place.token_hash else visitors
            if view is None:
                self._put_out(session_id, place)
            elif view != place.view:
                self._move(session_id, place, view)
        for line in self._lines.values():
            line.close_empty()

    @property
    def watchers(self) -> int:
        """How many sockets the board is handed to."""
        return len(self._places)

    @property
    def age_s(self) -> float | None:
        """Seconds since the worker last published, or None if this process never heard of it."""
        if self._latest is None:
            return None
        return (self._clock.now() - self._latest.published_at).total_seconds()

    def _say(self, said: Said) -> None:
        for line in self._lines.values():
            line.say(said)
        self._count()

    def _move(self, session_id: str, place: _Place, view: View) -> None:
        self._line(place.view).leave(session_id, place.view, place.language)
        self._places[session_id] = replace(place, view=view)
        self._line(view).room(view, place.language).enter(session_id, place.seat, moved=True)
        _MOVED.inc()

    def _put_out(self, session_id: str, place: _Place) -> None:
        """Send nothing more, and have the page ask why."""
        self.leave(session_id)
        place.seat.put(self._sockets.knock())
        _PUT_OUT.inc()

    def _line(self, view: View) -> Line:
        return self._lines[view.plan.delay_s]

    def _count(self) -> None:
        _WATCHING.set(sum(map(len, self._lines.values())))
