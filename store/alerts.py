"""Alerts, open and closed."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from domain.alerts import Alert, AlertCode
from store.db import Session
from store.tables import AlertRow

MOST = 200


async def open_alert(db: Session, alert: Alert) -> bool:
    """Write an alert; say whether it is new, for another worker may have seen the same."""
    statement = insert(AlertRow).values(
        subject=alert.subject, code=alert.code, sentence=alert.sentence, opened_at=alert.opened_at
    )
    written = await db.execute(
        statement.on_conflict_do_nothing(
            index_elements=["subject", "code"], index_where=sa.text("closed_at is null")
        ).returning(col(AlertRow.id))
    )
    return written.first() is not None


async def close_alert(db: Session, subject: str, code: AlertCode, at: datetime) -> bool:
    """Close the open alert of a subject and code; say whether there was one."""
    closed = await db.execute(
        sa.update(AlertRow)
        .where(
            col(AlertRow.subject) == subject,
            col(AlertRow.code) == code,
            col(AlertRow.closed_at).is_(None),
        )
        .values(closed_at=sa.func.greatest(at, col(AlertRow.opened_at)))
        .returning(col(AlertRow.id))
    )
    return closed.first() is not None


async def open_alerts(db: Session) -> list[Alert]:
    """Return what is wrong now, the latest first."""
    row = AlertRow
    chosen = (
        select(row.subject, row.code, row.sentence, row.opened_at)
        .where(col(row.closed_at).is_(None))
        .order_by(col(row.opened_at).desc(), col(row.id).desc())
        .limit(MOST)
    )
    return [
        Alert(subject=subject, code=AlertCode(code), sentence=sentence, opened_at=at)
        for subject, code, sentence, at in await db.execute(chosen)
    ]


async def forget_closed_before(db: Session, at: datetime) -> int:
    """Delete alerts that were closed before an instant; return how many."""
    gone = await db.execute(
        sa.delete(AlertRow).where(col(AlertRow.closed_at) < at).returning(col(AlertRow.id))
    )
    return len(gone.all())
