"""What the doors are, as OpenAPI 3.1 for programs: made from the routes that are served."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from arb_app.admission import YES
from domain.breaks import Length
from domain.factors import Kind
from kit.version import VERSION
from services.passkey_checks import Purpose

PATH: Final = "/api/v1/openapi.json"
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_EVERYWHERE: Final = {400: "No request", 405: "Another method", 413: "Too large a body",
                      414: "Too long an address", 421: "Another host", 429: "Beyond a limit",
                      431: "Too large headers", 500: "An error of ours"}  # fmt: skip
FORMS: Final[Mapping[str, Sequence[str]]] = {
    "/auth/app": ("code",),
    "/auth/come-back": ("email", "password"),
    "/auth/confirm": ("code", "password"),
    "/auth/data/close": ("typed",),
    "/auth/data/erase": ("typed",),
    "/auth/data/grant": ("hours", "reason"),
    "/auth/data/move": ("email",),
    "/auth/data/revoke": (),
    "/auth/forgot": ("email",),
    "/auth/keep": ("code",),
    "/auth/move": ("code", "password"),
    "/auth/password": ("password", "chosen"),
    "/auth/phone": ("number",),
    "/auth/phone/confirm": ("code",),
    "/auth/phone/remove": (),
    "/auth/prove": ("kind", "code", "password", "next"),
    "/auth/register": ("email", "password"),
    "/auth/reset": ("code", "password"),
    "/auth/sign-in": ("email", "password", "next"),
    "/auth/sign-out": (),
    "/auth/step": ("kind", "code", "next"),
    "/auth/text/prove": ("next",),
    "/auth/text/step": ("next",),
    "/presence/age": ("old_enough", "next"),
    "/presence/break": ("lasts", "sure"),
    "/presence/limits": ("remind", "daily", "firm"),
}
"""Fields of the forms that doors take; those of /auth say in which `language` to lead on, too."""
_TEXT: Final = {"type": "string"}
_OF_FIELD: Final[Mapping[str, Mapping[str, Any]]] = {
    "email": {"format": "email"},
    "password": {"format": "password"},
    "chosen": {"format": "password"},
    "hours": {"pattern": "^[0-9]{1,3}$"},
    "kind": {"enum": list(Kind)},
    "lasts": {"enum": list(Length)},
    "old_enough": {"enum": [YES]},
    "sure": {"enum": [YES]},
}
_PURPOSE: Final = _TEXT | {"enum": list(Purpose)}
JSON: Final[Mapping[str, tuple[Sequence[str], Mapping[str, Any]]]] = {
    "/auth/passkey/options": (("purpose",), {"purpose": _PURPOSE}),
    "/auth/passkey/finish": (
        ("purpose", "answer"),
        {"purpose": _PURPOSE, "answer": {"type": "object"}}
        | dict.fromkeys(("name", "next", "language"), _TEXT),
    ),
}
"""JSON that doors take from scripts of ours: what must be there, and what may."""
ASKED: Final[Mapping[str, Sequence[str]]] = {
    "/exports/audit.csv": ("who", "action", "about", "since", "until"),
    "/exports/flags.csv": ("flag",),
    "/exports/jobs.csv": ("job", "outcome"),
    "/exports/members.csv": ("text", "state", "role", "plan"),
    "/exports/risk.csv": ("verdict", "reason", "about", "since", "until"),
    "/exports/sessions.csv": ("text", "network", "agent"),
}
"""What queries of files may ask for; what makes no sense asks for nothing."""
Answers = Mapping[int, tuple[str | None, str]]
"""The answers of a door by status: their content (None: a way on, "": a problem), what they say."""
_FILE: Final[Answers] = {
    200: ("text/csv", "The file"),
    403: ("", "It is not for the caller"),
    503: ("", "It cannot be read now"),
}
_PROVEN: Final[Answers] = {303: (None, "Where to prove oneself first")}
_FORM: Final[Answers] = {
    303: (None, "Where it is told what came of it"),
    403: ("", "No page of ours sent it"),
    503: ("", "It cannot be done now"),
}
_SCRIPT: Final[Answers] = {
    200: ("application/json", "What to do next"),
    401: ("", "Nobody is signed in, or the sign-in that it is a step of is over"),
    403: ("", "No script of ours sent it, or one must prove oneself first: `way` leads there"),
    422: ("", "It is refused; `code` says why"),
    503: ("", "It cannot be done now"),
}
_ANSWERS: Final[Mapping[str, Answers]] = {
    "/healthz": {200: ("text/plain", "The process is alive")},
    "/readyz": {200: ("text/plain", "Everything works"), 503: ("", "Something does not")},
    "/metrics": {200: ("text/plain", "Counters, for this machine"), 403: ("", "Another machine")},
    "/exports/health.json": {**_FILE, 200: ("application/json", "The file")},
    "/exports/members.csv": {**_FILE, **_PROVEN},
    "/exports/mine.json": {**_FILE, **_PROVEN, 200: ("application/json", "The file")},
    "/exports/mine.zip": {**_FILE, **_PROVEN, 200: ("application/zip", "The file")},
    "/exports/sessions.csv": {**_FILE, **_PROVEN},
    "/auth/passkey/options": {**_SCRIPT, 409: ("", "There is no domain that passkeys are for")},
    "/auth/passkey/finish": _SCRIPT,
    PATH: {200: ("application/json", "This description")},
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
        operation["requestBody"] = {"content": _body(path)}
    if asked := ASKED.get(path):
        operation["parameters"] = [{"in": "query", "name": n, "schema": _TEXT} for n in asked]
    return operation


def _body(path: str) -> dict[str, Any]:
    if path in JSON:
        required, fields = JSON[path]
        shape = {"type": "object", "required": list(required), "properties": dict(fields)}
        return {"application/json": {"schema": shape}}
    names = (*FORMS[path], "language") if path.startswith("/auth/") else FORMS[path]
    fields = {name: {**_TEXT, **_OF_FIELD.get(name, {})} for name in names}
    shape = {"type": "object", "properties": fields}
    return {"application/x-www-form-urlencoded": {"schema": shape}}


def _answer(content: str | None, text: str) -> dict[str, Any]:
    if content is None:
        return {"description": text, "headers": {"location": {"schema": _TEXT}}}
    if not content:
        return {
            "description": text,
            "content": {"application/problem+json": {"schema": _PROBLEM}},
        }
    return {"description": text, "content": {content: {"schema": _SHAPES[content]}}}


_SHAPES: Final = {"text/plain": _TEXT, "text/csv": _TEXT, "application/zip": {},
                  "application/json": {"type": "object"}}  # fmt: skip


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
