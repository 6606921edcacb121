"""Entries of the audit as pages and exports show them: filtered, the latest first."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from store.db import Session
from store.tables import AuditRow, ChainRow

_ACTIONS = sa.text(
    "with recursive known (action) as ("
    " (select action from audit order by action limit 1)"
    " union all"
    " select (select a.action from audit a where a.action > k.action order by a.action limit 1)"
    " from known k where k.action is not null)"
    " select action from known where action is not null"
)


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are asked for; what is empty asks for nothing.

    `who` begins the actor's name or id, `action` and `subject` are exact, `about` is somewhere in
    the subject or the details, in any case. Instants are aware; `until` is not among them.
    """

    who: str = ""
    action: str = ""
    subject: str = ""
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its link; hashes are hexadecimal."""

    seq: int
    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    previous: str
    hash: str


async def entries(
    db: Session, sought: Sought, *, limit: int, offset: int = 0, before: int | None = None
) -> list[Kept]:
    """Return entries, the latest first; `before` leaves out those from that link on."""
    seq = col(ChainRow.seq)
    link = col(ChainRow.entry) == col(AuditRow.id)
    chosen = sa.select(AuditRow, ChainRow).join(ChainRow, link).where(*_conditions(sought))
    chosen = chosen.order_by(seq.desc())
    if before is not None:
        chosen = chosen.where(seq < before)
    return [_kept(*row) for row in await db.execute(chosen.limit(limit).offset(offset))]


async def count(db: Session, sought: Sought, *, most: int) -> int:
    """Return how many entries there are, or `most` if there are more."""
    found = sa.select(col(AuditRow.id)).where(*_conditions(sought)).limit(most).subquery()
    return (await db.execute(sa.select(sa.func.count()).select_from(found))).scalar_one()


async def latest(db: Session, action: str) -> Kept | None:
    """Return the last entry of an action, or None if there is none."""
    found = await entries(db, Sought(action=action), limit=1)
    return found[0] if found else None


async def actions(db: Session) -> list[str]:
    """Return every action that there is an entry of; one step along the index for each."""
    return list(await db.scalars(_ACTIONS))


def _conditions(sought: Sought) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if sought.who:
        found.append(col(AuditRow.actor).startswith(sought.who, autoescape=True))
    if sought.action:
        found.append(col(AuditRow.action) == sought.action)
    if sought.subject:
        found.append(col(AuditRow.subject) == sought.subject)
    if sought.about:
        texts = col(AuditRow.subject), sa.cast(col(AuditRow.details), sa.Text)
        found.append(sa.or_(*(each.icontains(sought.about, autoescape=True) for each in texts)))
    if sought.since is not None:
        found.append(col(AuditRow.at) >= sought.since)
    if sought.until is not None:
        found.append(col(AuditRow.at) < sought.until)
    return found


def _kept(entry: AuditRow, link: ChainRow) -> Kept:
    return msgspec.convert({**entry.model_dump(), **_link(link)}, Kept)


def _link(link: ChainRow) -> dict[str, Any]:
    return {"seq": link.seq, "previous": link.previous.hex(), "hash": link.hash.hex()}
