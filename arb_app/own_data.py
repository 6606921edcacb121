"""Doors of a member's own account: to move it, close it, let support look, and take it away."""

import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from arb_app import cookies
from arb_app.exports import csv_of, headers_of, may_ask, subject_of, token_in
from arb_app.forms import foreign, form_of
from arb_app.letters import written
from arb_app.proving import proving_at
from arb_app.reader import here
from arb_app.runtime import current
from arb_app.sign_in import AWAY, OFTEN, WRONG, address_of, write_in
from domain.errors import NotAllowed, ProofNeeded, Refused, Unavailable
from kit.settings import settings
from services import closing, member_export, moving, support
from services.access import Permission, Subject
from services.joining import Told
from services.member_export import Taken
from services.sessions import Throttled
from services.work import Work, begin

PAGE: Final = "/account/data"
JSON, ZIP = "/exports/mine.json", "/exports/mine.zip"
SENT, GRANTED, REVOKED, CLOSED, ERASED = "sent", "granted", "revoked", "closed", "erased"
"""What the end of the page's address says: what was done, or as a door says that it was not."""
_SEE_OTHER: Final = 303

Act = Callable[[Work, Told, dict[str, str]], Awaitable[object]]


def routes() -> list[Route]:
    """Return the doors."""
    return [
        _door("move", _move, f"{PAGE}#{SENT}"),
        _door("close", _close, f"/come-back#{CLOSED}", leaves=True),
        _door("erase", _erase, f"/come-back#{ERASED}", leaves=True),
        _door("grant", _grant, f"{PAGE}#{GRANTED}"),
        _door("revoke", _revoke, f"{PAGE}#{REVOKED}"),
        Route(JSON, as_json, methods=["GET"]),
        Route(ZIP, as_zip, methods=["GET"]),
    ]


async def as_json(request: Request) -> Response:
    """Answer with everything that is kept of whoever asks, as one JSON object."""
    return await _taken(request, "json", "application/json", _json)


async def as_zip(request: Request) -> Response:
    """Answer with the same as a ZIP of a CSV a table."""
    return await _taken(request, "zip", "application/zip", _zip)


async def _move(work: Work, told: Told, _: dict[str, str]) -> None:
    await moving.ask(work, told, written=written)


async def _close(work: Work, _: Told, form: dict[str, str]) -> None:
    await closing.close(work, form.get("typed", ""), written=written)


async def _erase(work: Work, _: Told, form: dict[str, str]) -> None:
    await closing.erase(work, form.get("typed", ""))


async def _grant(work: Work, _: Told, form: dict[str, str]) -> None:
    hours = form.get("hours", "")
    whole = int(hours) if hours.isascii() and hours.isdecimal() and len(hours) <= 3 else 0
    await support.give(work, whole, form.get("reason", ""))


async def _revoke(work: Work, _: Told, __: dict[str, str]) -> None:
    await support.revoke(work)


def _door(name: str, act: Act, done: str, *, leaves: bool = False) -> Route:
    async def answer(request: Request) -> Response:
        form = await form_of(request)
        if form is None:
            return foreign()
        write_in(form)
        told = Told(address=address_of(request), email=form.get("email", ""))
        token = token_in(request)
        try:
            subject = await subject_of(token)
            subject.require(Permission.USE_ACCOUNT)
            async with begin(current().resources, subject) as work:
                await act(work, told, form)
        except ProofNeeded:
            return RedirectResponse(proving_at(PAGE), _SEE_OTHER)
        except Throttled as e:
            wait = {"retry-after": f"{e.retry_after_s:.0f}"}
            return RedirectResponse(here(f"{PAGE}#{OFTEN}"), _SEE_OTHER, headers=wait)
        except (Refused, Unavailable) as e:
            why = AWAY if isinstance(e, Unavailable) else WRONG
            return RedirectResponse(here(f"{PAGE}#{why}"), _SEE_OTHER)
        return _gone(done, subject) if leaves else RedirectResponse(here(done), _SEE_OTHER)

    return Route(f"/auth/data/{name}", answer, methods=["POST"])


def _gone(done: str, subject: Subject) -> Response:
    """Return the answer to who has left: their browser keeps nothing of them."""
    current().visitors.forget_member(subject.user_id)
    answer = RedirectResponse(here(done), _SEE_OTHER)
    answer.headers["clear-site-data"] = '"cache", "storage"'
    cookies.take_back(answer, settings())
    return answer


async def _taken(
    request: Request, ending: str, media: str, write: Callable[[Taken], bytes]
) -> Response:
    if not may_ask(request):
        return PlainTextResponse("Ask for this file on the page of your data.\n", 403)
    try:
        async with begin(current().resources, await subject_of(token_in(request))) as work:
            kept = await member_export.everything(work)
            day = work.clock.now().date()
    except ProofNeeded:
        return RedirectResponse(proving_at(PAGE), _SEE_OTHER)
    except Throttled as e:
        wait = {"retry-after": f"{e.retry_after_s:.0f}"}
        return PlainTextResponse("You took this away a few times just now.\n", 429, wait)
    except NotAllowed:
        return PlainTextResponse("Sign in to take your data away.\n", 403)
    except Unavailable:
        return PlainTextResponse("Your data cannot be reached. Try again in a minute.\n", 503)
    headers = headers_of(f"dutchbook-{day}.{ending}")
    return Response(write(kept), media_type=media, headers=headers)


def _json(kept: Taken) -> bytes:
    return msgspec.json.format(msgspec.json.encode(kept), indent=1)


def _zip(kept: Taken) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in kept.items():
            archive.writestr(f"{name}.csv", _csv(rows))
    return whole.getvalue()


def _csv(rows: list[dict[str, Any]]) -> str:
    return csv_of([*map(list, rows[:1]), *([_cell(each) for each in row.values()] for row in rows)])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
