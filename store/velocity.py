"""How many things came together lately: sets and counts in Valkey that end by themselves."""

from store.cache import Cache
from store.valkey import answered


async def joined(cache: Cache, of: str, name: str, *, lasts_s: int) -> int:
    """Add a name to a set; return how many it holds, until `lasts_s` after the last was added."""
    key = cache.key("velocity", "set", of)
    async with answered(), cache.commands.pipeline(transaction=True) as pipe:
        pipe.sadd(key, name)
        pipe.expire(key, lasts_s)
        pipe.scard(key)
        return int((await pipe.execute())[-1])


async def counted(cache: Cache, of: str, *, lasts_s: int) -> int:
    """Count one more; return how many there are, until `lasts_s` after the last was counted."""
    key = cache.key("velocity", "count", of)
    async with answered(), cache.commands.pipeline(transaction=True) as pipe:
        pipe.incr(key)
        pipe.expire(key, lasts_s)
        return int((await pipe.execute())[0])


async def count(cache: Cache, of: str) -> int:
    """Return how many were counted, 0 if none was lately."""
    async with answered():
        return int(await cache.commands.get(cache.key("velocity", "count", of)) or 0)


async def forget(cache: Cache, of: str) -> None:
    """Begin a count anew."""
    async with answered():
        await cache.commands.delete(cache.key("velocity", "count", of))
