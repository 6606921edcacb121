"""The live board as it travels from the worker to every web process."""

from datetime import datetime

import msgspec

from domain.opportunities import Opportunity
from domain.quotes import Origin


class BoardRow(msgspec.Struct, frozen=True, kw_only=True):
    """One opportunity in the middle of its life.

    `id` names this life of it; the same bet crossing again later gets another. `arrived_at` is our
    clock at `opportunity.as_of`, the instant judged: a leg's age now is its `age_s` plus the time
    since then, in a replay too. `verified_at` is when its prices were last confirmed before they
    were shown: by then the sources of all legs had told them, if need be when asked again. None:
    not all of them had.
    """

    id: str
    opportunity: Opportunity
    arrived_at: datetime
    first_seen_at: datetime
    best_roi: float
    verified_at: datetime | None = None


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A crossing that the gates hold back, with their reasons."""

    opportunity: Opportunity
    arrived_at: datetime


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared now: prices of markets of events."""

    events: int = 0
    markets: int = 0
    prices: int = 0


class Feeding(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of prices that the board is made of, for the banner: `label` says which one."""

    source: str
    origin: Origin
    label: str = ""


class BoardSnapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot"):
    """The whole board at one version. `epoch` changes when the numbering starts again."""

    epoch: str
    seq: int
    published_at: datetime
    rows: list[BoardRow]
    refused_total: int
    refused_by: dict[str, int]
    feeding: list[Feeding]


class BoardPatch(msgspec.Struct, frozen=True, kw_only=True, tag="patch"):
    """What changed since `seq - 1`: rows to put in place, ids to take away.

    An empty one is a heartbeat: it says that the board was looked at and is still true.
    """

    epoch: str
    seq: int
    published_at: datetime
    rows: list[BoardRow]
    gone: list[str]
    refused_total: int
    refused_by: dict[str, int]
    feeding: list[Feeding]


class Refusals(msgspec.Struct, frozen=True, kw_only=True):
    """Near misses now: the most profitable first, and how many each gate holds back."""

    published_at: datetime
    total: int
    by_code: dict[str, int]
    rows: list[RefusedRow]


BoardMessage = BoardSnapshot | BoardPatch
