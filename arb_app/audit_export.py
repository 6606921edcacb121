"""The audit as a file: CSV, streamed in pieces to whoever may take it away."""

import csv
import io
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from arb_app.cookies import token_of
from arb_app.runtime import current
from domain.errors import NotAllowed, Unavailable
from kit.settings import settings
from services import audit_look, sessions
from services.access import ANONYMOUS, Subject
from services.audit_look import Filter
from services.work import begin

PATH: Final = "/exports/audit.csv"
COLUMNS: Final = (
    "seq", "id", "at", "actor", "action", "subject", "details", "previous", "hash",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def routes() -> list[Route]:
    """Return the door of the export."""
    return [Route(PATH, export, methods=["GET"])]


async def export(request: Request) -> Response:
    """Answer with the entries that the query asks for; that it was asked is put on record first."""
    asked = audit_look.filtered(dict(request.query_params))
    token = token_of(request.headers.get("cookie", ""), settings())
    if not may_ask(request):
        return PlainTextResponse("Ask for this file on the audit's page.\n", 403)
    try:
        subject = await subject_of(token)
        async with begin(current().resources, subject) as work:
            before = await audit_look.begin_export(work, asked)
    except NotAllowed:
        return PlainTextResponse("This file is for those who may read the audit.\n", 403)
    except Unavailable:
        return PlainTextResponse("The audit cannot be reached. Try again in a minute.\n", 503)
    headers = {
        "content-disposition": 'attachment; filename="audit.csv"',
        "cache-control": "no-store",
    }
    return StreamingResponse(_lines(token, asked, before), media_type="text/csv", headers=headers)


def may_ask(request: Request) -> bool:
    """Return whether a page of ours asks, or who types the address; another site asks in vain."""
    return request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}


def plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Examples:
        >>> plain("operator"), plain("=1+1"), plain("-2")
        ('operator', "'=1+1", "'-2")
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


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
            [
                (
                    *(str(one.seq), str(one.id), one.at.isoformat()),
                    *map(plain, (one.actor, one.action, one.subject)),
                    json.dumps(one.details, ensure_ascii=False),
                    *(one.previous, one.hash),
                )
                for one in some
            ]
        )


async def subject_of(token: str) -> Subject:
    """Return who asks for a file, by their token."""
    async with begin(current().resources, ANONYMOUS) as work:
        return await sessions.resume(work, token, active=True)


def csv_of(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as a part of a file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
