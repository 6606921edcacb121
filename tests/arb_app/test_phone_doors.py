"""The doors of codes by text: plain forms that lead back, and nothing without a provider."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from arb_app import phones as doors_of
from arb_app import runtime, stepping
from arb_app.runtime import Runtime
from kit.ids import secret
from kit.settings import settings
from services import text_codes
from services.access import PROOF_LASTS
from store import texts as stored
from store.keys import KeyRing
from tests.accounts import ANN, CheapPasswords, open_account, signed_in
from tests.arb_app.asgi import send
from tests.members import Member, halfway

pytestmark = pytest.mark.usefixtures("emptied")
OURS = {"origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}
NUMBER = "+34 612 34 56 78"
SECURITY = "/account/security"


@pytest.fixture(autouse=True)
def provided(monkeypatch):
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_HOST", "DUTCHBOOK_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DUTCHBOOK_SMS_ACCOUNT", "AC1")
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def post(resources, clock):
    """Return a function that sends a form with a cookie; it returns the answer."""
    runtime.install(Runtime(clock, None, resources))
    app = Starlette(routes=[*doors_of.routes(), *stepping.routes(CheapPasswords())])

    async def posting(path, cookie="", headers=OURS, **fields):
        return await send(app, path, urlencode(fields), **(headers | {"cookie": cookie}))

    return posting


@pytest.fixture
def code(resources):
    async def reading():
        async with resources.database.begin() as db:
            await stored.oversee(db)
            rows = await stored.due(db, resources.clock.now(), limit=50)
            return text_codes.opened(resources.keys, rows[-1]).body[:6]

    return reading


@pytest.fixture
def member(resources):
    """Return a function that makes and signs somebody in."""

    async def making(email=ANN):
        await open_account(resources, email)
        return Member(resources, await signed_in(resources, email))

    return making


@pytest.fixture
async def ann(member):
    found = await member()
    await found.has_key()
    return found


def cookie_of(who):
    return f"dutchbook={who.token}"


async def has_phone(ann, post, code):
    """Set a telephone up, through the doors."""
    answer = await post("/auth/phone", cookie_of(ann), number=NUMBER)
    assert (answer.status, answer.headers["location"]) == (303, f"{SECURITY}#phone-sent")
    answer = await post("/auth/phone/confirm", cookie_of(ann), code=await code())
    assert answer.headers["location"] == f"{SECURITY}#phone-added"
    ann.token = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    ann.resources.clock.advance(120)


async def test_a_telephone_is_set_up_and_removed(ann, post, code):
    await has_phone(ann, post, code)
    assert (await ann.subject()).user_id
    answer = await post("/auth/phone/remove", cookie_of(ann))
    assert answer.headers["location"] == f"{SECURITY}#phone-removed"


async def test_a_text_finishes_signing_in(ann, post, code, resources):
    await has_phone(ann, post, code)
    step = await halfway(resources)
    cookie = f"dutchbook_step={step.token}"
    answer = await post("/auth/text/step", cookie, next="/status")
    assert answer.headers["location"] == "/login/step?next=/status#text"
    answer = await post("/auth/step", cookie, kind="sms", code=await code(), next="/status")
    assert (answer.status, answer.headers["location"]) == (303, "/status")
    (token,) = [each for each in answer.cookies if each.startswith("dutchbook=")]
    found = Member(resources, token.partition(";")[0].partition("=")[2])
    assert (await found.subject()).user_id == (await ann.subject()).user_id


async def test_a_text_is_sent_to_prove_who_asks(ann, post, code):
    await has_phone(ann, post, code)
    answer = await post("/auth/text/prove", cookie_of(ann))
    assert answer.headers["location"] == "/account/prove#text"


async def test_a_wrong_code_and_a_wrong_number_are_told(ann, post):
    answer = await post("/auth/phone", cookie_of(ann), number="0612345678")
    assert answer.headers["location"] == f"{SECURITY}#phone-wrong"
    await post("/auth/phone", cookie_of(ann), number=NUMBER)
    answer = await post("/auth/phone/confirm", cookie_of(ann), code="nothing")
    assert answer.headers["location"] == f"{SECURITY}#phone-wrong"
    assert "set-cookie" not in answer.headers


async def test_the_fourth_text_at_once_has_to_wait(ann, post):
    for _ in range(3):
        await post("/auth/phone", cookie_of(ann), number=NUMBER)
    answer = await post("/auth/phone", cookie_of(ann), number=NUMBER)
    assert answer.headers["location"] == f"{SECURITY}#often"
    assert int(answer.headers["retry-after"]) >= 1


async def test_without_proof_a_form_leads_to_it(ann, post, clock):
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    for path in ("/auth/phone", "/auth/phone/confirm", "/auth/phone/remove"):
        answer = await post(path, cookie_of(ann), number=NUMBER, code="1")
        assert answer.headers["location"] == "/account/prove?next=/account/security"


async def test_without_a_provider_nothing_is_sent(ann, post, provided):
    provided.delenv("DUTCHBOOK_SMS_ACCOUNT")
    settings.cache_clear()
    answer = await post("/auth/phone", cookie_of(ann), number=NUMBER)
    assert answer.headers["location"] == f"{SECURITY}#away"
    answer = await post("/auth/text/prove", cookie_of(ann))
    assert answer.headers["location"] == "/account/prove#away"


async def test_whoever_has_no_telephone_or_no_sign_in_gets_no_text(ann, post, resources):
    step = await halfway(resources)
    answer = await post("/auth/text/step", f"dutchbook_step={step.token}")
    assert answer.headers["location"] == "/login/step#no-text"
    answer = await post("/auth/text/step", f"dutchbook_step={secret()}")
    assert answer.headers["location"] == "/login#over"
    answer = await post("/auth/text/prove")
    assert answer.headers["location"] == "/account/prove#no-text"


PATHS = ["/auth/phone", "/auth/phone/confirm", "/auth/phone/remove", "/auth/text/step",
         "/auth/text/prove"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_a_form_of_another_site_does_nothing(ann, post, path):
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = await post(path, cookie_of(ann), foreign, number=NUMBER)
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)
