"""Valkey: streams, claims, the board, heartbeats. Every key is namespaced and has a TTL."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from typing import Any, Self

import msgspec
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff

from domain.board import BoardPatch, BoardSnapshot, Compared, Refusals
from domain.errors import Unavailable
from domain.looks import BookLook
from domain.shards import ONLY, Shard, shards
from domain.sources import SourceHealth, SourceReliability
from kit.clock import epoch_ms
from store import boards
from store.claims import CLAIM_TTL_S, Claim, Claims, Deposed
from store.streams import Streams
from store.throttle import Allowance, spend
from store.valkey import TIMEOUT_S, Client, answered, client, read

BOARD_TTL_S = 24 * 3600
REFUSALS_TTL_S = 60
COMPARED_TTL_S = 60
SOURCE_TTL_S = 60
BEAT_TTL_S = round(CLAIM_TTL_S)
NEAR_TTL_S = 10
LOOKS_TTL_S = 300
NAMES_TTL_S = 24 * 3600

QUIET_S = 10.0

# A name leaves its list only while its key is gone: in one step, or a beat in between were lost.
_FORGET = """
for i, key in ipairs(KEYS) do
  if i > 1 and redis.call('EXISTS', key) == 0 then
    redis.call('SREM', KEYS[1], ARGV[i - 1])
  end
end
"""
_PUBLISH = """
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('SET', KEYS[3], ARGV[4], 'EX', ARGV[3])
redis.call('PUBLISH', KEYS[4], ARGV[5])
return 1
"""


class Cache:
    """What worker and web tell each other; nothing here that cannot be made again."""

    def __init__(self, commands: Client, listening: Client, namespace: str) -> None:
        self._commands = commands
        self._listening = listening
        self._namespace = namespace
        self.claims = Claims(commands, namespace)
        self.streams = Streams(commands, namespace, self.claims)

    @classmethod
    async def open(cls, url: str, *, namespace: str) -> Self:
        """Connect; every key is prefixed with `namespace`.

        Raises:
            Refused: The URL is not one of Valkey or Redis.
            Unavailable: The server cannot be reached.
        """
        patient = Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), retries=3)
        # A subscription that reconnects by itself would hide what it missed meanwhile.
        once = Retry(NoBackoff(), retries=0)
        cache = cls(client(url, patient), client(url, once), namespace)
        try:
            await cache.ping()
        except BaseException:
            await cache.close()
            raise
        return cache

    async def ping(self) -> None:
        """Ask the server for a sign of life; raise `Unavailable` if there is none."""
        async with answered():
            await self._commands.execute_command("PING")

    async def close(self) -> None:
        """Close every connection."""
        await self._commands.aclose()
        await self._listening.aclose()

    # The board, from the publishers to every web process: each shard's part under its own name.

    async def publish(
        self,
        patch: BoardPatch,
        snapshot: BoardSnapshot,
        shard: Shard = ONLY,
        claim: Claim | None = None,
    ) -> None:
        """Replace a shard's snapshot, then send the patch that led to it, in one step.

        Raises:
            Deposed: Under a claim: another worker holds it.
        """
        keys = [
            self.claims.key(claim.thing if claim else ""),
            self._key("board", "snapshot", shard),
            self._key("board", "shards"),
            self._key("board", shard),
        ]
        told = _JSON.encode(snapshot), BOARD_TTL_S, shard.of, _JSON.encode(patch)
        async with answered():
            is_published = await self._commands.eval(
                _PUBLISH, len(keys), *keys, claim.holder if claim else "", *told
            )
        if not is_published:
            raise Deposed(f"another worker has taken shard {shard}")

    async def snapshots(self) -> dict[Shard, BoardSnapshot]:
        """Return each shard's part of the board, as last published within a day."""
        found = await self._parts("board", "snapshot")
        return {shard: read(_SNAPSHOT, data) for shard, data in found.items() if data}

    async def snapshot(self) -> BoardSnapshot | None:
        """Return the whole board; None unless every shard has published within a day."""
        found = await self._parts("board", "snapshot")
        parts = [read(_SNAPSHOT, data) for data in found.values() if data]
        return boards.whole(parts) if len(parts) == len(found) else None

    async def put_refusals(self, refusals: Refusals, shard: Shard = ONLY) -> None:
        """Replace a shard's near misses, shown beside the board."""
        data = _JSON.encode(refusals)
        async with self._transaction() as pipe:
            pipe.set(self._key("board", "refused", shard), data, ex=REFUSALS_TTL_S)
            pipe.set(self._key("board", "shards"), shard.of, ex=BOARD_TTL_S)
            await pipe.execute()

    async def refusals(self) -> Refusals | None:
        """Return all near misses as last published, if they were within a minute."""
        found = await self._parts("board", "refused")
        return boards.near_misses([read(_REFUSALS, data) for data in found.values() if data])

    async def put_compared(self, detector: str, of: Compared) -> None:
        """Replace what one detector compares; it is forgotten a minute later."""
        await self._keep("compared", detector, _JSON.encode(of), COMPARED_TTL_S)

    async def compared(self) -> Compared | None:
        """Return what all detectors together compare, or None if none of them tells."""
        told = [read(_COMPARED, data) for data in (await self._all("compared")).values()]
        if not told:
            return None
        return Compared(
            events=sum(one.events for one in told),
            markets=sum(one.markets for one in told),
            prices=sum(one.prices for one in told),
        )

    @asynccontextmanager
    async def subscribed(self) -> AsyncGenerator[AsyncIterator[tuple[Shard, BoardPatch]]]:
        """Subscribe to all shards' boards: no patch published inside the block is missed.

        Raises:
            Unavailable: The connection cannot be made, or was lost.
        """
        subscription = self._listening.pubsub()
        try:
            async with answered():
                await subscription.psubscribe(self._key("board", "*"))
                await subscription.get_message(timeout=TIMEOUT_S)
            async with aclosing(_patches(subscription)) as patches:
                yield patches
        finally:
            async with answered():
                await subscription.aclose()

    async def board_messages(self) -> AsyncIterator[tuple[Shard, BoardPatch]]:
        """Yield each patch from now on; raise `Unavailable` when the connection is lost."""
        async with self.subscribed() as patches:
            async for each in patches:
                yield each

    # What shards tell those who ask sources, and those who say how far these can be trusted.

    async def put_near(self, teller: str, event_ids: Iterable[str]) -> None:
        """Replace the events that somebody knows to be nearly an arbitrage."""
        await self._keep("near", teller, _JSON.encode(sorted(event_ids)), NEAR_TTL_S)

    async def near(self) -> dict[str, frozenset[str]]:
        """Return such events, by who tells of them."""
        return {name: read(_IDS, data) for name, data in (await self._all("near")).items()}

    async def put_looks(self, shard: Shard, looks: Sequence[BookLook]) -> None:
        """Replace what a shard saw of every book."""
        await self._keep("looks", str(shard), _JSON.encode(looks), LOOKS_TTL_S)

    async def looks(self) -> list[BookLook]:
        """Return what every shard saw of books in the last five minutes."""
        found = (await self._all("looks")).values()
        return [look for data in found for look in read(_LOOKS, data)]

    # Who is alive, and how the sources are.

    async def beat(self, worker: str, facts: Mapping[str, Any]) -> None:
        """Say that a worker is alive; it is forgotten six seconds later."""
        await self._keep("worker", worker, _JSON.encode(facts), BEAT_TTL_S)

    async def leave(self, worker: str) -> None:
        """Say that a worker is there no more."""
        async with answered():
            await self._commands.delete(self._key("worker", worker))

    async def beats(self) -> dict[str, dict[str, Any]]:
        """Return the facts that each living worker last told, by worker."""
        return {name: read(_FACTS, data) for name, data in (await self._all("worker")).items()}

    async def put_source(self, health: SourceHealth) -> None:
        """Replace what is known of a source's health."""
        await self.put_sources([health])

    async def put_sources(self, healths: Iterable[SourceHealth]) -> None:
        """Do the same for several sources at once."""
        async with self._transaction() as pipe:
            for health in healths:
                self._put(pipe, "source", health.name, _JSON.encode(health), SOURCE_TTL_S)
            await pipe.execute()

    async def source_healths(self) -> list[SourceHealth]:
        """Return the health of every source heard of in the last minute, by name."""
        found = await self._all("source")
        return [read(_HEALTH, found[name]) for name in sorted(found)]

    async def put_reliability(self, of: SourceReliability) -> None:
        """Replace what is known of how far a source can be trusted."""
        await self._keep("reliability", of.whole.name, _JSON.encode(of), SOURCE_TTL_S)

    async def reliabilities(self) -> list[SourceReliability]:
        """Return the same of every source looked at in the last five minutes, by name."""
        found = await self._all("reliability")
        return [read(_RELIABILITY, found[name]) for name in sorted(found)]

    # For what lives in a module of its own.

    @property
    def commands(self) -> Client:
        """The client; whoever uses it does so within `answered`, on keys made by `key`."""
        return self._commands

    def key(self, *parts: object) -> str:
        """Return the key of our namespace that the parts name."""
        return self._key(*parts)

    async def keep(self, kind: str, name: str, data: bytes, ttl_s: int) -> None:
        """Keep a value by its kind and name for a while."""
        await self._keep(kind, name, data, ttl_s)

    async def kept(self, kind: str) -> dict[str, bytes]:
        """Return the values of a kind by name."""
        return await self._all(kind)

    # How it is kept: a value under its own key, its name in the list of its kind.

    # How often somebody may do something.

    async def spend(self, allowances: Sequence[Allowance], *, now: datetime) -> float:
        """Take one from every allowance, or none; return the seconds to wait, 0 if it was taken."""
        keyed = [(self._key("allowance", each.name), each) for each in allowances]
        async with answered():
            return await spend(self._commands, keyed, now_ms=epoch_ms(now))

    async def restore(self, allowances: Iterable[Allowance]) -> None:
        """Make allowances whole again."""
        async with answered():
            await self._commands.delete(*(self._key("allowance", a.name) for a in allowances))

    def _key(self, *parts: object) -> str:
        return ":".join(map(str, (self._namespace, *parts)))

    def _put(self, pipe: Client, kind: str, name: str, data: bytes, ttl_s: int) -> None:
        names = self._key("names", kind)
        pipe.set(self._key(kind, name), data, ex=ttl_s)
        pipe.sadd(names, name)
        pipe.expire(names, NAMES_TTL_S)

    async def _keep(self, kind: str, name: str, data: bytes, ttl_s: int) -> None:
        async with self._transaction() as pipe:
            self._put(pipe, kind, name, data, ttl_s)
            await pipe.execute()

    async def _all(self, kind: str) -> dict[str, bytes]:
        """Return the values of a kind by name, and forget the names whose value is gone."""
        index = self._key("names", kind)
        async with answered():
            names = sorted(map(_text, await self._commands.smembers(index)))
            if not names:
                return {}
            values = await self._commands.mget([self._key(kind, name) for name in names])
            found: dict[str, bytes | None] = dict(zip(names, values, strict=True))
            if gone := [name for name, value in found.items() if value is None]:
                keys = [index, *(self._key(kind, name) for name in gone)]
                await self._commands.eval(_FORGET, len(keys), *keys, *gone)
        return {name: value for name, value in found.items() if value is not None}

    async def _parts(self, *kind: str) -> dict[Shard, bytes | None]:
        """Return each shard's value of a kind; those who publish say how many shards there are."""
        async with answered():
            of = await self._commands.get(self._key("board", "shards"))
            if of is None:
                return {}
            known = shards(int(of))
            values = await self._commands.mget([self._key(*kind, shard) for shard in known])
        return dict(zip(known, values, strict=True))

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[Client]:
        async with answered(), self._commands.pipeline(transaction=True) as pipe:
            yield pipe


async def _patches(subscription: Client) -> AsyncGenerator[tuple[Shard, BoardPatch]]:
    """Yield patches; a connection that answers nothing, not even a ping, counts as lost."""
    asked = False
    while True:
        async with answered(QUIET_S + TIMEOUT_S):
            message = await subscription.get_message(timeout=QUIET_S)
            if message is None:
                if asked:
                    raise Unavailable("Valkey: the subscription has gone silent")
                await subscription.ping()
        asked = message is None
        if message is not None and message["type"] == "pmessage":
            number, _, of = _text(message["channel"]).rpartition(":")[2].partition("/")
            yield Shard(int(number), int(of)), read(_PATCH, message["data"])


def _text(data: bytes) -> str:
    return data.decode()


_JSON = msgspec.json.Encoder()
_SNAPSHOT = msgspec.json.Decoder(BoardSnapshot)
_PATCH = msgspec.json.Decoder(BoardPatch)
_REFUSALS = msgspec.json.Decoder(Refusals)
_COMPARED = msgspec.json.Decoder(Compared)
_HEALTH = msgspec.json.Decoder(SourceHealth)
_RELIABILITY = msgspec.json.Decoder(SourceReliability)
_FACTS = msgspec.json.Decoder(dict[str, Any])
_IDS = msgspec.json.Decoder(frozenset[str])
_LOOKS = msgspec.json.Decoder(list[BookLook])
