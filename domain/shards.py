"""Shards: the live events, dealt out by their ids; what is done of each is done by one worker."""

import zlib
from typing import NamedTuple

import msgspec


class Shard(NamedTuple):
    """One of so many parts of all events."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def __contains__(self, event_id: object) -> bool:
        """Whether an event of ours is dealt to this shard."""
        return shard_number(str(event_id), self.of) == self.number


ONLY = Shard(0, 1)


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """That a source's prices of an event of ours are to be forgotten: the event was another."""

    source: str
    event_id: str


def shards(of: int) -> list[Shard]:
    """Return all of so many shards."""
    return [Shard(number, of) for number in range(of)]


def shard_number(event_id: str, of: int) -> int:
    """Return which of so many shards an event is dealt to, in every process the same.

    Examples:
        >>> [shard_number(f"event {n}", 4) for n in range(6)]
        [3, 1, 3, 1, 2, 0]
    """
    return zlib.crc32(event_id.encode(errors="surrogatepass")) % of
