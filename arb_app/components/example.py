"""The worked example of the landing page: two prices, put through the code behind the board."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from arb_app.words import say
from domain.markets import Event, Market, MarketKind, Outcome, Period
from domain.money import Money
from domain.opportunities import Opportunity
from domain.quotes import Origin, Quote, Reading
from services.detect import Detector
from services.stakes import StakePlan, plan

NOW: Final = datetime(2026, 7, 21, 12, 0, 49, tzinfo=UTC)
STAKE: Final = Money.of("1000")
OLD: Final = timedelta(minutes=14)
_DOLLAR: Final = 100
_EVENT: Final = Event(
    id="example",
    source_id="example",
    sport="basketball",
    league="",
    home=say("home.example.home"),
    away=say("home.example.away"),
    starts_at=NOW + timedelta(hours=38),
)
_MARKET: Final = Market(
    event_id=_EVENT.id, kind=MarketKind.WINNER, period=Period.FULL_TIME_INCL_OVERTIME
)


@dataclass(frozen=True, slots=True)
class Example:
    """An opportunity, its stakes to the cent and to the dollar, and its twin with an old price."""

    found: Opportunity
    exact: StakePlan
    whole: StakePlan
    refused: Opportunity


def worked() -> Example:
    """Return the example as the detector and the stake planner make it."""
    found = _judged(timedelta(seconds=64))
    return Example(found, plan(found, STAKE), plan(found, STAKE, step_minor=_DOLLAR), _judged(OLD))


def _judged(age: timedelta) -> Opportunity:
    """Return what the detector says when the shorter price last changed `age` ago."""
    quotes = [
        _quote("A", Outcome.HOME, 2.85, timedelta(seconds=22)),
        _quote("B", Outcome.AWAY, 1.5494505495, age),
    ]
    detector = Detector()
    changes = detector.absorb(
        Reading(
            source="example",
            scope="example",
            origin=Origin.LIVE,
            as_of=NOW,
            arrived_at=NOW,
            complete=True,
            events=[_EVENT],
            quotes=quotes,
        )
    )
    return detector.judge(changes.markets, NOW)[0]


def _quote(letter: str, outcome: Outcome, odds: float, age: timedelta) -> Quote:
    book = say("home.example.book", letter=letter)
    return Quote(book=book, market=_MARKET, outcome=outcome, odds=odds, changed_at=NOW - age)
