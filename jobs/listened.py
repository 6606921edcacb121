"""Listened sources: a vendor's streams, each connected again behind what was last heard."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import DutchbookError
from domain.questions import Question
from domain.quotes import Reading
from feeds.base import KeyRefused, Request
from feeds.transport import AskedToWait
from jobs.sources import Sleep
from jobs.vendors import Vendor
from kit.retry import backoff
from kit.waiting import unless

# Readings that wait to be handed on; a stream that is faster than that is not read meanwhile.
_MOST_WAITING = 64
# A stream that said nothing for so long, not even that it lives, vouches for no price.
ALIVE_FOR = timedelta(seconds=10)


@dataclass(slots=True)
class _Heard:
    """What the streams of one source bring, and which of them are down."""

    queue: asyncio.Queue[Reading | Exception]
    down: set[str] = field(default_factory=set[str])
    at: dict[str, datetime] = field(default_factory=dict[str, datetime])


@dataclass(kw_only=True)
class Listened(Vendor):
    """A vendor's streams, one a request of the feed's plan.

    A stream that is lost is connected again, after a wait that grows while it keeps failing; while
    others of the source live, only its own scope counts as failing. When all are lost, the source
    fails, and whoever follows it decides when to begin again. A message that cannot be read loses
    its stream too: those behind it may build on it.
    """

    sleep: Sleep = asyncio.sleep
    _renewed: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _heard: _Heard | None = field(default=None, init=False)

    def ask_now(self, questions: Sequence[Question]) -> None:
        """Answer by the stream: while it lives, what it last said of a scope stands.

        The answer is of the stream's last message, and comes behind all that it has said.
        """
        heard = self._heard
        if heard is None:
            return
        last_at = [self._alive_at(one.scope, heard) for one in questions]
        told = [(one.id, at) for one, at in zip(questions, last_at, strict=True) if at is not None]
        silent = [one.id for one, at in zip(questions, last_at, strict=True) if at is None]
        answers = [self.pending.answer(silent, told=False)] if silent else []
        if told:
            ids, instants = zip(*told, strict=True)
            answers.append(self.pending.answer(ids, told=True, at=min(instants)))
        with suppress(asyncio.QueueFull):  # then they come too late in any case
            for answer in answers:
                heard.queue.put_nowait(answer)

    def _alive_at(self, scope: str, heard: _Heard) -> datetime | None:
        """Return when the stream of a scope last said anything, if that is not long ago."""
        stream = self.pending.root(scope)
        at = None if stream in heard.down else heard.at.get(stream)
        return at if at is not None and self.clock.now() - at <= ALIVE_FOR else None

    def renew(self) -> None:
        """End every connection: each is made again, with the credential of now."""
        super().renew()
        self._renewed.set()
        self._renewed = asyncio.Event()

    @property
    def pause_s(self) -> float:
        """No stream ends without an error; this is for a plan without any."""
        return self.feed.manifest.min_interval_s

    async def readings(self) -> AsyncGenerator[Reading]:
        """Yield what the streams say, as it comes.

        Raises:
            Unavailable: All of them are lost; the last one's reason.
            Broken: The same, for a reason of which the vendor or our credential is the cause.
        """
        scopes = [request.scope for request in self.plan()]
        if not scopes:
            return
        heard = self._heard = _Heard(asyncio.Queue(_MOST_WAITING))
        tasks = [asyncio.create_task(self._follow(scope, heard)) for scope in scopes]
        try:
            while True:
                said = await heard.queue.get()
                if isinstance(said, Reading):
                    yield said
                elif len(heard.down) == len(scopes) or not isinstance(said, DutchbookError):
                    raise said
                else:
                    self.asks.lost(1)
        finally:
            self._heard = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, scope: str, heard: _Heard) -> None:
        """Listen to one stream for ever, connecting again whenever it is lost."""
        waits, wait_s = backoff(), 0.0
        while True:
            answers, renewed = self.facts.answers, self._renewed
            try:
                await self._listen(scope, heard)
                continue
            except DutchbookError as e:
                wait_s = e.wait_s if isinstance(e, AskedToWait) else 0.0
                await self._lost(scope, e, heard)
            except Exception as e:  # noqa: BLE001  handed to whoever reads the queue, who raises it
                await self._lost(scope, e, heard)
            waits = backoff() if self.facts.answers > answers else waits
            await unless(renewed, self.sleep(max(wait_s, next(waits))))

    async def _lost(self, scope: str, error: Exception, heard: _Heard) -> None:
        if isinstance(error, KeyRefused):
            self.transport.sign_out(self.feed.manifest)
        heard.down.add(scope)
        self.asks.failed(scope, str(error))
        await heard.queue.put(error)

    async def _listen(self, scope: str, heard: _Heard) -> None:
        """Hand on what one connection says; return when it ends for a new credential."""
        renewed = self._renewed
        await self.sign_in()
        request = self._request(scope)
        async with aclosing(self.transport.payloads(request, self.feed.manifest)) as payloads:
            while (payload := await unless(renewed, anext(payloads))) is not None:
                readings = await self.read(payload)
                heard.down.discard(scope)
                self.pending.note(scope, request, readings)
                self.asks.answered(scope)
                for reading in readings:
                    await heard.queue.put(reading)
                heard.at[scope] = self.clock.now()

    def _request(self, scope: str) -> Request:
        return next(request for request in self.plan() if request.scope == scope)
