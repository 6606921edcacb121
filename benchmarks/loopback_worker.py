"""The worker's process, following vendors on this machine: `jobs.worker` with another roster.

Its one argument is a JSON list of `Followed`; servers and the rest come from the environment, as
for the worker itself.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import msgspec

from feeds.base import Feed, Manifest, Payload, Request, Wire
from feeds.native import Native
from feeds.optic_odds import OpticOddsStream
from feeds.the_odds_api import TheOddsApi
from feeds.transport import Transport
from jobs import equipment, worker
from jobs.listened import Listened
from jobs.loop import run
from jobs.polled import Polled
from jobs.roster import Around, Asked
from jobs.sources import Replay, Source
from kit import log
from kit.clock import Clock
from kit.settings import Settings, settings


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """One source: whose contract it keeps, where it is, and what is asked of it how often.

    A `replay` is of the file at `url`, again and again.
    """

    contract: str
    name: str
    url: str
    sports: list[str] = []
    interval_s: float = 15.0


class Lines(Native):
    """Native lines over HTTP, a question a sport: what has changed since the last answer."""

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return a request a sport."""
        return [
            Request(source="lines", scope=sport, url="https://any/lines", params={"sport": sport})
            for sport in sports
        ]

    def resume(self, payload: Payload) -> Mapping[str, str]:
        """Return the instant of the last line, from which on there is more to hear."""
        last = payload.body.rstrip().rpartition(b"\n")[2]
        return {"since": msgspec.json.decode(last)["seen_at"]} if last else {}


class AtHome(Feed):
    """A feed whose vendor is on this machine."""

    def __init__(self, inner: Feed, at: Followed) -> None:
        self._inner, self._at = inner, at
        self.manifest: Manifest = replace(  # pyright: ignore[reportIncompatibleVariableOverride]
            inner.manifest,
            name=at.name,
            title=at.name,
            hosts=frozenset({"127.0.0.1"}),
            min_interval_s=at.interval_s,
            quota=None,
            needs_credential=False,
            credential_param="",
            credential_headers={},
        )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the feed's requests, each to this machine."""
        return [self._moved(request) for request in self._inner.plan(sports)]

    def read(self, payload: Payload) -> Any:
        """Read as the feed does."""
        return self._inner.read(payload)

    def resume(self, payload: Payload) -> Mapping[str, str]:
        """Resume as the feed does."""
        return self._inner.resume(payload)

    def _moved(self, request: Request) -> Request:
        parts = urlsplit(request.url)
        query = f"?{parts.query}" if parts.query else ""
        url = f"{self._at.url}/{self._at.name}{parts.path}{query}"
        return replace(request, source=self._at.name, url=url)


class Loop(Replay):
    """A recording that begins again when it has ended."""

    ends = False


FEEDS: dict[str, type[Feed]] = {
    "the_odds_api": TheOddsApi,
    "lines": Lines,
    "optic_odds_stream": OpticOddsStream,
}


def environment(database_url: str, redis_url: str) -> dict[str, str]:
    """Return what the process needs to know of its servers."""
    return {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DUTCHBOOK_LOG_LEVEL": "ERROR"}


def _roster(
    followed: Sequence[Followed],
    given: Settings,
    transport: Transport,
    clock: Clock,
    asked: Asked,
    around: Around,
) -> list[Source]:
    del given
    return [_source(one, transport, clock, asked, around) for one in followed]


def _source(
    one: Followed, transport: Transport, clock: Clock, asked: Asked, around: Around
) -> Source:
    if one.contract == "replay":
        return Loop(Path(one.url), speed=asked.speed, clock=clock)
    feed = AtHome(FEEDS[one.contract](), one)
    kind = Polled if feed.manifest.wire is Wire.REST else Listened
    return kind(feed=feed, transport=transport, sports=one.sports, clock=clock, near=around.near)


def _near_home(*, clock: Clock, **_: Any) -> Transport:
    """Return a way to this machine, where nobody asks for a credential."""
    return Transport(credential=lambda _: None, clock=clock, allow_loopback=True)


async def _work() -> None:
    task = asyncio.current_task()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel if task else sys.exit)
    with contextlib.suppress(asyncio.CancelledError):
        await worker.work(settings(), Asked())


def main(text: str) -> None:
    """Work until told to stop."""
    followed = msgspec.json.decode(text, type=list[Followed])
    log.set_up(level=settings().log_level)
    with (
        mock.patch.object(equipment, "Transport", _near_home),
        mock.patch.object(worker, "roster", partial(_roster, followed)),
    ):
        run(_work())


if __name__ == "__main__":
    main(sys.argv[1])
