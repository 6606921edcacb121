"""The Odds API v4: many books' prices of one sport in one answer, live or recorded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from domain.markets import MarketKind
from domain.names import NameKind
from domain.quotes import Quote, Reading
from feeds import odds_api_shape as shape
from feeds.base import Basis, Feed, Manifest, Payload, Quota, Request, Tally
from feeds.odds_api_columns import Columns
from feeds.odds_api_events import Contest, contest, is_draw, ways
from feeds.odds_api_markets import MARKETS
from feeds.odds_api_memo import Seen, load_readers
from feeds.odds_api_places import Places, taken_by
from feeds.prices import NoPrice, Style, price, style_of
from feeds.reasons import Reason, Unknown, Why
from feeds.sports import BY_NAME, sport_and_league
from feeds.text import instant, plain

_BASE = "https://api.the-odds-api.com/v4/sports"
_NAMED = frozenset({Reason.MARKET_UNSUPPORTED, Reason.UNKNOWN_SPORT, Reason.UNKNOWN_OUTCOME})


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
        self._seen = Seen()

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
        found = self.columns(payload)
        # Columns count what is dropped; which names it had, only the other way notes.
        if found is None or not _NAMED.isdisjoint(found.rejected):
            yield self.read_plainly(payload)
            return
        tally = Tally(found.events, found.quotes(), Counter(found.rejected))
        yield self._reading(payload, tally, found.given_at)

    def prepare(self) -> None:
        """Compile what reads columns, or load it from the disk."""
        load_readers()

    def columns(self, payload: Payload) -> Columns | None:
        """Return an answer as columns, or None if that would take more than bytes seen before.

        That is so where it is damaged anywhere, and wherever Numba is missing: `read` then reads
        it piece by piece. It may be called from several threads.
        """
        return self._seen.columns(payload.request.source, payload.body, self._asked(payload))

    def read_plainly(self, payload: Payload) -> Reading:
        """Return the reading of an answer, without what is known from answers before.

        Raises:
            FeedDrifted: It is not JSON, or holds no events where they are documented.
        """
        tally = Tally()
        answer = shape.decode(payload.body, tally)
        style = self._asked(payload) or style_of(shape.prices(answer.events))
        read_events(payload.request.source, answer.events, style, tally)
        return self._reading(payload, tally, answer.given_at, complete=answer.complete)

    def _asked(self, payload: Payload) -> Style | None:
        asked = payload.request.params.get("oddsFormat")
        return self._style or (Style(asked) if asked else None)

    def _reading(
        self, payload: Payload, tally: Tally, given_at: str | None, *, complete: bool = True
    ) -> Reading:
        as_of = instant(given_at) if given_at else None
        if given_at and as_of is None:
            tally.reject(Reason.TIME_INVALID)
        dated = replace(payload, as_of=as_of) if as_of else payload
        return tally.reading(dated, origin=self.manifest.origin, complete=complete)


def read_events(source: str, events: Iterable[shape.Event], style: Style, tally: Tally) -> None:
    """Take over events with all their prices; an event that is there twice is taken once."""
    known: set[str] = set()
    for event in events:
        name = plain(event.id) or event.id
        if name in known:
            tally.reject(Reason.DUPLICATE, shape.count(event))
        else:
            known.add(name)
            _read_event(contest(source, event), event, style, tally)


def _read_event(found: Contest | Why, event: shape.Event, style: Style, tally: Tally) -> None:
    if not isinstance(found, Contest):
        tally.reject(found, shape.count(event) or 1)
        return
    tally.events.append(found.event)
    tally.reject(Reason.TIME_INVALID, int(found.misdated))
    _EventReader(found, style, tally).read(event)


def _keys(sport: str) -> tuple[str, ...]:
    if sport in BY_NAME:
        return BY_NAME[sport].keys
    return (sport,) if sport == "upcoming" or sport_and_league(sport) else ()


class _EventReader:
    """Reads one event's books into the tally, making each market once."""

    def __init__(self, found: Contest, style: Style, tally: Tally) -> None:
        self._sport, self._style, self._tally = found.sport, style, tally
        self._places = Places(found.event.id, found.sport, found.sides)
        self._taken: set[tuple[int, str, bool]] = set()

    def read(self, raw: shape.Event) -> None:
        """Take over all prices of the event, or count them as rejected."""
        for book in raw.bookmakers:
            name = plain(book.key)
            if name is None:
                self._tally.reject(
                    Reason.BOOK_MALFORMED, sum(len(m.outcomes) for m in book.markets)
                )
                continue
            for market in book.markets:
                self._read_market(name, market, self._changed_at(market, book))

    def _changed_at(self, market: shape.Market, book: shape.Bookmaker) -> datetime | None:
        said = book.last_update if market.last_update is None else market.last_update
        at = instant(said) if isinstance(said, str) else None
        if at is None and said is not None:
            self._tally.reject(Reason.TIME_INVALID)
        return at

    def _read_market(self, book: str, raw: shape.Market, changed_at: datetime | None) -> None:
        native = MARKETS.get(raw.key)
        if native is None:
            unknown = Unknown(Reason.MARKET_UNSUPPORTED, NameKind.MARKET, raw.key)
            self._tally.reject(unknown, len(raw.outcomes))
            return
        if native.pair and not _mirrors(raw, native.kind):
            self._tally.reject(Reason.SIDES_DO_NOT_MIRROR, len(raw.outcomes))
            return
        side, fee = taken_by(book, lay=native.lay)
        number = ways(native, self._sport, drawn=any(map(is_draw, raw.outcomes)))
        for said in raw.outcomes:
            try:
                place = self._places.of(native, number, said)
                odds = price(said.price, self._style)
            except NoPrice as e:
                self._tally.reject(e.reason)
                continue
            key = (place.number, book, native.lay)
            if key in self._taken:
                self._tally.reject(Reason.DUPLICATE)
                continue
            self._taken.add(key)
            self._tally.quotes.append(
                Quote(
                    book=book,
                    market=place.market,
                    outcome=place.outcome,
                    odds=odds,
                    changed_at=changed_at,
                    side=side,
                    commission=fee,
                )
            )


def _mirrors(raw: shape.Market, kind: MarketKind) -> bool:
    """Say whether the two sides of a handicap or total are of one line, where both are numbers."""
    if len(raw.outcomes) != 2:
        return True
    first, second = (o.point for o in raw.outcomes)
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return True
    return first == (-second if kind is MarketKind.HANDICAP else second)
