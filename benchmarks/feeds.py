"""How fast answers of The Odds API become columns and quotes, beside Python's own JSON."""

import gc
import json
import lzma
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median
from time import process_time

import numpy as np

from domain.errors import Broken
from feeds.base import UNDATED, Payload, Request
from feeds.odds_api_memo import load_readers
from feeds.the_odds_api import TheOddsApi
from kit.settings import ROOT

RECORDINGS = ROOT.parent / "shared/data/odds_stream"
ROUNDS = 3
REQUEST = Request(source="the_odds_api", scope="all", url="https://the-odds-api.invalid")


Sequences = Sequence[Sequence[Payload]]
Contestant = Callable[[Sequences], int]


def run() -> Mapping[str, float]:
    """Return figures of one core: medians of rounds in turn, all measured in this run.

    Seconds are the processor's.

    Every recorded sequence is polled in order, each by a feed of its own.
    `parse_quotes_per_s`: from bytes to columns, every price checked, named and given its market, by
    feeds that begin knowing nothing. `parse_vs_json_walk`: how many times faster that is than
    `json.loads` and a walk through its dicts into columns of the same sizes, which checks nothing;
    `parse_vs_json_read` than one that only lists what it walks through. `_warm` is the same of
    feeds that have read the sequence before, `first_` of the first answer of each alone, and
    `read_` goes on to a list of quotes; `plain_quotes_per_s` is the reader of damaged answers.
    Nothing is returned where the recordings are not beside the project.
    """
    load_readers()
    files = sorted(RECORDINGS.glob("*.jsonl.xz"))
    if not files:
        print("feeds: skipped, the recorded odds are not beside the project", file=sys.stderr)
        return {}
    polled = [_payloads(lzma.decompress(file.read_bytes()).splitlines()) for file in files]
    first = [sequence[:1] for sequence in polled]
    known = [TheOddsApi() for _ in polled]
    all_of = {
        "columns": _columns,
        "warm": lambda sequences: _by(known, sequences, _rows),
        "read": lambda sequences: _by(_fresh(sequences), sequences, _quotes),
        "read_warm": lambda sequences: _by(known, sequences, _quotes),
        "plain": lambda sequences: _by(known, sequences, _plainly),
        "walk": _walked,
        "list": _listed,
    }
    seconds, quotes = _raced(polled, all_of)
    alone, of_first = _raced(first, {"columns": _columns, "walk": _walked})
    return {
        "parse_quotes_per_s": quotes / seconds["columns"],
        "parse_vs_json_walk": seconds["walk"] / seconds["columns"],
        "parse_vs_json_read": seconds["list"] / seconds["columns"],
        "parse_warm_quotes_per_s": quotes / seconds["warm"],
        "parse_warm_vs_json_walk": seconds["walk"] / seconds["warm"],
        "first_quotes_per_s": of_first / alone["columns"],
        "first_vs_json_walk": alone["walk"] / alone["columns"],
        "read_quotes_per_s": quotes / seconds["read"],
        "read_warm_quotes_per_s": quotes / seconds["read_warm"],
        "plain_quotes_per_s": quotes / seconds["plain"],
        "json_walk_quotes_per_s": quotes / seconds["walk"],
    }


def _payloads(bodies: Sequence[bytes]) -> list[Payload]:
    return [
        Payload(request=REQUEST, body=body, as_of=UNDATED, arrived_at=UNDATED) for body in bodies
    ]


def _raced(
    sequences: Sequences, contestants: Mapping[str, Contestant]
) -> tuple[dict[str, float], int]:
    """Return each one's median seconds, and how many prices all of them found."""
    found = {name: contestant(sequences) for name, contestant in contestants.items()}
    if len(set(found.values())) != 1:
        raise Broken(f"the contestants do not find the same prices: {found}")
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, contestant in contestants.items():
            gc.collect()
            began = process_time()
            contestant(sequences)
            taken[name].append(process_time() - began)
    return {name: median(each) for name, each in taken.items()}, next(iter(found.values()))


def _fresh(sequences: Sequences) -> Iterator[TheOddsApi]:
    return (TheOddsApi() for _ in sequences)


def _columns(sequences: Sequences) -> int:
    return _by(_fresh(sequences), sequences, _rows)


def _by(
    feeds: Iterable[TheOddsApi], sequences: Sequences, read: Callable[[TheOddsApi, Payload], int]
) -> int:
    found = 0
    for feed, payloads in zip(feeds, sequences, strict=False):
        for payload in payloads:
            found += read(feed, payload)
    return found


def _rows(feed: TheOddsApi, payload: Payload) -> int:
    read = feed.columns(payload)
    if read is None:
        raise Broken("a recorded answer has no columns")
    return len(read.what) + sum(read.rejected.values())


def _quotes(feed: TheOddsApi, payload: Payload) -> int:
    (reading,) = feed.read(payload)
    return len(reading.quotes) + sum(reading.rejected.values())


def _plainly(feed: TheOddsApi, payload: Payload) -> int:
    reading = feed.read_plainly(payload)
    return len(reading.quotes) + sum(reading.rejected.values())


def _walked(sequences: Sequences) -> int:
    return sum(len(_filled(payload.body)[-1]) for payloads in sequences for payload in payloads)


def _filled(body: bytes) -> tuple[np.ndarray, ...]:
    """Return numbers for what each price is of and by whom, prices and times, one a price."""
    numbers: dict[object, int] = {}
    times: dict[str, int] = {}
    places, odds, changed = list[int](), list[float](), list[int]()
    for event in json.loads(body)["response"]:
        for book in event["bookmakers"]:
            for market in book["markets"]:
                said = market["last_update"]
                if said not in times:
                    times[said] = int(datetime.fromisoformat(said).timestamp() * 1000)
                at = times[said]
                for outcome in market["outcomes"]:
                    key = (
                        event["id"],
                        book["key"],
                        market["key"],
                        outcome["name"],
                        outcome.get("point"),
                    )
                    places.append(numbers.setdefault(key, len(numbers)))
                    odds.append(outcome["price"])
                    changed.append(at)
    return (
        np.array(places, np.int32),
        np.array(odds, np.float64),
        np.array(changed, np.int64),
    )


def _listed(sequences: Sequences) -> int:
    return sum(len(_rows_of(payload.body)) for payloads in sequences for payload in payloads)


def _rows_of(body: bytes) -> list[tuple[object, ...]]:
    return [
        (event["id"], book["key"], market["key"], said["name"], said.get("point"), said["price"])
        for event in json.loads(body)["response"]
        for book in event["bookmakers"]
        for market in book["markets"]
        for said in market["outcomes"]
    ]


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<32}{value:>14,.2f}")
