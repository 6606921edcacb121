"""Which events of different sources are one: our events, their links, doubts, and what was done."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, document, instant, measure, recorded


class CanonicalRow(Row, table=True):
    """An event of ours: its id never changes, whichever sources join or leave it."""

    __tablename__: ClassVar[Any] = "canonical_events"

    id: str = Field(primary_key=True)
    founded_by: str
    recorded_at: datetime = recorded()


class LinkRow(Row, table=True):
    """A source's event as last described, and which of ours it is."""

    __tablename__: ClassVar[Any] = "event_links"
    __table_args__ = (
        sa.CheckConstraint("chance between 0 and 1", name="chance_is_one"),
        sa.Index("ix_event_links_starts_at", "starts_at"),
    )

    event_id: str = Field(primary_key=True)
    source: str
    source_id: str
    sport: str
    league: str
    home: str
    away: str
    starts_at: datetime | None = instant(nullable=True)
    canonical_id: str = Field(foreign_key="canonical_events.id", index=True)
    reversed: bool
    chance: float | None = measure(nullable=True)
    linked_by: str
    evidence: dict[str, Any] = document()
    linked_at: datetime = recorded()


class ProposalRow(Row, table=True):
    """A pair that is put to a person, or was decided by one; `parted` is never raised again."""

    __tablename__: ClassVar[Any] = "match_proposals"
    __table_args__ = (
        sa.CheckConstraint("state in ('open', 'joined', 'parted')", name="state_known"),
        sa.CheckConstraint("(state = 'open') = (decided_by is null)", name="decided_by_someone"),
        sa.Index("ix_match_proposals_open", "chance", postgresql_where=sa.text("state = 'open'")),
    )

    event_id: str = Field(
        primary_key=True,
        sa_column_args=[sa.ForeignKey("event_links.event_id", ondelete="CASCADE")],
    )
    canonical_id: str = Field(
        primary_key=True,
        sa_column_args=[sa.ForeignKey("canonical_events.id", ondelete="CASCADE")],
    )
    reversed: bool
    chance: float = measure()
    evidence: dict[str, Any] = document()
    state: str
    decided_by: str | None = None
    raised_at: datetime = recorded()


class ActionRow(Row, table=True):
    """A merge or a split by a person: what it moved, why, and whether it was undone.

    `before` are the links as they were, `after` as they were made, each by event.
    """

    __tablename__: ClassVar[Any] = "match_actions"
    __table_args__ = (sa.CheckConstraint("kind in ('merge', 'split', 'undo')", name="kind_known"),)

    id: int | None = Field(
        default=None, primary_key=True, sa_type=sa.BigInteger, sa_column_args=[sa.Identity()]
    )
    kind: str
    actor: str
    reason: str
    before: dict[str, Any] = document()
    after: dict[str, Any] = document()
    evidence: dict[str, Any] = document()
    undone_by: int | None = Field(default=None, sa_type=sa.BigInteger)
    at: datetime = recorded()
