"""Doors of those who join or forgot a password: POSTs of plain forms, as signing in."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from arb_app import devices
from arb_app.forms import foreign, form_of
from arb_app.letters import written
from arb_app.reader import here
from arb_app.runtime import current
from arb_app.sign_in import AWAY, OFTEN, WRONG, address_of, let_in, write_in
from domain.errors import Refused, Unavailable
from domain.flags import SwitchedOff
from services import closing, joining, moving
from services.access import ANONYMOUS
from services.joining import Expired, Told
from services.passwords import Passwords
from services.sessions import Attempt, Granted, Throttled
from services.work import Work, begin

SENT, DONE, OVER, CLOSED = "sent", "done", "over", "closed"
"""What else the end of an address may say: a letter is on its way, it is done, the code is over.

`CLOSED`: nobody joins for now.
"""
_SEE_OTHER: Final = 303

ASKED = Counter("dutchbook_joining_total", "Forms of those who join.", ["form", "outcome"])

Act = Callable[[Work, Told], Awaitable[Granted | UUID | None]]
"""Returns a session, or a member who is another from now on: by their address, or signed out."""


def routes(passwords: Passwords) -> list[Route]:
    """Return the doors; `passwords` compares and hashes."""

    async def register(work: Work, told: Told) -> None:
        await joining.register(work, told, passwords=passwords, written=written)

    async def confirm(work: Work, told: Told) -> Granted:
        return await joining.confirm(work, told, passwords=passwords)

    async def forgot(work: Work, told: Told) -> None:
        await joining.forgot(work, told, written=written)

    async def reset(work: Work, told: Told) -> UUID:
        return await joining.reset(work, told, passwords=passwords, written=written)

    async def move(work: Work, told: Told) -> UUID:
        return await moving.move(work, told, passwords=passwords, written=written)

    async def keep(work: Work, told: Told) -> UUID:
        return await moving.keep(work, told, passwords=passwords, written=written)

    async def come_back(work: Work, told: Told) -> None:
        attempt = Attempt(told.email, told.password, told.address)
        if not await closing.come_back(work, attempt, passwords=passwords, written=written):
            raise Refused("the address or the password is not right, or nothing is closed")

    return [
        _door("move", move, DONE),
        _door("keep", keep, DONE),
        _door("come-back", come_back, DONE),
        _door("register", register, SENT),
        _door("confirm", confirm, ""),
        _door("forgot", forgot, SENT),
        _door("reset", reset, DONE),
    ]


def _door(name: str, act: Act, done: str) -> Route:
    async def answer(request: Request) -> Response:
        form = await form_of(request)
        if form is None:
            return foreign()
        write_in(form)
        try:
            told = _told(request, form)
            async with begin(current().resources, ANONYMOUS) as work:
                granted = await act(work, told)
                now = work.clock.now()
        except Refused as e:
            return _again(name, e)
        except Unavailable as e:
            return _again(name, e)
        ASKED.labels(name, "done").inc()
        if isinstance(granted, UUID):
            current().visitors.forget_member(granted)
        if not isinstance(granted, Granted):
            return RedirectResponse(here(f"/{name}#{done}"), _SEE_OTHER)
        current().visitors.forget(told.held)
        lasts_s = int((granted.ends_at - now).total_seconds())
        answer = let_in(granted, "/board", lasts_s=lasts_s)
        devices.keep(answer, told.device)
        return answer

    return Route(f"/auth/{name}", answer, methods=["POST"])


def _told(request: Request, form: dict[str, str]) -> Told:
    came = devices.attempt_of(
        request, email=form.get("email", ""), password=form.get("password", ""),
        address=address_of(request),
    )  # fmt: skip
    return Told(
        address=came.address,
        email=came.email,
        code=form.get("code", "").strip(),
        password=came.password,
        agent=came.agent,
        held=came.held,
        device=came.device,
        hints=came.hints,
    )


def _again(name: str, why: Refused | Unavailable) -> Response:
    match why:
        case Throttled():
            said = OFTEN
        case Expired():
            said = OVER
        case SwitchedOff():
            said = CLOSED
        case Refused():
            said = WRONG
        case _:
            said = AWAY
    ASKED.labels(name, said).inc()
    answer = RedirectResponse(here(f"/{name}#{said}"), _SEE_OTHER)
    if isinstance(why, Throttled):
        answer.headers["retry-after"] = f"{why.retry_after_s:.0f}"
    return answer
