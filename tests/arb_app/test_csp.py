"""The doorway: which scripts run, which names are answered, what every answer carries."""

import base64
import hashlib
from functools import partial

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from arb_app.csp import Doorway, hosts, origins, policy, script_hashes
from kit.settings import Settings
from tests.arb_app.asgi import get, knock

SCRIPT = 'console.log("é")\n'


async def _path(request):
    return PlainTextResponse(request.url.path)


async def _welcome(socket):
    await socket.accept()


@pytest.fixture
def pages(tmp_path):
    page = f'<script>{SCRIPT}</script><script src="/theme.js"></script>'
    (tmp_path / "board.html").write_text(page, encoding="utf-8")
    return tmp_path


@pytest.fixture
def settings():
    return Settings(host="127.0.0.1", port=3000, public_url="https://odds.example:8443/x")


@pytest.fixture
def doorway(pages, settings):
    inner = Starlette(routes=[Route("/{path:path}", _path), WebSocketRoute("/_event", _welcome)])
    return Doorway(inner, settings=settings, pages=pages)


@pytest.fixture
def visit(doorway):
    return partial(get, doorway)


def test_an_inline_script_is_allowed_by_its_hash_and_a_file_needs_none(pages):
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert script_hashes([pages / "board.html"]) == [f"'sha256-{digest}'"]


def test_no_policy_lets_any_other_inline_script_or_eval_run():
    scripts = policy(["'sha256-x'"], ["ws://a"]).split("script-src ")[1].split(";")[0]
    assert scripts == "'self' 'sha256-x'"


def test_everything_not_named_is_forbidden():
    assert policy([], []).startswith("default-src 'none'; ")


def test_no_page_is_framed_rebased_or_made_to_send_its_forms_elsewhere():
    rules = dict(rule.split(" ", 1) for rule in policy([], []).split("; "))
    assert (rules["frame-ancestors"], rules["base-uri"]) == ("'none'", "'none'")
    assert rules["form-action"] == "'self'"
    assert rules.get("object-src", rules["default-src"]) == "'none'"


def test_the_origins_are_the_public_one_and_this_machine(settings):
    assert origins(settings) == {
        "https://odds.example:8443",
        "http://127.0.0.1:3000",
        "http://localhost:3000",
        "http://[::1]:3000",
    }


def test_a_server_on_every_address_answers_to_no_name_it_was_not_told():
    assert "0.0.0.0:3000" not in hosts(Settings(host="0.0.0.0", port=3000))
    assert hosts(Settings(host="10.1.2.3", port=3000)) == {"10.1.2.3:3000"}


async def test_every_answer_carries_the_policy(visit):
    answer = await visit("/anything")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_a_built_page_is_found_without_a_detour(visit):
    assert (await visit("/board")).body == "/board.html"
    assert (await visit("/board/1")).body == "/board/1"


async def test_only_files_named_for_their_content_are_kept_by_browsers(visit):
    assert "immutable" in (await visit("/assets/x-1234.js")).headers["cache-control"]
    assert (await visit("/board")).headers["cache-control"] == "no-cache"


async def test_what_is_not_the_same_for_everybody_is_kept_by_nobody(visit):
    assert (await visit("/anything")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:3001", ""])
async def test_another_name_is_refused(visit, doorway, host):
    assert (await visit("/board", host=host)).status == 421
    assert await knock(doorway, "/_event", host=host) == "websocket.close"


async def test_our_own_name_opens_the_socket(doorway):
    assert await knock(doorway, "/_event") == "websocket.accept"


async def test_a_load_balancer_may_ask_for_health_by_any_name(visit):
    assert (await visit("/healthz", host="10.0.0.9")).status == 200
