"""The documented shapes of Betfair's exchange: catalogues and books of API-NG, stream messages.

Field names are those of developer.betfair.com: Betting Type Definitions (MarketCatalogue,
MarketBook) and the Exchange Stream API's ESASwagger schema (ResponseMessage, MarketChange).
"""

from typing import Any

import msgspec


class Named(msgspec.Struct):
    """A sport, competition or event: its id and its name."""

    id: str
    name: str = ""


class CatalogueRunner(msgspec.Struct, rename="camel"):
    """What a runner is called."""

    selection_id: int
    runner_name: str
    handicap: float | None = None
    sort_priority: int = 0


class Description(msgspec.Struct, rename="camel"):
    """How a market is bet on; the base rate is commission in percent of net winnings."""

    market_type: str = ""
    betting_type: str = "ODDS"
    market_base_rate: float | None = None


class Catalogue(msgspec.Struct, rename="camel"):
    """What a market and its runners are, without prices."""

    market_id: str
    market_name: str = ""
    market_start_time: str | None = None
    description: Description | None = None
    runners: list[CatalogueRunner] = []
    event_type: Named | None = None
    competition: Named | None = None
    event: Named | None = None


class Level(msgspec.Struct, gc=False):
    """A price and the backer's stake that stands there, unread."""

    price: Any = None
    size: Any = None


class Exchange(msgspec.Struct, rename="camel"):
    """A runner's book: the best price of each side stands first."""

    available_to_back: list[Level] = []
    available_to_lay: list[Level] = []


class BookRunner(msgspec.Struct, rename="camel"):
    """A runner's prices."""

    selection_id: int
    handicap: float | None = None
    status: str = ""
    ex: Exchange | None = None


class Book(msgspec.Struct, rename="camel"):
    """A market's prices."""

    market_id: str
    status: str = ""
    is_market_data_delayed: bool = False
    inplay: bool = False
    number_of_winners: int = 1
    runners: list[BookRunner] = []


class RunnerDefinition(msgspec.Struct, rename="camel"):
    """A runner as the stream describes it; live streams do not name it, recordings may."""

    id: int
    hc: float | None = None
    status: str = ""
    sort_priority: int = 0
    name: str | None = None


class MarketDefinition(msgspec.Struct, rename="camel"):
    """A market as the stream describes it."""

    event_id: str
    event_type_id: str
    status: str
    market_type: str = ""
    betting_type: str = "ODDS"
    market_base_rate: float | None = None
    market_time: str | None = None
    in_play: bool = False
    number_of_winners: int = 1
    runners: list[RunnerDefinition] = []
    name: str = ""
    event_name: str = ""
    venue: str = ""


PriceSize = tuple[float, float]
LevelPriceSize = tuple[int, float, float]


class RunnerChange(msgspec.Struct):
    """What changed of a runner: whole ladders by price, or the best levels by their position."""

    id: int
    hc: float | None = None
    atb: list[PriceSize] | None = None
    atl: list[PriceSize] | None = None
    batb: list[LevelPriceSize] | None = None
    batl: list[LevelPriceSize] | None = None
    bdatb: list[LevelPriceSize] | None = None
    bdatl: list[LevelPriceSize] | None = None


class MarketChange(msgspec.Struct, rename="camel"):
    """What changed of a market; an image replaces all that was known of it."""

    id: str
    img: bool | None = None
    market_definition: MarketDefinition | None = None
    rc: list[RunnerChange] | None = None


class Message(msgspec.Struct, rename="camel"):
    """One message of the stream."""

    op: str
    pt: int | None = None
    clk: str | None = None
    initial_clk: str | None = None
    ct: str | None = None
    status: int | None = None
    status_code: str | None = None
    error_code: str | None = None
    mc: list[MarketChange] | None = None
