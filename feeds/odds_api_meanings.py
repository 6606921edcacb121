"""What the pieces of The Odds API's answers mean: each read once, by what reads whole answers."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any, NamedTuple

import msgspec

from domain.markets import Market, MarketKind, Outcome
from feeds import odds_api_loops as loops
from feeds import odds_api_rules as rules
from feeds import odds_api_shape as shape
from feeds.odds_api_columns import EPOCH, UNKNOWN, Taker
from feeds.odds_api_events import Contest, contest, is_draw, ways
from feeds.odds_api_markets import MARKETS, Native
from feeds.odds_api_places import Place, Places, taken_by
from feeds.prices import NoPrice, Style, price
from feeds.reasons import Why
from feeds.text import instant, plain

_MS = timedelta(milliseconds=1)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_TEXT = msgspec.json.Decoder(str)
_ANYTHING = msgspec.json.Decoder()
_OUTCOME = msgspec.json.Decoder(shape.Outcome)
_WHY: Mapping[str, int] = {reason: n + 1 for n, reason in enumerate(rules.REASONS)}
# Up to here a double holds every whole number.
_EXACT = 2**53


class Known(NamedTuple):
    """An event in the memo: its name in an answer, and what it is or why it is none of ours."""

    name: str
    found: Contest | Why
    places: Places | None


class Meaning(NamedTuple):
    """A row of `MEANT`."""

    first: int = -1
    second: int = -1
    decimal: float = 0.0
    american: float = 0.0
    point: float = 0.0
    at: int = UNKNOWN
    why: int = 0
    why_decimal: int = 0
    why_american: int = 0
    flags: int = 0


BLANK = Meaning()
_MISSHAPEN = Meaning(flags=rules.MISSHAPEN)


class Meanings:
    """Reads pieces, which refer to one another by their numbers; the earlier come first."""

    def __init__(self) -> None:
        self.events: list[Known] = []
        self.places: list[tuple[Market, Outcome]] = []
        self.takers: list[Taker] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._natives: dict[int, Native | None] = {}
        self._befores: dict[int, tuple[int, bytes]] = {}
        self._books: dict[str, int] = {}
        self._counter = count()

    def number(self, source: str, head: shape.Head) -> int:
        """Return the number of an event of a source; it is another if anything about it is.

        Raises:
            TypeError: Something about it is a list or an object.
        """
        teams = (head.home_team, head.away_team)
        key = (head.id, teams, head.commence_time, head.sport_key, head.sport_title, source)
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = len(self.events)
            self.events.append(self._event(source, head))
        return known

    def of(self, number: int, of: int, raw: bytes) -> Meaning:
        """Return what a piece means."""
        try:
            if of >= 0:
                self._befores[number] = (of, raw)
                return BLANK
            if of <= loops.OUTCOME:
                of, before = self._befores[loops.OUTCOME - of]
                said = _OUTCOME.decode(before + b"null" + raw if raw else before)
                return self._outcome(of, said)
            return self._alone(number, of, raw)
        except _UNREADABLE:
            return _MISSHAPEN

    def _alone(self, number: int, of: int, raw: bytes) -> Meaning:
        if of == loops.PRICE:
            return _price(_ANYTHING.decode(raw))
        if of == loops.TIME:
            return self._time(_ANYTHING.decode(raw))
        if of == loops.BOOK:
            return self._book(_TEXT.decode(raw))
        return self._market(number, MARKETS.get(_TEXT.decode(raw)))

    def _event(self, source: str, head: shape.Head) -> Known:
        found, name = contest(source, head), plain(head.id) or head.id
        if not isinstance(found, Contest):
            return Known(name, found, None)
        return Known(name, found, Places(found.event.id, found.sport, found.sides, self._counter))

    def _book(self, key: str) -> Meaning:
        name = plain(key)
        if name is None:
            return Meaning(flags=rules.INVALID)
        if name not in self._books:
            self._books[name] = len(self._books)
            self.takers.extend(Taker(name, *taken_by(name, lay=lay)) for lay in (False, True))
        return Meaning(first=self._books[name])

    def _market(self, number: int, native: Native | None) -> Meaning:
        self._natives[number] = native
        if native is None:
            return Meaning()
        flags = rules.SUPPORTED | rules.LAY * native.lay
        if native.pair:
            handicap = native.kind is MarketKind.HANDICAP
            flags |= rules.HANDICAP if handicap else rules.SAME_LINE
        if native.kind is MarketKind.WINNER and native.ways is None:
            flags |= rules.DRAWABLE
        return Meaning(flags=flags)

    def _time(self, said: Any) -> Meaning:
        at = instant(said) if isinstance(said, str) else None
        if at is None:
            return Meaning(flags=rules.INVALID)
        ms, rest = divmod(at - EPOCH, _MS)
        return _MISSHAPEN if rest else Meaning(at=ms)

    def _outcome(self, of: int, said: shape.Outcome) -> Meaning:
        """Return what an outcome is, whatever its price, of an event and a market's key."""
        known, native = self.events[of >> 32], self._natives.get(of & 0xFFFFFFFF)
        if native is None or known.places is None or not isinstance(known.found, Contest):
            return BLANK
        point, flags = 0.0, rules.DRAW * is_draw(said)
        if isinstance(said.point, int | float):
            if abs(said.point) > _EXACT:
                return _MISSHAPEN
            point, flags = float(said.point), flags | rules.POINTED
        sport = known.found.sport
        two, three = ways(native, sport, drawn=False), ways(native, sport, drawn=True)
        try:
            first = second = self._place(known.places.of(native, two, said))
            if three != two:
                second = self._place(known.places.of(native, three, said))
        except NoPrice as e:
            return Meaning(why=_WHY[e.reason], point=point, flags=flags)
        return Meaning(first=first, second=second, point=point, flags=flags)

    def _place(self, place: Place) -> int:
        if place.number == len(self.places):
            self.places.append((place.market, place.outcome))
        return place.number


def _price(said: object) -> Meaning:
    decimal, why_decimal = _odds(said, Style.DECIMAL)
    american, why_american = _odds(said, Style.AMERICAN)
    votes = _votes(said)
    return Meaning(-1, -1, decimal, american, 0.0, UNKNOWN, 0, why_decimal, why_american, votes)


def _odds(value: object, style: Style) -> tuple[float, int]:
    try:
        return price(value, style), 0
    except NoPrice as e:
        return 0.0, _WHY[e.reason]


def _votes(value: object) -> int:
    """Return what a price makes of its answer's style, as `feeds.prices.style_of` counts it."""
    if type(value) is not int and type(value) is not float:
        return 0
    votes = rules.AMERICAN if value <= -100 else rules.DECIMAL if 1 <= value < 100 else 0
    return votes | rules.FRACTION * (value % 1 != 0)
