"""Forms are read once, and as they stand."""

import pytest
from starlette.requests import Request

from arb_app.forms import form_of

HEADERS = {
    "host": "127.0.0.1:3000",
    "origin": "http://127.0.0.1:3000",
    "content-type": "application/x-www-form-urlencoded",
}


async def fields(body, **headers):
    told = [(name.encode(), value.encode()) for name, value in (HEADERS | headers).items()]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": told}

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    return await form_of(Request(scope, receive))


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"next=%252Fadmin", {"next": "%2Fadmin"}),
        (b"email=a&email=b", {"email": "a"}),
        (b"password=a%26email%3Db", {"password": "a&email=b"}),
        (b"password=+%2B", {"password": " +"}),
    ],
)
async def test_a_form_is_decoded_once_and_its_first_values_count(body, read):
    assert await fields(body) == read


@pytest.mark.parametrize(
    "body", [b"email=%ff", b"&".join(b"a=1" for _ in range(11)), b"a=" + b"x" * 20_000]
)
async def test_what_cannot_be_read_in_one_way_or_is_too_much_is_no_form(body):
    assert await fields(body) is None


async def test_what_is_asked_in_the_address_is_no_field():
    assert await fields(b"", origin="http://127.0.0.1:3000") == {}
