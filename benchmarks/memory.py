"""Whether memory grows: the real worker replays recordings at 60 times their speed, over and over.

Its resident set is sampled every ten seconds; growth is the median of the slopes of all pairs of
samples (Theil, 1950; Sen, 1968) after the first fifth of the time, in which caches fill. What is
replayed is unpacked before, since a decompressor's window fills for as long as its file lasts.
Without recordings beside the project there is nothing to replay, and nothing is returned.

`DUTCHBOOK_BENCH_SECONDS` sets how long it runs; 3600 unless told.
"""

import asyncio
import lzma
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.loopback_run import Rig, rig
from benchmarks.loopback_worker import Followed
from feeds.recordings import source_name
from kit.settings import ROOT

SECONDS = float(os.environ.get("DUTCHBOOK_BENCH_SECONDS", "3600"))
RECORDINGS = ROOT.parent / "shared" / "data" / "odds_stream"
_SAMPLE_S = 10.0
_WARM = 0.2


def run() -> Mapping[str, float]:
    """Return the worker's megabytes after the first fifth and at the end, and growth an hour."""
    files = sorted(RECORDINGS.glob("*.jsonl.xz")) if RECORDINGS.is_dir() else []
    if not files:
        print("memory: skipped, the recorded odds are not beside the project", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory() as unpacked:
        followed = [_followed(file, Path(unpacked)) for file in files]
        return asyncio.run(_run(followed))


def _followed(packed: Path, where: Path) -> Followed:
    plain = where / packed.stem
    with lzma.open(packed) as source, plain.open("wb") as target:
        shutil.copyfileobj(source, target)
    return Followed(contract="replay", name=source_name(packed), url=str(plain))


async def _run(followed: list[Followed]) -> Mapping[str, float]:
    async with rig(followed) as running:
        await running.begun(len(followed))
        began_s, quotes = time.time(), await running.quotes()
        samples = [sample async for sample in _sampled(running)]
        handed_on = (await running.quotes() - quotes) / (time.time() - began_s)
    warm = samples[int(len(samples) * _WARM) :]
    slopes = [(b - a) / (later - early) for (early, a), (later, b) in combinations(warm, 2)]
    return {
        "memory_warm_mb": warm[0][1],
        "memory_end_mb": warm[-1][1],
        "memory_most_mb": max(size for _, size in warm),
        "memory_growth_mb_per_h": 3600 * float(np.median(slopes)),
        "memory_quotes_per_s": handed_on,
        "memory_hours": SECONDS / 3600,
    }


async def _sampled(running: Rig) -> AsyncIterator[tuple[float, float]]:
    """Yield seconds since the beginning and megabytes, as long as it is measured."""
    began_s = time.monotonic()
    while (at_s := time.monotonic() - began_s) < SECONDS:
        running.check()
        size = running.used().rss / 1e6
        print(f"{at_s:7.0f} s {size:9.1f} MB", file=sys.stderr)
        yield at_s, size
        await asyncio.sleep(_SAMPLE_S)


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<28}{value:>14,.2f}")
