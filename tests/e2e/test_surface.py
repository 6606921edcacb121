"""What the web process answers to those who look for what is not for them."""

import asyncio
import re

import httpx
import pytest

HIDDEN = [
    "/.git/config", "/.env", "/keys.json", "/.data/keys.json", "/rxconfig.py", "/pyproject.toml",
    "/arb_app/arb_app.py", "/backend/", "/docs", "/redoc", "/openapi.json", "/debug",
    "/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%5c..%5ckeys.json",
    "/assets/%00", "/_upload/../keys.json",
]  # fmt: skip
FOLDERS = ["/assets/", "/assets", "/fonts/", "/icons/", "/_upload/"]
INSIDE = re.compile(
    r"root:x:|Traceback|File \"/|site-packages|BEGIN |\"current\"|\[tool\.|import rx"
)
IN_TWO_WAYS = [
    "Content-Length: 4\r\nContent-Length: 5",
    "Content-Length: 4, 5",
    "Content-Length: +4",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Content-Length : 4",
]
PUBLIC = [
    "/", "/login", "/board", "/healthz", "/readyz", "/theme.css", "/theme.js", "/no-such-page",
    "/manifest.webmanifest", "/es/board",
]  # fmt: skip


@pytest.mark.parametrize("path", HIDDEN)
async def test_no_address_leads_to_files_that_are_not_served(whole_stage, path):
    answer = await whole_stage.web.get(path)
    assert answer.status_code in {307, 400, 404, 405}
    assert not INSIDE.search(answer.text)


@pytest.mark.parametrize("path", FOLDERS)
async def test_no_folder_is_listed(whole_stage, path):
    answer = await whole_stage.web.get(path)
    assert answer.status_code in {307, 404, 405}
    assert "Index of" not in answer.text
    assert not re.search(r"href=\"[^\"]+\.(js|css|woff2)\"[^>]*>[^<]+\.(js|css|woff2)", answer.text)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
async def test_trace_is_no_method_here(whole_stage, method):
    async with httpx.AsyncClient(trust_env=False) as client:
        said = {"cookie": "dutchbook=seen-again"}
        answer = await client.request(method, f"{whole_stage.web.url}/login", headers=said)
    assert answer.status_code in {400, 404, 405, 501}
    assert "seen-again" not in answer.text


@pytest.mark.parametrize("path", PUBLIC)
async def test_every_answer_says_what_it_is_and_in_which_letters(whole_stage, path):
    answer = await whole_stage.web.get(path)
    kind = answer.headers["content-type"]
    assert re.match(r"\w+/[\w.+-]+", kind)
    if kind.startswith("text/") or "xml" in kind:
        assert "charset=utf-8" in kind.lower()


@pytest.mark.parametrize("path", ["/", "/login", "/readyz", "/auth/sign-in", "/no-such-page"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
async def test_no_other_site_may_read_an_answer(whole_stage, path, origin):
    answer = await whole_stage.web.get(path, origin=origin)
    assert "access-control-allow-origin" not in answer.headers


async def told(web, lengths, body):
    """Return what comes back of a request with these lengths, until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    head = f"POST /auth/sign-in HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\n{lengths}\r\n\r\n"
    writer.write(f"{head}{body}".encode())
    said = await asyncio.wait_for(reader.read(), 40)
    writer.close()
    return said


@pytest.mark.parametrize("lengths", IN_TWO_WAYS)
async def test_a_request_of_two_lengths_is_refused(whole_stage, lengths):
    """Nothing after it is taken for a request of its own."""
    said = await told(whole_stage.web, lengths, "a=1&GET /hidden HTTP/1.1\r\n\r\n")
    assert said.count(b"HTTP/1.1 ") == 1
    assert said.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))  # 501: a coding that nobody knows


async def test_pieces_count_before_a_length(whole_stage):
    lengths = "Content-Length: 30\r\nTransfer-Encoding: chunked"
    said = await told(whole_stage.web, lengths, "0\r\n\r\nNONSENSE\r\n\r\n")
    assert b"HTTP/1.1 400" in said
