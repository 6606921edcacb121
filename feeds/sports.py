"""Sports as The Odds API names them, and how their markets settle unless a market says else."""

from typing import NamedTuple

from domain.markets import Period

_REGULATION = Period.FULL_TIME
_TO_THE_END = Period.FULL_TIME_INCL_OVERTIME


class Sport(NamedTuple):
    """Our name of a sport, how many ways its winner market has, and the period that settles it.

    `keys` are the vendor's leagues that asking for the sport as a whole asks for.
    """

    name: str
    ways: int
    period: Period
    keys: tuple[str, ...] = ()


BY_PREFIX = {
    "americanfootball": Sport(
        "american_football", 2, _TO_THE_END, ("americanfootball_nfl", "americanfootball_ncaaf")
    ),
    "aussierules": Sport("australian_rules", 2, _TO_THE_END, ("aussierules_afl",)),
    "baseball": Sport("baseball", 2, _TO_THE_END, ("baseball_mlb",)),
    "basketball": Sport("basketball", 2, _TO_THE_END, ("basketball_nba", "basketball_wnba")),
    "boxing": Sport("boxing", 2, _REGULATION, ("boxing_boxing",)),
    "cricket": Sport("cricket", 2, _REGULATION, ("cricket_international_t20",)),
    "handball": Sport("handball", 3, _REGULATION, ("handball_germany_bundesliga",)),
    "icehockey": Sport("ice_hockey", 2, _TO_THE_END, ("icehockey_nhl",)),
    "lacrosse": Sport("lacrosse", 2, _TO_THE_END, ("lacrosse_pll",)),
    "mma": Sport("mma", 2, _REGULATION, ("mma_mixed_martial_arts",)),
    "rugbyleague": Sport("rugby_league", 2, _TO_THE_END, ("rugbyleague_nrl",)),
    "rugbyunion": Sport("rugby_union", 3, _REGULATION, ("rugbyunion_six_nations",)),
    "soccer": Sport("soccer", 3, _REGULATION, ("soccer_epl", "soccer_uefa_champs_league")),
    "tennis": Sport("tennis", 2, _REGULATION),
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
