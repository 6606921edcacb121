"""Rates: every request takes from its caller's quota, and a member's from the member's as well."""

import math
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from prometheus_client import Counter
from starlette.requests import HTTPConnection

from arb_app.cookies import token_of
from arb_app.csp import Asgi, Message, Receive, Scope, Send
from arb_app.edge.callers import address_of, is_here
from arb_app.edge.keeper import Keeper
from arb_app.edge.problems import refuse
from arb_app.edge.request_ids import STARTS
from arb_app.gate import subject_behind
from arb_app.reader import language_of
from domain.errors import Unavailable
from domain.preferences import Language
from kit.settings import settings
from services import limits
from services.limits import ADDRESS, MEMBER, Kind, Taken, kind_of

REFUSED: Final = Counter(
    "dutchbook_requests_refused_total", "Requests beyond a limit.", ["kind", "quota"]
)
UNCOUNTED: Final = Counter(
    "dutchbook_requests_uncounted_total", "Requests while Valkey was away, by what came of it.",
    ["kind", "outcome"],
)  # fmt: skip

Identify = Callable[[str], Awaitable[object]]


async def _identify(token: str) -> object:
    return (await subject_behind(token)).user_id


class Rates:
    """An ASGI wrapper that refuses what goes beyond a quota, and says what is left of it."""

    def __init__(self, app: Asgi, keeper: Keeper, *, identify: Identify = _identify) -> None:
        """Take what is wrapped, who keeps count, and who says which member a token is of."""
        self._app = app
        self._keeper = keeper
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, if its quotas bear it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        kind = kind_of(scope.get("method", "GET"), scope["path"])
        caller = HTTPConnection(scope)
        address = address_of(caller)
        if not kind.cost or (kind.spares_this_machine and is_here(address)):
            await self._app(scope, receive, send)
            return
        try:
            taken = await self._take(kind, caller, address)
        except Unavailable:
            UNCOUNTED.labels(kind.name, "refused").inc()
            await _away(scope, send, caller)
            return
        beyond = next((each for each in taken if each.wait_s), None)
        if beyond is None:
            await self._app(scope, receive, _telling(send, taken))
            return
        REFUSED.labels(kind.name, beyond.quota.name).inc()
        self._keeper.refused(kind, beyond.quota, address)
        await _often(scope, send, caller, beyond)

    async def _take(self, kind: Kind, caller: HTTPConnection, address: str) -> Sequence[Taken]:
        """Take from the address first: what an unknown token costs us, its sender pays."""
        first = await self._keeper.take(ADDRESS, limits.caller(address), kind)
        if first is None or first.wait_s:
            return [first] if first else []
        token = token_of(caller.headers.get("cookie", ""), settings())
        user_id = await self._identify(token) if token else None
        if user_id is None:
            return [first]
        second = await self._keeper.take(MEMBER, limits.member(user_id), kind)
        return [first, second] if second else [first]


def told(taken: Sequence[Taken]) -> list[tuple[bytes, bytes]]:
    """Return the headers that say what quotas there are, and what is left of them."""
    left = (f'"{t.quota.name}";r={t.left};t={math.ceil(t.whole_in_s)}' for t in taken)
    rules = (f'"{t.quota.name}";q={t.quota.most};w={t.quota.per_s}' for t in taken)
    return [
        (b"ratelimit-policy", ", ".join(rules).encode()),
        (b"ratelimit", ", ".join(left).encode()),
    ]


def _telling(send: Send, taken: Sequence[Taken]) -> Send:
    async def sending(message: Message) -> None:
        if taken and message["type"] in STARTS:
            message["headers"] = [*message.get("headers", []), *told(taken)]
        await send(message)

    return sending


async def _often(scope: Scope, send: Send, caller: HTTPConnection, beyond: Taken) -> None:
    wait_s = math.ceil(beyond.wait_s)
    more = [(b"retry-after", b"%d" % wait_s), *told([beyond])]
    if _is_form(scope, caller):
        await _back(send, caller, "often", more)
        return
    detail = f"this is beyond the limit of {beyond.quota.most} a minute: wait {wait_s} s"
    await refuse(scope, send, 429, detail, more)


async def _away(scope: Scope, send: Send, caller: HTTPConnection) -> None:
    more = [(b"retry-after", b"5")]
    if _is_form(scope, caller):
        await _back(send, caller, "away", more)
        return
    detail = "attempts cannot be counted now, so nobody is let in: try again in a minute"
    await refuse(scope, send, 503, detail, more)


def _is_form(scope: Scope, caller: HTTPConnection) -> bool:
    """Return whether a browser sent the form of a page, which can say to its reader what is."""
    accepts = "text/html" in caller.headers.get("accept", "")
    return scope["type"] == "http" and scope["path"].startswith("/auth/") and accepts


async def _back(
    send: Send, caller: HTTPConnection, why: str, more: list[tuple[bytes, bytes]]
) -> None:
    """Lead back to the page for signing in, in the language of where the form was."""
    spanish = language_of(_path_of(caller.headers.get("referer", ""))) is Language.SPANISH
    place = f"{'/es' if spanish else ''}/login#{why}".encode()
    headers = [(b"location", place), (b"content-length", b"0"), *more]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return "/"
