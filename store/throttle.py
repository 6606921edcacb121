"""How often something may be done: GCRA, for several allowances at once in one step."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.valkey import Client

# Each key holds the instant at which its allowance would be whole again. All allow, or none pays.
# A key outlives that by a minute: who asks may have looked at another clock than Valkey's, or some
# time before Valkey was reached, and what is forgotten early is taken twice.
_SPEND = """
local now, wait, whole = tonumber(ARGV[1]), 0, {}
for i, key in ipairs(KEYS) do
  local burst, every = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local again = math.max(now, tonumber(redis.call('GET', key) or 0))
  wait = math.max(wait, again - now - (burst - 1) * every)
  whole[i] = again + every
end
if wait > 0 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
  local at, lasts = string.format('%.0f', whole[i]), string.format('%.0f', whole[i] - now + 60000)
  redis.call('SET', key, at, 'PX', lasts)
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What `name` may do: `burst` times at once, and again every `every_s` seconds."""

    name: str
    burst: int
    every_s: float


async def spend(commands: Client, keyed: Sequence[tuple[str, Allowance]], *, now_ms: int) -> float:
    """Take one from every allowance, or none; return the seconds to wait, 0 if it was taken."""
    told: list[object] = [now_ms]
    for _, allowance in keyed:
        told += [allowance.burst, round(allowance.every_s * 1000)]
    keys = [key for key, _ in keyed]
    return await commands.eval(_SPEND, len(keys), *keys, *told) / 1000
