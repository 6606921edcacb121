"""What every source is made of: a manifest, its requests, and how to read an answer."""

import collections
import string
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from domain.errors import FeedDrifted, Unavailable
from domain.markets import Event
from domain.names import NameKind, UnknownName
from domain.quotes import Origin, Quote, Reading
from feeds.reasons import Unknown
from feeds.text import shown
from kit.ids import stable

__all__ = [
    "SESSION",
    "UNDATED",
    "Basis",
    "Feed",
    "FeedDrifted",
    "KeyRefused",
    "Manifest",
    "Payload",
    "Quota",
    "RegionRefused",
    "Request",
    "Tally",
    "Wire",
]

# The instant of a recorded answer that does not say when it was given.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)

# The part of a credential that a login answers with, instead of an operator.
SESSION = "session"

# Names that one reading may bring which no table of ours knows; the rest is counted by reason.
MOST_UNKNOWN = 50


class KeyRefused(FeedDrifted):
    """A source refuses our credential, our session or our plan with it."""

    code: ClassVar[str] = "key_refused"


class RegionRefused(Unavailable):
    """A source does not serve the place that we ask from."""

    code: ClassVar[str] = "region_refused"


class Basis(StrEnum):
    """What our knowledge of a source's answers rests on."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"
    SYNTHETIC = "synthetic"


class Wire(StrEnum):
    """How a source is followed: asked again and again, or listened to."""

    REST = "rest"
    SSE = "sse"
    WEBSOCKET = "websocket"
    LINES = "lines"
    AMQP = "amqp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a vendor's documentation lets one key spend; None where it sets no bound.

    `credits` may be spent a `period_s`, `Request.cost` by `Request.cost`; `per_s` is requests a
    second, whatever they cost; `most_weight` is the most `Request.weight` that one may have.
    `left_header` and `cost_header` name the answer's headers that say how many credits are left
    and what this answer took; `unchanged_is_free` says that a 304 takes none.
    """

    credits: float | None = None
    period_s: float = 30 * 86_400.0
    per_s: float | None = None
    most_weight: float | None = None
    left_header: str = ""
    cost_header: str = ""
    unchanged_is_free: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a source is; `hosts` are the only ones that may be asked for it.

    A credential is one text, or several parts by name. `credential_param` is the query parameter
    that the transport puts it in; `credential_headers` are headers whose values name parts in
    braces: `{"X-Api-Key": "{key}"}`, `{"Authorization": "Bearer {key}"}`, and "Basic
    {username}:{password}", which is then encoded. A credential of one text is its part `key`.
    `credential_in_body` are the parts that only bodies and messages name.
    `{session}` is what `Feed.session` found in the answer to `Feed.login`: one is opened every
    `session_s`, and whenever the source refuses the last.
    `refused_regions` are the ISO 3166 codes of where its terms do not let it be read from.
    `rotates` says that the vendor documents a way to have a new key at any time: only then is an
    operator reminded of one that is older than a day.
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
    wire: Wire = Wire.REST
    quota: Quota | None = None
    credential_headers: Mapping[str, str] = field(default_factory=dict[str, str])
    credential_in_body: frozenset[str] = frozenset()
    session_s: float = 8 * 3600.0
    refused_regions: frozenset[str] = frozenset()
    rotates: bool = False

    @property
    def credential_parts(self) -> tuple[str, ...]:
        """The parts that an operator must give: all but the session."""
        named = {
            part
            for template in self.credential_headers.values()
            for _, part, _, _ in string.Formatter().parse(template)
            if part and part != SESSION
        }
        asked = {"key"} if self.credential_param else set[str]()
        return tuple(sorted(named | self.credential_in_body | asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a source, without its credential: the transport adds that at the last moment.

    `scope` names what the answer is a picture of, e.g. one sport. `body` makes it a POST of that
    `content_type`; in it, and in `messages`, `{{key}}` or the name of another part of the
    credential is replaced by that part, escaped as JSON, XML or form. `messages` are what is said
    first on an open WebSocket or line connection. `cost` is in credits of the source's quota.

    Lines come from `lines+tls://host`; AMQP from `amqps://host/place`, where the path is the
    virtual host, `params` name the `exchange` and the `keys` bound to it, separated by commas, and
    the user name is the credential's `username`, or else its `key`.
    """

    source: str
    scope: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    content_type: str = "application/json"
    messages: Sequence[bytes] = ()
    subprotocols: Sequence[str] = ()
    cost: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One answer, byte for byte: `as_of` is the instant it describes, `arrived_at` our clock.

    From a stream each message is an answer; `kind` is its name where the wire gives it one, as
    server-sent events do. `took` is what the source says that the answer cost, in credits.
    """

    request: Request
    body: bytes
    as_of: datetime
    arrived_at: datetime
    quota_left: float | None = None
    kind: str = ""
    took: float | None = None


@dataclass(slots=True)
class Tally:
    """Collects the good of an answer and counts the rest by reason."""

    events: list[Event] = field(default_factory=list[Event])
    quotes: list[Quote] = field(default_factory=list[Quote])
    rejected: collections.Counter[str] = field(default_factory=collections.Counter[str])

    names: dict[tuple[str, str], UnknownName] = field(
        default_factory=dict[tuple[str, str], UnknownName]
    )

    def reject(self, reason: str, count: int = 1, *, example: str = "") -> None:
        """Count something dropped; nothing at all is not counted.

        A reason that carries a name notes it too, with an `example` of what it stood beside.
        """
        if not count:
            return
        if isinstance(reason, Unknown):
            self.unknown(reason, reason.kind, reason.said, count, example=example)
            reason = str(reason)
        self.rejected[reason] += count

    def unknown(
        self, reason: str, kind: NameKind, name: object, count: int = 1, *, example: str = ""
    ) -> None:
        """Note a name that no table of ours knows: text or a number, without what nobody sees.

        Of different names only the first `MOST_UNKNOWN` are kept. Nothing is counted as rejected.
        """
        text = shown(str(name)) if isinstance(name, str | int) else ""
        known = self.names.get((kind, text))
        if known is None and (not text or len(self.names) >= MOST_UNKNOWN):
            return
        self.names[kind, text] = UnknownName(
            kind=kind.value,
            name=text,
            reason=str(reason),
            count=count + (known.count if known else 0),
            example=known.example if known else shown(example),
        )

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
            unknown=list(self.names.values()),
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

    def prepare(self) -> None:  # noqa: B027  for those who compile
        """Make ready what reads faster; asked once, beside the rest, when a first answer came."""

    def follow(self, payload: Payload) -> Sequence[Request]:  # noqa: ARG002  for those who page
        """Return what an answer leads to within the same round: its next page, or details.

        Asked after `read` of the same payload; raise nothing, an answer without sense leads
        nowhere. A request that was already asked in the round is not asked again.
        """
        return ()

    def resume(self, payload: Payload) -> Mapping[str, str]:  # noqa: ARG002  for those who resume
        """Return what to ask from here on: query parameters of the next request of the scope.

        Polled: `{"since": "17"}` joins the params of the next round. In a stream, the params of
        the URL and `{{since}}` in `messages` when the connection is made again; empty: no change.
        """
        return {}

    def login(self) -> Request | None:
        """Return the question that opens a session, or None if the source has no sessions."""
        return None

    def session(self, payload: Payload) -> str:
        """Return the session's token in the answer to `login`; raise `KeyRefused` if none is."""
        raise KeyRefused(f"{payload.request.source}: its answer opens no session")


def event_id(source: str, source_id: str) -> str:
    """Return our id of a source's event."""
    return stable("event", source, source_id)
