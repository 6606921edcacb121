"""Tables of matching: our events, links to them, doubts and actions; legs name their source."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
FLOAT64: sa.Double[float] = sa.Double()
NOW = sa.func.now()


def upgrade() -> None:
    op.create_table(
        "canonical_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("founded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canonical_events"),
    )
    _make_links()
    _make_proposals()
    op.create_table(
        "match_actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("after", JSONB(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("undone_by", sa.BigInteger()),
        sa.Column("at", INSTANT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_match_actions"),
        sa.CheckConstraint(
            "kind in ('merge', 'split', 'undo')", name="ck_match_actions_kind_known"
        ),
    )

    source = sa.Column("source", sa.String(), nullable=False, server_default="")
    op.add_column("opportunity_legs", source)
    op.execute(
        "update opportunity_legs l set source = o.source"
        " from opportunities o where o.id = l.opportunity_id"
    )


def downgrade() -> None:
    op.drop_column("opportunity_legs", "source")
    for table in ("match_actions", "match_proposals", "event_links", "canonical_events"):
        op.drop_table(table)


def _make_links() -> None:
    op.create_table(
        "event_links",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("sport", sa.String(), nullable=False),
        sa.Column("league", sa.String(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("away", sa.String(), nullable=False),
        sa.Column("starts_at", INSTANT),
        sa.Column("canonical_id", sa.String(), nullable=False),
        sa.Column("reversed", sa.Boolean(), nullable=False),
        sa.Column("chance", FLOAT64),
        sa.Column("linked_by", sa.String(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("linked_at", INSTANT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_event_links"),
        sa.ForeignKeyConstraint(
            ["canonical_id"],
            ["canonical_events.id"],
            name="fk_event_links_canonical_id_canonical_events",
        ),
        sa.CheckConstraint("chance between 0 and 1", name="ck_event_links_chance_is_one"),
    )
    op.create_index("ix_event_links_canonical_id", "event_links", ["canonical_id"])
    op.create_index("ix_event_links_starts_at", "event_links", ["starts_at"])


def _make_proposals() -> None:
    op.create_table(
        "match_proposals",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("canonical_id", sa.String(), nullable=False),
        sa.Column("reversed", sa.Boolean(), nullable=False),
        sa.Column("chance", FLOAT64, nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String()),
        sa.Column("raised_at", INSTANT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("event_id", "canonical_id", name="pk_match_proposals"),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event_links.event_id"],
            name="fk_match_proposals_event_id_event_links",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["canonical_id"],
            ["canonical_events.id"],
            name="fk_match_proposals_canonical_id_canonical_events",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "state in ('open', 'joined', 'parted')", name="ck_match_proposals_state_known"
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by is null)", name="ck_match_proposals_decided_by_someone"
        ),
    )
    op.create_index(
        "ix_match_proposals_open",
        "match_proposals",
        ["chance"],
        postgresql_where=sa.text("state = 'open'"),
    )
