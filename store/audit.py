"""The record of what must be answered for: added to, never changed."""

from typing import Any

from store.db import Session
from store.tables import AuditRow


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
    db.add(AuditRow(actor=actor, action=action, subject=subject, details=details))
    await db.flush()
