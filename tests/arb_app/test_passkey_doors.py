"""The doors of passkeys: JSON of our own pages, bounded, and problems that say what is wrong."""

import json
from dataclasses import replace

import pytest
from starlette.applications import Starlette

from arb_app import passkeys as doors_of
from arb_app import runtime
from arb_app.runtime import Runtime
from domain.odds_formats import OddsFormat
from domain.preferences import COOKIE, Preferences, parsed
from kit.ids import secret
from kit.settings import settings
from services import preferences, sessions
from services.access import ANONYMOUS, PROOF_LASTS
from services.work import begin
from store.keys import KeyRing
from tests.accounts import ANN, open_account, signed_in
from tests.arb_app.asgi import send
from tests.members import halfway
from tests.soft_key import PRESENT, SoftKey

pytestmark = pytest.mark.usefixtures("emptied")
OURS = {
    "origin": "http://localhost:3000",
    "sec-fetch-site": "same-origin",
    "content-type": "application/json",
}
OPTIONS, FINISH = "/auth/passkey/options", "/auth/passkey/finish"


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_HOST", "DUTCHBOOK_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def ask(resources, clock):
    """Return a function that sends JSON as our script would; a dict of cookies goes along."""
    runtime.install(Runtime(clock, None, resources))
    app = Starlette(routes=doors_of.routes())

    async def asking(path, body, cookies=None, **headers):
        held = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        text = body if isinstance(body, str) else json.dumps(body)
        return await send(app, path, text, **(OURS | {"cookie": held} | headers))

    return asking


def kept(answer):
    """Return the cookies that an answer sets."""
    pairs = [cookie.partition(";")[0].partition("=") for cookie in answer.cookies]
    return {name: value.strip('"') for name, _, value in pairs}


class Browser:
    """A browser that keeps its cookies."""

    def __init__(self, ask, **cookies):
        self.ask, self.cookies = ask, cookies

    async def says(self, path, body, **headers):
        answer = await self.ask(path, body, self.cookies, **headers)
        self.cookies |= kept(answer)
        return answer

    async def asks(self, purpose):
        answer = await self.says(OPTIONS, {"purpose": purpose})
        assert answer.status == 200, answer.body
        return json.loads(answer.body)["challenge"]

    async def answers(self, purpose, said, **more):
        return await self.says(FINISH, {"purpose": purpose, "answer": json.loads(said), **more})


@pytest.fixture
async def ann(ask, resources):
    """A browser that is signed in, and its key, which is registered."""
    member = await open_account(resources)
    browser = Browser(ask, dutchbook=await signed_in(resources))
    key = SoftKey(user=member.user_id.bytes)
    answer = await browser.answers("register", key.made(await browser.asks("register")))
    assert (answer.status, json.loads(answer.body)) == (
        200, {"next": "/account/security#passkey-added"},
    )  # fmt: skip
    return browser, key.used()


async def who(resources, cookies):
    async with begin(resources, ANONYMOUS) as work:
        return (await sessions.resume(work, cookies["dutchbook"])).name


async def keep_settings(resources, browser):
    """Keep what Ann chose on another device; return it."""
    chosen = Preferences(odds=OddsFormat.AMERICAN, zone="Europe/Madrid")
    async with begin(resources, ANONYMOUS) as work:
        ann = await sessions.resume(work, browser.cookies["dutchbook"])
    async with begin(resources, ann) as work:
        await preferences.keep(work, chosen)
    return chosen


async def test_adding_a_passkey_gives_the_session_another_cookie(ann, resources):
    browser, _ = ann
    assert await who(resources, browser.cookies) == ANN
    assert len(browser.cookies["dutchbook"]) == 43


async def test_a_passkey_signs_in_and_leads_on(ask, ann, resources):
    _, key = ann
    fresh = Browser(ask)
    said = key.signed(await fresh.asks("sign_in"))
    answer = await fresh.answers("sign_in", said, next="/admin/sources?a=1")
    assert (answer.status, json.loads(answer.body)) == (200, {"next": "/admin/sources?a=1"})
    assert await who(resources, fresh.cookies) == ANN
    (cookie,) = [each for each in answer.cookies if each.startswith("dutchbook=")]
    assert {"HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))


@pytest.mark.parametrize("purpose", ["sign_in", "step"])
@pytest.mark.parametrize("before", [{}, {"dutchbook_settings": "odds=malay"}], ids=str)
async def test_a_browser_that_has_chosen_nothing_is_given_what_the_member_chose(
    ask, ann, resources, purpose, before
):
    _, key = ann
    chosen = await keep_settings(resources, ann[0])
    fresh = Browser(ask, **before)
    if purpose == "step":
        fresh.cookies["dutchbook_step"] = (await halfway(resources)).token
    answer = await fresh.answers(purpose, key.signed(await fresh.asks(purpose)))
    assert await who(resources, fresh.cookies) == ANN
    given = [parsed(text) for name, text in kept(answer).items() if name == COOKIE]
    assert given == ([] if before else [chosen])


async def test_to_prove_it_brings_nothing(ann, resources):
    browser, key = ann
    await keep_settings(resources, browser)
    answer = await browser.answers("prove", key.signed(await browser.asks("prove")))
    assert answer.status == 200
    assert COOKIE not in kept(answer)


async def test_nobody_is_led_elsewhere_and_the_language_stays(ask, ann):
    _, key = ann
    fresh = Browser(ask)
    said = key.signed(await fresh.asks("sign_in"))
    more = {"next": "//evil.example", "language": "es"}
    answer = await fresh.answers("sign_in", said, **more)
    assert json.loads(answer.body) == {"next": "/es"}


async def test_the_challenge_is_bound_to_the_cookie_of_who_asked(ask, ann):
    _, key = ann
    thief, victim = Browser(ask), Browser(ask)
    said = key.signed(await victim.asks("sign_in"))
    answer = await thief.answers("sign_in", said)
    assert (answer.status, json.loads(answer.body)["code"]) == (422, "over")
    assert "dutchbook" not in kept(answer)


async def test_what_is_refused_says_so_as_a_problem(ask, ann):
    _, key = ann
    fresh = Browser(ask)
    said = key.but(flags=PRESENT).signed(await fresh.asks("sign_in"))
    answer = await fresh.answers("sign_in", said)
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body) == {
        "type": "about:blank", "title": "Refused", "status": 422,
        "detail": "this passkey was not accepted", "code": "wrong",
    }  # fmt: skip
    assert "dutchbook" not in kept(answer)


async def test_a_copied_passkey_is_told_of_to_the_page_and_to_its_member(ask, ann, owner):
    browser, key = ann
    fresh = Browser(ask)
    assert (await fresh.answers("sign_in", key.signed(await fresh.asks("sign_in")))).status == 200
    # As the second step, or the proof, of a session that is open, and alone.
    for mine, purpose in ((browser, "prove"), (Browser(ask), "sign_in")):
        if purpose == "prove":
            said = key.signed(await mine.asks(purpose))
            answer = await mine.answers(purpose, said)
            assert (answer.status, json.loads(answer.body)["code"]) == (422, "cloned")
        else:
            answer = await mine.answers(purpose, key.used(9).signed(await mine.asks(purpose)))
            assert json.loads(answer.body)["code"] == "cloned"
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'mail', true)")
        told = owner.execute("select count(*) from letters where kind = 'passkey_cloned'")
        assert told.fetchone() == (1,)


FOREIGN = [
    {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    {"origin": "http://localhost:3001", "sec-fetch-site": "same-site"},
    {"origin": "null"},
    {"content-type": "text/plain"},
    {"content-type": "application/x-www-form-urlencoded"},
]


@pytest.mark.parametrize("path", [OPTIONS, FINISH])
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_only_a_script_of_ours_is_heard(ask, path, headers):
    body = {"purpose": "sign_in", "answer": {}}
    answer = await ask(path, body, **headers)
    assert (answer.status, json.loads(answer.body)["code"]) == (403, "foreign")
    assert answer.cookies == []


BAD = ["", "{}", "[]", "null", '{"purpose": "admin"}', "[" * 5000, '{"purpose": 1}', "x" * 40_000]


@pytest.mark.parametrize("path", [OPTIONS, FINISH])
@pytest.mark.parametrize("body", BAD, ids=lambda body: body[:20])
async def test_what_is_no_json_of_ours_is_refused(ask, path, body):
    assert (await ask(path, body)).status == 403


async def test_a_body_has_a_bound(ask):
    body = {"purpose": "sign_in", "answer": {"id": "x" * 40_000}}
    assert (await ask(FINISH, body)).status == 403


@pytest.mark.parametrize("answer", [{}, [], None, "x", {"id": 1}, {"response": {}}])
async def test_what_is_no_answer_is_over(ask, answer):
    found = await ask(FINISH, {"purpose": "sign_in", "answer": answer})
    assert (found.status, json.loads(found.body)["code"]) == (422, "over")


@pytest.mark.parametrize("purpose", ["register", "prove"])
@pytest.mark.parametrize("token", ["", "x", secret()])
async def test_whoever_is_not_signed_in_makes_and_proves_nothing(ask, purpose, token):
    browser = Browser(ask, dutchbook=token)
    answer = await browser.says(OPTIONS, {"purpose": purpose})
    assert (answer.status, json.loads(answer.body)["code"]) == (401, "not_allowed")
    answer = await browser.answers(purpose, "{}")
    assert answer.status == 401


async def test_without_a_half_way_sign_in_there_is_no_step(ask):
    answer = await ask(OPTIONS, {"purpose": "step"}, {"dutchbook_step": secret()})
    assert (answer.status, json.loads(answer.body)["code"]) == (401, "step_over")


async def test_what_needs_proof_says_where_to_prove_it(ann, clock):
    browser, _ = ann
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    answer = await browser.says(OPTIONS, {"purpose": "register"})
    told = json.loads(answer.body)
    assert (answer.status, told["code"]) == (403, "proof_needed")
    assert told["way"] == "/account/prove?next=/account/security"


async def test_too_many_questions_are_told_with_the_time_to_wait(ask):
    answers = [await ask(OPTIONS, {"purpose": "sign_in"}) for _ in range(41)]
    assert [each.status for each in answers] == [200] * 40 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_an_address_without_a_name_has_no_passkeys(ask, configured):
    configured.setenv("DUTCHBOOK_PUBLIC_URL", "https://192.0.2.7")
    settings.cache_clear()
    answer = await ask(OPTIONS, {"purpose": "sign_in"}, origin="https://192.0.2.7")
    assert (answer.status, json.loads(answer.body)["code"]) == (409, "domain")


async def test_a_door_is_no_link(ask):
    for path in (OPTIONS, FINISH):
        assert (await ask(path, {}, method="GET")).status == 405
