"""From a source's last byte to the opportunity on the board, at 20,000 quotes a second.

Four vendors on this machine keep The Odds API's contract: each answers five leagues with a
thousand quotes each, once a second. The real worker polls them over HTTP, with PostgreSQL and
Valkey of its own; arbitrages are planted in the answers, five a second, and each delay runs from
the instant at which the transport had the answer's last byte to a subscriber's sight of the new row
of the board: parsing, both trips through Valkey, matching, judging and PostgreSQL's commit lie in
between.

`DUTCHBOOK_DETECT_SECONDS` sets how long is measured; 60 unless told.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.loopback_prices import Game, Planted, Prices
from benchmarks.loopback_run import Rig, Seen, rig
from benchmarks.loopback_server import Vendor
from benchmarks.loopback_wire import odds_api
from benchmarks.loopback_worker import Followed
from domain.errors import Unavailable

SECONDS = float(os.environ.get("DUTCHBOOK_DETECT_SECONDS", "60"))
QUOTES_PER_S = int(os.environ.get("DUTCHBOOK_DETECT_QUOTES_PER_S", "20000"))
VENDORS, LEAGUES = 4, 5
BOOKS = range(10)
# Ten books' prices of a game: 45 quotes where two games in three cannot be drawn, as here.
_QUOTES_A_GAME = 45
_WARM_S, _TICK_S, _LIVES_S = 15.0, 0.2, 3.0
# A round begins when its first question is due, and its last is asked a while later.
_INTERVAL_S = 0.85
_PLANTS_A_TICK = 1
_MOVES_A_TICK = 40
_ROI, _FEWEST = 0.01, 10
_SPORTS = ("basketball", "tennis", "icehockey")
_OURS = {"basketball": "basketball", "tennis": "tennis", "icehockey": "ice_hockey"}


def run() -> Mapping[str, float]:
    """Return delays in milliseconds, and what the worker took of one core.

    `detect_p50_ms`, `detect_p99_ms`: from the answer to the row on the board; `judged_p99_ms` to
    the verdict alone, before PostgreSQL and the board. `detect_found` is the share of planted
    arbitrages that were seen, `detect_quotes_per_s` what the sources handed on meanwhile.
    """
    return asyncio.run(_run())


@dataclass
class _World:
    """Prices by league, and what has been planted in them."""

    prices: Prices
    leagues: dict[str, list[Game]]
    planted: list[Planted] = field(default_factory=list[Planted])
    standing: dict[int, tuple[float, Game]] = field(default_factory=dict[int, tuple[float, Game]])

    def answer(self, path: str, query: Mapping[str, str]) -> tuple[str, bytes] | None:
        """Answer as The Odds API does about a league."""
        del query
        league = path.split("/")[3]
        return league, odds_api(self.leagues[league], BOOKS, time.time())

    async def turn(self) -> None:
        """Move prices, plant and mend, for ever."""
        while True:
            now_s = time.time()
            self.prices.move(_MOVES_A_TICK, now_s)
            for number, (until_s, game) in list(self.standing.items()):
                if now_s >= until_s:
                    self.prices.mend(game, now_s)
                    del self.standing[number]
            free = [game for game in self.prices.games if game.number not in self.standing]
            for game in self.prices.chance.sample(free, _PLANTS_A_TICK):
                self.planted.append(self.prices.plant(game, _ROI, now_s))
                self.standing[game.number] = (now_s + _LIVES_S, game)
            await asyncio.sleep(_TICK_S)


def _world() -> _World:
    prices = Prices(chance=Random(11), now_s=time.time())
    names = [f"{_SPORTS[n % len(_SPORTS)]}_league{n:02d}" for n in range(VENDORS * LEAGUES)]
    games = round(QUOTES_PER_S / len(names) / _QUOTES_A_GAME)
    start = datetime.now(UTC) + timedelta(hours=3)
    leagues = {
        name: [
            prices.add(
                _OURS[name.partition("_")[0]],
                name,
                start + timedelta(minutes=n),
                BOOKS,
                total=True,
            )
            for n in range(games)
        ]
        for name in names
    }
    return _World(prices, leagues)


async def _run() -> Mapping[str, float]:
    world = _world()
    vendor = Vendor(answer=world.answer)
    names = list(world.leagues)
    followed = [
        Followed(
            contract="the_odds_api",
            name=f"vendor{n}",
            url=vendor.url,
            sports=names[n * LEAGUES : (n + 1) * LEAGUES],
            interval_s=_INTERVAL_S,
        )
        for n in range(VENDORS)
    ]
    async with vendor.running(), rig(followed) as running:
        await running.begun(VENDORS)
        turning = asyncio.create_task(world.turn())
        await asyncio.sleep(_WARM_S)
        figures = await _measured(running, world)
        turning.cancel()
        return figures


async def _measured(running: Rig, world: _World) -> Mapping[str, float]:
    began_s, quotes, used = time.time(), await running.quotes(), running.used()
    servers = running.servers_used()
    await asyncio.sleep(SECONDS)
    took_s = time.time() - began_s
    figures = {
        "detect_quotes_per_s": (await running.quotes() - quotes) / took_s,
        "detect_worker_cores": (running.used().cpu_s - used.cpu_s) / took_s,
        "detect_servers_cores": (running.servers_used().cpu_s - servers.cpu_s) / took_s,
        "detect_worker_rss_mb": running.used().rss / 1e6,
    }
    running.check()
    await asyncio.sleep(_LIVES_S)
    wanted = [p for p in world.planted if began_s <= p.at_s < began_s + SECONDS - _LIVES_S]
    homes = {planted.home for planted in wanted}
    seen = [s for s in running.board.lives.values() if _since(s) >= began_s]
    found = [s for s in seen if s.row.opportunity.event.home in homes]
    if len(found) < _FEWEST:
        raise Unavailable(f"of {len(wanted)} planted arbitrages {len(found)} were seen: too few")
    print(f"planted {len(wanted)}, rows {len(found)}, others {len(seen) - len(found)}")
    print(f"refused by, summed over looks: {dict(running.board.reasons)}", file=sys.stderr)
    return {
        **figures,
        **_delays(found),
        "detect_found": len({s.row.opportunity.event.home for s in found} & homes) / len(homes),
        "detect_rows": float(len(found)),
    }


def _since(seen: Seen) -> float:
    return seen.row.first_seen_at.timestamp()


def _delays(found: Sequence[Seen]) -> Mapping[str, float]:
    shown = sorted(1e3 * (seen.at_s - _since(seen)) for seen in found)
    judged = sorted(1e3 * (s.row.arrived_at.timestamp() - _since(s)) for s in found)
    cuts = statistics.quantiles(shown, n=100, method="inclusive")
    print("percentiles", {p: round(cuts[p - 1], 1) for p in (5, 25, 50, 75, 90, 95, 99)})
    return {
        "detect_p50_ms": cuts[49],
        "detect_p90_ms": cuts[89],
        "detect_p99_ms": cuts[98],
        "detect_max_ms": shown[-1],
        "judged_p50_ms": statistics.median(judged),
        "judged_p99_ms": statistics.quantiles(judged, n=100, method="inclusive")[98],
    }


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<28}{value:>14,.2f}")
