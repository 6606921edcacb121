"""A confirmed telephone number is found again, by its blind index: it stands for few accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("phones", sa.Column("found_hash", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        op.f("ck_phones_found_hash_long"), "phones", "length(found_hash) = 16"
    )
    op.create_index("ix_phones_found_hash", "phones", ["found_hash"])


def downgrade() -> None:
    op.drop_index("ix_phones_found_hash", table_name="phones")
    op.drop_constraint(op.f("ck_phones_found_hash_long"), "phones")
    op.drop_column("phones", "found_hash")
