"""What tests of control share: an empty start, waiting, and a search for what must not be there."""

import asyncio

CONTROL = (
    *("source_credentials", "source_switches", "alerts"),
    *("job_runs", "job_pauses", "flags", "flag_changes"),
)
TABLES = "select tablename from pg_tables where schemaname = 'public'"


def swept(owner):
    """Leave the tables of control empty."""
    owner.execute(f"truncate {', '.join(CONTROL)}")


async def turned(look, *, within_s=10.0):
    """Let others run until `look` finds something, and return it."""
    async with asyncio.timeout(within_s):
        while not (found := look()):
            await asyncio.sleep(0.005)
    return found


def everything_stored(owner):
    """Return all that PostgreSQL holds of us, as text."""
    tables = [name for (name,) in owner.execute(TABLES)]
    rows = [owner.execute(f'select t::text from "{name}" t').fetchall() for name in tables]
    return "\n".join(text for found in rows for (text,) in found)


async def everything_cached(cache):
    """Return all that Valkey holds under our namespace, as text."""
    found = []
    async for key in cache.commands.scan_iter(f"{cache.key('*')}"):
        kind = await cache.commands.type(key)
        if kind == b"string":
            found.append(await cache.commands.get(key))
        elif kind == b"list":
            found += await cache.commands.lrange(key, 0, -1)
    return b"\n".join(found).decode(errors="replace")


def everything_logged(caplog):
    """Return every field of every log record, as text."""
    return "\n".join(f"{record.__dict__} {record.getMessage()}" for record in caplog.records)
