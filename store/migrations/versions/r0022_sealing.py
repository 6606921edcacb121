"""Which master keys there are, and the rotations from one to the next."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sealing_keys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("wrapped", sa.String(), nullable=False),
        sa.Column("known_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_sealing_keys"),
        sa.CheckConstraint("id ~ '^[a-z0-9]{1,32}$'", name="ck_sealing_keys_id_plain"),
        sa.CheckConstraint(
            "(holder = 'transit') = (wrapped <> '')", name="ck_sealing_keys_wrapped_if_transit"
        ),
        sa.CheckConstraint("holder in ('file', 'transit')", name="ck_sealing_keys_holder_known"),
    )
    op.create_table(
        "key_rotations",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("resealed", sa.Integer(), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_key_rotations"),
    )
    op.create_index(
        "uq_key_rotations_open",
        "key_rotations",
        [sa.text("(ended_at is null)")],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def downgrade() -> None:
    op.drop_table("key_rotations")
    op.drop_table("sealing_keys")
