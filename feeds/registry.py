"""Every source there is, by hand."""

from typing import Any

from domain.errors import Refused
from feeds.altenar import Altenar
from feeds.api_football import ApiFootball
from feeds.azuro import Azuro
from feeds.balldontlie import Balldontlie
from feeds.base import Feed
from feeds.bet90 import Bet90
from feeds.betcenter import Betcenter
from feeds.betdaq import Betdaq
from feeds.betfair import Betfair
from feeds.betfair_stream import BetfairStream
from feeds.betradar_uof import BetradarUof, BetradarUofStream
from feeds.betsapi import BetsApi
from feeds.cloudbet import Cloudbet
from feeds.eurobet import Eurobet
from feeds.football_data import FootballData
from feeds.kalshi import Kalshi
from feeds.kambi import Kambi
from feeds.matchbook import Matchbook
from feeds.meridian import Meridian
from feeds.native import Native
from feeds.odds_api_csv import OddsApiRows, OddsApiWide
from feeds.odds_api_io import OddsApiIo
from feeds.oddsjam import OddsJam
from feeds.oddsportal import OddsPortal
from feeds.optic_odds import OpticOdds, OpticOddsStream
from feeds.pinnacle_guest import PinnacleGuest
from feeds.polymarket import Polymarket
from feeds.prop_line import PropLine
from feeds.ps3838 import Ps3838
from feeds.sbtech import SbTech
from feeds.sharp_api import SharpApi
from feeds.smarkets import Smarkets
from feeds.sportmonks import Sportmonks
from feeds.sportradar_odds import SportradarOdds
from feeds.sports_game_odds import SportsGameOdds
from feeds.sx_bet import SxBet
from feeds.the_odds_api import TheOddsApi
from feeds.the_rundown import TheRundown, TheRundownStream

_AGGREGATORS: tuple[type[Feed], ...] = (
    ApiFootball,
    BetsApi,
    OddsApiIo,
    OpticOdds,
    OpticOddsStream,
    PropLine,
    SharpApi,
    Sportmonks,
    SportradarOdds,
    SportsGameOdds,
    TheRundown,
    TheRundownStream,
)
_BOOKMAKERS: tuple[type[Feed], ...] = (BetradarUof, BetradarUofStream, Ps3838)
_EXCHANGES: tuple[type[Feed], ...] = (
    Azuro,
    Betdaq,
    Betfair,
    BetfairStream,
    Cloudbet,
    Matchbook,
    Polymarket,
    Smarkets,
    SxBet,
)
_RECORDINGS: tuple[type[Feed], ...] = (
    Altenar,
    Balldontlie,
    Bet90,
    Betcenter,
    Eurobet,
    Kambi,
    Meridian,
    OddsJam,
    OddsPortal,
    PinnacleGuest,
    SbTech,
)
_ALL: tuple[type[Feed], ...] = (
    *(TheOddsApi, FootballData, OddsApiRows, OddsApiWide, Native, Kalshi),
    *_AGGREGATORS,
    *_BOOKMAKERS,
    *_EXCHANGES,
    *_RECORDINGS,
)
FEEDS: dict[str, type[Feed]] = {feed.manifest.name: feed for feed in _ALL}


def build(name: str, **options: Any) -> Feed:
    """Return a feed made with its options; raise `Refused` if there is none of that name."""
    if name not in FEEDS:
        raise Refused(f"there is no source {name!r}; choose one of {', '.join(sorted(FEEDS))}")
    return FEEDS[name](**options)


def together() -> dict[str, Feed]:
    """Return a feed of every source; a stream shares the events named by its polled feed."""
    betfair = Betfair()
    optic_odds, the_rundown, betradar = OpticOdds(), TheRundown(), BetradarUof()
    shared: list[Feed] = [
        *(betfair, BetfairStream(catalogues=betfair.catalogues)),
        *(optic_odds, OpticOddsStream(fixtures=optic_odds.fixtures)),
        *(the_rundown, TheRundownStream(known=the_rundown.known)),
        betradar,
        BetradarUofStream(fixtures=betradar.fixtures, recovery=betradar.recovery),
    ]
    made = {feed.manifest.name: feed for feed in shared}
    return {name: made.get(name) or kind() for name, kind in FEEDS.items()}
