"""Betfair's markets in our words, from a catalogue or from a stream's definition."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from domain.markets import Event, Market, MarketKind, Outcome, Side
from domain.quotes import Quote
from feeds import said
from feeds.base import Payload, Tally
from feeds.betfair_book import RunnerKey
from feeds.betfair_shape import Catalogue, MarketDefinition
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason, Unknown
from feeds.sports import Sport
from feeds.titles import FIELD, begun, sides_of
from feeds.vocabulary import Bet, words

BOOK = "betfair_ex"
WORDS = words("betfair")
SPORT_IDS = {name: WORDS.theirs(name)[0] for name in WORDS.sport_names}
_DEAREST_COMMISSION = 0.08
# The selection that the draw is in every market.
_THE_DRAW = 58805
# In the others the price is a line, or is not decimal odds of an exchange.
_ODDS = frozenset({"ODDS", "ASIAN_HANDICAP_DOUBLE_LINE", "ASIAN_HANDICAP_SINGLE_LINE"})
_STATES = {"OPEN": None, "SUSPENDED": Reason.MARKET_SUSPENDED}

Level = tuple[object, object]
Place = tuple[Market, Outcome]


class Runner(NamedTuple):
    """A runner: by name, or by number where nothing names it."""

    id: int
    handicap: float
    name: str | None
    priority: int

    @property
    def label(self) -> str:
        """What it is called; its number is told as one, so that it is taken for no team's name."""
        return self.name or ("The Draw" if self.id == _THE_DRAW else f"selection {self.id}")


class Listed(NamedTuple):
    """A market as Betfair lists it; the base rate is commission in percent of net winnings."""

    market_id: str
    event_id: str
    event_name: str
    sport: str
    league: str
    market_type: str
    betting_type: str
    base_rate: float | None
    winners: int
    starts_at: datetime | None
    runners: Sequence[Runner]


class Offered(NamedTuple):
    """A runner's best prices with the backer's stake at each; when they last changed, if known."""

    active: bool
    back: Level | None
    lay: Level | None
    back_changed_at: datetime | None = None
    lay_changed_at: datetime | None = None

    @property
    def prices(self) -> int:
        """How many prices these are."""
        return (self.back is not None) + (self.lay is not None)


class Understood(NamedTuple):
    """A market of ours: which outcome each runner is, or why that is not known."""

    event: Event
    commission: float
    places: Mapping[RunnerKey, Place | str]


Listing = Understood | Reason | Unknown


def from_catalogue(raw: Catalogue, winners: int) -> Listed | None:
    """Return the market of a catalogue, or None without its event or its description."""
    told, event, sport = raw.description, raw.event, raw.event_type
    if told is None or event is None or sport is None:
        return None
    return Listed(
        market_id=raw.market_id,
        event_id=event.id,
        event_name=event.name,
        sport=sport.id,
        league=raw.competition.name if raw.competition else "",
        market_type=told.market_type,
        betting_type=told.betting_type,
        base_rate=told.market_base_rate,
        winners=winners,
        starts_at=said.moment(raw.market_start_time),
        runners=[
            Runner(r.selection_id, r.handicap or 0.0, r.runner_name, r.sort_priority)
            for r in raw.runners
        ],
    )


def from_definition(market_id: str, raw: MarketDefinition, known: Catalogue | None) -> Listed:
    """Return the market of a stream's definition, with the names of a catalogue if one is known."""
    called = {r.selection_id: r.runner_name for r in known.runners} if known else {}
    return Listed(
        market_id=market_id,
        event_id=raw.event_id,
        event_name=known.event.name if known and known.event else raw.event_name or raw.venue,
        sport=raw.event_type_id,
        league=known.competition.name if known and known.competition else "",
        market_type=raw.market_type,
        betting_type=raw.betting_type,
        base_rate=raw.market_base_rate,
        winners=raw.number_of_winners,
        starts_at=said.moment(raw.market_time),
        runners=[
            Runner(r.id, r.hc or 0.0, r.name or called.get(r.id), r.sort_priority)
            for r in raw.runners
        ],
    )


def understood(listed: Listed, payload: Payload, *, in_play: bool) -> Listing:
    """Return a market in our words, or why it has none."""
    try:
        sport, bet = WORDS.sport(listed.sport), WORDS.bet(listed.market_type)
        if not _is_supported(listed, bet):
            return Reason.MARKET_UNSUPPORTED
        card = _card(listed, sport, bet, payload, in_play=in_play)
    except NoPrice as e:
        return e.reason if isinstance(e.reason, Unknown) else Reason(e.reason)
    rate = listed.base_rate
    commission = rate / 100 if rate is not None and 0 <= rate < 100 else _DEAREST_COMMISSION
    if bet.kind is MarketKind.WINNER:
        bet = msgspec.structs.replace(bet, ways=len(listed.runners))
    return Understood(card.event, commission, _places(card, bet, listed.runners))


def priced(
    listing: Listing, status: str, offered: Mapping[RunnerKey, Offered], *, delayed: bool
) -> Tally:
    """Return the prices of a market that can be bet on, or their count by what forbids it."""
    tally = Tally()
    flaw = _STATES.get(status, Reason.MARKET_CLOSED) if isinstance(listing, Understood) else listing
    flaw = Reason.PRICES_DELAYED if delayed else flaw
    if flaw or not isinstance(listing, Understood):
        tally.reject(flaw or Reason.EVENT_UNKNOWN, sum(best.prices for best in offered.values()))
        return tally
    tally.events.append(listing.event)
    for key, best in offered.items():
        place = listing.places.get(key, Reason.UNKNOWN_OUTCOME)
        place = place if best.active else Reason.SELECTION_CLOSED
        if isinstance(place, str):
            tally.reject(place, best.prices)
            continue
        for side, level, changed_at in (
            (Side.BACK, best.back, best.back_changed_at),
            (Side.LAY, best.lay, best.lay_changed_at),
        ):
            if level is not None:
                _take(tally, place, side, level, changed_at, listing.commission)
    return tally


def _take(  # noqa: PLR0913, PLR0917  what a price is
    tally: Tally,
    place: Place,
    side: Side,
    level: Level,
    changed_at: datetime | None,
    commission: float,
) -> None:
    odds, stake = level
    try:
        quote = Quote(
            book=BOOK,
            market=place[0],
            outcome=place[1],
            odds=said.odds(odds, Style.DECIMAL),
            changed_at=changed_at,
            side=side,
            commission=commission,
            max_stake=_stands(stake),
        )
    except NoPrice as e:
        tally.reject(e.reason)
    else:
        tally.quotes.append(quote)


def _stands(stake: object) -> float:
    if (most := said.limit(stake)) is None:
        raise NoPrice(Reason.NOTHING_OFFERED)
    return most


def _is_supported(listed: Listed, bet: Bet) -> bool:
    """Whether as many selections win as the question says, and a winner has two or three ways."""
    winners = 2 if bet.kind is MarketKind.DOUBLE_CHANCE else 1
    ways = bet.kind is not MarketKind.WINNER or len(listed.runners) in {2, 3}
    return listed.betting_type in _ODDS and listed.winners == winners and ways


def _card(listed: Listed, sport: Sport, bet: Bet, payload: Payload, *, in_play: bool) -> Card:
    race = bet.kind is MarketKind.OUTRIGHT
    sides = (_race(listed), FIELD) if race else _sides(listed, bet)
    if sides is None:
        raise NoPrice(Reason.EVENT_UNKNOWN)
    starts_at = begun(listed.starts_at, payload.as_of, in_play=in_play)
    source_id = f"{listed.event_id}/{listed.market_id}" if race else listed.event_id
    return Sheet(payload).card(source_id, sport, listed.league, *sides, starts_at)


def _race(listed: Listed) -> str:
    at = f" {listed.starts_at:%H:%M}" if listed.starts_at else ""
    return (listed.event_name or f"event {listed.event_id}") + at


def _sides(listed: Listed, bet: Bet) -> tuple[str, str] | None:
    """Return who plays: by the event's title, else the first two runners of a match's winner."""
    if found := sides_of(listed.event_name):
        return found
    ordered = sorted(listed.runners, key=lambda runner: runner.priority)
    playing = [runner.label for runner in ordered if runner.id != _THE_DRAW]
    if bet.kind is not MarketKind.WINNER or len(playing) != 2:
        return None
    return playing[0], playing[1]


def _places(card: Card, bet: Bet, runners: Sequence[Runner]) -> dict[RunnerKey, Place | str]:
    places = dict[RunnerKey, Place | str]()
    for runner in runners:
        place = _place(card, bet, runner)
        known = not isinstance(place, str) and place in places.values()
        places[runner.id, runner.handicap] = Reason.DUPLICATE if known else place
    return places


def _place(card: Card, bet: Bet, runner: Runner) -> Place | str:
    try:
        line = runner.handicap if bet.line is None else bet.line
        return card.place(
            Price(bet=bet, label=_label(bet, runner), odds=None, book=BOOK, line=line)
        )
    except NoPrice as e:
        return e.reason


def _label(bet: Bet, runner: Runner) -> str:
    """Return a runner's name as the market's outcomes are named.

    "The Draw" is the draw, "Over 2.5 Goals" is over, and a race's number stands before its name.
    """
    label = runner.label
    if runner.id == _THE_DRAW:
        return "draw"
    if bet.kind in {MarketKind.TOTAL, MarketKind.BOTH_TEAMS_TO_SCORE, MarketKind.ODD_EVEN}:
        return label.partition(" ")[0]
    number, dot, name = label.partition(". ")
    return name if dot and number.isdecimal() and bet.kind is MarketKind.OUTRIGHT else label
