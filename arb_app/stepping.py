"""Doors of the second step: after a password, once more before what is sensitive, and for oneself.

They are POSTs of plain forms, as signing in is. Whoever gets through has a new token.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from arb_app import cookies, devices
from arb_app.forms import foreign, form_of
from arb_app.letters import written
from arb_app.proving import proving_at
from arb_app.reader import here
from arb_app.runtime import current
from arb_app.sign_in import (
    AWAY,
    OFTEN,
    WRONG,
    address_of,
    asked_from,
    bring_settings,
    let_in,
    way_on,
    write_in,
)
from domain.errors import NotAllowed, ProofNeeded, Refused, Unavailable
from domain.factors import Kind
from kit.settings import settings
from services import second_step, security, sessions
from services.access import ANONYMOUS
from services.passwords import Passwords
from services.second_step import Said, StepOver, Wrong
from services.security import Change
from services.sessions import Granted, Throttled
from services.work import Work, begin

OVER, ADDED, CHANGED, WEAK = "over", "added", "changed", "weak"
"""What else the end of an address may say: the step is over, an app was added, the password is
another one, or will not do."""
STEP, PROVE, SECURITY = "/login/step", "/account/prove", "/account/security"
_SEE_OTHER: Final = 303

STEPS = Counter("dutchbook_second_steps_total", "Second steps, by door and outcome.",
                ["door", "outcome"])  # fmt: skip

Act = Callable[[Work, Said, dict[str, str]], Awaitable[Granted | None]]


def routes(passwords: Passwords) -> list[Route]:
    """Return the doors; `passwords` compares and hashes."""

    async def prove(work: Work, said: Said, _: dict[str, str]) -> Granted | None:
        return await second_step.prove(work, said, passwords=passwords, written=written)

    async def confirm(work: Work, said: Said, _: dict[str, str]) -> Granted | None:
        return await security.confirm_app(work, said.text, address=said.address, written=written)

    async def change(work: Work, said: Said, form: dict[str, str]) -> Granted | None:
        change = Change(said.password, form.get("chosen", ""), said.address)
        return await security.change_password(work, change, passwords=passwords, written=written)

    return [
        Route("/auth/step", _step, methods=["POST"]),
        _own("prove", prove, PROVE, ""),
        _own("app", confirm, SECURITY, ADDED),
        _own("password", change, SECURITY, CHANGED),
    ]


def guessed(text: str) -> str:
    """Return the kind of code that a text looks like, for forms that do not say it.

    Examples:
        >>> [guessed(each).value for each in ("123 456", "1234 5678", "abcdef-ghijkl")]
        ['totp', 'letter', 'recovery']
    """
    code = re.sub(r"[\s-]", "", text)
    if not code.isdecimal():
        return Kind.RECOVERY
    return Kind.TOTP if len(code) <= 6 else Kind.LETTER


async def _step(request: Request) -> Response:
    """Finish a sign-in whose password was right."""
    form = await form_of(request)
    if form is None:
        return foreign()
    write_in(form)
    next_ = way_on(form.get("next") or asked_from(request))
    said = said_in(request, form)
    try:
        async with begin(current().resources, ANONYMOUS) as work:
            found = await second_step.finish(work, said, written=written)
            now = work.clock.now()
    except StepOver:
        return _from_the_start(next_)
    except (Refused, Unavailable) as e:
        return _again("step", STEP, next_, e)
    if isinstance(found, Wrong):
        return _again("step", STEP, next_) if found.left else _from_the_start(next_)
    STEPS.labels("step", "granted").inc()
    current().visitors.forget(said.held)
    answer = let_in(found, next_, lasts_s=int((found.ends_at - now).total_seconds()))
    devices.keep(answer, said.device)
    cookies.keep(answer, cookies.STEP, "", settings(), lasts_s=0)
    await bring_settings(request, answer, found.token)
    return answer


def said_in(request: Request, form: dict[str, str]) -> Said:
    """Return what a form says, and where it came from."""
    text, step = form.get("code", "").strip(), request.headers.get("cookie", "")
    came = devices.attempt_of(request, email="", password="", address=address_of(request))
    return Said(
        kind=form.get("kind") or (guessed(text) if text else ""),
        text=text,
        address=came.address,
        token=cookies.read(step, cookies.STEP, settings()),
        agent=came.agent,
        held=came.held,
        device=came.device,
        hints=came.hints,
        told=came.told,
        password=form.get("password", ""),
    )


def _own(name: str, act: Act, page: str, done: str) -> Route:
    """Return the door of an act of one who is signed in, whose token is another one afterwards."""

    async def answer(request: Request) -> Response:
        form = await form_of(request)
        if form is None:
            return foreign()
        write_in(form)
        next_ = way_on(form.get("next") or asked_from(request)) if page == PROVE else page
        said = said_in(request, form)
        try:
            granted, lasts_s = await _done(act, said, form)
        except ProofNeeded:
            return RedirectResponse(proving_at(page), _SEE_OTHER)
        except (Refused, Unavailable) as e:
            return _again(name, page, next_, e)
        if granted is None:
            return _again(name, page, next_)
        STEPS.labels(name, "granted").inc()
        end = f"#{done}" if done else ""
        reply = RedirectResponse(here(next_) + end, _SEE_OTHER)
        cookies.give(reply, granted.token, settings(), lasts_s=lasts_s)
        return reply

    return Route(f"/auth/{name}", answer, methods=["POST"])


async def _done(act: Act, said: Said, form: dict[str, str]) -> tuple[Granted | None, int]:
    """Do it as whoever's session it is; return the session as it is then, and how long it lasts."""
    resources = current().resources
    async with begin(resources, ANONYMOUS) as work:
        subject = await sessions.resume(work, said.held)
    async with begin(resources, subject) as work:
        granted = await act(work, said, form)
        now = work.clock.now()
    current().visitors.forget_member(subject.user_id)
    return granted, int((granted.ends_at - now).total_seconds()) if granted else 0


def _from_the_start(next_: str) -> Response:
    """Lead back to the password: the half-way sign-in is no more."""
    STEPS.labels("step", OVER).inc()
    answer = RedirectResponse(f"{here('/login')}{_query('/login', next_)}#{OVER}", _SEE_OTHER)
    cookies.keep(answer, cookies.STEP, "", settings(), lasts_s=0)
    return answer


def _again(name: str, page: str, next_: str, why: Refused | Unavailable | None = None) -> Response:
    match why:
        case Throttled():
            said = OFTEN
        case Unavailable():
            said = AWAY
        case NotAllowed() | None:
            said = WRONG
        case _:
            said = WEAK if name == "password" else WRONG
    STEPS.labels(name, said).inc()
    end = said if page != SECURITY or said in {OFTEN, AWAY} else f"{name}-{said}"
    answer = RedirectResponse(f"{here(page)}{_query(page, next_)}#{end}", _SEE_OTHER)
    if isinstance(why, Throttled):
        answer.headers["retry-after"] = f"{why.retry_after_s:.0f}"
    return answer


def _query(page: str, next_: str) -> str:
    return "" if next_ in {"/", page} else f"?next={quote(next_)}"
