"""How far each consumer has come in each stream, and who it is that may go on from there."""

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col

from store.claims import Deposed
from store.db import Session
from store.rows import insertion
from store.tables import PositionRow


class Place(NamedTuple):
    """Where a holder stands in a stream: it is done with everything up to `entry`."""

    consumer: str
    stream: str
    entry: str
    holder: str


async def position(db: Session, consumer: str, stream: str) -> str | None:
    """Return the id of the last entry that the consumer is done with, or None if of none yet."""
    row = await db.get(PositionRow, (consumer, stream), populate_existing=True)
    return None if row is None else row.position.partition(" ")[0]


async def take(db: Session, consumer: str, stream: str, holder: str) -> Place:
    """Take over where the last holder stood, "0-0" at first: it can move no more from now on."""
    first = {"consumer": consumer, "stream": stream, "position": "0-0"}
    await db.execute(insertion("stream_positions", [first]).on_conflict_do_nothing())
    at = sa.func.split_part(col(PositionRow.position), " ", 1)
    taken = sa.update(PositionRow).where(*_key(consumer, stream))
    taking = taken.values(position=at + f" {holder}").returning(at)
    return Place(consumer, stream, (await db.execute(taking)).scalar_one(), holder)


async def move(db: Session, place: Place, to: str) -> Place:
    """Note that the holder is done with everything up to the id `to`; return where it stands.

    In the transaction of what it wrote, this makes that happen once for each entry: whoever comes
    from another place than the one last noted writes nothing.

    Raises:
        Deposed: Another holder has taken over; or the move was made before, unknown to us.
    """
    there = place._replace(entry=to)
    moving = {
        "of": place.consumer,
        "within": place.stream,
        "was": _text(place),
        "is": _text(there),
    }
    if not (await db.execute(_MOVE, moving)).all():
        raise Deposed(f"another worker has taken {place.stream}")
    return there


def _key(consumer: Any, stream: Any) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(PositionRow.consumer) == consumer, col(PositionRow.stream) == stream


def _text(place: Place) -> str:
    return f"{place.entry} {place.holder}"


# Made once: it begins every transaction of every detector.
_MOVE = (
    sa.update(PositionRow)
    .where(*_key(sa.bindparam("of"), sa.bindparam("within")))
    .where(col(PositionRow.position) == sa.bindparam("was"))
    .values(position=sa.bindparam("is"))
    .returning(col(PositionRow.consumer))
)
