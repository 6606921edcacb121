"""Files of the machinery's pages: how jobs went, who changed flags, and how everything is now."""

import csv
import io
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from arb_app.audit_export import plain
from arb_app.cookies import token_of
from arb_app.runtime import current
from domain.errors import NotAllowed, Unavailable
from kit.settings import settings
from services import flags_admin, health, jobs_admin, sessions
from services.access import ANONYMOUS, Subject
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
        JOBS: _jobs,
        FLAGS: _flags,
        HEALTH_CSV: _health_csv,
        HEALTH_JSON: _health_json,
    }
    return [Route(path, door, methods=["GET"]) for path, door in doors.items()]


async def _jobs(request: Request) -> Response:
    asked = jobs_admin.filtered(dict(request.query_params))

    async def more(work: Work, before: int | None) -> Rows:
        found = await jobs_admin.exported(work, asked, before=before)
        return [
            (number, run.job, run.worker, run.started_at.isoformat(), f"{run.took_s:.6f}",
             run.outcome.value, run.code, run.by)
            for number, run in found
        ]  # fmt: skip

    return await _streamed(request, "jobs.csv", RUN_COLUMNS, more)


async def _flags(request: Request) -> Response:
    flag = request.query_params.get("flag", "")[:40]

    async def more(work: Work, before: int | None) -> Rows:
        found = await flags_admin.exported(work, flag, before=before)
        return [
            (each.id, each.flag, each.at.isoformat(), each.by, each.why,
             _said(each.before), _said(each.after))
            for each in found
        ]  # fmt: skip

    return await _streamed(request, "flags.csv", CHANGE_COLUMNS, more)


async def _health_csv(request: Request) -> Response:
    async def act(work: Work) -> Response:
        seen = await health.look(work, settings().data_dir)
        rows = [
            (seen.at.isoformat(), each.part.value, each.sign.value, each.name, each.level.value,
             "" if each.value is None else each.value, each.text)
            for each in seen.readings
        ]  # fmt: skip
        text = _csv([READING_COLUMNS]) + _csv(rows)
        return Response(text, media_type="text/csv", headers=_headers("health.csv"))

    return await _allowed(request, act)


async def _health_json(request: Request) -> Response:
    async def act(work: Work) -> Response:
        seen = await health.look(work, settings().data_dir)
        body = msgspec.json.encode({**msgspec.to_builtins(seen), "level": seen.level.value})
        return Response(body, media_type="application/json", headers=_headers("health.json"))

    return await _allowed(request, act)


async def _allowed(request: Request, act: Callable[[Work], Awaitable[Response]]) -> Response:
    # A page of ours asks, or a person who types the address; another site's link asks in vain.
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return PlainTextResponse("Ask for this file on its page.\n", 403)
    try:
        subject = await _subject(token_of(request.headers.get("cookie", ""), settings()))
        async with begin(current().resources, subject) as work:
            return await act(work)
    except NotAllowed:
        return PlainTextResponse("This file is for those who may see the machinery.\n", 403)
    except Unavailable:
        return PlainTextResponse("That cannot be looked up now. Try again in a minute.\n", 503)


async def _streamed(request: Request, name: str, columns: Sequence[str], more: More) -> Response:
    async def act(work: Work) -> Response:
        first = await more(work, None)
        lines = _lines(work.subject, columns, first, more)
        return StreamingResponse(lines, media_type="text/csv", headers=_headers(name))

    return await _allowed(request, act)


async def _lines(
    subject: Subject, columns: Sequence[str], some: Rows, more: More
) -> AsyncGenerator[str]:
    """Yield the file in pieces, each of a transaction of its own."""
    yield _csv([tuple(columns)])
    while some:
        yield _csv(some)
        async with begin(current().resources, subject) as work:
            some = await more(work, some[-1][0])


async def _subject(token: str) -> Subject:
    async with begin(current().resources, ANONYMOUS) as work:
        return await sessions.resume(work, token, active=True)


def _headers(name: str) -> dict[str, str]:
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }


def _said(rule: msgspec.Struct) -> str:
    return json.dumps(msgspec.to_builtins(rule))


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    told = ([plain(each) if isinstance(each, str) else each for each in row] for row in rows)
    csv.writer(text, lineterminator="\r\n").writerows(told)
    return text.getvalue()
