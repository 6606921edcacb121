"""What every source is made of: a manifest, its requests, and how to read an answer."""

import collections
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from domain.errors import FeedDrifted
from domain.markets import Event
from domain.quotes import Origin, Quote, Reading
from kit.ids import stable

__all__ = ["UNDATED", "Basis", "Feed", "FeedDrifted", "Manifest", "Payload", "Request", "Tally"]

# The instant of a recorded answer that does not say when it was given.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


class Basis(StrEnum):
    """What our knowledge of a source's answers rests on."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"
    SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a source is; `hosts` are the only ones that may be asked for it.

    `credential_param` is the query parameter that the transport puts the credential in.
    """

    name: str
    title: str
    basis: Basis
    sports: frozenset[str]
    markets: frozenset[str]
    hosts: frozenset[str] = frozenset()
    min_interval_s: float = 60.0
    needs_credential: bool = False
    credential_param: str = ""
    origin: Origin = Origin.LIVE
    terms: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a source, without its credential: the transport adds that at the last moment.

    `scope` names what the answer is a picture of, e.g. one sport.
    """

    source: str
    scope: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One answer, byte for byte: `as_of` is the instant it describes, `arrived_at` our clock."""

    request: Request
    body: bytes
    as_of: datetime
    arrived_at: datetime
    quota_left: float | None = None


@dataclass(slots=True)
class Tally:
    """Collects the good of an answer and counts the rest by reason."""

    events: list[Event] = field(default_factory=list[Event])
    quotes: list[Quote] = field(default_factory=list[Quote])
    rejected: collections.Counter[str] = field(default_factory=collections.Counter[str])

    def reject(self, reason: str, count: int = 1) -> None:
        """Count something dropped; nothing at all is not counted."""
        if count:
            self.rejected[reason] += count

    def reading(self, payload: Payload, *, origin: Origin, complete: bool) -> Reading:
        """Return what was collected as the reading of `payload`."""
        return Reading(
            source=payload.request.source,
            scope=payload.request.scope,
            origin=origin,
            as_of=payload.as_of,
            arrived_at=payload.arrived_at,
            complete=complete,
            events=self.events,
            quotes=self.quotes,
            rejected=dict(self.rejected),
        )


class Feed(ABC):
    """A source of prices. It plans and reads; it never touches a network, a clock or a disk."""

    manifest: ClassVar[Manifest]

    @abstractmethod
    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the requests that bring one full picture of `sports`."""

    @abstractmethod
    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the readings in an answer: one, or one a snapshot for a recording of many.

        Raises:
            FeedDrifted: The answer as a whole is not of the documented shape. What is wrong with a
                single price or event is counted in `Reading.rejected` instead, and the rest kept.
        """


def event_id(source: str, source_id: str) -> str:
    """Return our id of a source's event."""
    return stable("event", source, source_id)
