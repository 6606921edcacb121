"""The front: what every answer carries, how errors are said, and what is too large."""

import io
import json
import logging
from contextlib import contextmanager

import pytest
import structlog
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from arb_app.edge.headers import HSTS, SAFE, SafeHeaders
from arb_app.edge.problems import Problems
from arb_app.edge.request_ids import RequestIds
from arb_app.edge.sizes import LONGEST_TARGET, MOST_BODY_BYTES, MOST_HEADERS, Sizes
from kit.log import set_up
from kit.settings import settings
from tests.arb_app.asgi import get, send

SECRET = "postgresql://app:hunter2@db/prod"
PROBLEM = "application/problem+json"


async def _fine(_):
    logging.getLogger("tests.front").warning("somebody asked")
    return PlainTextResponse("fine")


async def _broken(_):
    raise ValueError(SECRET)


async def _refused(_):
    return PlainTextResponse("Not yours.\n", 403)


async def _page(_):
    return HTMLResponse("<h1>Not here</h1>", 404)


class Half:
    """An answer that breaks off."""

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError(SECRET)


async def _body(request):
    return PlainTextResponse(str(len(await request.body())))


async def _shut(socket):
    await socket.close(1008)


async def _open(socket):
    await socket.accept()
    await socket.close()


INNER = Starlette(
    routes=[
        Route("/fine", _fine),
        Route("/broken", _broken),
        Route("/refused", _refused),
        Route("/page", _page),
        Route("/half", Half()),
        Route("/body", _body, methods=["POST"]),
        WebSocketRoute("/shut", _shut),
        WebSocketRoute("/open", _open),
    ]
)
FRONT = RequestIds(SafeHeaders(Problems(Sizes(INNER))))


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """A proxy on this machine is trusted, as unless told."""
    monkeypatch.delenv("DUTCHBOOK_TRUSTED_PROXIES", raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


async def handshake(path, *, can_answer=True):
    said = []

    async def receive():
        return {"type": "websocket.connect"}

    async def sending(message):
        said.append(message)

    extensions = {"websocket.http.response": {}} if can_answer else {}
    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [(b"host", b"localhost:3000")], "client": ("192.0.2.1", 1),
             "extensions": extensions, "subprotocols": [], "scheme": "ws"}  # fmt: skip
    await FRONT(scope, receive, sending)
    return said


ANSWERS = [("/fine", 200), ("/broken", 500), ("/refused", 403), ("/page", 404), ("/nowhere", 404),
           (f"/{'a' * LONGEST_TARGET}", 414), ("/body", 405)]  # fmt: skip


@pytest.mark.parametrize(("path", "status"), ANSWERS, ids=lambda each: str(each)[:12])
async def test_every_answer_is_named_and_safe(path, status):
    answer = await get(FRONT, path)
    assert answer.status == status
    assert len(answer.headers["x-request-id"]) == 24
    assert {name.decode() for name, _ in SAFE} <= set(answer.headers)


async def test_so_are_a_handshake_and_its_refusal():
    for path, first in (("/open", "websocket.accept"), ("/shut", "websocket.http.response.start")):
        said = await handshake(path)
        assert said[0]["type"] == first
        assert {b"x-request-id", *(name for name, _ in SAFE)} <= dict(said[0]["headers"]).keys()
    assert said[0]["status"] == 403
    assert json.loads(said[1]["body"])["status"] == 403


async def test_a_server_that_cannot_answer_a_handshake_closes_it():
    assert [each["type"] for each in await handshake("/shut", can_answer=False)] == [
        "websocket.close"
    ]


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/refused", 403), ("/no", 404)])
async def test_an_error_is_a_problem_with_the_requests_id(path, status):
    answer = await get(FRONT, path)
    problem = json.loads(answer.body)
    assert answer.headers["content-type"] == PROBLEM
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]


async def test_what_was_said_of_a_refusal_is_kept_and_of_an_error_of_ours_nothing_is_told():
    assert json.loads((await get(FRONT, "/refused")).body)["detail"] == "Not yours."
    broken = await get(FRONT, "/broken")
    assert "detail" not in json.loads(broken.body)
    assert "hunter2" not in str(broken)


async def test_a_page_stays_a_page():
    answer = await get(FRONT, "/page")
    assert answer.body == "<h1>Not here</h1>"


async def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one():
    with pytest.raises(ValueError, match="postgresql"):
        await get(FRONT, "/half")


async def test_another_method_is_told_which_there_is():
    answer = await get(FRONT, "/body")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


async def test_two_requests_have_two_names():
    ids = {(await get(FRONT, "/fine")).headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5


GIVEN = "0123456789abcdef01234567"


async def test_a_name_that_a_trusted_proxy_gave_stays():
    answer = await get(FRONT, "/fine", **{"x-request-id": GIVEN})
    assert answer.headers["x-request-id"] == GIVEN


@pytest.mark.parametrize("said", ["", "x", GIVEN.upper(), GIVEN + "0", f"{GIVEN}\n", "a" * 9_000])
async def test_a_name_of_another_form_does_not(said):
    answer = await get(FRONT, "/fine", **{"x-request-id": said})
    assert answer.headers["x-request-id"] != said


async def test_nor_does_one_that_a_stranger_gave():
    answer = await get(FRONT, "/fine", client="192.0.2.7", **{"x-request-id": GIVEN})
    assert answer.headers["x-request-id"] != GIVEN


@contextmanager
def written():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up(as_json=True)
    root.handlers[0].stream = text = io.StringIO()
    try:
        yield text
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


async def test_the_log_says_which_request_it_was():
    with written() as text:
        answer = await get(FRONT, "/fine")
        logging.getLogger("tests.front").warning("after it")
    inside, after = map(json.loads, text.getvalue().splitlines())
    assert inside["request_id"] == answer.headers["x-request-id"]
    assert "request_id" not in after


async def test_only_over_https_are_browsers_told_to_stay_there(configured):
    name = HSTS[0].decode()
    over = {"x-forwarded-proto": "https"}
    assert name in (await get(FRONT, "/fine", **over)).headers
    assert name not in (await get(FRONT, "/fine")).headers
    assert name not in (await get(FRONT, "/fine", client="192.0.2.7", **over)).headers


@pytest.mark.parametrize("most", [MOST_BODY_BYTES])
async def test_a_body_may_be_so_large_and_no_larger(most):
    assert (await send(FRONT, "/body", "x" * most)).body == str(most)
    told = {"content-length": str(most + 1)}
    assert (await send(FRONT, "/body", "x", **told)).status == 413
    untold = await send(FRONT, "/body", "x" * (most + 1))
    assert (untold.status, untold.headers["connection"]) == (413, "close")
    assert json.loads(untold.body)["title"] == "Request Entity Too Large"


async def test_doors_take_less_and_files_take_nothing():
    for path, most in (("/auth/sign-in", 16_384), ("/exports/audit.csv", 0)):
        told = {"content-length": str(most + 1)}
        assert (await send(FRONT, path, "", **told)).status == 413


async def test_so_many_headers_and_no_more():
    few = {f"x-{n}": "y" for n in range(MOST_HEADERS - 1)}
    assert (await get(FRONT, "/fine", **few)).status == 200
    assert (await get(FRONT, "/fine", **few, more="z")).status == 431
    assert (await get(FRONT, "/fine", cookie="c" * 20_000)).status == 431
