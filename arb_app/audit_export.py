"""The audit as a file: CSV, streamed in pieces to whoever may take it away."""

import json
from collections.abc import AsyncGenerator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from arb_app.exports import csv_of, door, headers_of, subject_of, token_in
from arb_app.runtime import current
from services import audit_look
from services.audit_look import Filter
from services.work import Work, begin

PATH: Final = "/exports/audit.csv"
COLUMNS: Final = (
    "seq", "id", "at", "actor", "action", "subject", "details", "previous", "hash",
)  # fmt: skip


def routes() -> list[Route]:
    """Return the door of the export."""
    return [door(PATH, "/admin/audit", "who may read the audit", export)]


async def export(work: Work, request: Request) -> Response:
    """Answer with the entries that the query asks for; that it was asked is put on record first."""
    asked = audit_look.filtered(dict(request.query_params))
    before = await audit_look.begin_export(work, asked)
    lines = _lines(token_in(request), asked, before)
    return StreamingResponse(lines, media_type="text/csv", headers=headers_of("audit.csv"))


async def _lines(token: str, asked: Filter, before: int) -> AsyncGenerator[str]:
    """Yield the file in pieces, each of a transaction of its own.

    It breaks off, and the browser says so, where the reader may no longer or PostgreSQL goes away.
    """
    yield csv_of([COLUMNS])
    while True:
        async with begin(current().resources, await subject_of(token)) as work:
            some = await audit_look.exported(work, asked, before=before)
        if not some:
            return
        before = some[-1].seq
        yield csv_of(
            (
                *(one.seq, one.id, one.at.isoformat(), one.actor, one.action, one.subject),
                *(json.dumps(one.details, ensure_ascii=False), one.previous, one.hash),
            )
            for one in some
        )
