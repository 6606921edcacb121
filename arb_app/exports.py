"""Files to take away: who may ask for one, and tables as CSV that no spreadsheet runs."""

import csv
import io
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from arb_app.cookies import token_of
from arb_app.proving import proving_at
from arb_app.runtime import current
from domain.errors import NotAllowed, ProofNeeded, Unavailable
from kit.settings import settings
from services import sessions
from services.access import ANONYMOUS, Subject
from services.work import Work, begin

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Act = Callable[[Work, Request], Awaitable[Response]]


def door(path: str, page: str, whose: str, act: Act) -> Route:
    """Return the door of a file.

    Args:
        path: Where it is.
        page: The page that it is asked for on, and to which a proof leads back.
        whose: Whom it is for ("who may read the audit"); all others are told so.
        act: Makes the answer in one transaction of whoever asks.
    """

    async def answer(request: Request) -> Response:
        if not may_ask(request):
            return PlainTextResponse("Ask for this file on its page.\n", 403)
        try:
            async with begin(current().resources, await subject_of(token_in(request))) as work:
                return await act(work, request)
        except ProofNeeded:
            return RedirectResponse(proving_at(page), 303)
        except NotAllowed:
            return PlainTextResponse(f"This file is for those {whose}.\n", 403)
        except Unavailable:
            return PlainTextResponse("It cannot be reached. Try again in a minute.\n", 503)

    return Route(path, answer, methods=["GET"])


def may_ask(request: Request) -> bool:
    """Return whether a page of ours asks, or who types the address; another site asks in vain."""
    return request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}


def token_in(request: Request) -> str:
    """Return the token of who asks, "" for none."""
    return token_of(request.headers.get("cookie", ""), settings())


async def subject_of(token: str) -> Subject:
    """Return who asks for a file, by their token."""
    async with begin(current().resources, ANONYMOUS) as work:
        return await sessions.resume(work, token, active=True)


def headers_of(name: str) -> dict[str, str]:
    """Return the headers with which a browser keeps an answer as a file, and nowhere else."""
    kept = f'attachment; filename="{name}"'
    return {"content-disposition": kept, "cache-control": "no-store"}


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return a table as a file."""
    body = csv_of([columns, *rows])
    return Response(body, media_type="text/csv", headers=headers_of(name))


def csv_of(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as a part of a file."""
    text = io.StringIO()
    told = ([plain(each) if isinstance(each, str) else each for each in row] for row in rows)
    csv.writer(text, lineterminator="\r\n").writerows(told)
    return text.getvalue()


def plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Examples:
        >>> plain("operator"), plain("=1+1"), plain("-2")
        ('operator', "'=1+1", "'-2")
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
