"""Plain forms and JSON that browsers POST: what they say, if a page of ours sent them."""

from typing import Final, TypeVar
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from arb_app.csp import origins
from kit.settings import settings

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_LARGEST_BODY: Final = 16_384
_LARGEST_JSON: Final = 32_768

T = TypeVar("T")


async def form_of(request: Request) -> dict[str, str] | None:
    """Return the fields of a form of ours, or None if another site or a program sent it."""
    body = await _body_of(request, _FORM, _LARGEST_BODY)
    if body is None:
        return None
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()}


async def json_of(request: Request, shape: type[T]) -> T | None:
    """Return the JSON that a script of ours sent, or None if it is none or not of the shape."""
    body = await _body_of(request, _JSON, _LARGEST_JSON)
    if body is None:
        return None
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, RecursionError):
        return None


def foreign() -> Response:
    """Return the refusal of a form that no page of ours sent."""
    return PlainTextResponse("This form was not sent by a page of ours.\n", 403)


async def _body_of(request: Request, kind: str, largest: int) -> bytes | None:
    """Return the body that a page of ours sent; None if another did, or it is large or no such."""
    if not _is_ours(request) or request.headers.get("content-type", "").split(";")[0] != kind:
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return body


def _is_ours(request: Request) -> bool:
    """Return whether a page of ours sent this; every browser says on a POST where it was."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site == "same-origin" and request.headers.get("origin") in origins(settings())
