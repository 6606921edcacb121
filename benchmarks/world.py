"""A world of 47 sports, 10,000 events and 40 books, followed by the real worker for ten minutes.

Nine vendors on this machine: four keep The Odds API's contract (16 sports, 20 books, all prices of
a league in each answer), four native lines (every sport, a sport's changes in each answer), one
OpticOdds' event streams (9 sports, 5 books). A book prices three outcomes of an event on average;
ten books an event, more for some and fewer for others. Of all requests, and of all attempts to
open a stream, 5 % fail: an error, "too many requests", a body that breaks off, or silence.

`DUTCHBOOK_BENCH_SECONDS` sets how long it runs; 600 unless told.
"""

import asyncio
import os
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

from benchmarks.loopback_prices import Game, Offer, Planted, Prices, soon
from benchmarks.loopback_probes import Probes
from benchmarks.loopback_run import Rig, Usage, rig
from benchmarks.loopback_server import Vendor
from benchmarks.loopback_wire import lines, odds_api, optic_fixtures, optic_odds, optic_sport
from benchmarks.loopback_worker import Followed
from domain.errors import Unavailable
from domain.sports import SPORTS
from feeds.optic_odds import OpticOdds
from feeds.sports import BY_PREFIX

SECONDS = float(os.environ.get("DUTCHBOOK_BENCH_SECONDS", "600"))
EVENTS, SPORT_COUNT, BOOK_COUNT = 10_000, 47, 40
POLLED, LISTED, STREAMED = range(20), range(20, 35), range(35, 40)
FAILURES, DUE_S, INTERVAL_S = 0.05, 30.0, 15.0
_VENDORS, _EVENTS_A_LEAGUE, _IN_PLAY, _WITHIN_H = 4, 60, 0.25, 8.0
_KEPT_BY_THE_VENDOR = 0.75
_BOOKS_AN_EVENT = (4, 6, 8, 10, 16, 24)
# Every book changes its mind about a game once in so many seconds, on average.
_CHANGES_S = 60.0
_FEWEST = 10
_TICK_S, _PLANT_S, _LIVES_S, _ROI = 0.5, 2.0, 45.0, 0.01
# What is rather a field than two sides.
_UNCOMPETED = frozenset(
    {"golf", "politics", "cycling", "surfing", "athletics", "swimming", "nascar", "motorcycling"}
    | {"motorsport", "formula_1", "horse_racing", "harness_racing", "greyhound_racing"}
    | {"biathlon", "ski_jumping"}
)


def run() -> Mapping[str, float]:
    """Return how old prices get on the way, and what following them all takes.

    `world_refresh_p95_s`: from a price's change at its source to the same price in the history,
    which is written once the detector has compared it; of 600 prices that are watched, looked for
    four times a second; one that never arrived counts with its age. `world_success`: of the times
    that a scope was due, each within 30 s of the last, the share at which it was answered well;
    `world_request_success` is of requests, retries and all.
    """
    return asyncio.run(_run())


@dataclass
class _World:
    """Prices by how they are asked for, and what has been planted in them."""

    prices: Prices
    leagues: dict[str, list[Game]] = field(default_factory=lambda: defaultdict(list))
    listed: dict[str, list[Offer]] = field(default_factory=lambda: defaultdict(list))
    streamed: dict[str, list[Game]] = field(default_factory=lambda: defaultdict(list))
    planted: list[Planted] = field(default_factory=list[Planted])
    standing: list[tuple[float, Game]] = field(default_factory=list[tuple[float, Game]])

    def answer(self, path: str, query: Mapping[str, str]) -> tuple[str, bytes] | None:
        """Answer for a league as The Odds API does, or for a sport in native lines."""
        now_s = time.time()
        if path.endswith("/lines"):
            since_s = datetime.fromisoformat(query["since"]).timestamp() if "since" in query else 0
            offers = self.listed[query["sport"]]
            return query["sport"], lines([o for o in offers if o.changed_s >= since_s], now_s)
        league = path.split("/")[3]
        return league, odds_api(self.leagues[league], POLLED, now_s)

    async def stream(self, sport: str) -> AsyncIterator[bytes]:
        """Name all fixtures of a sport with their prices, then what changes; break off at times."""
        games = self.streamed[sport]
        offers = [o for game in games for o in game.offers if o.book in STREAMED]
        yield optic_fixtures(games)
        seq = -1
        until_s = time.time() + self.prices.chance.expovariate(1 / 120)
        while time.time() < until_s:
            changed = [offer for offer in offers if offer.seq > seq]
            seq = self.prices.seq
            for start in range(0, len(changed), 20):
                yield optic_odds(changed[start : start + 20], time.time())
            await asyncio.sleep(_TICK_S)

    async def turn(self) -> None:
        """Move prices, plant and mend, for ever."""
        plant_s, moves = time.time() + INTERVAL_S, 0.0
        while True:
            now_s = time.time()
            moves += len(self.prices.offers) * _TICK_S / _CHANGES_S
            self.prices.move(int(moves), now_s)
            moves %= 1.0
            while self.standing and self.standing[0][0] <= now_s:
                self.prices.mend(self.standing.pop(0)[1], now_s)
            if now_s >= plant_s:
                game = self.prices.chance.choice(self.prices.games)
                self.planted.append(self.prices.plant(game, _ROI, now_s))
                self.standing.append((now_s + _LIVES_S, game))
                plant_s += _PLANT_S
            await asyncio.sleep(max(0.0, now_s + _TICK_S - time.time()))


def _world() -> _World:
    chance = Random(5)
    world = _World(Prices(chance=chance, now_s=time.time()))
    prefixes = {sport.name: prefix for prefix, sport in BY_PREFIX.items()}
    competed = [name for name in SPORTS if name not in _UNCOMPETED and name not in prefixes]
    rest = competed[: SPORT_COUNT - len(prefixes)]
    now, many = datetime.now(UTC), round(EVENTS * _KEPT_BY_THE_VENDOR)
    for n in range(EVENTS):
        sports = [*prefixes] if n < many else rest
        sport = sports[n % len(sports)]
        number = n // len(sports) // _EVENTS_A_LEAGUE
        league = f"{prefixes.get(sport, sport)}_league{number}"
        books = chance.sample(range(BOOK_COUNT), chance.choice(_BOOKS_AN_EVENT))
        starts_at = soon(now, chance, in_play=_IN_PLAY, within_h=_WITHIN_H)
        _place(world, world.prices.add(sport, league, starts_at, books, total=n % 3 == 0))
    return world


def _place(world: _World, game: Game) -> None:
    """Let each vendor have what is its own of a game."""
    polled = any(sport.name == game.sport for sport in BY_PREFIX.values())
    streamed = game.sport in OpticOdds.manifest.sports
    if polled:
        world.leagues[game.league].append(game)
    if streamed:
        world.streamed[optic_sport(game.sport)].append(game)
    others = [
        offer
        for offer in game.offers
        if not (polled and offer.book in POLLED) and not (streamed and offer.book in STREAMED)
    ]
    world.listed[game.sport].extend(others)


def _followed(world: _World, url: str) -> list[Followed]:
    leagues, sports = sorted(world.leagues), sorted(world.listed)
    polled = [
        Followed(
            contract="the_odds_api",
            name=f"odds{n}",
            url=url,
            sports=leagues[n::_VENDORS],
            interval_s=INTERVAL_S,
        )
        for n in range(_VENDORS)
    ]
    listed = [
        Followed(
            contract="lines",
            name=f"lines{n}",
            url=url,
            sports=sports[n::_VENDORS],
            interval_s=INTERVAL_S / 3,
        )
        for n in range(_VENDORS)
    ]
    streamed = Followed(
        contract="optic_odds_stream", name="optic", url=url, sports=[*OpticOdds.manifest.sports]
    )
    return [*polled, *listed, streamed]


async def _run() -> Mapping[str, float]:
    world = _world()
    vendor = Vendor(answer=world.answer, stream=world.stream, failures=FAILURES)
    followed = _followed(world, vendor.url)
    quotes = sum(len(offer.odds) for offer in world.prices.offers)
    print(f"{len(world.prices.games)} events, {len(world.prices.offers)} offers, {quotes} prices")
    async with vendor.running(), rig(followed) as running:
        turning = asyncio.create_task(world.turn())
        await running.begun(len(followed))
        await asyncio.sleep(2 * DUE_S)
        probes = await Probes.chosen(world.prices.offers, running.servers.owner_url)
        figures = await _measured(running, world, vendor, probes)
        turning.cancel()
        return figures


async def _measured(
    running: Rig, world: _World, vendor: Vendor, probes: Probes
) -> Mapping[str, float]:
    began_s, quotes = time.time(), await running.quotes()
    used, servers, own = running.used(), running.servers_used(), time.process_time()
    looking = asyncio.create_task(probes.look())
    await asyncio.sleep(SECONDS / 3)
    third = running.used()
    await asyncio.sleep(SECONDS * 2 / 3)
    took_s, end = time.time() - began_s, running.used()
    running.check()
    vendor_cores = (time.process_time() - own) / took_s
    handed_on = (await running.quotes() - quotes) / took_s
    looking.cancel()
    ages = probes.ages(began_s, time.time())
    if len(ages) < _FEWEST:
        raise Unavailable(f"only {len(ages)} of the prices that are watched have changed")
    cuts = statistics.quantiles(ages, n=100, method="inclusive")
    print(f"probes {len(probes.offers)}, changes {len(ages)}; late {dict(probes.late(ages))}")
    return {
        "world_refresh_p50_s": cuts[49],
        "world_refresh_p95_s": cuts[94],
        "world_refresh_p99_s": cuts[98],
        **_success(vendor, began_s, began_s + took_s),
        "world_quotes_per_s": handed_on,
        "world_rss_third_mb": third.rss / 1e6,
        "world_rss_mb": end.rss / 1e6,
        "world_worker_cores": _cores(used, end, took_s),
        "world_servers_cores": _cores(servers, running.servers_used(), took_s),
        "world_vendors_cores": vendor_cores,
        **_found(running, world, began_s, began_s + took_s),
    }


def _cores(before: Usage, after: Usage, took_s: float) -> float:
    return (after.cpu_s - before.cpu_s) / took_s


def _success(vendor: Vendor, began_s: float, ended_s: float) -> Mapping[str, float]:
    """Return how many of the times a scope was due it was answered well."""
    asked = [one for one in vendor.asked if began_s <= one.at_s < ended_s]
    print("failures injected:", dict(Counter(one.failure for one in asked)))
    good: dict[tuple[str, str], list[float]] = {
        (one.source, one.scope): [] for one in vendor.asked if not one.scope.startswith("stream:")
    }
    for one in asked:
        if not one.failure and (one.source, one.scope) in good:
            good[one.source, one.scope].append(one.at_s)
    met = sum(map(len, good.values()))
    gaps = [gap for at in good.values() for gap in _gaps([began_s, *at, ended_s])]
    missed = sum(int(gap // DUE_S) for gap in gaps)
    return {
        "world_success": met / (met + missed),
        "world_request_success": sum(not one.failure for one in asked) / len(asked),
        "world_scopes": float(len(good)),
        "world_worst_gap_s": max(gaps),
    }


def _gaps(instants: Sequence[float]) -> Iterable[float]:
    return (after - before for before, after in pairwise(instants))


def _found(running: Rig, world: _World, began_s: float, ended_s: float) -> Mapping[str, float]:
    """Return how many of what was planted was seen on the board, and how soon."""
    planted = [p for p in world.planted if began_s <= p.at_s < ended_s - _LIVES_S]
    homes = {seen.row.opportunity.event.home: seen for seen in running.board.lives.values()}
    homes |= {s.row.opportunity.event.away: s for s in running.board.lives.values()}
    coming = [one for one in planted if not one.in_play]
    delays = [homes[one.home].at_s - one.at_s for one in coming if one.home in homes]
    why = Counter[str]()
    for one in planted:
        if one.home not in homes:
            codes = running.board.refused.get(one.home, Counter({"never seen to cross": 1}))
            why.update(set(codes))
    strange = {p.home for p in world.planted}
    rows = running.board.lives.values()
    others = [s for s in rows if s.row.opportunity.event.home not in strange]
    print(f"planted {len(planted)}, {len(coming)} before the start; refused by: {dict(why)}")
    print(f"rows that nobody planted: {len(others)}; by gate, summed: {running.board.reasons}")
    return {
        "world_planted": float(len(coming)),
        "world_found": len(delays) / max(1, len(coming)),
        "world_found_p50_s": statistics.median(delays) if delays else 0.0,
    }


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<28}{value:>14,.3f}")
