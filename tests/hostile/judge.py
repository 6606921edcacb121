"""What a hostile program may not hear, and a witness who may not notice that it is there."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx

from tests.hostile import arguments
from tests.hostile.wire import NEVER_SAID, Wire, opened, updates

BOARD = "reflex___state____state.arb_app___state___board____board_state"


class Breach(AssertionError):
    """Something was got, or brought down, that should not have been."""


@dataclass
class Target:
    """A running product, who attacks it, and words that they may not be told.

    `cookies` are Cookie headers by who sends them; `old` are those of sessions that are over.
    """

    url: str
    cookies: dict[str, str] = field(default_factory=lambda: {"a visitor": ""})
    secrets: Sequence[str] = ()
    old: Sequence[str] = ()

    @cached_property
    def events(self) -> dict[str, list[str]]:
        """Every registered event, with the names of its arguments."""
        return arguments.events()

    @cached_property
    def _guarded(self) -> dict[str, dict[str, Any]]:
        guarded = arguments.guarded_states()
        return {s: v for s, v in arguments.defaults().items() if s in guarded}

    def judge(self, said: list[str], where: str) -> None:
        """Raise `Breach` if frames tell what nobody of the `cookies` may know."""
        for text in said:
            if found := [secret for secret in self.secrets if secret in text]:
                raise Breach(f"{where}: was told {found}")
            if found := NEVER_SAID.search(text):
                around = text[max(0, found.start() - 80) : found.end() + 80]
                raise Breach(f"{where}: was told of our insides: {around!r}")
        for update in updates(said):
            self._judge_update(update, where)

    def _judge_update(self, update: dict[str, Any], where: str) -> None:
        for state, changes in (update.get("delta") or {}).items():
            usual = self._guarded.get(state, {})
            for var, value in changes.items():
                if var in usual and isinstance(value, list | dict) and value != usual[var]:
                    raise Breach(f"{where}: was told {state}.{var}: {json.dumps(value)[:200]}")
        for event in update.get("events") or []:
            path = str(event.get("payload", {}).get("path", "/"))
            if event["name"] in ("_call_script", "_eval") or (
                event["name"] == "_redirect" and not path.strip('"`').startswith("/")
            ):
                raise Breach(f"{where}: was sent {json.dumps(event)[:200]}")

    async def healthy(self, after: str, *, within_s: float = 20) -> None:
        """Raise `Breach` unless the product answers over HTTP and on a new socket."""
        try:
            async with asyncio.timeout(within_s):
                async with httpx.AsyncClient(trust_env=False) as client:
                    answer = await client.get(f"{self.url}/healthz", timeout=within_s)
                    answer.raise_for_status()
                async with opened(self.url) as wire:
                    await wire.settle()
        except (OSError, TimeoutError, httpx.HTTPError) as e:
            raise Breach(f"not healthy after {after}: {e!r}") from e


class Witness:
    """Somebody who watches the board all the while."""

    def __init__(self, wire: Wire, *, most_silence_s: float) -> None:
        self._wire = wire
        self._most_silence_s = most_silence_s
        self._looked = 0
        self._last: tuple[str, int] | None = None
        self.messages = 0

    async def join(self) -> None:
        """Begin to watch."""
        await self._wire.fire(f"{BOARD}.join")
        await self._wire.until('"snapshot"')

    @property
    def longest_silence_s(self) -> float:
        """Return the longest time between two frames so far."""
        times = self._wire.heard_at
        return max((b - a for a, b in itertools.pairwise(times)), default=0.0)

    def look(self, after: str) -> None:
        """Raise `Breach` if a patch was missed, or nothing came for too long."""
        new, self._looked = self._wire.said[self._looked :], len(self._wire.said)
        for update in updates(new):
            message = (update["delta"] or {}).get(BOARD, {}).get("message_rx_state_") or {}
            if message.get("kind") in ("snapshot", "patch"):
                self._follow(message, after)
        if self.longest_silence_s > self._most_silence_s:
            raise Breach(f"the witness heard nothing for {self.longest_silence_s:.1f} s by {after}")

    def _follow(self, message: dict[str, Any], after: str) -> None:
        epoch, seq = message["epoch"], message["seq"]
        follows = self._last in (None, (epoch, seq - 1))
        if message["kind"] == "patch" and not follows:
            raise Breach(f"the witness missed a patch by {after}: {self._last} then {epoch} {seq}")
        self._last = (epoch, seq)
        self.messages += 1
