"""Devices and odd arrivals, as kept; row-level security shows only what the transaction claimed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from store.db import Session, claim
from store.tables import DeviceRow, RiskEventRow, SessionRow

_DEVICES = DeviceRow.metadata.tables["devices"]
_EVENTS = RiskEventRow.metadata.tables["risk_events"]
_SESSIONS = SessionRow.metadata.tables["sessions"]


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which arrivals are asked for; what is empty asks for nothing.

    `about` is somewhere in the member's id, the network, the country or the browser's name.
    Instants are aware; `until` is not among them.
    """

    verdict: str = ""
    reason: str = ""
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None


async def oversee(db: Session) -> None:
    """Show the rest of the transaction every odd arrival, for one who may read of them."""
    await claim(db, "oversight", "risk")


async def of_member(db: Session, user_id: UUID) -> list[DeviceRow]:
    """Return a member's devices, the one that signed in last first."""
    order = col(DeviceRow.last_seen_at).desc(), col(DeviceRow.id)
    chosen = sa.select(DeviceRow).where(_DEVICES.c.user_id == user_id).order_by(*order)
    return list(await db.scalars(chosen))


async def of_session(db: Session, user_id: UUID, session_id: UUID | None) -> UUID | None:
    """Return the device that a member's session began with, if that is known."""
    mine = (_SESSIONS.c.user_id == user_id) & (_SESSIONS.c.id == session_id)
    return await db.scalar(sa.select(_SESSIONS.c.device_id).where(mine))


async def keep(db: Session, device: DeviceRow) -> UUID:
    """Keep a device of the member that the transaction acts as; return its id.

    One of the same secret, which may have been kept meanwhile, is brought up to date.
    """
    new = device.model_dump()
    changed = ("name", "hints_hash", "networks", "countries", "last_seen_at")
    kept = insert(_DEVICES).values(new)
    kept = kept.on_conflict_do_update(
        index_elements=["user_id", "secret_hash"], set_={name: new[name] for name in changed}
    )
    return (await db.execute(kept.returning(_DEVICES.c.id))).scalar_one()


async def forget(db: Session, user_id: UUID, device_id: UUID, *, but: UUID | None) -> int | None:
    """Forget a member's device and end its sessions, but the session `but`; None: there is none.

    Returns how many sessions were ended.
    """
    mine = (_SESSIONS.c.user_id == user_id) & (_SESSIONS.c.device_id == device_id)
    ended = sa.delete(_SESSIONS).where(mine & (_SESSIONS.c.id.is_distinct_from(but)))
    count = len((await db.execute(ended.returning(_SESSIONS.c.id))).all())
    own = (_DEVICES.c.user_id == user_id) & (_DEVICES.c.id == device_id)
    gone = await db.execute(sa.delete(_DEVICES).where(own).returning(_DEVICES.c.id))
    return count if gone.all() else None


async def forget_all(db: Session, user_id: UUID, device_ids: Sequence[UUID]) -> None:
    """Forget devices of a member; their sessions go on."""
    if device_ids:
        mine = (_DEVICES.c.user_id == user_id) & _DEVICES.c.id.in_(device_ids)
        await db.execute(sa.delete(_DEVICES).where(mine))


async def add_event(db: Session, event: RiskEventRow) -> None:
    """Add an arrival of the member that the transaction acts as."""
    db.add(event)
    await db.flush()


async def events(db: Session, sought: Sought, *, limit: int, offset: int = 0) -> list[RiskEventRow]:
    """Return the arrivals that the transaction may see, the latest first."""
    order = col(RiskEventRow.at).desc(), col(RiskEventRow.id).desc()
    chosen = sa.select(RiskEventRow).where(*_conditions(sought)).order_by(*order)
    return list(await db.scalars(chosen.limit(limit).offset(offset)))


async def count(db: Session, sought: Sought, *, most: int) -> int:
    """Return how many arrivals there are, or `most` if there are more."""
    found = sa.select(_EVENTS.c.id).where(*_conditions(sought)).limit(most).subquery()
    return (await db.execute(sa.select(sa.func.count()).select_from(found))).scalar_one()


async def forget_events(db: Session, before: datetime) -> int:
    """Forget arrivals of before an instant that the transaction may see; return how many."""
    old = sa.delete(_EVENTS).where(_EVENTS.c.at <= before).returning(_EVENTS.c.id)
    return len((await db.execute(old)).all())


async def forget_unused(db: Session, before: datetime) -> int:
    """Forget devices not used since an instant that the transaction may see; return how many."""
    old = sa.delete(_DEVICES).where(_DEVICES.c.last_seen_at <= before).returning(_DEVICES.c.id)
    return len((await db.execute(old)).all())


def _conditions(sought: Sought) -> Sequence[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if sought.verdict:
        found.append(_EVENTS.c.verdict == sought.verdict)
    if sought.reason:
        found.append(_EVENTS.c.reasons.contains([sought.reason]))
    if sought.about:
        texts = (
            sa.cast(_EVENTS.c.user_id, sa.Text),
            *(_EVENTS.c[name] for name in ("network", "country", "agent")),
        )
        found.append(sa.or_(*(each.icontains(sought.about, autoescape=True) for each in texts)))
    if sought.since is not None:
        found.append(_EVENTS.c.at >= sought.since)
    if sought.until is not None:
        found.append(_EVENTS.c.at < sought.until)
    return found
