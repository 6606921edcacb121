"""Vendors: what a source that is polled and one that is listened to have in common."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.errors import Unavailable
from domain.questions import Question
from domain.quotes import Origin, Reading
from domain.sources import NotAsked
from feeds.base import Feed, Payload, RegionRefused, Request
from feeds.transport import Transport
from feeds.transport_secrets import filled
from jobs.pending import Pending
from kit.clock import Clock

_RECENT = 100
_MOST_FAILING = 20
# Answers are read here, two at a time: more would only take turns, the loop with them.
_READERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="reader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a source knows of itself, for its health; `failed` questions did not end a round."""

    answers: int = 0
    unchanged: int = 0
    failed: int = 0
    error_rate: float | None = None
    last_answer_at: datetime | None = None
    quota_left: float | None = None
    quota_ends_at: datetime | None = None
    not_asked: NotAsked | None = None
    failing: Mapping[str, str] = field(default_factory=dict[str, str])
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What one question brought."""

    quotes: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict[str, int])
    changed: bool = False


@dataclass(slots=True)
class Asks:
    """Counts how a vendor's questions went."""

    clock: Clock
    facts: Facts = field(default_factory=Facts)
    _recent: deque[bool] = field(default_factory=lambda: deque[bool](maxlen=_RECENT))

    def answered(self, scope: str, *, changed: bool = True) -> None:
        """Count an answer, which mends a scope that failed."""
        told = self.facts
        self._tell(
            good=True,
            answers=told.answers + 1,
            unchanged=told.unchanged + (not changed),
            last_answer_at=self.clock.now(),
            failing={name: why for name, why in told.failing.items() if name != scope},
        )

    def failed(self, scope: str, why: str) -> None:
        """Note a question that failed."""
        known = dict(list(self.facts.failing.items())[-_MOST_FAILING:])
        self._tell(good=False, failing=known | {scope: why})

    def forget(self, scopes: Collection[str]) -> None:
        """Hold nothing against scopes that may be gone."""
        failing = {name: why for name, why in self.facts.failing.items() if name not in scopes}
        self.facts = replace(self.facts, failing=failing)

    def lost(self, count: int) -> None:
        """Count questions that failed without ending their round."""
        self.facts = replace(self.facts, failed=self.facts.failed + count)

    def quota(
        self, left: float | None, ends_at: datetime | None, not_asked: NotAsked | None
    ) -> None:
        """Note what is left of the quota."""
        self.facts = replace(
            self.facts, quota_left=left, quota_ends_at=ends_at, not_asked=not_asked
        )

    def _tell(self, *, good: bool, **facts: Any) -> None:
        self._recent.append(good)
        rate = self._recent.count(False) / len(self._recent)
        self.facts = replace(self.facts, error_rate=rate, **facts)


@dataclass(kw_only=True)
class Vendor:
    """A feed, the way to its vendor, and what is asked of it.

    `region` is where we ask from, as an ISO 3166 code; "" if the operator does not say. `near` says
    which events, by the ids in readings, are nearly an arbitrage. `needs` are the settings that its
    credential is given by. `fresh` makes a feed that knows nothing yet, for a question beside all
    others.
    """

    feed: Feed
    transport: Transport
    sports: Sequence[str]
    clock: Clock
    region: str = ""
    near: Callable[[], frozenset[str]] = frozenset
    needs: tuple[str, ...] = ()
    fresh: Callable[[], Feed] | None = None
    ends: bool = False
    asks: Asks = field(init=False)
    _preparing: asyncio.Future[None] | None = field(default=None, init=False)
    pending: Pending = field(init=False)
    resumed: dict[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]], init=False
    )

    def __post_init__(self) -> None:
        self.asks = Asks(self.clock, Facts(needs=self.needs))
        self.pending = Pending(self.name, self.clock)

    @property
    def name(self) -> str:
        """The feed's name."""
        return self.feed.manifest.name

    @property
    def title(self) -> str:
        """The feed's name for people."""
        return self.feed.manifest.title

    @property
    def origin(self) -> Origin:
        """What the feed's prices are."""
        return self.feed.manifest.origin

    @property
    def facts(self) -> Facts:
        """How its questions went."""
        return self.asks.facts

    def check(self) -> None:
        """Return if it may be asked at all.

        Raises:
            RegionRefused: Its terms do not let it be read from where we are.
            NoCredential: It needs a credential and has none, or only a part.
        """
        if self.region and self.region in self.feed.manifest.refused_regions:
            raise RegionRefused(f"{self.name}: it is not to be read from {self.region}")
        self.transport.check(self.feed.manifest)

    def renew(self) -> None:
        """Let go of what was opened with a credential that has changed: the session."""
        self.transport.sign_out(self.feed.manifest)

    def ask_now(self, questions: Sequence[Question]) -> None:
        """Have answers to questions among the next readings, as far as it may be asked."""
        self.pending.ask(questions)

    async def once(self) -> Tried:
        """Ask one question beside all others, and read its answer without leaving a trace.

        Raises:
            Unavailable: It may not be asked, or cannot be reached.
            Broken: It answers with what cannot be read, or refuses our credential.
        """
        self.check()
        feed = self.fresh() if self.fresh else self.feed
        request = next(iter(feed.plan(self.sports)), None)
        if request is None:
            raise Unavailable(f"{self.name}: there is nothing to ask of it now")
        payload = await self.asked_once(request)
        if payload is None:
            return Tried()
        readings = await asyncio.to_thread(lambda: list(feed.read(payload)))
        rejected = Counter[str]()
        for reading in readings:
            rejected.update(reading.rejected)
        quotes = sum(len(reading.quotes) for reading in readings)
        return Tried(quotes=quotes, rejected=dict(rejected), changed=True)

    async def asked_once(self, request: Request) -> Payload | None:
        """Return the first that the vendor says to a question, or None if nothing has changed."""
        await self.sign_in()
        async with aclosing(self.transport.payloads(request, self.feed.manifest)) as payloads:
            return await anext(payloads, None)

    def plan(self) -> list[Request]:
        """Return the feed's requests, each going on where its scope's last answer ended."""
        plan = self.feed.plan(self.sports)
        planned = {request.scope for request in plan}
        self.resumed = {scope: said for scope, said in self.resumed.items() if scope in planned}
        return [_going_on(request, self.resumed.get(request.scope, {})) for request in plan]

    async def sign_in(self) -> None:
        """Open a session where the vendor has them and none is open."""
        login = self.feed.login()
        if login and not self.transport.signed_in(self.feed.manifest):
            await self.transport.sign_in(login, self.feed.manifest, self.feed.session)

    async def read(self, payload: Payload) -> list[Reading]:
        """Return what the feed makes of an answer, off the loop that others wait on."""
        loop = asyncio.get_running_loop()
        if self._preparing is None:
            self._preparing = loop.run_in_executor(None, self.feed.prepare)
        readings = await loop.run_in_executor(_READERS, lambda: list(self.feed.read(payload)))
        if going_on := self.feed.resume(payload):
            self.resumed[payload.request.scope] = going_on
        return readings


def _going_on(request: Request, resume: Mapping[str, str]) -> Request:
    if not resume:
        return request
    messages = [filled(message, request.content_type, resume) for message in request.messages]
    return replace(request, params={**request.params, **resume}, messages=messages)
