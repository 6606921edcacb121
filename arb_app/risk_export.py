"""Odd arrivals as a file: CSV, for whoever may take it away."""

import csv
import io
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from arb_app.audit_export import plain
from arb_app.cookies import token_of
from arb_app.runtime import current
from domain.errors import NotAllowed, Unavailable
from kit.settings import settings
from services import risk_look, sessions
from services.access import ANONYMOUS
from services.risk_look import Odd
from services.work import begin

PATH: Final = "/exports/risk.csv"
COLUMNS: Final = (
    "at", "account", "verdict", "score", "reasons", "network", "country", "agent",
)  # fmt: skip


def routes() -> list[Route]:
    """Return the door of the export."""
    return [Route(PATH, export, methods=["GET"])]


async def export(request: Request) -> Response:
    """Answer with the arrivals that the query asks for, which is put on record."""
    token = token_of(request.headers.get("cookie", ""), settings())
    # A page of ours asks, or a person who types the address; another site's link asks in vain.
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return PlainTextResponse("Ask for this file on the page of risk.\n", 403)
    resources = current().resources
    try:
        async with begin(resources, ANONYMOUS) as work:
            subject = await sessions.resume(work, token, active=True)
        async with begin(resources, subject) as work:
            found = await risk_look.exported(work, risk_look.filtered(request.query_params))
    except NotAllowed:
        return PlainTextResponse("This file is for those who may read the audit.\n", 403)
    except Unavailable:
        return PlainTextResponse("It cannot be reached. Try again in a minute.\n", 503)
    headers = {
        "content-disposition": 'attachment; filename="risk.csv"',
        "cache-control": "no-store",
    }
    return Response(_csv(found), media_type="text/csv", headers=headers)


def _csv(found: list[Odd]) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    lines.writerows(
        (
            *(one.at.isoformat(), str(one.user_id), one.verdict, f"{one.score:.4f}"),
            *(" ".join(one.reasons), one.network, one.country, plain(one.agent)),
        )
        for one in found
    )
    return text.getvalue()
