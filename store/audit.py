"""The record of what must be answered for: added to, never changed.

PostgreSQL chains each entry to the one before it when its transaction commits: see
`store.audit_chain`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from store.db import Session

_ADD = sa.text(
    "insert into audit (actor, action, subject, details)"
    " select actor, action, subject, details from jsonb_to_recordset(cast(:entries as jsonb))"
    " as entry (actor text, action text, subject text, details jsonb)"
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is put on record: who did what to what or whom, and the facts, without secrets.

    People are named by the ids of their accounts, which are erased elsewhere: an entry is for good.
    """

    actor: str
    action: str
    subject: str
    details: dict[str, Any] = {}


async def record(
    db: Session, *, actor: str, action: str, subject: str, details: dict[str, Any]
) -> None:
    """Add one entry to the audit, in the transaction of what it speaks of.

    Args:
        db: The transaction.
        actor: Who did it.
        action: What was done, as a verb.
        subject: To what or whom.
        details: The facts, without secrets.
    """
    await record_all(db, [Entry(actor=actor, action=action, subject=subject, details=details)])


async def record_all(db: Session, entries: Sequence[Entry]) -> None:
    """Add entries in their order, in one statement."""
    if entries:
        await db.flush()
        await db.execute(_ADD, {"entries": msgspec.json.encode(entries).decode()})
