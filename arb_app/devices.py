"""The cookie of a device: given at signing in, read there, and for nothing else."""

from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from arb_app import cookies
from arb_app.letters import told
from arb_app.runtime import current
from domain.errors import Refused, Unavailable
from kit.settings import settings
from services import devices
from services.sessions import Attempt

NAME: Final = "did"
_SAID: Final = ("accept-language", "sec-ch-ua-platform", "sec-ch-ua-mobile")


def attempt_of(request: Request, **said: str) -> Attempt:
    """Return an attempt with what its browser brings: its device, what it is, its session.

    Args:
        request: The form's.
        said: E-mail address, password, and from which address they were sent.
    """
    keys, header = current().resources.keys.now(), request.headers.get("cookie", "")
    agent = request.headers.get("user-agent", "")[:500]
    hints = (request.headers.get(name, "")[:200] for name in _SAID)
    return Attempt(
        **said,
        agent=agent,
        held=cookies.token_of(header, settings()),
        device=devices.read(keys, cookies.read(header, NAME, settings())) or devices.made(keys),
        hints=devices.hints_of(agent, *hints),
        told=told,
    )


def keep(answer: Response, device: str) -> None:
    """Have the browser of somebody who was let in keep its device for another year.

    Without a key to sign it with the browser keeps what it had, and they are let in all the same.
    """
    if not device:
        return
    with suppress(Refused, Unavailable):
        cookie = devices.signed(current().resources.keys.now(), device)
        lasts_s = int(devices.LASTS.total_seconds())
        cookies.keep(answer, NAME, cookie, settings(), lasts_s=lasts_s)
