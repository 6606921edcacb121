"""Streams in Valkey: what sources said, and each shard's part of it; in order, each entry once.

`readings` holds what collectors append, numbered by source. `quotes:{shard}` holds what the router
made of it. Nothing that nobody has read is ever dropped: a stream that is full refuses.
"""

import logging
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from domain.errors import Unavailable
from domain.quotes import Reading, decode_reading, encode_reading
from domain.shards import Forgotten, Shard
from store.claims import Claim, Claims, Deposed
from store.valkey import Client, answered

log = logging.getLogger(__name__)

FIRST = "0-0"
MOST_ENTRIES = 12_000
STREAM_TTL_S = 24 * 3600
_MOST_BLOCK_MS = 3_000
_READ_ENTRIES = 16
_SMALL = 512

_APPEND = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'deposed' end
local n, holder, count = 0, '', 0
local last = redis.call('HGET', KEYS[2], ARGV[2])
if last then
  n, holder, count = string.match(last, '^(%d+) (%S*) (%d+)$')
end
if holder == ARGV[1] and tonumber(ARGV[3]) <= tonumber(count) then return 'known' end
if redis.call('XLEN', KEYS[3]) >= tonumber(ARGV[5]) then return 'full' end
n = string.format('%d', tonumber(n) + 1)
redis.call('HSET', KEYS[2], ARGV[2], n .. ' ' .. ARGV[1] .. ' ' .. ARGV[3])
redis.call('XADD', KEYS[3], '*', 's', ARGV[2], 'n', n, 'r', ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[6])
redis.call('EXPIRE', KEYS[3], ARGV[6])
return 'done'
"""
# Five arguments an entry: the place of its stream in KEYS, source, number, kind, data.
_ROUTE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'deposed' end
local at = redis.call('HGET', KEYS[2], 'at') or '0-0'
if at ~= ARGV[2] then return at == ARGV[3] and 'known' or 'deposed' end
for i = 3, #KEYS do
  if redis.call('XLEN', KEYS[i]) >= tonumber(ARGV[5]) then return 'full' end
end
for i = 7, #ARGV, 5 do
  redis.call('XADD', KEYS[2 + ARGV[i]], '*',
    's', ARGV[i + 1], 'n', ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
end
redis.call('HSET', KEYS[2], 'at', ARGV[3], 'action', ARGV[4])
for i = 2, #KEYS do redis.call('EXPIRE', KEYS[i], ARGV[6]) end
return 'done'
"""


class Entry(NamedTuple):
    """One entry: its id, the number of the reading it is of by its source, and what it says."""

    id: str
    number: int
    said: Reading | Forgotten


class Routed(NamedTuple):
    """How far the router has come: the last entry, and the last of persons' actions obeyed."""

    at: str
    action: int | None


class Part(NamedTuple):
    """What one shard is told of a reading of that number, or a command that is of none."""

    shard: Shard
    number: int
    said: Reading | Forgotten


class Streams:
    """The way of a reading from its collector to the detectors of its events."""

    def __init__(self, commands: Client, namespace: str, claims: Claims) -> None:
        self._commands, self._namespace, self._claims = commands, namespace, claims

    async def append(self, claim: Claim, count: int, reading: Reading) -> None:
        """Append a reading as the next of its source, once for each `count` of a holder.

        Raises:
            Deposed: Somebody else collects this source now.
            Unavailable: So much waits already that there is no room.
        """
        keys = self._claims.key(claim.thing), self._key("numbers"), self._key("readings")
        arguments = claim.holder, reading.source, count, _packed(reading)
        answer = await self._asked(_APPEND, keys, *arguments, MOST_ENTRIES, STREAM_TTL_S)
        _check(answer, claim, "the router")

    async def raw(self, after: str, *, block_ms: int) -> list[Entry]:
        """Return the next readings behind the id `after`, as collectors appended them.

        Waits at most `block_ms`, and never more than three seconds, for one to arrive. An entry
        that cannot be read is logged and passed over.
        """
        return await self._next(self._key("readings"), after, block_ms)

    async def routed(self) -> Routed:
        """Return how far the router has come."""
        async with answered():
            at, action = await self._commands.hmget(self._key("routed"), "at", "action")
        return Routed(at.decode() if at else FIRST, int(action) if action else None)

    async def route(
        self, claim: Claim, before: Routed, after: Routed, parts: Sequence[Part]
    ) -> None:
        """Hand parts to their shards and move on, in one step or not at all.

        Raises:
            Deposed: Somebody else routes now, or has come further than `before`.
            Unavailable: A shard has so much before it that there is no room.
        """
        streams = list(dict.fromkeys(self._stream(part.shard) for part in parts))
        keys = [self._claims.key(claim.thing), self._key("routed"), *streams]
        told = [
            argument
            for part in parts
            for argument in (streams.index(self._stream(part.shard)) + 1, *_told(part))
        ]
        moves = claim.holder, before.at, after.at, after.action or 0
        answer = await self._asked(_ROUTE, keys, *moves, MOST_ENTRIES, STREAM_TTL_S, *told)
        _check(answer, claim, "a shard")

    async def of(self, shard: Shard, after: str, *, block_ms: int) -> list[Entry]:
        """Do as `raw` does, for what a shard was told."""
        return await self._next(self._stream(shard), after, block_ms)

    async def trim(self, shard: Shard | None, before: str) -> None:
        """Drop what stands before an id in a shard's stream, or in the collectors' if None."""
        stream = self._key("readings") if shard is None else self._stream(shard)
        async with answered():
            await self._commands.xtrim(stream, minid=before, approximate=False)

    def _key(self, *parts: object) -> str:
        return ":".join(map(str, (self._namespace, *parts)))

    def _stream(self, shard: Shard) -> str:
        return self._key("quotes", shard)

    async def _asked(self, script: str, keys: Sequence[str], *arguments: object) -> bytes:
        async with answered():
            return await self._commands.eval(script, len(keys), *keys, *arguments)

    async def _next(self, stream: str, after: str, block_ms: int) -> list[Entry]:
        wait_ms = max(1, min(block_ms, _MOST_BLOCK_MS))
        while entries := await self._entries(stream, after, wait_ms):
            found = [entry for id_, fields in entries if (entry := _opened(id_, fields))]
            if len(found) < len(entries):
                lost = len(entries) - len(found)
                log.error("stream entries cannot be read", extra={"stream": stream, "lost": lost})
            if found:
                return found
            after = entries[-1][0].decode()
        return []

    async def _entries(
        self, stream: str, after: str, wait_ms: int
    ) -> list[tuple[bytes, dict[bytes, bytes]]]:
        async with answered():
            answer = await self._commands.xread({stream: after}, _READ_ENTRIES, wait_ms)
        return [each for _, found in answer for each in found]


def order(entry: str) -> tuple[int, int]:
    """Return what ids of entries are ordered by: they are two numbers and not text.

    Examples:
        >>> order("9-10") > order("9-9")
        True
    """
    ms, _, n = entry.partition("-")
    return int(ms), int(n or 0)


def _check(answer: bytes, claim: Claim, who: str) -> None:
    if answer == b"deposed":
        raise Deposed(f"another worker has taken {claim.thing}")
    if answer == b"full":
        raise Unavailable(f"{who} is too far behind")


def _packed(reading: Reading) -> bytes:
    """Return a reading in bytes: compressed, unless it is too small to gain by that."""
    data = encode_reading(reading)
    return data if len(data) < _SMALL else zlib.compress(data, 1)


def _told(part: Part) -> tuple[str, int, str, bytes]:
    if isinstance(part.said, Reading):
        return part.said.source, part.number, "r", _packed(part.said)
    return part.said.source, part.number, "f", msgspec.msgpack.encode(part.said)


def _opened(id_: bytes, fields: dict[bytes, bytes]) -> Entry | None:
    number = int(fields.get(b"n", b"0"))
    try:
        if b"f" in fields:
            return Entry(id_.decode(), number, _FORGOTTEN.decode(fields[b"f"]))
        data = fields.get(b"r", b"")
        is_small = data[:1] != _ZLIB
        return Entry(
            id_.decode(), number, decode_reading(data if is_small else zlib.decompress(data))
        )
    except (zlib.error, msgspec.MsgspecError):
        return None


# The first byte of what zlib writes; a reading in MessagePack begins with that of a map.
_ZLIB = b"\x78"
_FORGOTTEN = msgspec.msgpack.Decoder(Forgotten)
