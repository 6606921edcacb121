"""Sports as The Odds API names them: its prefixes and leagues, and how the sport settles."""

from typing import NamedTuple

from domain.markets import Period
from domain.sports import SPORTS


class Sport(NamedTuple):
    """Our name of a sport, how many ways its winner market has, and the period that settles it.

    `keys` are the vendor's leagues that asking for the sport as a whole asks for.
    """

    name: str
    ways: int
    period: Period
    keys: tuple[str, ...] = ()


def _of(name: str, *keys: str) -> Sport:
    known = SPORTS[name]
    return Sport(name, known.ways, known.period, keys)


BY_PREFIX = {
    "americanfootball": _of("american_football", "americanfootball_nfl", "americanfootball_ncaaf"),
    "aussierules": _of("australian_rules", "aussierules_afl"),
    "baseball": _of("baseball", "baseball_mlb"),
    "basketball": _of("basketball", "basketball_nba", "basketball_wnba"),
    "boxing": _of("boxing", "boxing_boxing"),
    "cricket": _of("cricket", "cricket_international_t20"),
    "golf": _of("golf"),
    "handball": _of("handball", "handball_germany_bundesliga"),
    "icehockey": _of("ice_hockey", "icehockey_nhl"),
    "lacrosse": _of("lacrosse", "lacrosse_pll"),
    "mma": _of("mma", "mma_mixed_martial_arts"),
    "politics": _of("politics"),
    "rugbyleague": _of("rugby_league", "rugbyleague_nrl"),
    "rugbyunion": _of("rugby_union", "rugbyunion_six_nations"),
    "soccer": _of("soccer", "soccer_epl", "soccer_uefa_champs_league"),
    "tennis": _of("tennis"),
}
BY_NAME = {sport.name: sport for sport in BY_PREFIX.values()}


def sport_and_league(key: str) -> tuple[Sport, str] | None:
    """Return the sport and the league of a vendor's sport key, or None if we do not know it.

    Examples:
        >>> sport_and_league("basketball_wnba")[1]
        'wnba'
    """
    prefix, _, league = key.partition("_")
    sport = BY_PREFIX.get(prefix)
    return (sport, league) if sport and league else None
