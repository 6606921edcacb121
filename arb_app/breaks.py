"""Doors of presence of mind: the question of age, breaks and limits, as POSTs of plain forms."""

import re
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from arb_app import cookies
from arb_app.admission import YES, break_of, limits_from
from arb_app.forms import foreign, form_of
from arb_app.runtime import current
from arb_app.sign_in import way_on
from domain.breaks import Length, Limits, lengthened
from domain.errors import Refused, Unavailable
from kit.settings import settings
from services import breaks, sessions
from services.access import ANONYMOUS, Permission, Subject
from services.work import begin

PAGE: Final = "/account/breaks"
TAKEN, SAVED, UNSURE, AWAY = "taken", "saved", "unsure", "away"
"""What became of a form, at the end of the page's address: `/account/breaks#taken`."""
LONGEST_HERE: Final = Length.YEAR
"""Browsers forget every cookie after 400 days, so that no longer break holds without an account."""
REMEMBERED: Final = timedelta(days=365)
_SEE_OTHER: Final = 303


def routes() -> list[Route]:
    """Return the doors."""
    doors = {"age": _confirm_age, "break": _take_break, "limits": _set_limits}
    return [Route(f"/presence/{name}", door, methods=["POST"]) for name, door in doors.items()]


async def _confirm_age(request: Request) -> Response:
    form = await form_of(request)
    if form is None:
        return foreign()
    next_ = way_on(form.get("next", ""))
    if form.get("old_enough") != YES:
        return RedirectResponse(f"{_language(request)}/legal/responsible", _SEE_OTHER)
    answer = RedirectResponse(next_, _SEE_OTHER)
    lasts_s = int(REMEMBERED.total_seconds())
    cookies.keep(answer, cookies.AGE, YES, settings(), lasts_s=lasts_s)
    return answer


async def _take_break(request: Request) -> Response:
    """Keep the board from this browser, and from the member on all of theirs."""
    form = await form_of(request)
    if form is None:
        return foreign()
    lasts = form.get("lasts", "")
    if lasts not in set(Length) or (Length(lasts).excludes and form.get("sure") != YES):
        return _told(request, UNSURE)
    length, header = Length(lasts), request.headers.get("cookie", "")
    what = TAKEN
    try:
        if (await _take_as_member(header, length)) is None and length.time > LONGEST_HERE.time:
            return _told(request, UNSURE)
    except Unavailable:
        what = AWAY
    answer = _told(request, what)
    _keep_break(answer, header, length)
    return answer


async def _set_limits(request: Request) -> Response:
    form = await form_of(request)
    if form is None:
        return foreign()
    header = request.headers.get("cookie", "")
    try:
        chosen = limits_from(form)
        await _limit_member(header, chosen)
    except Refused:
        return _told(request, UNSURE)
    except Unavailable:
        return _told(request, AWAY)
    answer = _told(request, SAVED)
    said = {"remind": chosen.remind_min, "daily": chosen.daily_min, "firm": YES * chosen.firm}
    lasts_s = int(REMEMBERED.total_seconds())
    cookies.keep(answer, cookies.LIMITS, urlencode(said), settings(), lasts_s=lasts_s)
    return answer


async def _member(header: str) -> Subject:
    token = cookies.token_of(header, settings())
    if not token:
        return ANONYMOUS
    async with begin(current().resources, ANONYMOUS) as work:
        return await sessions.resume(work, token, active=True)


async def _take_as_member(header: str, length: Length) -> datetime | None:
    """Take the member's break, if one is signed in; return when it ends."""
    subject = await _member(header)
    if not subject.may(Permission.USE_ACCOUNT):
        return None
    async with begin(current().resources, subject) as work:
        ends_at = await breaks.take(work, length)
    current().visitors.forget(cookies.token_of(header, settings()))
    return ends_at


async def _limit_member(header: str, chosen: Limits) -> None:
    subject = await _member(header)
    if not subject.may(Permission.USE_ACCOUNT):
        return
    async with begin(current().resources, subject) as work:
        await breaks.limit(
            work, remind_min=chosen.remind_min, daily_min=chosen.daily_min, firm=chosen.firm
        )
    current().visitors.forget(cookies.token_of(header, settings()))


def _keep_break(answer: Response, header: str, length: Length) -> None:
    """Have the browser keep the longer of the break that it knows and the new one."""
    now = current().clock.now()
    ends_at = lengthened(break_of(header, settings()), length, now)
    lasts_s = int((ends_at - now).total_seconds())
    value = f"{ends_at.timestamp():.0f}"
    cookies.keep(answer, cookies.BREAK, value, settings(), lasts_s=lasts_s)


def _told(request: Request, what: str) -> Response:
    return RedirectResponse(f"{_language(request)}{PAGE}#{what}", _SEE_OTHER)


def _language(request: Request) -> str:
    """Return how the addresses of the language begin in which the form stood, e.g. `/es`."""
    try:
        came_from = urlsplit(request.headers.get("referer", "")).path
    except ValueError:
        return ""
    found = re.match(r"/[a-z]{2}(?=/|$)", came_from)
    return found[0] if found else ""
