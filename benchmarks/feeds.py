"""How fast an answer of The Odds API becomes quotes, beside the standard library's JSON."""

import gc
import json
import lzma
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter

from domain.errors import Broken
from feeds import odds_api_shape as shape
from feeds.base import UNDATED, Payload, Request, Tally
from feeds.the_odds_api import TheOddsApi
from kit.settings import ROOT

RECORDING = ROOT.parent / "shared/data/odds_stream/mlb_2026-08-04_216snaps.jsonl.xz"
ROUNDS = 7


def run() -> Mapping[str, float]:
    """Return figures of one core: medians of rounds in turn, all measured in this run.

    `parse_quotes_per_s`: from the bytes of recorded answers to readings, every price checked, named
    and given its market. `parse_vs_json_walk`: how many times faster that is than `json.loads` and
    a walk through its dicts that puts every price into a list and checks nothing;
    `decode_vs_json_walk` the same of the part of it that decodes into typed objects. Nothing is
    returned where the recording is not beside the project.
    """
    if not RECORDING.is_file():
        print("feeds: skipped, the recorded odds are not beside the project", file=sys.stderr)
        return {}
    bodies = lzma.decompress(RECORDING.read_bytes()).splitlines()
    seconds, quotes = _raced(bodies, {"ours": _ours, "decode": _decoded, "walk": _walked})
    return {
        "parse_quotes_per_s": quotes / seconds["ours"],
        "parse_vs_json_walk": seconds["walk"] / seconds["ours"],
        "decode_vs_json_walk": seconds["walk"] / seconds["decode"],
    }


Contestant = Callable[[Sequence[bytes]], int]


def _raced(
    bodies: Sequence[bytes], contestants: Mapping[str, Contestant]
) -> tuple[dict[str, float], int]:
    """Return each one's median seconds, and how many prices all of them found."""
    found = {name: contestant(bodies) for name, contestant in contestants.items()}
    if len(set(found.values())) != 1:
        raise Broken(f"the contestants do not find the same prices: {found}")
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, contestant in contestants.items():
            gc.collect()
            began = perf_counter()
            contestant(bodies)
            taken[name].append(perf_counter() - began)
    return {name: median(each) for name, each in taken.items()}, next(iter(found.values()))


def _ours(bodies: Sequence[bytes]) -> int:
    feed, found = TheOddsApi(), 0
    request = Request(source="the_odds_api", scope="all", url="https://the-odds-api.invalid")
    for body in bodies:
        payload = Payload(request=request, body=body, as_of=UNDATED, arrived_at=UNDATED)
        for reading in feed.read(payload):
            found += len(reading.quotes) + sum(reading.rejected.values())
    return found


def _decoded(bodies: Sequence[bytes]) -> int:
    return sum(map(shape.count, (event for body in bodies for event in _events(body))))


def _events(body: bytes) -> Sequence[shape.Event]:
    return shape.decode(body, Tally()).events


def _walked(bodies: Sequence[bytes]) -> int:
    found = 0
    for body in bodies:
        rows = [
            (
                event["id"],
                book["key"],
                market["key"],
                said["name"],
                said.get("point"),
                said["price"],
            )
            for event in json.loads(body)["response"]
            for book in event["bookmakers"]
            for market in book["markets"]
            for said in market["outcomes"]
        ]
        found += len(rows)
    return found


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<32}{value:>14,.2f}")
