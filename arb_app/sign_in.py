"""Signing in and out: real POSTs of plain forms, which set and take back the cookie."""

import re
from typing import Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from arb_app import cookies, devices
from arb_app.edge.callers import address_of
from arb_app.forms import foreign, form_of
from arb_app.letters import written as letter
from arb_app.reader import here, write_for
from arb_app.runtime import current
from domain.errors import Refused, Unavailable
from domain.factors import Kind
from domain.preferences import parsed, written
from kit.settings import settings
from services import preferences, sessions
from services.access import ANONYMOUS
from services.passwords import Passwords
from services.sessions import Closed, Granted, Halfway, Throttled
from services.work import begin

WRONG, OFTEN, AWAY = "wrong", "often", "away"
"""Where on the page of the form it stands why nobody was let in: `/login#wrong`."""
BY_LETTER, BY_FACTOR = "letter", "factor"
"""Where on the page of the second step it stands what is asked for."""
SECURITY: Final = "/account/security"
_LONGEST_WAY: Final = 300
_SEE_OTHER: Final = 303

ATTEMPTS = Counter("dutchbook_sign_ins_total", "Attempts to sign in, by outcome.", ["outcome"])


def routes(passwords: Passwords) -> list[Route]:
    """Return the doors; `passwords` compares."""

    async def sign_in(request: Request) -> Response:
        return await _sign_in(request, passwords)

    return [
        Route("/auth/sign-in", sign_in, methods=["POST"]),
        Route("/auth/sign-out", _sign_out, methods=["POST"]),
    ]


def way_on(text: str) -> str:
    """Return where to go next: a path of ours with its query, or else the start page.

    Examples:
        >>> way_on("/admin/sources?page=2"), way_on("//evil.example"), way_on("https://x.y/z")
        ('/admin/sources?page=2', '/', '/')
    """
    plain = text.isascii() and text.isprintable() and not set(text) & {"\\", " "}
    if not (plain and re.match(r"/(?!/)", text) and len(text) <= _LONGEST_WAY):
        return "/"
    return "/" if re.match(r"(/es)?/(auth/|login)", text) else text


async def _sign_in(request: Request, passwords: Passwords) -> Response:
    form = await form_of(request)
    if form is None:
        return _foreign()
    write_in(form)
    next_ = way_on(form.get("next") or asked_from(request))
    try:
        attempt = devices.attempt_of(
            request,
            email=form.get("email", ""),
            password=form.get("password", ""),
            address=address_of(request),
        )
        async with begin(current().resources, ANONYMOUS) as work:
            granted = await sessions.sign_in(work, attempt, passwords=passwords, written=letter)
            now = work.clock.now()
    except (Refused, Unavailable) as e:
        return _turned_away(e, next_)
    if granted is None:
        return _again(WRONG, next_)
    if isinstance(granted, Halfway):
        return _ask_for_more(granted, next_, lasts_s=int((granted.ends_at - now).total_seconds()))
    current().visitors.forget(attempt.held)
    answer = let_in(granted, next_, lasts_s=int((granted.ends_at - now).total_seconds()))
    devices.keep(answer, attempt.device)
    await bring_settings(request, answer, granted.token)
    return answer


def _turned_away(why: Refused | Unavailable, next_: str) -> Response:
    match why:
        case Throttled():
            return _again(OFTEN, next_, retry_after_s=why.retry_after_s)
        case Closed():
            return RedirectResponse(here("/come-back#closed"), _SEE_OTHER)
        case Unavailable():
            return _again(AWAY, next_)
        case _:
            return _again(WRONG, next_)


def let_in(granted: Granted, next_: str, *, lasts_s: int) -> Response:
    """Give the browser its session, and send it on: to a second factor, if there must be one."""
    ATTEMPTS.labels("granted").inc()
    answer = RedirectResponse(here(SECURITY if granted.needs_factor else next_), _SEE_OTHER)
    cookies.give(answer, granted.token, settings(), lasts_s=lasts_s)
    return answer


def _ask_for_more(found: Halfway, next_: str, *, lasts_s: int) -> Response:
    """Give the browser what it holds until the second step, and lead it there."""
    ATTEMPTS.labels("halfway").inc()
    query = "" if next_ == "/" else f"?next={quote(next_)}"
    end = BY_LETTER if found.kinds == (Kind.LETTER,) else BY_FACTOR
    answer = RedirectResponse(f"{here('/login/step')}{query}#{end}", _SEE_OTHER)
    cookies.keep(answer, cookies.STEP, found.token, settings(), lasts_s=lasts_s)
    return answer


async def bring_settings(request: Request, answer: Response, token: str) -> None:
    """Give a browser that has chosen nothing what the member chose elsewhere, if that is known."""
    if cookies.settings_of(request.headers.get("cookie", ""), settings()):
        return
    resources = current().resources
    try:
        async with begin(resources, ANONYMOUS) as work:
            subject = await sessions.resume(work, token)
        async with begin(resources, subject) as work:
            chosen = await preferences.kept(work)
    except (Unavailable, Refused):
        return
    if chosen is not None:
        cookies.give_settings(answer, written(chosen), settings())


def write_in(form: dict[str, str]) -> None:
    """Lead on in the language of the page that held a form."""
    write_for(parsed(urlencode({"language": form.get("language", "")})))


async def _sign_out(request: Request) -> Response:
    """End the session and take the cookie back; with no session there is only the latter to do."""
    form = await form_of(request)
    if form is None:
        return _foreign()
    write_in(form)
    token = cookies.token_of(request.headers.get("cookie", ""), settings())
    try:
        if token:
            await _end(token)
    except Unavailable:
        return PlainTextResponse(
            "You are still signed in: the sessions cannot be reached. Try again in a minute.\n",
            503,
        )
    answer = RedirectResponse(here("/"), _SEE_OTHER)
    # The board that is kept for reading offline goes as well: the next reader may be another.
    answer.headers["clear-site-data"] = '"cache", "storage"'
    cookies.take_back(answer, settings())
    return answer


async def _end(token: str) -> None:
    resources = current().resources
    async with begin(resources, ANONYMOUS) as work:
        subject = await sessions.resume(work, token)
    if subject.user_id is not None:
        async with begin(resources, subject) as work:
            await sessions.sign_out(work, token)
    current().visitors.forget(token)


def _again(why: str, next_: str, *, retry_after_s: float = 0.0) -> Response:
    ATTEMPTS.labels(why).inc()
    query = "" if next_ == "/" else f"?next={quote(next_)}"
    answer = RedirectResponse(f"{here('/login')}{query}#{why}", _SEE_OTHER)
    if retry_after_s:
        answer.headers["retry-after"] = f"{retry_after_s:.0f}"
    return answer


def _foreign() -> Response:
    ATTEMPTS.labels("foreign").inc()
    return foreign()


def asked_from(request: Request) -> str:
    """Return the `next` of the page that held the form: that works without JavaScript too."""
    try:
        query = parse_qs(urlsplit(request.headers.get("referer", "")).query, max_num_fields=10)
    except ValueError:
        return ""
    return query.get("next", [""])[0]
