"""A new telephone number waits beside the confirmed one, with the code that was sent to it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_CHECKS = {
    "ck_text_codes_shown_short": "shown ~ '^[0-9]{2}$'",
    "ck_text_codes_number_whole": "(sealed is null) = (shown is null)",
}


def upgrade() -> None:
    for name in ("sealed", "shown"):
        op.add_column("text_codes", sa.Column(name, sa.String(), nullable=True))
    for name, rule in _CHECKS.items():
        op.create_check_constraint(op.f(name), "text_codes", rule)


def downgrade() -> None:
    for name in _CHECKS:
        op.drop_constraint(op.f(name), "text_codes")
    for name in ("shown", "sealed"):
        op.drop_column("text_codes", name)
