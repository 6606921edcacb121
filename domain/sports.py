"""Sports: how each one ends, what its score counts, and what sources call it."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from domain.markets import Period, Statistic


class Level(StrEnum):
    """What it is when both sides are level at the end."""

    NEVER = "never"
    RARE = "rare"
    USUAL = "usual"


class Sport(msgspec.Struct, frozen=True, kw_only=True):
    """How a sport ends.

    `ways` and `period` are those of its usual winner market. `level` says what a level score after
    regulation is, `level_at_end` what one after overtime is: never, because play goes on; rare, so
    that only a book's rules say what becomes of a two-way winner; or a usual result. `score` is
    what the score counts that decides who wins; `lines` is what handicaps, totals, odd and even
    count where a source does not say. `aliases` are the names that sources use beside `name`.
    """

    name: str
    ways: int
    period: Period
    level: Level
    level_at_end: Level
    score: Statistic
    lines: Statistic = Statistic.SCORE
    aliases: tuple[str, ...] = ()

    @property
    def can_be_drawn(self) -> bool:
        """Whether the usual winner market can end level."""
        at_end = self.period is Period.FULL_TIME_INCL_OVERTIME
        return (self.level_at_end if at_end else self.level) is not Level.NEVER


def sport_called(name: str) -> Sport | None:
    """Return the sport that a source means, or None: "football" and "hockey" mean two each.

    Examples:
        >>> sport_called("Ice Hockey").name, sport_called("UFC").name, sport_called("football")
        ('ice_hockey', 'mma', None)
    """
    return _BY_ANY_NAME.get(_key(name))


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


_TO_THE_END = Period.FULL_TIME_INCL_OVERTIME


def _drawn(name: str, score: Statistic, *aliases: str, at_end: Level = Level.RARE) -> Sport:
    """Return a sport whose winner market has the draw, and is settled without overtime."""
    return Sport(
        name=name,
        ways=3,
        period=Period.FULL_TIME,
        level=Level.USUAL,
        level_at_end=at_end,
        score=score,
        aliases=aliases,
    )


def _decided(name: str, score: Statistic, *aliases: str, at_end: Level = Level.NEVER) -> Sport:
    """Return a sport whose winner market has no draw, and includes overtime."""
    return Sport(
        name=name,
        ways=2,
        period=_TO_THE_END,
        level=Level.USUAL,
        level_at_end=at_end,
        score=score,
        aliases=aliases,
    )


def _won(
    name: str,
    score: Statistic,
    *aliases: str,
    lines: Statistic = Statistic.SCORE,
    level: Level = Level.NEVER,
) -> Sport:
    """Return a sport without overtime, whose winner market has no draw."""
    return Sport(
        name=name,
        ways=2,
        period=Period.FULL_TIME,
        level=level,
        level_at_end=level,
        score=score,
        lines=lines,
        aliases=aliases,
    )


_SCORE, _GOALS, _POINTS, _RUNS = Statistic.SCORE, Statistic.GOALS, Statistic.POINTS, Statistic.RUNS
_SETS, _GAMES, _MAPS, _ROUNDS = Statistic.SETS, Statistic.GAMES, Statistic.MAPS, Statistic.ROUNDS
_RARE, _USUAL = Level.RARE, Level.USUAL
_EVERY = (
    _drawn("soccer", _GOALS, "association football", at_end=_USUAL),
    _drawn("futsal", _GOALS, "indoor soccer", at_end=_USUAL),
    _drawn("beach_soccer", _GOALS),
    _drawn("esoccer", _GOALS, "e-football", "cyber football", at_end=_USUAL),
    _drawn("handball", _GOALS, "team handball"),
    _drawn("water_polo", _GOALS),
    _drawn("field_hockey", _GOALS, "hockey field", "grass hockey"),
    _drawn("roller_hockey", _GOALS, "rink hockey"),
    _drawn("bandy", _GOALS),
    _drawn("floorball", _GOALS, "innebandy", "unihockey"),
    _drawn("korfball", _GOALS),
    _drawn("gaelic_football", _POINTS, "gaa football"),
    _drawn("hurling", _POINTS, "gaelic hurling", "gaa hurling"),
    _drawn("rugby_union", _POINTS, "rugby-union", "rugby 15s"),
    _drawn("rugby_sevens", _POINTS, "rugby 7s"),
    _drawn("kabaddi", _POINTS),
    _drawn("pesapallo", _RUNS, "finnish baseball"),
    _drawn("speedway", _POINTS, "motorcycle speedway"),
    _drawn("chess", _POINTS),
    _decided("basketball", _POINTS),
    _decided("basketball_3x3", _POINTS, "3x3 basketball"),
    _decided("ebasketball", _POINTS, "e-basketball", "cyber basketball"),
    _decided("ice_hockey", _GOALS, "ice-hockey"),
    _decided("curling", _POINTS),
    _decided("softball", _RUNS),
    _decided("baseball", _RUNS, at_end=_RARE),
    _decided("american_football", _POINTS, "gridiron", "us football", at_end=_RARE),
    _decided("canadian_football", _POINTS, "cfl", at_end=_RARE),
    _decided("australian_rules", _POINTS, "aussie rules", "afl", "australian football",
             at_end=_RARE),
    _decided("rugby_league", _POINTS, "rugby-league", "nrl", at_end=_RARE),
    _decided("lacrosse", _GOALS, at_end=_RARE),
    _decided("netball", _GOALS, at_end=_RARE),
    _decided("ultimate", _POINTS, "ultimate frisbee"),
    _won("tennis", _SETS, "lawn tennis", lines=_GAMES),
    _won("tennis_best_of_3", _SETS, lines=_GAMES),
    _won("tennis_best_of_5", _SETS, lines=_GAMES),
    _won("padel", _SETS, "padel tennis", lines=_GAMES),
    _won("pickleball", _GAMES, lines=_POINTS),
    _won("table_tennis", _SETS, "ping pong", lines=_POINTS),
    _won("badminton", _SETS, lines=_POINTS),
    _won("squash", _SETS, lines=_POINTS),
    _won("beach_handball", _SETS, lines=_POINTS),
    _won("volleyball", _SETS, lines=_POINTS),
    _won("beach_volleyball", _SETS, "beach volley", lines=_POINTS),
    _won("snow_volleyball", _SETS, lines=_POINTS),
    _won("sepak_takraw", _SETS, lines=_POINTS),
    _won("darts", _SETS, lines=Statistic.LEGS),
    _won("snooker", Statistic.FRAMES),
    _won("pool", Statistic.FRAMES, "nine ball", "billiards"),
    _won("esports", _MAPS, "e-sports", "egames"),
    _won("counter_strike", _MAPS, "cs2", "csgo", "cs:go", "counter strike 2"),
    _won("dota_2", _MAPS, "dota"),
    _won("league_of_legends", _MAPS, "lol"),
    _won("valorant", _MAPS),
    _won("rainbow_six", _MAPS, "rainbow six siege"),
    _won("call_of_duty", _MAPS, "cod"),
    _won("overwatch", _MAPS),
    _won("starcraft", _MAPS, "starcraft 2"),
    _won("rocket_league", _GAMES),
    _won("honor_of_kings", _MAPS, "king of glory"),
    _won("cricket", _RUNS, level=_RARE),
    _won("mma", _SCORE, "mixed martial arts", "ufc", lines=_ROUNDS, level=_RARE),
    _won("boxing", _SCORE, lines=_ROUNDS, level=_RARE),
    _won("kickboxing", _SCORE, lines=_ROUNDS, level=_RARE),
    _won("muay_thai", _SCORE, "thai boxing", lines=_ROUNDS, level=_RARE),
    _won("sumo", _SCORE, "sumo wrestling"),
    _won("judo", _SCORE),
    _won("wrestling", _POINTS),
    _won("fencing", _POINTS),
    _won("golf", _SCORE, level=_RARE),
    _won("bowls", _POINTS, "lawn bowls", level=_RARE),
    _won("horse_racing", _SCORE, level=_RARE),
    _won("harness_racing", _SCORE, "trotting", level=_RARE),
    _won("greyhound_racing", _SCORE, "greyhounds", level=_RARE),
    _won("formula_1", _SCORE, "formula one", "f1", level=_RARE),
    _won("motorsport", _SCORE, "motor sport", "motor racing", level=_RARE),
    _won("nascar", _SCORE, level=_RARE),
    _won("motorcycling", _SCORE, "moto gp", level=_RARE),
    _won("cycling", _SCORE, level=_RARE),
    _won("athletics", _SCORE, "track and field", level=_RARE),
    _won("swimming", _SCORE, level=_RARE),
    _won("alpine_skiing", _SCORE, level=_RARE),
    _won("cross_country_skiing", _SCORE, level=_RARE),
    _won("ski_jumping", _SCORE, level=_RARE),
    _won("biathlon", _SCORE, level=_RARE),
    _won("surfing", _SCORE, level=_RARE),
    _won("politics", _SCORE, level=_RARE),
)  # fmt: skip
SPORTS: Mapping[str, Sport] = MappingProxyType({sport.name: sport for sport in _EVERY})
_BY_ANY_NAME = {_key(called): sport for sport in _EVERY for called in (sport.name, *sport.aliases)}
