"""Doors of passkeys: JSON from a script of ours, which brings what an authenticator signed."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from arb_app import cookies, devices
from arb_app.edge.problems import problem
from arb_app.forms import json_of
from arb_app.letters import written
from arb_app.proving import proving_at
from arb_app.reader import here
from arb_app.runtime import current
from arb_app.sign_in import address_of, bring_settings, way_on, write_in
from domain.errors import NotAllowed, ProofNeeded, Refused, Unavailable
from domain.factors import Kind
from kit.ids import secret
from kit.settings import settings
from services import passkeys, second_step, sessions
from services.access import ANONYMOUS, Subject
from services.passkey_checks import LASTS, Purpose, Relying
from services.passkeys import Answer, Refusal
from services.second_step import Said, StepOver, Wrong
from services.sessions import Attempt, Granted, Throttled, hash_of
from services.work import Work, begin

ADDED: Final = "/account/security#passkey-added"
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")

ANSWERS = Counter("dutchbook_passkeys_total", "Answers of passkeys, by purpose and outcome.",
                  ["purpose", "outcome"])  # fmt: skip


class Asked(msgspec.Struct):
    """What a script says that begins."""

    purpose: Purpose


class Finished(msgspec.Struct):
    """What a script says that has an answer, and where its page leads next."""

    purpose: Purpose
    answer: msgspec.Raw
    name: str = ""
    next: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Came:
    """What a browser brings along, beside what it says."""

    attempt: Attempt
    step: str
    ceremony: str

    @classmethod
    def of(cls, request: Request) -> "Came":
        """Return what stands in the headers of a request."""
        header = request.headers.get("cookie", "")
        address = address_of(request)
        return cls(
            attempt=devices.attempt_of(request, email="", password="", address=address),
            step=cookies.read(header, cookies.STEP, settings()),
            ceremony=cookies.read(header, cookies.CEREMONY, settings()),
        )


Ended = Granted | Refusal
"""A session that begins, or has a new token; or why not."""


def routes() -> list[Route]:
    """Return the doors."""
    doors = {"options": _options, "finish": _finish}
    return [Route(f"/auth/passkey/{name}", door, methods=["POST"]) for name, door in doors.items()]


async def _options(request: Request) -> Response:
    """Say what an authenticator is to sign."""
    asked = await json_of(request, Asked)
    if asked is None:
        return _not_ours()
    relying, came = Relying.of(settings()), Came.of(request)
    if relying is None:
        return problem(409, "No domain", detail="passkeys need a domain and https", code="domain")
    browser = came.ceremony if _SECRET.fullmatch(came.ceremony) else secret()
    try:
        options = await _asked(asked.purpose, came, browser, relying)
    except (Refused, Unavailable) as e:
        return _wrong(asked.purpose, e)
    answer = Response(options, media_type="application/json")
    if asked.purpose is Purpose.SIGN_IN:
        lasts_s = int(LASTS.total_seconds())
        cookies.keep(answer, cookies.CEREMONY, browser, settings(), lasts_s=lasts_s)
    return answer


async def _asked(purpose: Purpose, came: Came, browser: str, relying: Relying) -> str:
    resources = current().resources
    match purpose:
        case Purpose.SIGN_IN:
            async with begin(resources, ANONYMOUS) as work:
                return await passkeys.signing_in(
                    work, hash_of(browser), came.attempt.address, relying
                )
        case Purpose.STEP:
            async with begin(resources, ANONYMOUS) as work:
                return await passkeys.stepping(work, came.step, came.attempt.address, relying)
        case Purpose.PROVE:
            async with begin(resources, await _member(came.attempt.held)) as work:
                return await passkeys.proving(work, relying)
        case Purpose.REGISTER:
            async with begin(resources, await _member(came.attempt.held)) as work:
                return await passkeys.registering(work, relying)


async def _finish(request: Request) -> Response:
    """Take what an authenticator signed; what it proves is in the cookies of the answer."""
    told = await json_of(request, Finished)
    if told is None:
        return _not_ours()
    write_in({"language": told.language})
    came, said = Came.of(request), bytes(told.answer).decode(errors="replace")
    try:
        ended, lasts_s = await _ended(told, came, said)
        if isinstance(ended, Refusal) and await _is_clone(said):
            ended = Refusal.CLONED
    except (Refused, Unavailable) as e:
        return _wrong(told.purpose, e)
    if isinstance(ended, Refusal):
        ANSWERS.labels(told.purpose, ended).inc()
        return problem(422, "Refused", detail="this passkey was not accepted", code=ended.value)
    ANSWERS.labels(told.purpose, "granted").inc()
    current().visitors.forget(came.attempt.held)
    next_ = ADDED if told.purpose is Purpose.REGISTER else way_on(told.next)
    answer = JSONResponse({"next": here(next_)})
    cookies.give(answer, ended.token, settings(), lasts_s=lasts_s)
    if told.purpose in {Purpose.SIGN_IN, Purpose.STEP}:
        devices.keep(answer, came.attempt.device)
        await bring_settings(request, answer, ended.token)
    for spent in (cookies.STEP, cookies.CEREMONY):
        cookies.keep(answer, spent, "", settings(), lasts_s=0)
    return answer


async def _ended(told: Finished, came: Came, said: str) -> tuple[Ended, int]:
    """Return what came of an answer, and how long the session lasts then."""
    own = told.purpose in {Purpose.REGISTER, Purpose.PROVE}
    subject = await _member(came.attempt.held) if own else ANONYMOUS
    async with begin(current().resources, subject) as work:
        found = await _ENDS[told.purpose](work, told, came, said)
        now = work.clock.now()
    current().visitors.forget_member(subject.user_id)
    lasts_s = int((found.ends_at - now).total_seconds()) if isinstance(found, Granted) else 0
    return found, lasts_s


async def _sign_in(work: Work, _: Finished, came: Came, said: str) -> Ended:
    return await passkeys.sign_in(work, Answer(said, hash_of(came.ceremony)), came.attempt)


async def _step(work: Work, _: Finished, came: Came, said: str) -> Ended:
    by = came.attempt
    step = Said(
        kind=Kind.PASSKEY,
        text=said,
        address=by.address,
        token=came.step,
        agent=by.agent,
        held=by.held,
        device=by.device,
        hints=by.hints,
        told=by.told,
    )
    found = await second_step.finish(work, step, written=written)
    return Refusal.WRONG if isinstance(found, Wrong) else found


async def _prove(work: Work, _: Finished, __: Came, said: str) -> Ended:
    return await passkeys.prove(work, said) or Refusal.WRONG


async def _register(work: Work, told: Finished, came: Came, said: str) -> Ended:
    made = await passkeys.register(
        work, said, name=told.name, agent=came.attempt.agent, written=written
    )
    return made or Refusal.WRONG


_ENDS: Final[Mapping[Purpose, Callable[[Work, Finished, Came, str], Awaitable[Ended]]]] = {
    Purpose.SIGN_IN: _sign_in,
    Purpose.STEP: _step,
    Purpose.PROVE: _prove,
    Purpose.REGISTER: _register,
}


async def _is_clone(said: str) -> bool:
    async with begin(current().resources, ANONYMOUS) as work:
        return await passkeys.tell_of_clone(work, said, written=written)


async def _member(token: str) -> Subject:
    async with begin(current().resources, ANONYMOUS) as work:
        return await sessions.resume(work, token, active=True)


def _not_ours() -> Response:
    detail = "this was not sent by a script of ours"
    return problem(403, "Forbidden", detail=detail, code="foreign")


def _wrong(purpose: Purpose, why: Refused | Unavailable) -> Response:
    ANSWERS.labels(purpose, why.code).inc()
    match why:
        case Throttled():
            answer = problem(429, "Too many", detail=str(why), code=why.code)
            answer.headers["retry-after"] = f"{why.retry_after_s:.0f}"
            return answer
        case ProofNeeded():
            way = proving_at("/account/security")
            return problem(403, "Prove it first", detail=str(why), code=why.code, way=way)
        case NotAllowed() | StepOver():
            return problem(401, "Not signed in", detail=str(why), code=why.code)
        case Unavailable():
            return problem(503, "Try again later", detail="this cannot be done now", code=why.code)
        case _:
            return problem(422, "Refused", detail=str(why), code=why.code)
