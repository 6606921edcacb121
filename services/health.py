"""How the machinery is, in one look: what each part says of itself, judged by bounds."""

import shutil
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from domain.errors import Unavailable
from domain.vitals import BOUNDS, Level, Part, Process, Reading, Sign, Vitals
from services.access import Permission
from services.audit_check import ANCHORED, CHECKED
from services.work import Work
from store import alerts, audit_chain, audit_entries, job_runs, processes, vitals
from store.db import reachable

Readings = AsyncIterator[Reading]
"""What a part says; it may raise `Unavailable`."""


class _Reader(NamedTuple):
    part: Part
    read: Callable[[Work], Readings]
    from_tables: bool


async def look(work: Work, data_dir: Path) -> Vitals:
    """Return everything that can be read now; a server that is away is said to be.

    Args:
        work: Its subject must hold VIEW_SYSTEM.
        data_dir: The directory whose disk is looked at.

    Raises:
        NotAllowed: The subject may not see the machinery.
    """
    work.subject.require(Permission.VIEW_SYSTEM)
    there = {True: await reachable(work.db), False: await _answers(work)}
    found = [_sound(Part.POSTGRES, there[True]), _sound(Part.VALKEY, there[False])]
    for reader in _READERS:
        if there[reader.from_tables]:
            found += await _tried(work, reader)
        else:
            found.append(Reading(part=reader.part, sign=Sign.ANSWERS, level=Level.UNKNOWN))
    found.append(_disk(data_dir))
    found += _keys(work)
    once = {(each.part, each.sign, each.name): each for each in reversed(found)}
    return Vitals(at=work.clock.now(), readings=list(reversed(once.values())))


async def tell(work: Work, name: str, process: Process) -> None:
    """Tell that a web process lives, and how it is.

    Raises:
        Unavailable: Valkey cannot be asked.
    """
    work.subject.require(Permission.DELIVER)
    await processes.tell(work.cache, name, process)


async def _answers(work: Work) -> bool:
    try:
        await work.cache.ping()
    except Unavailable:
        return False
    return True


def _sound(part: Part, there: bool) -> Reading:  # noqa: FBT001 - it is what is said of the part
    return Reading(part=part, sign=Sign.ANSWERS, level=Level.GOOD if there else Level.BAD)


async def _tried(work: Work, reader: _Reader) -> list[Reading]:
    """Return what a part says; one that fails in the middle is not known."""
    found: list[Reading] = []
    try:
        found.extend([each async for each in reader.read(work)])
    except Unavailable:
        await work.db.rollback()
        found.append(Reading(part=reader.part, sign=Sign.ANSWERS, level=Level.UNKNOWN))
    return found


def _judged(part: Part, sign: Sign, value: float, text: str = "", *, name: str = "") -> Reading:
    level = BOUNDS[part, sign].level(value)
    return Reading(part=part, sign=sign, level=level, value=value, text=text, name=name)


def _told(part: Part, sign: Sign, text: str, *, good: bool = True, **more: Any) -> Reading:
    level = Level.GOOD if good else Level.WARN
    return Reading(part=part, sign=sign, level=level, text=text, **more)


async def _postgres(work: Work) -> Readings:
    of, part = await vitals.postgres(work.db), Part.POSTGRES
    yield _told(part, Sign.VERSION, of.version)
    yield _told(part, Sign.SIZE, "", value=of.size_mb)
    share = of.connections / of.most_connections
    yield _judged(part, Sign.CONNECTIONS, share, f"{of.connections} / {of.most_connections}")
    yield _judged(part, Sign.OLDEST, of.oldest_s)
    yield _told(part, Sign.REPLICAS, "", value=float(of.replicas))
    archived = of.archived_at.isoformat() if of.archived_at else ""
    yield _told(part, Sign.ARCHIVE, archived or of.archive_mode, good=not of.archive_failing)
    today = work.clock.now().date()
    for name, day in (("today", today), ("tomorrow", today + timedelta(days=1))):
        has = await vitals.has_partition(work.db, day)
        yield _told(part, Sign.PARTITION, f"{day}", good=has, name=name)


async def _valkey(work: Work) -> Readings:
    of, part = await vitals.valkey(work.cache), Part.VALKEY
    yield _told(part, Sign.VERSION, of.version)
    share = of.used_mb / of.most_mb if of.most_mb else 0.0
    yield _judged(part, Sign.MEMORY, share, f"{of.used_mb:.1f} / {of.most_mb:.0f}")
    yield _told(part, Sign.CLIENTS, "", value=float(of.clients))
    yield _judged(part, Sign.EVICTED, float(of.evicted))
    yield _told(part, Sign.WRITES, "", good=of.last_save_ok)
    for name, length in of.streams.items():
        yield _judged(part, Sign.STREAMS, float(length), name=name)


async def _board(work: Work) -> Readings:
    snapshot = await work.cache.snapshot()
    if snapshot is None:
        yield Reading(part=Part.BOARD, sign=Sign.AGE, level=Level.BAD)
    else:
        yield _judged(Part.BOARD, Sign.AGE, _ago(work, snapshot.published_at))


async def _workers(work: Work) -> Readings:
    part, desks = Part.WORKERS, await job_runs.desks(work.cache)
    alive = float(len(desks))
    level = Level.GOOD if desks else Level.BAD
    yield Reading(part=part, sign=Sign.ALIVE, level=level, value=alive)
    leader = next((name for name, desk in desks.items() if desk.leads), "")
    yield _told(part, Sign.LEADS, leader, good=bool(leader))
    beats = await work.cache.beats()
    for name, desk in desks.items():
        does = beats.get(name, {}).get("does", [])
        yield _told(part, Sign.SHARDS, ", ".join(map(str, does)), name=name)
        yield _judged(part, Sign.MEMORY, desk.memory_mb, name=name)
        yield _told(part, Sign.VERSION, desk.version, name=name)


async def _paused(work: Work) -> Readings:
    held = await job_runs.pauses(work.db)
    yield _judged(Part.WORKERS, Sign.PAUSED, float(len(held)), ", ".join(held))


async def _web(work: Work) -> Readings:
    alive, part = await processes.alive(work.cache), Part.WEB
    yield _told(part, Sign.ALIVE, "", good=bool(alive), value=float(len(alive)))
    for name, process in alive.items():
        yield _judged(part, Sign.MEMORY, process.memory_mb, name=name)
        yield _told(part, Sign.CLIENTS, "", value=float(process.watchers), name=name)
        yield _told(part, Sign.VERSION, process.version, name=name)


async def _queues(work: Work) -> Readings:
    of, part = await vitals.waiting(work.db), Part.QUEUES
    tried = f"{of.failed}" if of.failed else ""
    yield _judged(part, Sign.LETTERS, float(of.letters), tried)
    if of.since is not None:
        yield _judged(part, Sign.LETTERS_OLDEST, _ago(work, of.since))


async def _sources(work: Work) -> Readings:
    found = await alerts.open_alerts(work.db)
    codes = ", ".join(sorted({alert.code.value for alert in found}))
    yield _judged(Part.SOURCES, Sign.ALERTS, float(len(found)), codes)


async def _audit(work: Work) -> Readings:
    part, head = Part.AUDIT, await audit_chain.head(work.db)
    yield _told(part, Sign.HEAD, f"{head.seq} {head.hash.hex()[:16]}" if head else "0")
    for sign, action in ((Sign.ANCHORED, ANCHORED), (Sign.CHECKED, CHECKED)):
        last = await audit_entries.latest(work.db, action)
        if last is None:
            yield Reading(part=part, sign=sign, level=Level.WARN)
        elif sign is Sign.CHECKED and last.details.get("clean") is not True:
            said = str(last.details.get("broken", ""))
            yield Reading(part=part, sign=sign, level=Level.BAD, text=said)
        else:
            yield _judged(part, sign, _ago(work, last.at))


def _disk(data_dir: Path) -> Reading:
    try:
        usage = shutil.disk_usage(data_dir)
    except OSError:
        return Reading(part=Part.DISK, sign=Sign.FREE, level=Level.UNKNOWN)
    told = f"{usage.free / 1e9:.1f} / {usage.total / 1e9:.1f}"
    return _judged(Part.DISK, Sign.FREE, usage.free / usage.total, told)


def _keys(work: Work) -> list[Reading]:
    """Return whether whoever holds the keys answers, and which is used.

    While the holder is away what this process has in memory opens for a time: that is a warning.
    """
    ring, part = work.keys, Part.KEYS
    lost = Level.WARN if ring.current in ring.keys else Level.BAD
    level = lost if ring.away else Level.GOOD
    return [
        Reading(part=part, sign=Sign.ANSWERS, level=level, text=ring.away),
        _told(part, Sign.KEY, ring.current, good=bool(ring.keys), value=float(len(ring.keys))),
    ]


def _ago(work: Work, at: datetime) -> float:
    return max(0.0, (work.clock.now() - at).total_seconds())


_READERS: Final = (
    _Reader(Part.POSTGRES, _postgres, from_tables=True),
    _Reader(Part.VALKEY, _valkey, from_tables=False),
    _Reader(Part.BOARD, _board, from_tables=False),
    _Reader(Part.WORKERS, _workers, from_tables=False),
    _Reader(Part.WORKERS, _paused, from_tables=True),
    _Reader(Part.WEB, _web, from_tables=False),
    _Reader(Part.QUEUES, _queues, from_tables=True),
    _Reader(Part.SOURCES, _sources, from_tables=True),
    _Reader(Part.AUDIT, _audit, from_tables=True),
)
