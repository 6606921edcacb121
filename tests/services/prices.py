"""Prices for the tests of the detector: one event, one source, and a clock that stands still."""

from datetime import UTC, datetime, timedelta

from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.quotes import Origin, Quote, Reading

NOW = datetime(2026, 7, 21, 12, 0, 49, tzinfo=UTC)
GAME = Event(
    id="game",
    source_id="296c93e4",
    sport="basketball",
    league="wnba",
    home="Lions",
    away="Bears",
    starts_at=NOW + timedelta(days=1),
)
WINNER = Market(event_id="game", kind=MarketKind.WINNER, period=Period.FULL_TIME_INCL_OVERTIME)
THREE_WAY = Market(event_id="game", kind=MarketKind.WINNER, period=Period.FULL_TIME, ways=3)
HOME, DRAW, AWAY = Outcome.HOME, Outcome.DRAW, Outcome.AWAY


def seconds(count):
    return timedelta(seconds=count)


def quote(book, outcome, odds, *, age_s=10, market=WINNER, side=Side.BACK, **rest):
    """Return a price that changed `age_s` seconds before NOW; None: nobody knows when."""
    changed_at = None if age_s is None else NOW - seconds(age_s)
    return Quote(
        book=book, market=market, outcome=outcome, odds=odds, side=side, changed_at=changed_at,
        **rest,
    )  # fmt: skip


def reading(*quotes, at=NOW, complete=True, events=(GAME,), source="test", scope="all", **rest):
    """Return a reading that arrived the instant it describes."""
    return Reading(
        source=source, scope=scope, origin=rest.get("origin", Origin.LIVE), as_of=at,
        arrived_at=rest.get("arrived_at", at), complete=complete, events=list(events),
        quotes=list(quotes),
    )  # fmt: skip


CROSSING = (quote("a", HOME, 2.1), quote("b", AWAY, 2.1))
