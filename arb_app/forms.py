"""Plain forms that browsers POST: their fields, if a page of ours sent them."""

from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from arb_app.csp import origins
from kit.settings import settings

_FORM: Final = "application/x-www-form-urlencoded"
_LARGEST_BODY: Final = 16_384


async def form_of(request: Request) -> dict[str, str] | None:
    """Return the fields of a form of ours, or None if another site or a program sent it."""
    if not _is_ours(request) or request.headers.get("content-type", "").split(";")[0] != _FORM:
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return None
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()}


def foreign() -> Response:
    """Return the refusal of a form that no page of ours sent."""
    return PlainTextResponse("This form was not sent by a page of ours.\n", 403)


def _is_ours(request: Request) -> bool:
    """Return whether a page of ours sent this; every browser says on a POST where it was."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site == "same-origin" and request.headers.get("origin") in origins(settings())
