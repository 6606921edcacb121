"""Doors of codes by text message: POSTs of plain forms, which need no JavaScript."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from arb_app import cookies
from arb_app.forms import foreign, form_of
from arb_app.letters import written
from arb_app.proving import proving_at
from arb_app.reader import here
from arb_app.runtime import current
from arb_app.sign_in import AWAY, OFTEN, address_of, asked_from, way_on, write_in
from arb_app.words import say
from domain.errors import ProofNeeded, Refused, Unavailable
from kit.settings import settings
from services import phones, sessions
from services.access import ANONYMOUS
from services.second_step import StepOver
from services.sessions import Granted, Throttled
from services.text_codes import offered
from services.work import Work, begin

SENT, ADDED, REMOVED, WRONG = "phone-sent", "phone-added", "phone-removed", "phone-wrong"
"""What became of a form of the page of security, at the end of its address."""
TEXT, NO_TEXT = "text", "no-text"
"""What became of asking for a text: it is on its way, or there is no telephone for it."""
STEP, PROVE, SECURITY = "/login/step", "/account/prove", "/account/security"
_SEE_OTHER: Final = 303

Act = Callable[[Work, dict[str, str], str], Awaitable[Granted | None]]


def routes() -> list[Route]:
    """Return the doors."""
    return [
        _own("phone", _begin, SENT),
        _own("phone/confirm", _confirm, ADDED),
        _own("phone/remove", _remove, REMOVED),
        Route("/auth/text/step", _send_for_step, methods=["POST"]),
        Route("/auth/text/prove", _send_to_prove, methods=["POST"]),
    ]


async def _begin(work: Work, form: dict[str, str], address: str) -> None:
    _require_offered()
    number = form.get("number", "")[:40]
    await phones.begin(work, number, address=address, said=_said())


async def _confirm(work: Work, form: dict[str, str], _: str) -> Granted | None:
    return await phones.confirm(work, form.get("code", ""), written=written)


async def _remove(work: Work, _: dict[str, str], __: str) -> None:
    await phones.remove(work, written=written)


def _own(name: str, act: Act, done: str) -> Route:
    """Return the door of an act on one's own telephone."""

    async def answer(request: Request) -> Response:
        form = await form_of(request)
        if form is None:
            return foreign()
        write_in(form)
        held = cookies.token_of(request.headers.get("cookie", ""), settings())
        try:
            granted, lasts_s = await _done(act, form, held, address_of(request))
        except ProofNeeded:
            return RedirectResponse(proving_at(SECURITY), _SEE_OTHER)
        except (Refused, Unavailable) as e:
            return _again(SECURITY, "", e, WRONG)
        end = WRONG if granted is None and act is _confirm else done
        reply = RedirectResponse(f"{here(SECURITY)}#{end}", _SEE_OTHER)
        if granted is not None:
            cookies.give(reply, granted.token, settings(), lasts_s=lasts_s)
        return reply

    return Route(f"/auth/{name}", answer, methods=["POST"])


async def _done(
    act: Act, form: dict[str, str], held: str, address: str
) -> tuple[Granted | None, int]:
    resources = current().resources
    async with begin(resources, ANONYMOUS) as work:
        subject = await sessions.resume(work, held)
    async with begin(resources, subject) as work:
        granted = await act(work, form, address)
        now = work.clock.now()
    current().visitors.forget_member(subject.user_id)
    return granted, int((granted.ends_at - now).total_seconds()) if granted else 0


async def _send_for_step(request: Request) -> Response:
    async def act(header: str, address: str) -> None:
        token = cookies.read(header, cookies.STEP, settings())
        async with begin(current().resources, ANONYMOUS) as work:
            await phones.send_for_step(work, token, address=address, said=_said())

    return await _sent(request, STEP, act)


async def _send_to_prove(request: Request) -> Response:
    async def act(header: str, address: str) -> None:
        resources, token = current().resources, cookies.token_of(header, settings())
        async with begin(resources, ANONYMOUS) as work:
            subject = await sessions.resume(work, token, active=True)
        async with begin(resources, subject) as work:
            await phones.send_to_prove(work, address=address, said=_said())

    return await _sent(request, PROVE, act)


async def _sent(
    request: Request, page: str, act: Callable[[str, str], Awaitable[None]]
) -> Response:
    form = await form_of(request)
    if form is None:
        return foreign()
    write_in(form)
    next_ = way_on(form.get("next") or asked_from(request))
    query = "" if next_ == "/" else f"?next={quote(next_)}"
    try:
        _require_offered()
        await act(request.headers.get("cookie", ""), address_of(request))
    except StepOver:
        return RedirectResponse(f"{here('/login')}{query}#over", _SEE_OTHER)
    except (Refused, Unavailable) as e:
        return _again(page, query, e, NO_TEXT)
    return RedirectResponse(f"{here(page)}{query}#{TEXT}", _SEE_OTHER)


def _again(page: str, query: str, why: Refused | Unavailable, refused: str) -> Response:
    match why:
        case Throttled():
            end = OFTEN
        case Unavailable():
            end = AWAY
        case _:
            end = refused
    answer = RedirectResponse(f"{here(page)}{query}#{end}", _SEE_OTHER)
    if isinstance(why, Throttled):
        answer.headers["retry-after"] = f"{why.retry_after_s:.0f}"
    return answer


def _require_offered() -> None:
    if not offered(settings()):
        raise Unavailable("no provider of texts is set")


def _said() -> str:
    return say("texts.body", code="{code}")
