"""The Odds API v4: many books' prices of one sport in one answer, live or recorded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from domain.markets import Event, MarketKind, Outcome, Period, Side
from domain.quotes import Quote, Reading
from feeds import odds_api_shape as shape
from feeds.base import Basis, Feed, Manifest, Payload, Quota, Request, Tally, event_id
from feeds.books import commission, lay_commission
from feeds.odds_api_markets import MARKETS, Native
from feeds.odds_api_places import Places
from feeds.prices import NoPrice, Style, price, style_of
from feeds.reasons import Reason
from feeds.sports import BY_NAME, Sport, sport_and_league
from feeds.text import instant, plain

_BASE = "https://api.the-odds-api.com/v4/sports"
_ANY_OTHER = "any other"


class TheOddsApi(Feed):
    """The markets of every book in the regions asked for, as far as ours know them.

    Lay prices of exchanges come with `h2h` unasked; `markets` are asked for by the vendor's keys,
    of which an answer about one event may have more than one about a league. `style` says how
    prices are written: what was asked for in a live answer; None lets each recorded answer show it
    by its own prices.
    """

    manifest = Manifest(
        name="the_odds_api",
        title="The Odds API",
        basis=Basis.RECORDED,
        sports=frozenset(BY_NAME),
        markets=frozenset(native.kind.value for native in MARKETS.values()),
        hosts=frozenset({"api.the-odds-api.com"}),
        min_interval_s=60.0,
        needs_credential=True,
        credential_param="apiKey",
        quota=Quota(credits=500, left_header="x-requests-remaining", cost_header="x-requests-last"),
        terms="https://the-odds-api.com/terms-and-conditions.html",
    )

    def __init__(
        self,
        *,
        regions: str = "us",
        markets: str = "h2h,spreads,totals",
        style: Style | None = None,
    ) -> None:
        self._regions = regions
        self._markets = markets
        self._style = style

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a league: each costs a credit a market and region.

        `sports` are the vendor's keys, "upcoming", or our names, which ask for the main leagues.
        """
        keys = {key for sport in sports for key in _keys(sport)}
        params = {
            "regions": self._regions,
            "markets": self._markets,
            "oddsFormat": "decimal",
            "dateFormat": "iso",
        }
        cost = float(len(self._markets.split(",")) * len(self._regions.split(",")))
        return [
            Request(
                source="the_odds_api",
                scope=key,
                url=f"{_BASE}/{key}/odds",
                params=params,
                cost=cost,
            )
            for key in sorted(keys)
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer, an historical answer, or a line of a recording."""
        tally = Tally()
        answer = shape.decode(payload.body, tally)
        asked = payload.request.params.get("oddsFormat")
        style = self._style or (Style(asked) if asked else style_of(shape.prices(answer.events)))
        read_events(payload.request.source, answer.events, style, tally)
        as_of = instant(answer.given_at) if answer.given_at else None
        if answer.given_at and as_of is None:
            tally.reject(Reason.TIME_INVALID)
        dated = replace(payload, as_of=as_of) if as_of else payload
        yield tally.reading(dated, origin=self.manifest.origin, complete=answer.complete)


def read_events(source: str, events: Iterable[shape.Event], style: Style, tally: Tally) -> None:
    """Take over events with all their prices; an event that is there twice is taken once."""
    known: set[str] = set()
    for event in events:
        name = plain(event.id) or event.id
        if name in known:
            tally.reject(Reason.DUPLICATE, shape.count(event))
        else:
            known.add(name)
            _EventReader(source, event, style, tally).read()


def _keys(sport: str) -> tuple[str, ...]:
    if sport in BY_NAME:
        return BY_NAME[sport].keys
    return (sport,) if sport == "upcoming" or sport_and_league(sport) else ()


class _EventReader:
    """Reads one event's books into the tally, making each market once."""

    def __init__(self, source: str, raw: shape.Event, style: Style, tally: Tally) -> None:
        self._source, self._raw, self._style, self._tally = source, raw, style, tally
        self._sides: dict[str, Outcome] = {}
        self._sport = Sport("", 2, Period.FULL_TIME)
        self._places = Places("", self._sport, self._sides)

    def read(self) -> None:
        """Take over the event and all its prices, or count them as rejected."""
        event = self._event()
        if isinstance(event, Reason):
            self._tally.reject(event, shape.count(self._raw) or 1)
            return
        self._places = Places(event.id, self._sport, self._sides)
        self._tally.events.append(event)
        for book in self._raw.bookmakers:
            name = plain(book.key)
            if name is None:
                self._tally.reject(
                    Reason.BOOK_MALFORMED, sum(len(m.outcomes) for m in book.markets)
                )
                continue
            for market in book.markets:
                self._read_market(name, market, self._changed_at(market, book))

    def _event(self) -> Event | Reason:
        raw = self._raw
        source_id, (home, away) = plain(raw.id), self._named()
        if source_id is None or home is None or away is None or home == away:
            return Reason.EVENT_MALFORMED
        found = sport_and_league(raw.sport_key)
        if found is None or (league := plain(found[1])) is None:
            return Reason.UNKNOWN_SPORT
        self._sport = found[0]
        starts_at = instant(raw.commence_time) if isinstance(raw.commence_time, str) else None
        if starts_at is None and raw.commence_time is not None:
            self._tally.reject(Reason.TIME_INVALID)
        return Event(
            id=event_id(self._source, source_id),
            source_id=source_id,
            sport=self._sport.name,
            league=league,
            home=home,
            away=away,
            starts_at=starts_at,
        )

    def _named(self) -> tuple[str | None, str | None]:
        """Return the names of both sides; a tournament is somebody's to win or any other's."""
        raw = self._raw
        if raw.home_team is None and raw.away_team is None:
            title = raw.sport_title
            return (plain(title) if isinstance(title, str) else None), _ANY_OTHER
        if raw.home_team is None or raw.away_team is None:
            return None, None
        self._sides = {raw.home_team: Outcome.HOME, raw.away_team: Outcome.AWAY}
        return plain(raw.home_team), plain(raw.away_team)

    def _changed_at(self, market: shape.Market, book: shape.Bookmaker) -> datetime | None:
        said = book.last_update if market.last_update is None else market.last_update
        at = instant(said) if isinstance(said, str) else None
        if at is None and said is not None:
            self._tally.reject(Reason.TIME_INVALID)
        return at

    def _read_market(self, book: str, raw: shape.Market, changed_at: datetime | None) -> None:
        native = MARKETS.get(raw.key)
        if native is None:
            self._tally.reject(Reason.MARKET_UNSUPPORTED, len(raw.outcomes))
            return
        if native.pair and not _mirrors(raw, native.kind):
            self._tally.reject(Reason.SIDES_DO_NOT_MIRROR, len(raw.outcomes))
            return
        lay = native.lay
        side, fee = (Side.LAY, lay_commission(book)) if lay else (Side.BACK, commission(book))
        ways = self._ways(native, raw) if native.kind is MarketKind.WINNER else 2
        by, place = (book, lay), self._places.of
        for said in raw.outcomes:
            try:
                market, outcome, priced = place(native, ways, said)
                odds = price(said.price, self._style)
            except NoPrice as e:
                self._tally.reject(e.reason)
                continue
            if by in priced:
                self._tally.reject(Reason.DUPLICATE)
                continue
            priced.add(by)
            self._tally.quotes.append(
                Quote(
                    book=book,
                    market=market,
                    outcome=outcome,
                    odds=odds,
                    changed_at=changed_at,
                    side=side,
                    commission=fee,
                )
            )

    def _ways(self, native: Native, raw: shape.Market) -> int:
        if native.ways is not None:
            return native.ways
        drawn = any(o.name.lower() == "draw" for o in raw.outcomes)
        return 3 if drawn else self._sport.ways


def _mirrors(raw: shape.Market, kind: MarketKind) -> bool:
    """Say whether the two sides of a handicap or total are of one line, where both are numbers."""
    if len(raw.outcomes) != 2:
        return True
    first, second = (o.point for o in raw.outcomes)
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return True
    return first == (-second if kind is MarketKind.HANDICAP else second)
