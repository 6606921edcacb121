"""Problems: how a door that speaks JSON says what is wrong."""

from typing import Any

from starlette.responses import JSONResponse, Response


def problem(status_code: int, title: str, *, detail: str, **more: Any) -> Response:
    """Return an RFC 9457 problem."""
    body = {"type": "about:blank", "title": title, "status": status_code, "detail": detail, **more}
    return JSONResponse(body, status_code, media_type="application/problem+json")
