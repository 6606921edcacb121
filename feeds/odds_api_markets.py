"""The markets of The Odds API: which of ours each of its keys is, read from a table once."""

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import permutations
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from domain.markets import MarketKind, Outcome, Period, Statistic

_TABLE = Path(__file__).with_name("the_odds_api.toml")


class Names(StrEnum):
    """What the names of a market's outcomes are."""

    SIDES = "sides"
    OVER_UNDER = "over_under"
    YES_NO = "yes_no"
    PAIRS = "pairs"
    HALVES = "halves"
    RUNNERS = "runners"


class Whose(StrEnum):
    """What the description of an outcome names."""

    NOBODY = ""
    TEAM = "team"
    PLAYER = "player"


class Native(NamedTuple):
    """What a key is for us; without `period` it is the one that the sport's winner is settled by.

    Keys of one `group` are of the same markets, as those of main and of alternate lines are; it is
    a multiple of 4, so that it stays apart from others when a number of ways is added.
    """

    kind: MarketKind
    names: Names
    group: int
    period: Period | None
    ways: int | None
    statistic: Statistic
    whose: Whose
    told: str
    lay: bool
    pair: bool


class _Market(msgspec.Struct, forbid_unknown_fields=True):
    kind: MarketKind
    names: Names
    period: Period | None = None
    ways: int | None = None
    statistic: Statistic = Statistic.SCORE
    of: Whose = Whose.NOBODY
    told: str = ""
    lay: bool = False
    pair: bool = False
    periods: bool = False


class _Claim(msgspec.Struct, forbid_unknown_fields=True):
    statistic: Statistic = Statistic.SCORE
    told: str = ""


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    markets: dict[str, _Market]
    periods: dict[str, Period]
    players: dict[str, Statistic]
    claims: dict[str, _Claim]


def two_of_three(home: str, away: str) -> dict[str, str]:
    """Return which two outcomes a name like "Gulls or Draw" means, however it is put together."""
    called = {home: "1", "Draw": "X", away: "2"}
    return {
        f"{one}{between}{other}": "".join(sorted((called[one], called[other]), key="1X2".index))
        for one, other in permutations(called, 2)
        for between in (" or ", " / ", "/")
    }


def both_halves(home: str, away: str) -> dict[str, str]:
    """Return what a name like "Draw/Gulls" means: who is ahead at half-time, and who at the end."""
    called = {home: Outcome.HOME, "Draw": Outcome.DRAW, away: Outcome.AWAY}
    return {
        f"{early}{between}{late}": f"{called[early]}/{called[late]}"
        for early in called
        for late in called
        for between in (" / ", "/", " - ", "-")
    }


def _read() -> Mapping[str, Native]:
    table = msgspec.convert(tomllib.loads(_TABLE.read_text(encoding="utf-8")), _Table)
    groups = dict[tuple[object, ...], int]()
    natives = dict[str, Native]()
    for key, said in _every(table):
        asked = (said.kind, said.period, said.ways, said.statistic, said.of, said.told)
        natives[key] = Native(
            kind=said.kind,
            names=said.names,
            group=groups.setdefault(asked, 4 * len(groups)),
            period=said.period,
            ways=said.ways,
            statistic=said.statistic,
            whose=said.of,
            told=said.told,
            lay=said.lay,
            pair=said.pair,
        )
    return MappingProxyType(natives)


def _every(table: _Table) -> Iterator[tuple[str, _Market]]:
    for key, said in table.markets.items():
        yield key, said
        for suffix, period in table.periods.items() if said.periods else ():
            yield key + suffix, msgspec.structs.replace(said, period=period)
    for key, statistic in table.players.items():
        counted = _Market(
            MarketKind.PLAYER_TOTAL, Names.OVER_UNDER, statistic=statistic, of=Whose.PLAYER
        )
        yield key, counted
        yield f"{key}_alternate", counted
    for key, claim in table.claims.items():
        yield (
            key,
            _Market(
                MarketKind.PLAYER_YES_NO,
                Names.YES_NO,
                statistic=claim.statistic,
                told=claim.told,
                of=Whose.PLAYER,
            ),
        )


MARKETS = _read()
