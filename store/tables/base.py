"""What every table shares: how its constraints are named, and how instants are kept."""

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Row(SQLModel):
    """A row of one of our tables."""

    metadata = METADATA


def instant(*, nullable: bool = False) -> Any:
    """Return the field of an aware instant."""
    if nullable:
        return Field(default=None, sa_type=_TIMESTAMPTZ, nullable=True)
    return Field(sa_type=_TIMESTAMPTZ)


def recorded() -> Any:
    """Return the field of the instant, by PostgreSQL's clock, at which the row was made."""
    now: dict[str, Any] = {"server_default": sa.func.now()}
    return Field(default=None, sa_type=_TIMESTAMPTZ, nullable=False, sa_column_kwargs=now)


def measure(*, nullable: bool = False) -> Any:
    """Return the field of a float64 that comes back bit for bit: 21/11 stays 21/11.

    A decimal of fixed scale would round it, and a stored proof would no longer add up.
    """
    if nullable:
        return Field(default=None, sa_type=_FLOAT64, nullable=True)
    return Field(sa_type=_FLOAT64)


def document() -> Any:
    """Return the field of a JSON value."""
    return Field(sa_type=JSONB)


_TIMESTAMPTZ: Any = sa.DateTime(timezone=True)
_FLOAT64: Any = cast("Any", sa.Double)()
