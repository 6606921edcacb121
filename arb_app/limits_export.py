"""What was refused in the last day as a file: CSV, for whoever may see how the machinery does."""

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from arb_app.audit_export import csv_of, may_ask, subject_of
from arb_app.cookies import token_of
from arb_app.runtime import current
from domain.errors import NotAllowed, Unavailable
from kit.settings import settings
from services import limits
from services.work import begin

PATH: Final = "/exports/limits.csv"
_COLUMNS: Final = ("minute", "class", "quota", "refused")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def routes() -> list[Route]:
    """Return the door of the export."""
    return [Route(PATH, export, methods=["GET"])]


async def export(request: Request) -> Response:
    """Answer with a row a minute, class and quota; that it was asked for is put on record."""
    if not may_ask(request):
        return PlainTextResponse("Ask for this file on the page of the limits.\n", 403)
    try:
        subject = await subject_of(token_of(request.headers.get("cookie", ""), settings()))
        async with begin(current().resources, subject) as work:
            found = await limits.exported(work)
    except NotAllowed:
        return PlainTextResponse("This file is for those who look after the system.\n", 403)
    except Unavailable:
        return PlainTextResponse("Refusals cannot be read. Try again in a minute.\n", 503)
    rows = [
        ((_EPOCH + timedelta(minutes=one.minute)).isoformat(), one.kind, one.quota, str(one.count))
        for one in found
    ]
    headers = {"content-disposition": 'attachment; filename="limits.csv"'}
    return Response(csv_of([_COLUMNS, *rows]), media_type="text/csv", headers=headers)
