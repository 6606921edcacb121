"""Claims: what one worker at a time does, for as long as it says so; kept in Valkey."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from domain.errors import Unavailable
from store.valkey import Client, answered

CLAIM_TTL_S = 6.0

# Takes what is free and keeps what is its own: one that lapsed, and nobody took, is its own still.
_HOLD = """
local held = {}
for i, key in ipairs(KEYS) do
  local holder = redis.call('GET', key)
  held[i] = 0
  if not holder or holder == ARGV[i + 1] then
    redis.call('SET', key, ARGV[i + 1], 'PX', ARGV[1])
    held[i] = 1
  end
end
return held
"""
_RELEASE = """
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[i] then redis.call('DEL', key) end
end
"""


class Deposed(Unavailable):
    """Another has taken over what we were doing; what we know of it is no longer true."""

    code: ClassVar[str] = "deposed"


class Claim(NamedTuple):
    """The claim of one holder on one thing; `holder` is never used twice."""

    thing: str
    holder: str


class Claims:
    """Who does what. A claim lapses six seconds after it was last held.

    Whoever writes under a claim has the server compare it in the step of the writing, so that a
    holder that was asleep while its claim lapsed writes nothing.
    """

    def __init__(self, commands: Client, namespace: str) -> None:
        self._commands, self._namespace = commands, namespace

    def key(self, thing: str) -> str:
        """Return the key under which the holder of a thing stands."""
        return f"{self._namespace}:claim:{thing}"

    async def hold(self, claims: Sequence[Claim]) -> list[Claim]:
        """Take or keep claims, in one step; return those that are held now."""
        if not claims:
            return []
        keys = [self.key(claim.thing) for claim in claims]
        holders = [claim.holder for claim in claims]
        async with answered():
            held = await self._commands.eval(
                _HOLD, len(keys), *keys, round(CLAIM_TTL_S * 1000), *holders
            )
        return [claim for claim, is_held in zip(claims, held, strict=True) if is_held]

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back, so that nobody has to wait until they lapse."""
        if claims:
            keys = [self.key(claim.thing) for claim in claims]
            async with answered():
                await self._commands.eval(
                    _RELEASE, len(keys), *keys, *(claim.holder for claim in claims)
                )
