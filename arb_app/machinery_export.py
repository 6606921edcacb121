"""Files of the machinery's pages: how jobs went, who changed flags, and how everything is now."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from arb_app.exports import csv_file, csv_of, door, headers_of
from arb_app.runtime import current
from kit.settings import settings
from services import flags_admin, health, jobs_admin
from services.access import Subject
from services.work import Work, begin

JOBS: Final = "/exports/jobs.csv"
FLAGS: Final = "/exports/flags.csv"
HEALTH_CSV: Final = "/exports/health.csv"
HEALTH_JSON: Final = "/exports/health.json"

RUN_COLUMNS: Final = ("number", "job", "worker", "started_at", "took_s", "outcome", "code", "by")
CHANGE_COLUMNS: Final = ("number", "flag", "at", "by", "why", "before", "after")
READING_COLUMNS: Final = ("at", "part", "sign", "name", "level", "value", "text")

Rows = list[tuple[Any, ...]]
More = Callable[[Work, int | None], Awaitable[Rows]]
"""Returns the rows below a number, which stands first in each; none when all were given."""


def routes() -> list[Route]:
    """Return the doors of the files."""
    doors = {
        JOBS: ("/admin/jobs", _jobs),
        FLAGS: ("/admin/flags", _flags),
        HEALTH_CSV: ("/admin/health", _health_csv),
        HEALTH_JSON: ("/admin/health", _health_json),
    }
    whose = "who may see the machinery"
    return [door(path, page, whose, act) for path, (page, act) in doors.items()]


async def _jobs(work: Work, request: Request) -> Response:
    asked = jobs_admin.filtered(dict(request.query_params))

    async def more(work: Work, before: int | None) -> Rows:
        found = await jobs_admin.exported(work, asked, before=before)
        return [
            (number, run.job, run.worker, run.started_at.isoformat(), f"{run.took_s:.6f}",
             run.outcome.value, run.code, run.by)
            for number, run in found
        ]  # fmt: skip

    return await _streamed(work, "jobs.csv", RUN_COLUMNS, more)


async def _flags(work: Work, request: Request) -> Response:
    flag = request.query_params.get("flag", "")[:40]

    async def more(work: Work, before: int | None) -> Rows:
        found = await flags_admin.exported(work, flag, before=before)
        return [
            (each.id, each.flag, each.at.isoformat(), each.by, each.why,
             _said(each.before), _said(each.after))
            for each in found
        ]  # fmt: skip

    return await _streamed(work, "flags.csv", CHANGE_COLUMNS, more)


async def _health_csv(work: Work, _: Request) -> Response:
    seen = await health.look(work, settings().data_dir)
    rows = (
        (seen.at.isoformat(), each.part.value, each.sign.value, each.name, each.level.value,
         each.value, each.text)
        for each in seen.readings
    )  # fmt: skip
    return csv_file("health.csv", READING_COLUMNS, rows)


async def _health_json(work: Work, _: Request) -> Response:
    seen = await health.look(work, settings().data_dir)
    body = msgspec.json.encode({**msgspec.to_builtins(seen), "level": seen.level.value})
    return Response(body, media_type="application/json", headers=headers_of("health.json"))


async def _streamed(work: Work, name: str, columns: Sequence[str], more: More) -> Response:
    lines = _lines(work.subject, columns, await more(work, None), more)
    return StreamingResponse(lines, media_type="text/csv", headers=headers_of(name))


async def _lines(
    subject: Subject, columns: Sequence[str], some: Rows, more: More
) -> AsyncGenerator[str]:
    """Yield the file in pieces, each of a transaction of its own."""
    yield csv_of([columns])
    while some:
        yield csv_of(some)
        async with begin(current().resources, subject) as work:
            some = await more(work, some[-1][0])


def _said(rule: msgspec.Struct) -> str:
    return json.dumps(msgspec.to_builtins(rule))
