"""Fixtures: who meets whom, for sources that name events in one answer and price in another."""

from collections import OrderedDict
from datetime import datetime
from typing import Any, NamedTuple

from feeds.card import Card, Sheet
from feeds.sports import Sport

MOST_FIXTURES = 100_000


class Fixture(NamedTuple):
    """An event as its source announced it; the sides are unread."""

    sport: Sport
    league: object
    home: object
    away: object
    starts_at: datetime | None
    more: Any = None


class Fixtures:
    """Fixtures by their source's id; the oldest are let go when there are too many."""

    def __init__(self, most: int = MOST_FIXTURES) -> None:
        self._most = most
        self._known: OrderedDict[object, Fixture] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def put(self, source_id: str, fixture: Fixture) -> None:
        """Keep a fixture in place of what was known of it."""
        self._known[source_id] = fixture
        self._known.move_to_end(source_id)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def get(self, source_id: str) -> Fixture | None:
        """Return a fixture, or None."""
        return self._known.get(source_id)

    def card(self, sheet: Sheet, source_id: str, sport: Sport) -> Card:
        """Return the card of an event, named if its fixture is known.

        Raises:
            NoPrice: It is not, and the answer is live; or the fixture has not two sides.
        """
        known = self._known.get(source_id)
        if known is None:
            return sheet.unnamed(source_id, sport)
        return sheet.card(
            source_id, known.sport, known.league, known.home, known.away, known.starts_at
        )
