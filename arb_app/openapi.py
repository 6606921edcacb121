"""What the doors are, as OpenAPI 3.1 for programs: made from the routes that are served."""

import json
from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.version import VERSION

PATH: Final = "/api/v1/openapi.json"
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_EVERYWHERE: Final = {400: "No request", 405: "Another method", 413: "Too large a body",
                      414: "Too long an address", 421: "Another host", 429: "Beyond a limit",
                      431: "Too large headers", 500: "An error of ours"}  # fmt: skip
_FIELDS: Final = {
    "/auth/sign-in": ("email", "password", "next"),
    "/auth/sign-out": (),
    "/auth/register": ("email", "password"),
    "/auth/confirm": ("code",),
    "/auth/forgot": ("email",),
    "/auth/reset": ("code", "password"),
    "/presence/age": ("old_enough", "next"),
    "/presence/break": ("lasts", "sure"),
    "/presence/limits": ("remind", "daily", "firm"),
}
_ANSWERS: Final = {
    "/healthz": {200: ("text/plain", "The process is alive")},
    "/readyz": {200: ("text/plain", "Everything works"), 503: ("", "Something does not")},
    "/metrics": {200: ("text/plain", "Counters, for this machine"), 403: ("", "Another machine")},
    PATH: {200: ("application/json", "This description")},
}
_FILE: Final = {200: ("text/csv", "The file"), 403: ("", "It is not for the caller"),
                503: ("", "It cannot be read now")}  # fmt: skip
_FORM: Final = {
    303: (None, "Where it is told what came of it"),
    403: ("", "No page of ours sent it"),
    503: ("", "It cannot be done now"),
}


def route(doors: Sequence[Route]) -> Route:
    """Return the door that describes the doors, itself included."""

    async def described(_: Request) -> Response:
        return Response(said, media_type="application/json")

    own = Route(PATH, described, methods=["GET"])
    said = json.dumps(document([*doors, own]))
    return own


def document(doors: Sequence[Route]) -> dict[str, Any]:
    """Return the description of some doors."""
    paths: dict[str, Any] = {}
    for door in doors:
        for method in sorted((door.methods or set()) - {"HEAD"}):
            paths.setdefault(door.path, {})[method.lower()] = _operation(door.path, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dutchbook's doors",
            "version": VERSION,
            "description": "Doors for machines and the forms of pages. Opportunities have no door"
            " of this kind: they come over the pages' socket.",
        },
        "paths": paths,
        "components": {"schemas": {"Problem": _problem()}},
    }


def _operation(path: str, method: str) -> dict[str, Any]:
    answers = _ANSWERS.get(path) or (_FORM if method == "POST" else _FILE)
    said = {str(status): _answer(*answer) for status, answer in answers.items()}
    said |= {str(s): _answer("", text) for s, text in _EVERYWHERE.items() if str(s) not in said}
    operation: dict[str, Any] = {"operationId": f"{method.lower()}{path}", "responses": said}
    if method == "POST":
        operation["requestBody"] = {"content": {_URLENCODED: {"schema": _form(path)}}}
    return operation


_URLENCODED: Final = "application/x-www-form-urlencoded"


def _form(path: str) -> dict[str, Any]:
    fields = {name: {"type": "string"} for name in (*_FIELDS.get(path, ()), "language")}
    return {"type": "object", "properties": fields}


def _answer(content: str | None, text: str) -> dict[str, Any]:
    if content is None:
        return {"description": text, "headers": {"location": {"schema": {"type": "string"}}}}
    kind = content or "application/problem+json"
    schema = {"type": "string"} if kind.startswith("text/") else {"type": "object"}
    return {"description": text, "content": {kind: {"schema": schema if content else _PROBLEM}}}


def _problem() -> dict[str, Any]:
    texts = ("type", "title", "detail", "request_id")
    return {
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status"],
        "properties": {
            **{name: {"type": "string"} for name in texts},
            "status": {"type": "integer"},
            "failing": {"type": "array", "items": {"type": "string"}},
        },
    }
