"""What is sealed with which master key, and what there is to know of keys and rotations."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from store.blind import blinded
from store.db import Session, claim
from store.keys import KeyMissing, KeyRing
from store.sealed import Place, SealBroken, seal, unseal
from store.tables import RotationRow, SealingKeyRow

_KEYS = SealingKeyRow.metadata.tables["sealing_keys"]
_PREFIX: Final = "s1."
_ANY: Final[sa.types.TypeEngine[Any]] = sa.types.NullType()


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed texts: how its rows are named, and who may see them all.

    A text is bound to its row by `keys`: one as text, several as a JSON list of texts. `oversight`
    is what a transaction claims to be shown every row; "" where there is no row-level security.
    `blind` is the column of the blind index over the text, "" if it has none.
    """

    table: str
    column: str
    keys: tuple[str, ...]
    oversight: str = ""
    blind: str = ""

    def place(self, row: Sequence[Any]) -> Place:
        """Return what the text of a row is bound to, by the values of `keys`."""
        named = [str(value) for value in row]
        one = named[0] if len(named) == 1 else msgspec.json.encode(named).decode()
        return Place(self.table, self.column, one)


SEALED: Final = (
    SealedColumn("source_credentials", "sealed", ("source", "part")),
    SealedColumn("letters", "sealed", ("id",), oversight="mail"),
    SealedColumn("factors", "sealed", ("id",), oversight="accounts"),
    SealedColumn("phones", "sealed", ("user_id",), oversight="accounts", blind="found_hash"),
    SealedColumn("text_codes", "sealed", ("user_id",), oversight="accounts"),
    SealedColumn("texts", "sealed", ("id",), oversight="texts"),
)
"""Every column of sealed texts; what is not in here keeps the key that it was sealed with."""


class Resealed(msgspec.Struct, frozen=True):
    """What a batch did: rows sealed anew, rows that do not open, and where the next one begins."""

    done: int = 0
    broken: int = 0
    after: tuple[Any, ...] | None = None


async def reseal(
    db: Session,
    ring: KeyRing,
    column: SealedColumn,
    *,
    after: tuple[Any, ...] | None = None,
    limit: int = 50,
) -> Resealed:
    """Seal the next rows anew that are not sealed with the current key.

    Rows that somebody is writing to just now are left for the next pass, and nobody waits for
    longer than one batch. A text that does not open stays as it is.

    Raises:
        KeysAway: The holder of a key does not hand it out just now.
    """
    if column.oversight:
        await claim(db, "oversight", column.oversight)
    current, _ = ring.newest()
    table = _table(column)
    keys = [table.c[name] for name in column.keys]
    old = table.c[column.column].not_like(f"{_PREFIX}{current}.%")
    chosen = sa.select(*keys, table.c[column.column]).where(old).order_by(*keys).limit(limit)
    if after is not None:
        chosen = chosen.where(sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, after)))
    rows = [tuple(row) for row in await db.execute(chosen.with_for_update(skip_locked=True))]
    done = 0
    for *named, sealed in rows:
        values = _anew(ring, column, named, sealed)
        if values is not None:
            same = [key == value for key, value in zip(keys, named, strict=True)]
            await db.execute(sa.update(table).where(*same).values(values))
            done += 1
    last = tuple(rows[-1][:-1]) if len(rows) == limit else None
    return Resealed(done, len(rows) - done, last)


async def counted(
    db: Session, columns: Sequence[SealedColumn] = SEALED
) -> dict[SealedColumn, dict[str, int]]:
    """Return of each sealed column how many rows name which key."""
    found: dict[SealedColumn, dict[str, int]] = {}
    for column in columns:
        if column.oversight:
            await claim(db, "oversight", column.oversight)
        table = _table(column)
        sealed = table.c[column.column]
        key_id = sa.func.split_part(sealed, ".", 2)
        chosen = sa.select(key_id, sa.func.count()).where(sealed.is_not(None)).group_by(key_id)
        rows = await db.execute(chosen)
        found[column] = {str(name): int(count) for name, count in rows}
    return found


def by_key(found: Mapping[SealedColumn, Mapping[str, int]]) -> Counter[str]:
    """Return how many rows name which key, of all columns together."""
    summed = Counter[str]()
    for counts in found.values():
        summed.update(counts)
    return summed


# Keys


async def wrapped(db: Session) -> list[SealingKeyRow]:
    """Return the wrapped keys that are in use, the eldest first."""
    row = SealingKeyRow
    chosen = sa.select(row).where(col(row.wrapped) != "", col(row.retired_at).is_(None))
    return list(await db.scalars(chosen.order_by(col(row.known_at), col(row.id))))


async def keys(db: Session) -> list[SealingKeyRow]:
    """Return every key that was ever known, the newest first."""
    row = SealingKeyRow
    chosen = sa.select(row).order_by(col(row.known_at).desc(), col(row.id))
    return list(await db.scalars(chosen.execution_options(populate_existing=True)))


async def note_key(
    db: Session, key_id: str, holder: str, *, at: datetime, wrapped: str = ""
) -> None:
    """Note a key unless it is known."""
    told = {"id": key_id, "holder": holder, "wrapped": wrapped, "known_at": at}
    await db.execute(insert(_KEYS).values(told).on_conflict_do_nothing(index_elements=["id"]))


async def wrap_again(db: Session, key_id: str, wrapped: str) -> None:
    """Keep a key as it was wrapped anew."""
    await db.execute(sa.update(_KEYS).where(_KEYS.c.id == key_id).values(wrapped=wrapped))


async def retire_key(db: Session, key_id: str, at: datetime) -> None:
    """Note that a key is no longer in use."""
    await db.execute(sa.update(_KEYS).where(_KEYS.c.id == key_id).values(retired_at=at))


# Rotations


async def rotations(db: Session, *, limit: int = 20) -> list[RotationRow]:
    """Return the rotations, the latest first."""
    row = RotationRow
    chosen = sa.select(row).order_by(col(row.id).desc()).limit(limit)
    return list(await db.scalars(chosen.execution_options(populate_existing=True)))


async def open_rotation(db: Session) -> RotationRow | None:
    """Return the rotation that has not ended, kept from others until the transaction ends."""
    chosen = sa.select(RotationRow).where(col(RotationRow.ended_at).is_(None))
    return (await db.scalars(chosen.with_for_update())).one_or_none()


async def ask_rotation(db: Session, by: str, at: datetime, key_id: str = "") -> bool:
    """Note that a rotation is wanted; return whether none was under way."""
    table = RotationRow.metadata.tables["key_rotations"]
    told = {"asked_by": by, "asked_at": at, "key_id": key_id, "resealed": 0, "broken": 0}
    added = insert(table).values(told).on_conflict_do_nothing().returning(table.c.id)
    return await db.scalar(added) is not None


def _table(column: SealedColumn) -> sa.TableClause:
    names = filter(None, (*column.keys, column.column, column.blind))
    return sa.table(column.table, *(sa.column(name, _ANY) for name in names))


def _anew(
    ring: KeyRing, column: SealedColumn, named: Sequence[Any], sealed: str
) -> dict[str, Any] | None:
    place = column.place(named)
    try:
        text = unseal(ring, place, sealed)
    except (KeyMissing, SealBroken):
        return None
    values: dict[str, Any] = {column.column: seal(ring, place, text)}
    if column.blind:
        values[column.blind] = blinded(ring, column.table, column.column, text)
    return values
