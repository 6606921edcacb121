"""Vocabularies: what a vendor's names of sports and markets mean, a table beside its feed."""

import tomllib
from functools import lru_cache
from pathlib import Path

import msgspec

from domain.markets import MarketKind, Period, Statistic
from domain.names import NameKind
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown
from feeds.sports import BY_NAME, Sport

# Sports that The Odds API has no leagues of; none of them is played on after its regular end.
_OTHERS = {
    name: Sport(name, ways, Period.FULL_TIME)
    for name, ways in {
        "badminton": 2,
        "beach_volleyball": 2,
        "darts": 2,
        "esports": 2,
        "futsal": 3,
        "golf": 2,
        "greyhound_racing": 2,
        "horse_racing": 2,
        "snooker": 2,
        "squash": 2,
        "table_tennis": 2,
        "volleyball": 2,
        "water_polo": 3,
    }.items()
}
UNTOLD = Sport("untold", 2, Period.FULL_TIME)


class Bet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a market's name means; the sport says what `period` and `ways` leave open."""

    kind: MarketKind
    period: Period | None = None
    statistic: Statistic = Statistic.SCORE
    ways: int = 0
    subject: str | None = None
    line: float | None = None


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A vendor's words by our meaning of them; capitals do not count.

    `sports` name ours; `leagues` and `books` give names to numbers; `periods` name ours.
    """

    markets: dict[str, Bet] = {}
    sports: dict[str, str] = {}
    leagues: dict[str, str] = {}
    books: dict[str, str] = {}
    periods: dict[str, Period] = {}
    outcomes: dict[str, str] = {}

    def bet(self, said: object) -> Bet:
        """Return what a market means; raise `NoPrice` if the table does not know it."""
        bet = self.markets.get(str(said).casefold()) if isinstance(said, str | int) else None
        if bet is None:
            raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.MARKET, said))
        return bet

    def sport(self, said: object) -> Sport:
        """Return the sport that a vendor's word or number is of; raise `NoPrice` if unknown."""
        ours = self.sports.get(str(said).casefold()) if isinstance(said, str | int) else None
        sport = (BY_NAME.get(ours) or _OTHERS.get(ours)) if ours else None
        if sport is None:
            raise NoPrice(Unknown(Reason.UNKNOWN_SPORT, NameKind.SPORT, said))
        return sport

    def theirs(self, ours: str) -> list[str]:
        """Return the vendor's words of one of our sports."""
        return [said for said, name in self.sports.items() if name == ours]

    @property
    def sport_names(self) -> frozenset[str]:
        """Our names of the sports that the vendor has."""
        return frozenset(self.sports.values())

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of market that can be read."""
        return frozenset(bet.kind.value for bet in self.markets.values())


@lru_cache(maxsize=64)
def words(feed: str) -> Words:
    """Return the vocabulary in the table of a feed's name."""
    table = tomllib.loads((Path(__file__).parent / f"{feed}.toml").read_text("utf-8"))
    for part in ("markets", "sports", "periods", "outcomes"):
        table[part] = {said.casefold(): meant for said, meant in table.get(part, {}).items()}
    return msgspec.convert(table, Words)
