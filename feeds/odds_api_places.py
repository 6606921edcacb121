"""What each price of one event of The Odds API is of: a market of ours, and one of its outcomes."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import NamedTuple

from domain.markets import Market, MarketKind, Outcome, Period, Side
from domain.names import NameKind
from feeds import odds_api_shape as shape
from feeds.books import commission, lay_commission
from feeds.odds_api_markets import Names, Native, Whose, both_halves, two_of_three
from feeds.prices import NoPrice, line
from feeds.reasons import Reason, Unknown
from feeds.sports import Sport
from feeds.text import plain

_OVER_UNDER = {"over": Outcome.OVER, "under": Outcome.UNDER}
_YES_NO = {"yes": Outcome.YES, "no": Outcome.NO}
_Spelling = Callable[[str, str], dict[str, str]]


class Place(NamedTuple):
    """What a price is of; no two places of an event have one number."""

    market: Market
    outcome: Outcome
    number: int


class _Said(NamedTuple):
    outcome: Outcome
    line: float | None = None
    subject: str | None = None


class Places:
    """The places of one event, each made once; `sides` are its teams by the vendor's names.

    `numbers` are what they are numbered by, in the order they are made.
    """

    def __init__(
        self,
        event: str,
        sport: Sport,
        sides: Mapping[str, Outcome],
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._event, self._sport, self._sides = event, sport, sides
        self._numbers = count() if numbers is None else numbers
        self._made: dict[tuple[int, _Said], Place] = {}
        self._markets: dict[tuple[int, float | None, str | None], Market] = {}
        # Most books say the same in the same words.
        self._known: dict[tuple[int, str, object, object], Place] = {}
        self._readers = {
            Names.SIDES: self._side,
            Names.OVER_UNDER: self._over_under,
            Names.YES_NO: self._yes_no,
            Names.PAIRS: self._pair,
            Names.HALVES: self._halves,
            Names.RUNNERS: self._runner,
        }

    def of(self, native: Native, ways: int, said: shape.Outcome) -> Place:
        """Return what a price is of.

        Raises:
            NoPrice: The names are not known, or a line or whom it is about is missing.
        """
        point = said.point
        words = (native.group + ways, said.name, point, said.description)
        try:
            known = self._known.get(words)
        except TypeError:  # neither number nor text, hence no key
            return self._read(native, ways, said)
        # True equals 1 and False 0, but neither is a line.
        if known is None or point is True or point is False:
            known = self._known[words] = self._read(native, ways, said)
        return known

    def _read(self, native: Native, ways: int, said: shape.Outcome) -> Place:
        read = self._readers[native.names](native, said)
        group = native.group + ways
        key = (group, read.line, read.subject)
        if key not in self._markets:
            self._markets[key] = self._market(native, ways, read)
        if (group, read) not in self._made:
            place = Place(self._markets[key], read.outcome, next(self._numbers))
            self._made[group, read] = place
        return self._made[group, read]

    def _market(self, native: Native, ways: int, read: _Said) -> Market:
        return Market(
            event_id=self._event,
            kind=native.kind,
            period=native.period or (Period.FULL_TIME if ways == 3 else self._sport.period),
            line=read.line,
            ways=ways,
            statistic=native.statistic,
            subject=read.subject,
        )

    def _side(self, native: Native, said: shape.Outcome) -> _Said:
        """Return which side a price is of, and the line as the home side's handicap."""
        outcome = self._sides.get(said.name)
        if outcome is None and native.kind is MarketKind.WINNER and said.name.lower() == "draw":
            return _Said(Outcome.DRAW)
        if outcome is None:
            raise NoPrice(_unknown(said.name))
        if native.kind is not MarketKind.HANDICAP:
            return _Said(outcome)
        point = line(said.point)
        return _Said(outcome, 0.0 - point if outcome is Outcome.AWAY else point)

    def _over_under(self, native: Native, said: shape.Outcome) -> _Said:
        outcome = _named(said, _OVER_UNDER)
        return _Said(outcome, line(said.point), self._subject(native, said))

    def _yes_no(self, native: Native, said: shape.Outcome) -> _Said:
        return _Said(_named(said, _YES_NO), None, self._subject(native, said))

    def _pair(self, native: Native, said: shape.Outcome) -> _Said:
        del native
        return self._proposed(said, two_of_three)

    def _halves(self, native: Native, said: shape.Outcome) -> _Said:
        del native
        return self._proposed(said, both_halves)

    def _proposed(self, said: shape.Outcome, spelt: _Spelling) -> _Said:
        subject = spelt(*self._sides).get(said.name) if self._sides else None
        if subject is None:
            raise NoPrice(_unknown(said.name))
        return _Said(Outcome.YES, None, subject)

    def _runner(self, native: Native, said: shape.Outcome) -> _Said:
        del native
        runner = plain(said.name)
        if runner is None:
            raise NoPrice(Reason.SUBJECT_MISSING)
        return _Said(Outcome.YES, None, runner)

    def _subject(self, native: Native, said: shape.Outcome) -> str | None:
        if native.whose is Whose.NOBODY:
            return None
        named = plain(said.description) if isinstance(said.description, str) else None
        if named is None:
            raise NoPrice(Reason.SUBJECT_MISSING)
        if native.whose is Whose.PLAYER:
            return f"{named} ({native.told})" if native.told else named
        team = self._sides.get(said.description)
        if team is None:
            raise NoPrice(_unknown(said.description))
        return team.value


def taken_by(book: str, *, lay: bool) -> tuple[Side, float]:
    """Return what a book's prices of a market are, and the commission that it takes of them."""
    return (Side.LAY, lay_commission(book)) if lay else (Side.BACK, commission(book))


def _named(said: shape.Outcome, names: Mapping[str, Outcome]) -> Outcome:
    outcome = names.get(said.name.lower())
    if outcome is None:
        raise NoPrice(_unknown(said.name))
    return outcome


def _unknown(name: object) -> Unknown:
    return Unknown(Reason.UNKNOWN_OUTCOME, NameKind.PARTICIPANT, name)
