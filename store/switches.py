"""Switches: which sources an admin lets be asked; one that nobody switched is on."""

import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from domain.control import Switch
from store.db import Session
from store.tables import SwitchRow


async def save_switch(db: Session, switch: Switch) -> None:
    """Replace what was decided about a source."""
    told = msgspec.structs.asdict(switch)
    changing = {name: value for name, value in told.items() if name != "source"}
    statement = insert(SwitchRow).values(**told)
    await db.execute(statement.on_conflict_do_update(index_elements=["source"], set_=changing))


async def switches(db: Session) -> dict[str, Switch]:
    """Return what was decided, by source."""
    chosen = select(SwitchRow).order_by(col(SwitchRow.source))
    rows = await db.scalars(chosen.execution_options(populate_existing=True))
    return {row.source: msgspec.convert(row, Switch, from_attributes=True) for row in rows}
