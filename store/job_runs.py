"""How jobs went and which are paused; what workers tell and admins wish meanwhile, in Valkey."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import col

from domain.clock_jobs import Desk, Pause, Run, Wish
from store.cache import Cache
from store.db import Session
from store.tables import PauseRow, RunRow
from store.valkey import answered, read

_RUNS = RunRow.metadata.tables["job_runs"]
_PAUSES = PauseRow.metadata.tables["job_pauses"]
_DESK_TTL_S = 10
_WISH_TTL_S = 30


class Sought(NamedTuple):
    """Which runs are asked for; what is empty asks for nothing."""

    job: str = ""
    outcome: str = ""


async def add_run(db: Session, run: Run) -> None:
    """Keep how a job went."""
    await db.execute(sa.insert(_RUNS).values(msgspec.structs.asdict(run)))


async def runs(
    db: Session, sought: Sought, *, limit: int, offset: int = 0, before: int | None = None
) -> list[tuple[int, Run]]:
    """Return runs with their numbers, the latest first; `before` leaves out from that one on."""
    chosen = sa.select(RunRow).where(*_conditions(sought)).order_by(col(RunRow.id).desc())
    if before is not None:
        chosen = chosen.where(col(RunRow.id) < before)
    rows = await db.scalars(chosen.limit(limit).offset(offset))
    return [(row.id or 0, msgspec.convert(row, Run, from_attributes=True)) for row in rows]


async def count_runs(db: Session, sought: Sought, *, most: int) -> int:
    """Return how many such runs there are, or `most` if there are more."""
    found = sa.select(col(RunRow.id)).where(*_conditions(sought)).limit(most).subquery()
    return (await db.execute(sa.select(sa.func.count()).select_from(found))).scalar_one()


async def last_runs(db: Session) -> dict[str, Run]:
    """Return the last run of each job that is in the history."""
    order = col(RunRow.job), col(RunRow.id).desc()
    chosen = sa.select(RunRow).ext(distinct_on(col(RunRow.job))).order_by(*order)
    rows = await db.scalars(chosen)
    return {row.job: msgspec.convert(row, Run, from_attributes=True) for row in rows}


async def forget_runs_before(db: Session, at: datetime) -> int:
    """Forget runs that began before an instant; return how many those were."""
    old = sa.delete(_RUNS).where(_RUNS.c.started_at < at).returning(_RUNS.c.id)
    return len((await db.execute(old)).all())


async def pause(db: Session, of: Pause) -> bool:
    """Keep a job from being done; return whether it was not paused yet."""
    told = insert(_PAUSES).values(msgspec.structs.asdict(of)).on_conflict_do_nothing()
    return (await db.execute(told.returning(_PAUSES.c.job))).first() is not None


async def resume(db: Session, job: str) -> bool:
    """Let a job be done again; return whether it was paused."""
    gone = sa.delete(_PAUSES).where(_PAUSES.c.job == job).returning(_PAUSES.c.job)
    return (await db.execute(gone)).first() is not None


async def pauses(db: Session) -> dict[str, Pause]:
    """Return what is paused, by job."""
    rows = await db.scalars(sa.select(PauseRow).order_by(col(PauseRow.job)))
    return {row.job: msgspec.convert(row, Pause, from_attributes=True) for row in rows}


async def tell(cache: Cache, worker: str, desk: Desk) -> None:
    """Tell how a worker's jobs are; it is forgotten ten seconds later."""
    await cache.keep("jobs", worker, _JSON.encode(desk), _DESK_TTL_S)


async def desks(cache: Cache) -> dict[str, Desk]:
    """Return what each living worker tells of its jobs."""
    return {name: read(_DESK, data) for name, data in (await cache.kept("jobs")).items()}


async def wish(cache: Cache, of: Wish) -> None:
    """Wish that a job be done now; a worker that may takes it within half a minute."""
    async with answered():
        await cache.commands.set(cache.key("job", of.job), _JSON.encode(of), ex=_WISH_TTL_S)


async def take_wishes(cache: Cache, jobs: Sequence[str]) -> list[Wish]:
    """Return what was wished of some jobs; each wish is given to one caller only."""
    if not jobs:
        return []
    async with answered(), cache.commands.pipeline(transaction=False) as pipe:
        for job in jobs:
            pipe.getdel(cache.key("job", job))
        found = await pipe.execute()
    return [read(_WISH, data) for data in found if data is not None]


def _conditions(sought: Sought) -> list[sa.ColumnElement[bool]]:
    wanted = ((col(RunRow.job), sought.job), (col(RunRow.outcome), sought.outcome))
    return [column == value for column, value in wanted if value]


_JSON = msgspec.json.Encoder()
_DESK = msgspec.json.Decoder(Desk)
_WISH = msgspec.json.Decoder(Wish)
