"""The plan of an account, and the league that it has chosen where the plan shows one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("plan", sa.String(), server_default="free", nullable=False))
    op.add_column("accounts", sa.Column("league", sa.String(), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_accounts_plan_known"), "accounts", "plan in ('free', 'basic', 'pro', 'enterprise')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_accounts_plan_known"), "accounts", type_="check")
    op.drop_column("accounts", "league")
    op.drop_column("accounts", "plan")
