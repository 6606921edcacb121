"""Signing in and out over HTTP: the cookie, where it leads, and who may send the form."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request

from arb_app import runtime, sign_in
from arb_app.runtime import Runtime
from domain.errors import Unavailable
from domain.preferences import Language, Preferences, parsed
from kit.ids import secret
from kit.settings import settings
from services import preferences
from services.access import ANONYMOUS
from services.passwords import Passwords
from services.sessions import resume
from services.work import begin
from tests.accounts import ANN, OTHER, PASSWORD, open_account
from tests.arb_app.asgi import send

OURS = {"origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}
IN, OUT = "/auth/sign-in", "/auth/sign-out"


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The settings of a fresh machine, whatever this one's are."""
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_HOST", "DUTCHBOOK_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def https(configured):
    configured.setenv("DUTCHBOOK_PUBLIC_URL", "https://odds.example")
    settings.cache_clear()
    return {"origin": "https://odds.example", "sec-fetch-site": "same-origin"}


@pytest.fixture
def doors(resources, clock, emptied):
    runtime.install(Runtime(clock, None, resources))
    return Starlette(routes=sign_in.routes(Passwords()))


@pytest.fixture
def post(doors):
    """Return a function that sends a form as a browser would."""

    async def posting(path=IN, headers=OURS, **fields):
        form = {"email": ANN, "password": PASSWORD} if path == IN else {}
        return await send(doors, path, urlencode(form | fields), **headers)

    return posting


def cookie_of(answer):
    return answer.headers["set-cookie"].partition(";")[0]


async def who(resources, cookie):
    async with begin(resources, ANONYMOUS) as work:
        return await resume(work, cookie.partition("=")[2])


async def test_the_right_password_sets_a_cookie_that_no_script_and_no_other_site_sees(
    post, resources
):
    ann = await open_account(resources)
    answer = await post()
    assert (answer.status, answer.headers["location"]) == (303, "/")
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith("dutchbook=")
    assert {flag.lower() for flag in flags} == {
        "httponly", "max-age=2592000", "path=/", "samesite=lax",
    }  # fmt: skip
    assert await who(resources, name) == ann


async def test_over_https_the_cookie_is_bound_to_this_host(post, resources, https):
    ann = await open_account(resources)
    answer = await post(headers=https)
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-dutchbook=")
    assert "Secure" in flags
    assert not [flag for flag in flags if flag.lower().startswith("domain")]
    assert await who(resources, name) == ann


@pytest.mark.parametrize("fields", [{"password": OTHER}, {"email": "bob@example.com"}])
async def test_whatever_is_wrong_the_answer_is_the_same(post, resources, fields):
    await open_account(resources)
    answer = await post(**fields)
    assert (answer.status, answer.headers["location"]) == (303, "/login#wrong")
    assert "set-cookie" not in answer.headers
    assert answer.body == ""


async def test_too_many_attempts_are_told_with_the_time_to_wait(post):
    for _ in range(5):
        await post()
    answer = await post()
    assert answer.headers["location"] == "/login#often"
    assert answer.headers["retry-after"] == "30"


async def test_a_refusal_keeps_the_way_on(post):
    answer = await post(next="/admin/sources?a=1&b=2#c")
    assert answer.headers["location"] == "/login?next=/admin/sources%3Fa%3D1%26b%3D2%23c#wrong"


@pytest.mark.parametrize("headers", [{"referer": "http://localhost:3000/login?next=/admin"}, {}])
async def test_the_way_on_is_read_from_the_form_or_from_where_it_stood(post, resources, headers):
    await open_account(resources)
    fields = {} if headers else {"next": "/admin"}
    answer = await post(headers=OURS | headers, **fields)
    assert answer.headers["location"] == "/admin"


OUTSIDE = [
    *("https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example"),
    *("/\t/evil.example", "/\n/evil.example", "evil.example", "", " /board", "///evil.example"),
    *("/auth/sign-out", "/login", "/login?next=/login", "/" + "a" * 300, "/\u2215evil"),
    *("http:/board", "//[::1", "/\x00", "javascript:1", "/%zz\r\nX: 1"),
]


@pytest.mark.parametrize("text", OUTSIDE)
async def test_nobody_is_sent_elsewhere(post, resources, text):
    await open_account(resources)
    answer = await post(next=text)
    assert answer.headers["location"] == "/"


@given(
    st.text(alphabet=st.sampled_from("/\\:.@?#% \t\n\r\0axhtps[]\u2215\u3002"), max_size=20).map(
        "/".__add__
    )
)
def test_the_way_on_is_always_a_path_of_ours(text):
    found = sign_in.way_on(text)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert not set(found) & set("\\ \t\n\r\0")


FOREIGN = [
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:3001", "sec-fetch-site": "same-site"},
    {"origin": "http://localhost:3000", "sec-fetch-site": "cross-site"},
    {"origin": "http://localhost:3000", "sec-fetch-site": "none"},
    {"origin": "null", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin"},
    {},
]


@pytest.mark.parametrize("path", [IN, OUT])
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_form_of_another_site_does_nothing(post, resources, path, headers):
    ann = await open_account(resources)
    cookie = cookie_of(await post())
    answer = await post(path, headers=headers | {"cookie": cookie})
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)
    assert await who(resources, cookie) == ann


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("{}", {"content-type": "application/json"}),
        ("email=a&password=b", {"content-type": "text/plain"}),
        ("a=" + "b" * 20_000, {}),
        ("&".join("a=b" for _ in range(50)), {}),
        ("email=%ff%fe", {}),
        ("email=%ed%a0%80", {}),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(doors, body, headers):
    assert (await send(doors, IN, body, **OURS, **headers)).status == 403


async def test_it_is_not_done_by_a_link(doors):
    assert (await send(doors, IN, "", method="GET", **OURS)).status == 405
    assert (await send(doors, OUT, "", method="GET", **OURS)).status == 405


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(post, resources):
    await open_account(resources)
    cookie = cookie_of(await post())
    answer = await post(OUT, headers=OURS | {"cookie": cookie})
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert cookie_of(answer) == 'dutchbook=""'
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert await who(resources, cookie) == ANONYMOUS
    again = await post(OUT, headers=OURS | {"cookie": cookie})
    assert again.status == 303


@pytest.mark.parametrize("cookie", ["", "dutchbook=forged", f"dutchbook={'a' * 43}"])
async def test_whoever_is_nobody_signs_out_without_harm(post, cookie):
    assert (await post(OUT, headers=OURS | {"cookie": cookie})).status == 303


async def test_signing_in_again_ends_what_the_browser_held(post, resources):
    ann = await open_account(resources)
    first = cookie_of(await post())
    second = cookie_of(await post(headers=OURS | {"cookie": first}))
    assert await who(resources, first) == ANONYMOUS
    assert await who(resources, second) == ann


class DeadCache:
    """A cache whose server is down."""

    async def spend(self, allowances, *, now):
        raise Unavailable("Valkey: ConnectionError")


async def test_while_valkey_is_down_nobody_signs_in_and_is_told_so(post, resources, clock):
    await open_account(resources)
    runtime.install(Runtime(clock, None, replace(resources, cache=DeadCache())))
    assert (await post()).headers["location"] == "/login#away"


async def test_before_the_servers_answer_nobody_signs_in_or_out(post, clock):
    runtime.install(Runtime(clock, None))
    assert (await post()).headers["location"] == "/login#away"
    answer = await post(OUT, headers=OURS | {"cookie": f"dutchbook={secret()}"})
    assert (answer.status, "set-cookie" in answer.headers) == (503, False)
    assert "still signed in" in answer.body


def request_from(peer, *forwarded):
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1)})


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.1"], "192.0.2.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.5, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.5", "198.51.100.1, 127.0.0.1"], "198.51.100.1"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("::1", ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_only_a_proxy_that_is_trusted_says_where_a_caller_is(peer, forwarded, address):
    assert sign_in.address_of(request_from(peer, *forwarded)) == address


def test_other_proxies_are_trusted_when_they_are_named(configured):
    configured.setenv("DUTCHBOOK_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32")
    settings.cache_clear()
    assert sign_in.address_of(request_from("10.1.2.3", "198.51.100.1")) == "198.51.100.1"
    assert sign_in.address_of(request_from("127.0.0.1", "198.51.100.1")) == "127.0.0.1"


async def test_the_way_in_and_out_stays_in_the_language_of_the_form(post, resources):
    await open_account(resources)
    refused = await post(language="es", password=OTHER)
    assert refused.headers["location"] == "/es/login#wrong"
    answer = await post(language="es")
    assert answer.headers["location"] == "/es"
    away = await post(OUT, headers=OURS | {"cookie": cookie_of(answer)}, language="es")
    assert away.headers["location"] == "/es"
    assert (await post(language="es", next="/es/board")).headers["location"] == "/es/board"
    assert (await post(language="xx")).headers["location"] == "/"


@pytest.mark.parametrize("before", ["", "dutchbook_settings=odds=malay"])
async def test_a_browser_that_has_chosen_nothing_is_given_what_the_member_chose(
    doors, post, resources, before
):
    ann = await open_account(resources)
    chosen = Preferences(language=Language.SPANISH, zone="Europe/Madrid")
    async with begin(resources, ann) as work:
        await preferences.keep(work, chosen)
    answer = await post(headers=OURS | ({"cookie": before} if before else {}))
    given = [text for text in answer.cookies if text.startswith("dutchbook_settings=")]
    assert len(given) == (0 if before else 1)
    for text in given:
        value, *flags = text.partition("=")[2].split("; ")
        assert parsed(value) == chosen
        assert {flag.lower() for flag in flags} == {"path=/", "max-age=31536000", "samesite=lax"}


async def test_a_member_who_never_chose_brings_nothing(post, resources):
    await open_account(resources)
    assert len((await post()).cookies) == 1
