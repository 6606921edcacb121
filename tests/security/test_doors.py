"""What every door that changes something asks for, and which doors let somebody in."""

import re

import pytest
from starlette.routing import Route

from arb_app import http
from tests.arb_app.asgi import send
from tests.architecture.test_secure_code import product
from tests.architecture.test_security_documents import document

DOORS = http.routes()
OPEN = [
    (r.path, method) for r in DOORS.routes if isinstance(r, Route) for method in r.methods or ()
]
POSTED = sorted(path for path, method in OPEN if method == "POST")
FORMS = ("application/x-www-form-urlencoded", "application/json", "text/plain")
FOREIGN = (
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"origin": "http://localhost:3000", "sec-fetch-site": "same-site"},
    {"origin": "null"},
    {},
)


@pytest.mark.parametrize("path", POSTED)
async def test_no_door_does_anything_that_another_site_asks_for(path):
    for headers in FOREIGN:
        for kind in FORMS:
            told = headers | {"content-type": kind}
            answer = await send(DOORS, path, '{"purpose": "sign_in"}', **told)
            assert (answer.status, answer.cookies) == (403, [])


def test_what_is_asked_for_by_an_address_alone_only_reads():
    reading = {path for path, method in OPEN if method not in {"POST", "HEAD"}}
    files = {path for path in reading if path.startswith("/exports/")}
    assert reading - files == {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"}
    assert len(POSTED) > 20


def test_every_module_that_gives_a_session_stands_with_the_ways_in():
    ways = document("access.md").partition("**Ways in.**")[2].partition("**Sessions")[0]
    giving = {str(path) for path, text in product() if re.search(r"\bcookies\.give\(", text)}
    assert giving == set(re.findall(r"`(arb_app/\w+\.py)`", ways))
