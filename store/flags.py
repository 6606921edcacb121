"""Flags as admins left them, and every change of them."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from domain.flags import DEFAULT, Decided, Rule
from store.db import Session
from store.tables import FlagChangeRow, FlagRow

_FLAGS = FlagRow.metadata.tables["flags"]
_CHANGES = FlagChangeRow.metadata.tables["flag_changes"]


async def rules(db: Session) -> dict[str, Rule]:
    """Return the rule of each flag that was ever changed."""
    rows = (await db.execute(sa.select(_FLAGS.c.name, _FLAGS.c.rule))).all()
    return {name: msgspec.convert(rule, Rule) for name, rule in rows}


async def save(db: Session, wanted: Decided) -> Decided:
    """Replace the rule of a flag and keep that it was; of two at once one waits for the other.

    Returns:
        The change with its number, and the rule that it replaced.
    """
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"flag {wanted.flag}"))
    await db.execute(sa.select(lock))
    before = (await rules(db)).get(wanted.flag, DEFAULT)
    made = msgspec.structs.replace(wanted, before=before)
    told = {name: value for name, value in msgspec.structs.asdict(made).items() if name != "id"}
    kept = told | {"before": msgspec.to_builtins(before), "after": msgspec.to_builtins(made.after)}
    added = await db.execute(sa.insert(_CHANGES).values(**kept).returning(_CHANGES.c.id))
    number = added.scalar_one()
    now = {"rule": kept["after"], "changed": number}
    changing = insert(_FLAGS).values(name=made.flag, **now)
    await db.execute(changing.on_conflict_do_update(index_elements=["name"], set_=now))
    return msgspec.structs.replace(made, id=number)


async def changes(
    db: Session, *, flag: str, limit: int, offset: int = 0, before: int | None = None
) -> list[Decided]:
    """Return changes, the latest first; `before` leaves out from that one on."""
    chosen = sa.select(FlagChangeRow).order_by(col(FlagChangeRow.id).desc())
    if flag:
        chosen = chosen.where(col(FlagChangeRow.flag) == flag)
    if before is not None:
        chosen = chosen.where(col(FlagChangeRow.id) < before)
    rows = await db.scalars(chosen.limit(limit).offset(offset))
    return [msgspec.convert(row, Decided, from_attributes=True) for row in rows]


async def change(db: Session, number: int) -> Decided | None:
    """Return one change, or None if there is none of that number."""
    row = await db.get(FlagChangeRow, number)
    return None if row is None else msgspec.convert(row, Decided, from_attributes=True)


async def count_changes(db: Session, *, flag: str, most: int) -> int:
    """Return how many changes there are, or `most` if there are more."""
    chosen = sa.select(col(FlagChangeRow.id))
    if flag:
        chosen = chosen.where(col(FlagChangeRow.flag) == flag)
    found = chosen.limit(most).subquery()
    return (await db.execute(sa.select(sa.func.count()).select_from(found))).scalar_one()
