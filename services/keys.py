"""Keys: which there are, what is sealed with each, and how one takes over from another."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import NotFound, Refused
from services import audit_look
from services.access import Permission
from services.audit_look import Entries, Filter
from services.work import Work
from store import audit
from store import sealing as stored
from store.tables import RotationRow, SealingKeyRow

RESTS: Final = timedelta(hours=1)
"""How long after the last rotation nobody can still be writing with the key before."""
MOST_SHOWN: Final = 50
ABOUT: Final = Filter(subject="keys")
"""What of the audit is about keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key as those see it who look after it: everything but the key.

    `held`: this process has it. `rows` are sealed with it.
    """

    id: str
    holder: str
    known_at: datetime | None
    retired_at: datetime | None
    current: bool
    held: bool
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A rotation; `left` rows are to be sealed anew, of one that has ended those that do not open.

    `key_id` is "" until the worker has made the key.
    """

    key_id: str
    asked_at: datetime
    asked_by: str
    resealed: int
    left: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Every key, the newest first; the last rotations; how many rows of which column name which."""

    keys: list[Key]
    rotations: list[Rotation]
    columns: dict[str, dict[str, int]]


async def overview(work: Work) -> Overview:
    """Return what there is to know of the keys.

    Raises:
        NotAllowed: The subject may not read the audit.
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_AUDIT)
    counted = await stored.counted(work.db)
    rows = stored.by_key(counted)
    known = {row.id: row for row in await stored.keys(work.db)}
    ids = [*known, *(each for each in {*work.keys.keys, *rows} if each not in known)]
    rotations = await stored.rotations(work.db, limit=MOST_SHOWN)
    return Overview(
        keys=[_key(work, each, known.get(each), rows[each]) for each in ids],
        rotations=[_rotation(each, rows.total() - rows[each.key_id]) for each in rotations],
        columns={f"{of.table}.{of.column}": counts for of, counts in counted.items()},
    )


async def history(work: Work, *, limit: int = MOST_SHOWN, offset: int = 0) -> Entries:
    """Return what the audit says of the keys, the latest first."""
    work.subject.require(Permission.VIEW_AUDIT)
    return await audit_look.entries(work, ABOUT, limit=limit, offset=offset)


async def rotate(work: Work, key_id: str = "") -> None:
    """Ask for a new key, and for everything to be sealed anew with it; a worker sees to both.

    Args:
        work: Its subject manages keys, and proved lately that it is them.
        key_id: A key of a file that was made before and is known everywhere, instead of a new one.

    Raises:
        NotAllowed: The subject may not, or has to prove that it is them.
        NotFound: There is no such key, or it was retired.
        Refused: A rotation is under way.
    """
    work.subject.require(Permission.MANAGE_KEYS)
    work.subject.require_proof(work.clock.now())
    if key_id and not await _usable(work, key_id, "file"):
        raise NotFound(f"there is no key {key_id} to rotate to")
    actor = work.subject.actor
    if not await stored.ask_rotation(work.db, actor, work.clock.now(), key_id):
        raise Refused("a rotation is under way: wait until it has ended")
    details = {"from": work.keys.current, "to": key_id or "a new key"}
    await audit.record(work.db, actor=actor, action="keys.rotate", subject="keys", details=details)


async def retire(work: Work, key_id: str) -> None:
    """Let go of a key that nothing names; backups of before still need it.

    Raises:
        NotAllowed: The subject may not, or has to prove that it is them.
        NotFound: There is no such key.
        Refused: It is the current one, rows name it, or somebody may just be writing with it.
    """
    work.subject.require(Permission.MANAGE_KEYS)
    work.subject.require_proof(work.clock.now())
    now = work.clock.now()
    if not await _usable(work, key_id):
        raise NotFound(f"there is no key {key_id} to retire")
    if key_id == work.keys.current:
        raise Refused(f"{key_id} is the current key: rotate first")
    last = next(iter(await stored.rotations(work.db, limit=1)), None)
    if last is not None and (last.ended_at is None or now - last.ended_at < RESTS):
        raise Refused("wait until an hour has passed since the rotation: it may still be in use")
    if rows := stored.by_key(await stored.counted(work.db))[key_id]:
        raise Refused(f"{rows} rows are sealed with {key_id}: rotate first")
    await stored.retire_key(work.db, key_id, now)
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="keys.retire",
        subject="keys",
        details={"key": key_id},
    )


async def _usable(work: Work, key_id: str, holder: str = "") -> bool:
    known = {row.id: row for row in await stored.keys(work.db)}
    row = known.get(key_id)
    return row is not None and row.retired_at is None and holder in {"", row.holder}


def _key(work: Work, key_id: str, row: SealingKeyRow | None, rows: int) -> Key:
    return Key(
        id=key_id,
        holder=row.holder if row else "",
        known_at=row.known_at if row else None,
        retired_at=row.retired_at if row else None,
        current=key_id == work.keys.current,
        held=key_id in work.keys.keys,
        rows=rows,
    )


def _rotation(row: RotationRow, left: int) -> Rotation:
    return Rotation(
        key_id=row.key_id,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        resealed=row.resealed,
        left=row.broken if row.ended_at else left,
        ended_at=row.ended_at,
    )
