"""Events, markets and outcomes: what a price is a price of."""

from datetime import datetime
from enum import StrEnum

import msgspec


class MarketKind(StrEnum):
    """The question that a market asks."""

    WINNER = "winner"
    HANDICAP = "handicap"
    TOTAL = "total"
    YES_NO = "yes_no"


class Period(StrEnum):
    """The part of the event that settles the market; overtime is in or out by name."""

    FULL_TIME = "full_time"
    FULL_TIME_INCL_OVERTIME = "full_time_incl_overtime"


class Outcome(StrEnum):
    """One answer to a market's question."""

    HOME = "home"
    DRAW = "draw"
    AWAY = "away"
    OVER = "over"
    UNDER = "under"
    YES = "yes"
    NO = "no"


class Side(StrEnum):
    """Backing says that it happens; laying says that it does not."""

    BACK = "back"
    LAY = "lay"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A contest between two sides.

    `id` is ours and stable; `source_id` is the source's own. `starts_at` is the scheduled start,
    or None where the source does not say.
    """

    id: str
    source_id: str
    sport: str
    league: str
    home: str
    away: str
    starts_at: datetime | None = None


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """A question about one event. Prices may be compared only within one market.

    `line` is the home side's handicap, or the total; None where the question has no number.
    `ways` is how many outcomes are exhaustive: a two-way winner is not a three-way one.
    """

    event_id: str
    kind: MarketKind
    period: Period
    line: float | None = None
    ways: int = 2

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes of which exactly one happens, in the order they are shown."""
        return _OUTCOMES[self.kind] if self.ways == 2 else _THREE_WAY


_OUTCOMES = {
    MarketKind.WINNER: (Outcome.HOME, Outcome.AWAY),
    MarketKind.HANDICAP: (Outcome.HOME, Outcome.AWAY),
    MarketKind.TOTAL: (Outcome.OVER, Outcome.UNDER),
    MarketKind.YES_NO: (Outcome.YES, Outcome.NO),
}
_THREE_WAY = (Outcome.HOME, Outcome.DRAW, Outcome.AWAY)
