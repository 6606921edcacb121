"""Which events of different sources are one: links, doubtful pairs, what persons did to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from domain.markets import Event
from domain.matching import Link, Proposal, ProposalState
from store.db import Session
from store.rows import insertion
from store.tables import ActionRow, CanonicalRow, LinkRow, ProposalRow

_DESCRIBED = ("league", "home", "away", "starts_at")


async def save_links(db: Session, links: Sequence[Link]) -> None:
    """Write new links and their events of ours; one that is there keeps what it is linked to.

    Only how its source describes the event is brought up to date.
    """
    links = list({link.event.id: link for link in links}.values())
    if not links:
        return
    founded = {link.canonical_id: link.source for link in reversed(links)}
    rows = [{"id": id_, "founded_by": source} for id_, source in sorted(founded.items())]
    await db.execute(insertion("canonical_events", rows).on_conflict_do_nothing())
    statement = insertion("event_links", [_columns(link) for link in links])
    new = statement.excluded
    changing = {name: new[name] for name in _DESCRIBED}
    await db.execute(statement.on_conflict_do_update(index_elements=["event_id"], set_=changing))


async def links_since(db: Session, at: datetime) -> list[Link]:
    """Return the links of events that start after an instant, or were linked after it."""
    recent = sa.or_(col(LinkRow.starts_at) > at, col(LinkRow.linked_at) > at)
    return await _links(db, recent)


async def links_of(db: Session, canonical_id: str) -> list[Link]:
    """Return the links to one event of ours, by source."""
    return await _links(db, col(LinkRow.canonical_id) == canonical_id)


async def links_alongside(db: Session, event_ids: Iterable[str]) -> list[Link]:
    """Return the links of some sources' events, and all others to the same events of ours."""
    named = sa.cast(list(event_ids), sa.ARRAY(sa.Text))
    theirs = select(LinkRow.canonical_id).where(col(LinkRow.event_id) == sa.any_(named))
    return await _links(db, col(LinkRow.canonical_id).in_(theirs))


async def links_by_event(db: Session, event_ids: Iterable[str]) -> dict[str, Link]:
    """Return the links of some sources' events, by event; locked until the work is done."""
    found = await _links(db, col(LinkRow.event_id).in_(list(event_ids)), lock=True)
    return {link.event.id: link for link in found}


async def relink(db: Session, moved: Mapping[str, Link], *, actor: str) -> None:
    """Point sources' events to other events of ours, in a person's name."""
    for event_id, link in sorted(moved.items()):
        founding = insert(CanonicalRow).values(id=link.canonical_id, founded_by=link.source)
        await db.execute(founding.on_conflict_do_nothing())
        await db.execute(
            sa.update(LinkRow)
            .where(col(LinkRow.event_id) == event_id)
            .values(canonical_id=link.canonical_id, reversed=link.reversed, linked_by=actor)
        )


async def save_proposals(db: Session, proposals: Sequence[Proposal]) -> None:
    """Put pairs to a person; a pair that was put before keeps its answer.

    A pair with an event of ours that is gone by now is nobody's question any more.
    """
    unique = {(one.event_id, one.canonical_id): one for one in proposals}
    asked_about = [canonical_id for _, canonical_id in unique]
    known = select(CanonicalRow.id).where(col(CanonicalRow.id).in_(asked_about))
    there = set(await db.scalars(known)) if unique else set[str]()
    rows = [msgspec.structs.asdict(one) for one in unique.values() if one.canonical_id in there]
    if rows:
        await db.execute(insertion("match_proposals", rows).on_conflict_do_nothing())


async def open_proposals(db: Session, *, limit: int = 50, offset: int = 0) -> list[Proposal]:
    """Return pairs that wait for a person, the most likely first."""
    chosen = (
        select(ProposalRow)
        .where(col(ProposalRow.state) == ProposalState.OPEN)
        .order_by(col(ProposalRow.chance).desc(), col(ProposalRow.event_id))
        .limit(limit)
        .offset(offset)
    )
    return [msgspec.convert(r, Proposal, from_attributes=True) for r in await db.scalars(chosen)]


async def count_open(db: Session) -> int:
    """Return how many pairs wait for a person."""
    waiting = col(ProposalRow.state) == ProposalState.OPEN
    return await db.scalar(sa.select(sa.func.count()).select_from(ProposalRow).where(waiting)) or 0


async def links_named(db: Session, text: str, *, most: int) -> list[Link]:
    """Return all links of at most `most` events of ours: those that start last and are so called.

    An event is called what a side or a league of it holds, whatever the capitals, or an id of it.
    """
    called = sa.or_(
        col(LinkRow.home).icontains(text, autoescape=True),
        col(LinkRow.away).icontains(text, autoescape=True),
        col(LinkRow.league).icontains(text, autoescape=True),
        col(LinkRow.event_id) == text,
        col(LinkRow.canonical_id) == text,
    )
    ours = (
        select(LinkRow.canonical_id)
        .where(called)
        .group_by(col(LinkRow.canonical_id))
        .order_by(
            sa.func.max(col(LinkRow.starts_at)).desc().nulls_last(), col(LinkRow.canonical_id)
        )
        .limit(most)
    )
    found = await _links(db, col(LinkRow.canonical_id).in_(ours))
    return sorted(found, key=lambda link: link.canonical_id)


async def parted(db: Session) -> set[tuple[str, str]]:
    """Return the pairs of a source's event and one of ours that a person has parted."""
    chosen = select(ProposalRow.event_id, ProposalRow.canonical_id).where(
        col(ProposalRow.state) == ProposalState.PARTED
    )
    return {(event_id, canonical_id) for event_id, canonical_id in await db.execute(chosen)}


async def reopen(db: Session, event_id: str, canonical_id: str) -> bool:
    """Put a pair that a person parted to a person again; return whether there was one."""
    parted_one = sa.and_(
        col(ProposalRow.event_id) == event_id,
        col(ProposalRow.canonical_id) == canonical_id,
        col(ProposalRow.state) == ProposalState.PARTED,
    )
    statement = sa.update(ProposalRow).where(parted_one)
    answer = statement.values(state=ProposalState.OPEN, decided_by=None)
    found = await db.execute(answer.returning(col(ProposalRow.event_id)))
    return bool(found.all())


async def decide_pairs(
    db: Session, pairs: Sequence[Proposal], state: ProposalState, *, actor: str
) -> None:
    """Write a person's answer to pairs, whether they were put to anyone or not."""
    for pair in pairs:
        columns = msgspec.structs.asdict(pair)
        decided_by = None if state is ProposalState.OPEN else actor
        statement = insert(ProposalRow).values(
            **(columns | {"state": state, "decided_by": decided_by})
        )
        await db.execute(
            statement.on_conflict_do_update(
                index_elements=["event_id", "canonical_id"],
                set_={"state": state, "decided_by": decided_by},
            )
        )


async def add_action(db: Session, action: Mapping[str, Any]) -> int:
    """Write what a person did and return its number."""
    row = ActionRow(**action)
    db.add(row)
    await db.flush()
    return cast("int", row.id)


async def action(db: Session, number: int) -> ActionRow | None:
    """Return what a person did, locked until the work is done, or None."""
    chosen = select(ActionRow).where(col(ActionRow.id) == number).with_for_update()
    return (await db.scalars(chosen)).one_or_none()


async def actions(db: Session, *, limit: int = 50) -> list[ActionRow]:
    """Return what persons did, the latest first."""
    chosen = select(ActionRow).order_by(col(ActionRow.id).desc()).limit(limit)
    return list(await db.scalars(chosen))


async def last_action(db: Session) -> int:
    """Return the number of the latest action, 0 before the first: a worker reads links anew."""
    return await db.scalar(sa.select(sa.func.coalesce(sa.func.max(col(ActionRow.id)), 0))) or 0


async def drop_before(db: Session, at: datetime) -> int:
    """Delete links of events that started before an instant, and events of ours left without."""
    since = sa.func.coalesce(col(LinkRow.starts_at), col(LinkRow.linked_at))
    gone = await db.execute(sa.delete(LinkRow).where(since < at).returning(col(LinkRow.event_id)))
    count = len(gone.all())
    linked = sa.select(col(LinkRow.canonical_id))
    await db.execute(sa.delete(CanonicalRow).where(col(CanonicalRow.id).not_in(linked)))
    return count


def _columns(link: Link) -> dict[str, Any]:
    columns = msgspec.structs.asdict(link)
    event = msgspec.structs.asdict(columns.pop("event"))
    return {"event_id": event.pop("id"), **event, **columns}


async def _links(db: Session, which: sa.ColumnElement[bool], *, lock: bool = False) -> list[Link]:
    chosen = (
        select(LinkRow)
        .join(CanonicalRow, col(CanonicalRow.id) == col(LinkRow.canonical_id))
        .where(which)
        .order_by(
            col(LinkRow.linked_at),
            col(LinkRow.canonical_id),
            col(LinkRow.source) != col(CanonicalRow.founded_by),
            col(LinkRow.source),
            col(LinkRow.event_id),
        )
        .execution_options(populate_existing=True)
    )
    rows = await db.scalars(chosen.with_for_update(of=LinkRow) if lock else chosen)
    return [_link(row.model_dump()) for row in rows]


def _link(columns: dict[str, Any]) -> Link:
    event = msgspec.convert({**columns, "id": columns["event_id"]}, Event)
    return msgspec.convert({**columns, "event": event}, Link)
