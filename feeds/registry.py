"""Every source there is, by hand."""

from typing import Any

from domain.errors import Refused
from feeds.base import Feed
from feeds.football_data import FootballData
from feeds.kalshi import Kalshi
from feeds.native import Native
from feeds.odds_api_csv import OddsApiRows, OddsApiWide
from feeds.the_odds_api import TheOddsApi

_ALL: tuple[type[Feed], ...] = (TheOddsApi, FootballData, OddsApiRows, OddsApiWide, Native, Kalshi)
FEEDS: dict[str, type[Feed]] = {feed.manifest.name: feed for feed in _ALL}


def build(name: str, **options: Any) -> Feed:
    """Return a feed made with its options; raise `Refused` if there is none of that name."""
    if name not in FEEDS:
        raise Refused(f"there is no source {name!r}; choose one of {', '.join(sorted(FEEDS))}")
    return FEEDS[name](**options)
