"""Turns: what is known of each scope of a polled source, and what one round of questions brings."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.quotes import Reading
from feeds.base import Request
from jobs.urgency import Scope

MOST_FOLLOWED = 200

_Key = tuple[str, tuple[tuple[str, str], ...], bytes]


@dataclass(slots=True)
class Turn:
    """One scope: what is known of it, when it is asked again, and its waits while it fails.

    `rest` is what its answer led to that could not be paid for yet, `chain` all that it led to,
    and `led` whereto each answer of the chain led, should it say that nothing has changed. `beside`
    are requests that are made again alone: what they bring is not the scope's whole picture.
    """

    waits: Iterator[float]
    due_at: datetime
    scope: Scope = field(default_factory=Scope)
    rest: deque[Request] = field(default_factory=deque[Request])
    chain: list[Request] = field(default_factory=list[Request])
    led: dict[_Key, list[Request]] = field(default_factory=dict[_Key, list[Request]])
    beside: list[Request] = field(default_factory=list[Request])

    def start(self, root: Request) -> None:
        """Begin at the scope itself, where nothing is left of the last time."""
        if not self.rest:
            self.rest.append(root)
            self.chain.clear()

    def follow(self, request: Request, further: Sequence[Request] | None) -> None:
        """Put whereto an answer leads before the rest; None: whereto it last led."""
        self.led[_key(request)] = known = list(
            self.led.get(_key(request), ()) if further is None else further
        )
        new = [one for one in known if one not in self.chain][: MOST_FOLLOWED - len(self.chain) + 1]
        self.chain.extend(new)
        self.rest.extendleft(reversed(new))

    def again(self, request: Request, now: datetime) -> None:
        """Have a request made next: alone if it was one of a chain, else as the scope's turn."""
        if not self.rest and len(self.chain) <= 1:
            self.due_at = min(self.due_at, now)
        elif request not in self.rest:
            self.rest.appendleft(request)
            self.beside.append(request)

    def end(self) -> None:
        """Forget whereto answers led that the chain no longer comes to, and what was not begun."""
        if not self.chain:
            self.rest.clear()
        elif not self.rest:
            asked = {_key(request) for request in self.chain}
            self.led = {key: further for key, further in self.led.items() if key in asked}


@dataclass(slots=True)
class Round:
    """What one round has brought, by scope; `errors` likewise; it is `over` when one is fatal."""

    over: bool = False
    errors: list[tuple[str, Exception]] = field(default_factory=list[tuple[str, Exception]])
    brought: dict[str, list[Reading]] = field(default_factory=dict[str, list[Reading]])


Share = tuple[Request, float]
"""A scope of the plan whose turn it is, and the urgency that it may claim."""


class Question(NamedTuple):
    """A request that waits for its answer, and whose turn it is."""

    share: Share
    request: Request


@dataclass(slots=True)
class Flying:
    """The questions that wait for their answers."""

    asked: dict[asyncio.Task[list[Reading]], Question] = field(
        default_factory=dict[asyncio.Task[list[Reading]], Question]
    )

    @property
    def scopes(self) -> set[str]:
        """The scopes of the plan whose turn they are."""
        return {root.scope for (root, _), _ in self.asked.values()}

    async def landed(self, patience_s: float | None) -> list[tuple[Share, Request, list[Reading]]]:
        """Return what is answered by the first answer, or after so long."""
        done, _ = await asyncio.wait(
            self.asked, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED
        )
        landed = [(self.asked.pop(task), task) for task in list(self.asked) if task in done]
        return [(one.share, one.request, task.result()) for one, task in landed]

    async def end(self) -> None:
        """Let go of all of them."""
        for task in self.asked:
            task.cancel()
        await asyncio.gather(*self.asked, return_exceptions=True)


def _key(request: Request) -> _Key:
    return request.url, tuple(sorted(request.params.items())), request.body
