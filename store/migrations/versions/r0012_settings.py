"""What members chose of how things are shown: one row a member, under row-level security."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_OWN = "user_id = nullif(current_setting('app.subject', true), '')::uuid"


def upgrade() -> None:
    op.create_table(
        "member_settings",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("chosen", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_member_settings"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts.id"],
            name="fk_member_settings_user_id_accounts",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("length(chosen) <= 300", name="ck_member_settings_chosen_short"),
    )
    op.execute("alter table member_settings enable row level security")
    op.execute("alter table member_settings force row level security")
    op.execute(f"create policy own on member_settings for all using ({_OWN}) with check ({_OWN})")


def downgrade() -> None:
    op.drop_table("member_settings")
