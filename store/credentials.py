"""Sources' credentials, written sealed; only `store.credentials_opened` reads what they are."""

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from domain.control import StoredPart
from store.db import Session
from store.keys import KeyRing
from store.sealed import Place, seal
from store.tables import CredentialRow


def place(source: str, part: str) -> Place:
    """Return where a part of a source's credential is sealed for."""
    return Place("source_credentials", "sealed", msgspec.json.encode([source, part]).decode())


async def put(  # noqa: PLR0913  what is kept of a part, each by name
    db: Session, ring: KeyRing, source: str, part: str, text: str, *, actor: str, at: datetime
) -> None:
    """Seal a part of a source's credential in place of what it was; raise `NoKeys`."""
    told = {"sealed": seal(ring, place(source, part), text), "set_at": at, "set_by": actor}
    statement = insert(CredentialRow).values(source=source, part=part, **told)
    await db.execute(statement.on_conflict_do_update(index_elements=["source", "part"], set_=told))


async def clear(db: Session, source: str, part: str) -> bool:
    """Forget a part of a source's credential; say whether there was one."""
    gone = await db.execute(
        sa.delete(CredentialRow)
        .where(col(CredentialRow.source) == source, col(CredentialRow.part) == part)
        .returning(col(CredentialRow.part))
    )
    return bool(gone.all())


async def listed(db: Session) -> list[StoredPart]:
    """Return which parts are in the store, since when and by whom; never what they are."""
    row = CredentialRow
    chosen = select(row.source, row.part, row.set_at, row.set_by)
    found = await db.execute(chosen.order_by(col(row.source), col(row.part)))
    return [StoredPart(source=s, part=p, set_at=at, set_by=by) for s, p, at, by in found]
