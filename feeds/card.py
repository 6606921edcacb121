"""Cards: the prices of one event on their way into a reading, each market made once."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.names import NameKind
from domain.quotes import Origin, PriceKey, Quote, Reading
from feeds import said
from feeds.base import Payload, Tally, event_id
from feeds.books import commission, lay_commission
from feeds.outcomes import placed
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason, Unknown
from feeds.sports import Sport
from feeds.vocabulary import Bet

_NUMBERED = frozenset(
    {MarketKind.HANDICAP, MarketKind.TOTAL, MarketKind.TEAM_TOTAL, MarketKind.PLAYER_TOTAL}
)
# What is settled by the score of regular time, whatever the sport.
_REGULAR = frozenset(
    {
        MarketKind.DRAW_NO_BET,
        MarketKind.BOTH_TEAMS_TO_SCORE,
        MarketKind.DOUBLE_CHANCE,
        MarketKind.CORRECT_SCORE,
        MarketKind.HALF_TIME_FULL_TIME,
    }
)
_NAMED = frozenset({MarketKind.OUTRIGHT, MarketKind.PLAYER_YES_NO, MarketKind.PLAYER_TOTAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One price as it was said: `label` names the outcome, `odds` and `line` are unread.

    `own_line` says that the away side's handicap is given as its own, not as the home side's.
    `commission` is the market's own, where it is not the book's usual one.
    """

    bet: Bet
    label: str
    odds: object
    book: str | None
    line: object = None
    own_line: bool = True
    subject: str | None = None
    style: Style = Style.DECIMAL
    side: Side = Side.BACK
    changed_at: datetime | None = None
    max_stake: float | None = None
    commission: float | None = None


@dataclass(slots=True)
class Card:
    """An event of a sheet; prices are added to it, or counted as rejected."""

    event: Event
    sport: Sport
    tally: Tally
    _markets: dict[tuple[object, ...], Market] = field(
        default_factory=dict[tuple[object, ...], Market]
    )
    _seen: set[PriceKey] = field(default_factory=set[PriceKey])

    def add(self, price: Price) -> None:
        """Take over a price, or count why not."""
        try:
            market, outcome = self.place(price)
            quote = self._quote(price, market, outcome)
        except NoPrice as e:
            self.tally.reject(e.reason, example=self._named(price))
            return
        if quote.price in self._seen:
            self.tally.reject(Reason.DUPLICATE)
            return
        self._seen.add(quote.price)
        self.tally.quotes.append(quote)

    def place(self, price: Price) -> tuple[Market, Outcome]:
        """Return the market and outcome of a price; raise `NoPrice` if it is of none."""
        bet = price.bet
        if bet.kind is MarketKind.OUTRIGHT:
            outcome, subject = Outcome.YES, said.name(price.label)
        else:
            outcome, subject = placed(bet.kind, price.label, self.event.home, self.event.away)
        subject = price.subject or bet.subject or subject
        if subject is None and bet.kind in _NAMED | {MarketKind.TEAM_TOTAL}:
            raise NoPrice(Reason.UNKNOWN_OUTCOME)
        market = self._market(bet, subject, self._line(price, outcome))
        if outcome not in market.outcomes:
            raise NoPrice(Unknown(Reason.UNKNOWN_OUTCOME, NameKind.OUTCOME, price.label))
        return market, outcome

    def _named(self, price: Price) -> str:
        """Return where a price stood, as an example of what its source says."""
        return f"{price.bet.kind.value}, {self.event.home} v {self.event.away}"

    def _line(self, price: Price, outcome: Outcome) -> float | None:
        if price.bet.kind not in _NUMBERED:
            return None
        told = price.bet.line if price.line is None else price.line
        at = said.line(told)
        turned = price.bet.kind is MarketKind.HANDICAP and outcome is Outcome.AWAY
        return 0.0 - at if turned and price.own_line else at

    def _market(self, bet: Bet, subject: str | None, line: float | None) -> Market:
        key = (bet, subject, line)
        if key not in self._markets:
            ways = (bet.ways or self.sport.ways) if bet.kind is MarketKind.WINNER else 2
            regular = bet.kind in _REGULAR or ways == 3
            self._markets[key] = Market(
                event_id=self.event.id,
                kind=bet.kind,
                period=bet.period or (Period.FULL_TIME if regular else self.sport.period),
                line=line,
                ways=ways,
                statistic=bet.statistic,
                subject=subject,
            )
        return self._markets[key]

    def _quote(self, price: Price, market: Market, outcome: Outcome) -> Quote:
        if price.book is None:
            raise NoPrice(Reason.BOOK_MALFORMED)
        fee = lay_commission if price.side is Side.LAY else commission
        return Quote(
            book=price.book,
            market=market,
            outcome=outcome,
            odds=said.odds(price.odds, price.style),
            changed_at=price.changed_at,
            side=price.side,
            commission=fee(price.book) if price.commission is None else price.commission,
            max_stake=price.max_stake,
        )


class Sheet:
    """What one answer says: a card an event, and the counts of what could not be read.

    `recorded` says that it comes from a file even where its request does not show it.
    """

    def __init__(self, payload: Payload, *, recorded: bool = False) -> None:
        self.payload = payload
        # From a file, where the answers that name its events may be missing.
        self._recorded = recorded or payload.request.url.startswith("file:")
        self.tally = Tally()
        self._cards: dict[str, Card] = {}

    def reject(self, reason: str, count: int = 1) -> None:
        """Count something dropped."""
        self.tally.reject(reason, count)

    def at(self, value: object, *, utc: bool = False) -> datetime | None:
        """Return an instant; one that is there and cannot be read is counted."""
        when = said.moment_utc(value) if utc else said.moment(value)
        if when is None and value not in (None, ""):
            self.reject(Reason.TIME_INVALID)
        return when

    def card(  # noqa: PLR0913, PLR0917  what an event is
        self,
        source_id: object,
        sport: Sport,
        league: object,
        home: object,
        away: object,
        starts_at: datetime | None,
    ) -> Card:
        """Return the card of an event, made when it is first named.

        Raises:
            NoPrice: The event has no id, or not two sides.
        """
        known, one, other = said.name(source_id), said.name(home), said.name(away)
        if known is None or one is None or other is None or one == other:
            raise NoPrice(Reason.EVENT_MALFORMED)
        if known not in self._cards:
            event = Event(
                id=event_id(self.payload.request.source, known),
                source_id=known,
                sport=sport.name,
                league=said.name(league) or "untold",
                home=one,
                away=other,
                starts_at=starts_at,
            )
            self.tally.events.append(event)
            self._cards[known] = Card(event, sport, self.tally)
        return self._cards[known]

    def unnamed(self, source_id: object, sport: Sport) -> Card:
        """Return the card of an event whose sides the answer does not name.

        A recording of one answer lacks the answers that name its events; its prices are of one
        event all the same. In a live answer it is an event whose fixture has not been read.

        Raises:
            NoPrice: The answer is live, or the event has no id.
        """
        known = said.name(source_id)
        if known is None or not self._recorded:
            raise NoPrice(Reason.EVENT_UNKNOWN)
        return self.card(known, sport, None, f"home of {known}", f"away of {known}", None)

    def reading(self, *, complete: bool, as_of: datetime | None = None) -> Reading:
        """Return the reading of the answer, as of when it says it was given."""
        dated = replace(self.payload, as_of=as_of) if as_of else self.payload
        return self.tally.reading(dated, origin=Origin.LIVE, complete=complete)
