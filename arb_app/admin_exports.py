"""Members and live sessions as files: CSV, for those who manage accounts."""

import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from arb_app.audit_export import plain
from arb_app.cookies import token_of
from arb_app.proving import proving_at
from arb_app.runtime import current
from domain.errors import NotAllowed, ProofNeeded, Unavailable
from kit.settings import settings
from services import members, sessions
from services.access import ANONYMOUS
from services.work import Work, begin

MEMBERS, SESSIONS = "/exports/members.csv", "/exports/sessions.csv"
_MEMBER: Final = (
    *("id", "email", "role", "state", "plan", "league"),
    *("created_at", "changed_at", "erase_at"),
)
_SESSION: Final = (
    *("id", "user_id", "email", "role", "agent", "network"),
    *("created_at", "last_seen_at"),
)

Ask = Callable[[Work, dict[str, Any]], Awaitable[Sequence[object]]]


def routes() -> list[Route]:
    """Return the doors of both exports."""
    return [
        _file(MEMBERS, "/admin/members", _MEMBER, _members),
        _file(SESSIONS, "/admin/sessions", _SESSION, _sessions),
    ]


async def _members(work: Work, asked: dict[str, Any]) -> Sequence[object]:
    return await members.exported(work, members.filtered(asked))


async def _sessions(work: Work, asked: dict[str, Any]) -> Sequence[object]:
    return await members.exported_sessions(work, members.sought_sessions(asked))


def _file(path: str, page: str, columns: Sequence[str], ask: Ask) -> Route:
    async def answer(request: Request) -> Response:
        # A page of ours asks, or a person who types the address; another site's link does in vain.
        if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return PlainTextResponse("Ask for this file on its page.\n", 403)
        token = token_of(request.headers.get("cookie", ""), settings())
        try:
            async with begin(current().resources, ANONYMOUS) as work:
                subject = await sessions.resume(work, token, active=True)
            async with begin(current().resources, subject) as work:
                rows = await ask(work, dict(request.query_params))
        except ProofNeeded:
            return RedirectResponse(proving_at(page), 303)
        except NotAllowed:
            return PlainTextResponse("This file is for those who manage accounts.\n", 403)
        except Unavailable:
            return PlainTextResponse("Accounts cannot be reached. Try again in a minute.\n", 503)
        name = path.rpartition("/")[2]
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        }
        return Response(_csv(columns, rows), media_type="text/csv", headers=headers)

    return Route(path, answer, methods=["GET"])


def _csv(columns: Sequence[str], rows: Sequence[object]) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(columns)
    for row in rows:
        told = (getattr(row, name) for name in columns)
        lines.writerow([plain("" if each is None else str(each)) for each in told])
    return text.getvalue()
