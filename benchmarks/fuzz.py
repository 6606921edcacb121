"""Damaged answers for every source: none may crash its reader, or make it grow without end."""

import math
import multiprocessing
import os
import random
import resource
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from traceback import extract_tb

import psutil

from domain.errors import FeedDrifted
from domain.quotes import Reading, decode_reading, encode_reading
from feeds.base import UNDATED, Feed, Payload, Request
from feeds.odds_api_memo import load_readers
from feeds.registry import FEEDS, together
from kit.settings import ROOT

RECORDINGS = ROOT / "tests" / "recordings"
SECONDS = float(os.environ.get("DUTCHBOOK_FUZZ_SECONDS", "2"))
SEED = 20260804
MOST_BYTES = 200_000
WARM = 500
MOST_MEMORY = 4 << 30
_JUNK = (
    *(
        b"",
        b"\x00",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        "\u202e\u0661\u0662".encode(),
        b"null",
        b"true",
        b"[]",
        b"{}",
    ),
    *(b"-1", b"1e400", b"NaN", b"Infinity", b"9" * 400, b"0.0000001", b"1" + b"0" * 19),
    *(b'"', b'\\"', b"\\ud800", b"[" * 2_000, b'{"a":' * 2_000, b"<a>" * 2_000, b"A" * 20_000),
    *(b'<!DOCTYPE a [<!ENTITY b "cc">]>', b"&b;", b"\r\n", b",,,,", b"]]>", b"0001-01-01T00:00Z"),
)


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What one source was sent, what of it crashed, and by how many MB it grew at most."""

    source: str
    answers: int
    taken: int
    crashes: Mapping[str, int]
    grown_mb: float
    slowest_s: float


def run() -> Mapping[str, float]:
    """Return what became of damaged answers, some seconds long for each source.

    `fuzz_answers` were read by `fuzz_sources`, of which `fuzz_taken` held prices that still could
    be read; `fuzz_crashes` ended in an error other than `FeedDrifted`, or broke a reading's own
    promises. `fuzz_grown_mb` is the most that a reader grew after its first 500 answers, and
    `fuzz_slowest_s` the longest that it took for one. DUTCHBOOK_FUZZ_SECONDS sets the length.
    """
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=fresh, max_tasks_per_child=1) as processes:
        found = list(processes.map(fuzzed, sorted(FEEDS)))
    for one in found:
        print(f"{one.source:<22}{one.answers:>9,} answers, {one.grown_mb:6.1f} MB", file=sys.stderr)
        for crash, times in one.crashes.items():
            print(f"  {times:>6,} x {crash}", file=sys.stderr)
    return {
        "fuzz_sources": len(found),
        "fuzz_seconds_each": SECONDS,
        "fuzz_answers": sum(one.answers for one in found),
        "fuzz_taken": sum(one.taken for one in found),
        "fuzz_crashes": sum(sum(one.crashes.values()) for one in found),
        "fuzz_grown_mb": max(one.grown_mb for one in found),
        "fuzz_slowest_s": max(one.slowest_s for one in found),
    }


def fuzzed(name: str) -> Fuzzed:
    """Send one reader damaged answers until the time is up; it keeps its state throughout."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    load_readers()
    feed, chance = together()[name], random.Random(SEED)
    seeds = [path.read_bytes() for path in sorted((RECORDINGS / name).iterdir())]
    crashes, answers, taken, slowest_s = dict[str, int](), 0, 0, 0.0
    resident_mb = list[float]()
    ends_s = perf_counter() + SECONDS
    while (began_s := perf_counter()) < ends_s:
        try:
            taken += _sent(feed, damaged(seeds, chance)) > 0
        except FeedDrifted:
            pass
        except Exception as e:  # noqa: BLE001  whatever it is, it is what we look for
            place = extract_tb(e.__traceback__)[-1]
            crash = f"{type(e).__name__} at {os.path.basename(place.filename)}:{place.lineno}"  # noqa: PTH119  a name only
            crashes[crash] = crashes.get(crash, 0) + 1
        answers += 1
        slowest_s = max(slowest_s, perf_counter() - began_s)
        if answers % WARM == 0:
            resident_mb.append(_resident_mb())
    grown_mb = max(resident_mb) - resident_mb[0] if resident_mb else 0.0
    return Fuzzed(name, answers, taken, crashes, grown_mb, slowest_s)


def damaged(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """Return one of the answers with one to six wounds."""
    body = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(body))
        to = min(len(body), at + chance.choice((0, 1, 2, 8, 64, 512)))
        wound = chance.randrange(6)
        if wound == 0:
            body[at:to] = chance.choice(_JUNK)
        elif wound == 1:
            del body[at:]
        elif wound == 2:
            body[at:at] = body[at:to] * chance.choice((1, 2, 50))
        elif wound == 3:
            body[at:to] = chance.randbytes(to - at)
        elif wound == 4:
            other = chance.choice(seeds)
            start = chance.randint(0, len(other))
            body[at:to] = other[start : start + 512]
        else:
            _renumbered(body, at, chance)
    return bytes(body[:MOST_BYTES])


def _renumbered(body: bytearray, at: int, chance: random.Random) -> None:
    """Put another number, or none, in the place of the next one."""
    digits = next((i for i in range(at, len(body)) if chr(body[i]).isdigit()), None)
    if digits is None:
        return
    end = digits
    while end < len(body) and chr(body[end]) in "0123456789.eE+-":
        end += 1
    body[digits:end] = chance.choice((b"0", b"-7", b"1e309", b"true", b'"x"', b"1.0000001", b"[]"))


def _sent(feed: Feed, body: bytes) -> int:
    """Return how many quotes a reader takes from an answer."""
    request = Request(source=feed.manifest.name, scope="all", url="https://vendor.invalid")
    payload = Payload(request=request, body=body, as_of=UNDATED, arrived_at=UNDATED)
    quotes = 0
    for reading in feed.read(payload):
        _check(reading)
        quotes += len(reading.quotes)
    feed.follow(payload)
    feed.resume(payload)
    return quotes


def _check(reading: Reading) -> None:
    """Raise unless a reading keeps what everything behind it relies on."""
    events = {event.id for event in reading.events}
    for quote in reading.quotes:
        line = quote.market.line
        if not (1 < quote.odds <= 10_000 and (line is None or math.isfinite(line))):
            raise ValueError("a quote without sense was let through")
        if quote.market.event_id not in events:
            raise LookupError("a quote of no event was let through")
    if decode_reading(encode_reading(reading)) != reading:
        raise TypeError("a reading changed on its way through MessagePack")


def _resident_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<24}{value:>14,.2f}")
