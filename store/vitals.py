"""The servers' own figures: what PostgreSQL and Valkey say of how they are."""

from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from domain.shards import shards
from store.cache import Cache
from store.db import Session, claim
from store.valkey import answered

# Of others' connections only the number can be seen, of our own role's all.
_POSTGRES = sa.text("""
select split_part(version(), ' ', 2) as version,
  pg_database_size(current_database()) / 1e6 as size_mb,
  (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
  current_setting('max_connections')::int as most_connections,
  coalesce(extract(epoch from now() - (select min(xact_start) from pg_stat_activity
    where usename = current_user and pid <> pg_backend_pid())), 0)::float8 as oldest_s,
  (select count(*) from pg_stat_replication) as replicas,
  current_setting('archive_mode') as archive_mode,
  (select failed_count from pg_stat_archiver) as archive_failed,
  (select last_failed_time > coalesce(last_archived_time, '-infinity') from pg_stat_archiver)
    as archive_failing,
  (select last_archived_time from pg_stat_archiver) as archived_at,
  pg_is_in_recovery() as in_recovery
""")
_PARTITION = sa.text("select to_regclass(:name) is not null")
_WAITING = sa.text(
    "select count(*), min(written_at), count(*) filter (where failed <> '')"
    " from letters where sent_at is null"
)


class Postgres(msgspec.Struct, frozen=True, kw_only=True):
    """What PostgreSQL says of itself; `oldest_s` is of the oldest open transaction of our role."""

    version: str
    size_mb: float
    connections: int
    most_connections: int
    oldest_s: float
    replicas: int
    archive_mode: str
    archive_failed: int
    archive_failing: bool | None
    archived_at: datetime | None
    in_recovery: bool


class Valkey(msgspec.Struct, frozen=True, kw_only=True):
    """What Valkey says of itself; `streams` has the length of each stream of ours."""

    version: str
    used_mb: float
    most_mb: float
    clients: int
    evicted: int
    rejected: int
    last_save_ok: bool
    streams: dict[str, int]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Letters that were not sent yet: how many, since when, and how many were tried in vain."""

    letters: int
    since: datetime | None
    failed: int


async def postgres(db: Session) -> Postgres:
    """Return how PostgreSQL is."""
    row = (await db.execute(_POSTGRES)).mappings().one()
    return msgspec.convert({**row, "size_mb": float(row["size_mb"])}, Postgres)


async def has_partition(db: Session, day: date) -> bool:
    """Return whether quotes of a day have a partition to go to."""
    found = await db.scalar(_PARTITION, {"name": f"public.quotes_{day:%Y%m%d}"})
    return bool(found)


async def waiting(db: Session) -> Waiting:
    """Return what of the outbox was not sent yet."""
    await claim(db, "oversight", "mail")
    letters, since, failed = (await db.execute(_WAITING)).one()
    return Waiting(letters=letters, since=since, failed=failed)


async def valkey(cache: Cache) -> Valkey:
    """Return how Valkey is, and how much waits in our streams."""
    async with answered():
        told: dict[str, Any] = await cache.commands.info("everything")
        streams = await _streams(cache)
    return Valkey(
        version=str(told.get("valkey_version") or told.get("redis_version", "")),
        used_mb=float(told["used_memory"]) / 1e6,
        most_mb=float(told.get("maxmemory", 0)) / 1e6,
        clients=int(told["connected_clients"]),
        evicted=int(told["evicted_keys"]),
        rejected=int(told["rejected_connections"]),
        last_save_ok=told.get("aof_last_write_status", "ok") == "ok"
        and told.get("rdb_last_bgsave_status", "ok") == "ok",
        streams=streams,
    )


async def _streams(cache: Cache) -> dict[str, int]:
    of = await cache.commands.get(cache.key("board", "shards"))
    names = ["readings", *(f"quotes:{shard}" for shard in shards(int(of or 0)))]
    return {name: int(await cache.commands.xlen(cache.key(name))) for name in names}
