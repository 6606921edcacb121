"""All attacks, one after the other, beside a witness, and what they cost in memory."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psutil

from tests.hostile.attacks import ATTACKS, Attack
from tests.hostile.judge import Breach, Target, Witness
from tests.hostile.wire import opened

MB = 1024 * 1024


@dataclass(frozen=True)
class Outcome:
    """What came of one attack: `breach` is "" if nothing did."""

    name: str
    note: str
    breach: str
    seconds: float
    rss_mb: float


@asynccontextmanager
async def watched(target: Target, *, most_silence_s: float) -> AsyncIterator[Witness]:
    """Let somebody watch the board while it is attacked."""
    async with opened(target.url) as wire:
        witness = Witness(wire, most_silence_s=most_silence_s)
        await witness.join()
        yield witness


async def attacked(
    target: Target, witness: Witness, attack: Attack, web: psutil.Process | None
) -> Outcome:
    """Attack, then see whether anybody noticed."""
    name, began, note, breach = attack.__name__, time.monotonic(), "", ""
    try:
        note = await attack(target)
        await target.healthy(name)
        witness.look(name)
    except Breach as e:
        breach = str(e)
    rss = web.memory_info().rss / MB if web else 0.0
    return Outcome(name, note, breach, time.monotonic() - began, rss)


async def all_attacks(
    target: Target, *, web: psutil.Process | None, most_silence_s: float
) -> AsyncIterator[Outcome]:
    """Yield what came of each attack."""
    async with watched(target, most_silence_s=most_silence_s) as witness:
        for attack in ATTACKS:
            yield await attacked(target, witness, attack, web)
