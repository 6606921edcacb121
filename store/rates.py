"""Rates: GCRA with costs and risk in one step of Valkey, and what was refused, kept for a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from kit.clock import epoch_ms
from store.cache import Cache
from store.valkey import answered

KEPT_S: Final = 26 * 3600
MOST_LOUD: Final = 1_000
_MINUTE_MS: Final = 60_000

# The key holds the instant, in whole microseconds, at which the allowance is whole again. The risk
# of whom it is divides how much there is. Nothing is paid for what is refused. The key outlives
# what it says by a whole period: clocks of web processes and of Valkey differ.
_TAKE = """
local now, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local most, per = tonumber(ARGV[3]), tonumber(ARGV[4])
local risk = math.max(1, tonumber(redis.call('GET', KEYS[2]) or 1) or 1)
local burst = math.max(1, math.floor(most / risk))
local each = math.floor(per / burst)
local whole = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local after = whole + math.min(cost, burst) * each
local wait = after - burst * each - now
if wait > 0 then
  local left = math.max(0, math.floor((now + burst * each - whole) / each))
  return {wait, left, whole - now, burst}
end
local lasts = math.ceil((after - now + per) / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', lasts)
local left = math.max(0, math.floor((now + burst * each - after) / each))
return {0, left, after - now, burst}
"""


@dataclass(frozen=True, slots=True)
class Quota:
    """`most` in `per_s` seconds: all at once, and then one by one as they come back."""

    name: str
    most: int
    per_s: int = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of asking: seconds to wait (0: taken), how many are left, when it is whole."""

    quota: Quota
    wait_s: float
    left: int
    whole_in_s: float


class Refusals(msgspec.Struct, frozen=True, kw_only=True):
    """How often a class of requests was refused by a quota in one minute."""

    minute: int
    """Minutes since 1970."""
    kind: str
    quota: str
    count: int


async def take(cache: Cache, quota: Quota, who: str, *, cost: int, now: datetime) -> Taken:
    """Take `cost` from somebody's quota, or nothing where that is more than is left.

    What costs more than the whole quota costs all of it.

    Raises:
        Unavailable: Valkey does not answer.
    """
    keys = [cache.key("rate", quota.name, who), cache.key("risk", who)]
    told = epoch_ms(now) * 1000, cost, quota.most, quota.per_s * 1_000_000
    async with answered():
        wait, left, whole, burst = await cache.commands.eval(_TAKE, len(keys), *keys, *told)
    held = Quota(quota.name, burst, quota.per_s)
    return Taken(held, wait / 1e6, left, whole / 1e6)


async def put_risk(cache: Cache, who: str, factor: float, *, lasts_s: int) -> None:
    """Give somebody the `factor`-th part of every quota for a while; 1 or less: all of it."""
    async with answered():
        await cache.commands.set(cache.key("risk", who), f"{factor:g}", ex=lasts_s)


async def note(
    cache: Cache,
    refused: Mapping[tuple[str, str], int],
    networks: Mapping[str, int],
    *,
    now: datetime,
) -> None:
    """Add to what was refused in this minute, by class and quota, and to whom, by network."""
    minute = epoch_ms(now) // _MINUTE_MS
    counted = cache.key("refused", minute)
    loud = cache.key("loud", minute // 60)
    async with answered(), cache.commands.pipeline(transaction=True) as pipe:
        for (kind, quota), count in refused.items():
            pipe.hincrby(counted, f"{kind} {quota}", count)
        pipe.expire(counted, KEPT_S)
        for network, count in networks.items():
            pipe.zincrby(loud, count, network)
        pipe.zremrangebyrank(loud, 0, -MOST_LOUD - 1)
        pipe.expire(loud, KEPT_S)
        await pipe.execute()


async def refusals(cache: Cache, *, minutes: int, now: datetime) -> Sequence[Refusals]:
    """Return what was refused in the last minutes, the latest first."""
    last = epoch_ms(now) // _MINUTE_MS
    asked = range(last, last - minutes, -1)
    async with answered(), cache.commands.pipeline(transaction=False) as pipe:
        for minute in asked:
            pipe.hgetall(cache.key("refused", minute))
        found: list[dict[bytes, bytes]] = await pipe.execute()
    return [
        Refusals(minute=minute, kind=kind, quota=quota, count=int(count))
        for minute, fields in zip(asked, found, strict=True)
        for (kind, _, quota), count in sorted(
            (name.decode().partition(" "), count) for name, count in fields.items()
        )
    ]


async def loudest(cache: Cache, *, hours: int, now: datetime) -> dict[str, int]:
    """Return how often each network was refused in the last hours, the loudest first."""
    last = epoch_ms(now) // _MINUTE_MS // 60
    async with answered(), cache.commands.pipeline(transaction=False) as pipe:
        for hour in range(last, last - hours, -1):
            pipe.zrange(cache.key("loud", hour), 0, -1, withscores=True)
        found: list[list[tuple[bytes, float]]] = await pipe.execute()
    counts: dict[str, int] = {}
    for network, count in (pair for hour in found for pair in hour):
        counts[network.decode()] = counts.get(network.decode(), 0) + int(count)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
