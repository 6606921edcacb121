"""The second step over HTTP: which cookies it takes and gives, where it leads, who may send it."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from arb_app import proving, runtime, sign_in, stepping
from arb_app.reader import writing_for
from arb_app.runtime import Runtime
from domain.preferences import COOKIE, Language, Preferences, parsed
from kit.ids import secret
from kit.settings import settings
from services import preferences, security
from services.access import PROOF_LASTS, Role
from services.factor_policy import FactorPolicy
from services.passwords import Passwords
from store.keys import KeyRing
from tests.accounts import ANN, OTHER, PASSWORD, open_account
from tests.arb_app.asgi import send
from tests.factors import Person, written

OURS = {"origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}
IN, STEP, PROVE = "/auth/sign-in", "/auth/step", "/auth/prove"
APP, PASSWORD_DOOR = "/auth/app", "/auth/password"


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The settings of a fresh machine, whatever this one's are."""
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_HOST", "DUTCHBOOK_PORT"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def doors(resources, clock, emptied):
    runtime.install(Runtime(clock, None, resources))
    cheap = Passwords(memory_kib=64, passes=1)
    return Starlette(routes=[*sign_in.routes(cheap), *stepping.routes(cheap)])


@pytest.fixture
async def ann(resources, doors):
    """A member with an app, who is signed in."""
    await open_account(resources)
    person = Person(resources)
    await person.give_password()
    await person.set_app_up()
    return person


@pytest.fixture
def post(doors):
    """Return a function that sends a form as a browser would, with the cookies that it holds."""

    async def posting(path, cookies=None, headers=OURS, **fields):
        held = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        return await send(doors, path, urlencode(fields), cookie=held, **headers)

    return posting


def cookies_of(answer):
    pairs = (each.partition(";")[0].partition("=") for each in answer.cookies)
    return {name: value.strip('"') for name, _, value in pairs}


async def halfway(post, **fields):
    answer = await post(IN, email=ANN, password=PASSWORD, **fields)
    return answer, cookies_of(answer)


async def test_the_right_password_of_one_with_a_factor_gives_a_token_for_the_step_alone(post, ann):
    answer, held = await halfway(post, next="/status")
    assert answer.headers["location"] == "/login/step?next=/status#factor"
    assert held.keys() == {"dutchbook_step"}
    _, *flags = answer.cookies[0].split("; ")
    assert {flag.lower() for flag in flags} == {
        "httponly", "max-age=300", "path=/", "samesite=lax",
    }  # fmt: skip
    person = Person(ann.resources, token=held["dutchbook_step"])
    assert (await person.as_subject()).user_id is None


async def test_over_https_the_token_of_the_step_is_bound_to_this_host(post, ann, configured):
    configured.setenv("DUTCHBOOK_PUBLIC_URL", "https://odds.example")
    settings.cache_clear()
    headers = {"origin": "https://odds.example", "sec-fetch-site": "same-origin"}
    answer = await post(IN, headers=headers, email=ANN, password=PASSWORD)
    (cookie,) = answer.cookies
    assert cookie.startswith("__Host-dutchbook_step=")
    assert "Secure" in cookie.split("; ")
    held = {"dutchbook_step": cookies_of(answer)["__Host-dutchbook_step"]}
    # A neighbour of this host could have set one without the prefix.
    answer = await post(STEP, held, headers=headers, code=ann.code())
    assert answer.headers["location"] == "/login#over"


async def test_the_code_gives_the_session_takes_the_step_back_and_leads_on(post, ann):
    _, held = await halfway(post)
    answer = await post(STEP, held, code=ann.code(), next="/status")
    assert (answer.status, answer.headers["location"]) == (303, "/status")
    given = cookies_of(answer)
    assert given["dutchbook_step"] == ""
    assert (await Person(ann.resources, token=given["dutchbook"]).as_subject()).name == ANN


@pytest.mark.parametrize("before", [{}, {"dutchbook_settings": "odds=malay"}], ids=str)
async def test_a_browser_that_has_chosen_nothing_is_given_what_the_member_chose(post, ann, before):
    chosen = Preferences(language=Language.SPANISH, zone="Europe/Madrid")
    await ann.do(preferences.keep, chosen)
    _, held = await halfway(post)
    answer = await post(STEP, held | before, code=ann.code())
    given = [parsed(text) for name, text in cookies_of(answer).items() if name == COOKIE]
    assert given == ([] if before else [chosen])


async def test_nobody_is_led_elsewhere(post, ann):
    _, held = await halfway(post)
    answer = await post(STEP, held, code=ann.code(), next="//evil.example")
    assert answer.headers["location"] == "/"


async def test_a_wrong_code_is_told_with_the_way_on_and_gives_nothing(post, ann):
    _, held = await halfway(post)
    answer = await post(STEP, held, code="000000", next="/status")
    assert answer.headers["location"] == "/login/step?next=/status#wrong"
    assert answer.cookies == []


async def test_after_the_fifth_wrong_code_it_begins_with_the_password(post, ann):
    _, held = await halfway(post)
    for _ in range(4):
        await post(STEP, held, code="000000")
    for code in ("000000", ann.code()):
        answer = await post(STEP, held, code=code)
        assert answer.headers["location"] == "/login#over"
        assert cookies_of(answer) == {"dutchbook_step": ""}


@pytest.mark.parametrize("token", [None, "", "x" * 43, "%C3%A9"])
async def test_without_the_cookie_a_right_code_is_worth_nothing(post, ann, token):
    held = {} if token is None else {"dutchbook_step": token}
    answer = await post(STEP, held, code=ann.code())
    assert answer.headers["location"] == "/login#over"


async def test_a_recovery_code_is_known_by_its_shape(post, ann):
    code, *_ = await ann.do(security.renew_codes, written=written)
    _, held = await halfway(post)
    answer = await post(STEP, held, code=code)
    assert "dutchbook" in cookies_of(answer)


async def test_too_many_codes_are_told_with_the_time_to_wait(post, ann):
    for _ in range(2):
        _, held = await halfway(post)
        for _ in range(5):
            await post(STEP, held, code="000000")
    _, held = await halfway(post)
    answer = await post(STEP, held, code=ann.code())
    assert answer.headers["location"] == "/login/step#often"
    assert answer.headers["retry-after"] == "30"


@pytest.mark.parametrize("path", [STEP, PROVE, APP, PASSWORD_DOOR])
@pytest.mark.parametrize(
    "headers", [{}, {"origin": "https://evil.example"}, {**OURS, "sec-fetch-site": "cross-site"}]
)
async def test_a_form_of_another_site_is_refused_and_changes_nothing(post, ann, path, headers):
    held = {"dutchbook": ann.token}
    fields = {"password": PASSWORD, "chosen": OTHER, "code": ann.code()}
    answer = await post(path, held, headers=headers, **fields)
    assert answer.status == 403
    assert answer.cookies == []
    assert (await ann.as_subject()).user_id


async def test_proof_gives_a_new_token_and_leads_back(post, ann):
    fields = {"password": PASSWORD, "code": ann.code()}
    answer = await post(PROVE, {"dutchbook": ann.token}, next="/account/security", **fields)
    assert answer.headers["location"] == "/account/security"
    token = cookies_of(answer)["dutchbook"]
    assert token != ann.token
    assert (await ann.as_subject()).user_id is None
    assert (await Person(ann.resources, token=token).as_subject()).name == ANN


@pytest.mark.parametrize("fields", [{"password": OTHER}, {"password": PASSWORD}, {}])
async def test_what_does_not_prove_it_is_told_the_same_way(post, ann, fields):
    answer = await post(PROVE, {"dutchbook": ann.token}, next="/account", **fields)
    assert answer.headers["location"] == "/account/prove?next=/account#wrong"
    assert answer.cookies == []


async def test_whoever_is_not_signed_in_proves_nothing(post, ann):
    answer = await post(PROVE, {"dutchbook": secret()}, password=PASSWORD)
    assert answer.headers["location"] == "/account/prove#wrong"


async def test_an_app_is_confirmed_and_the_session_has_a_new_token(post, ann):
    ann.key = (await ann.do(security.begin_app, "tablet")).key
    answer = await post(APP, {"dutchbook": ann.token}, code="000000")
    assert answer.headers["location"] == "/account/security#app-wrong"
    answer = await post(APP, {"dutchbook": ann.token}, code=ann.code())
    assert answer.headers["location"] == "/account/security#added"
    ann.token = cookies_of(answer)["dutchbook"]
    assert [app.name for app in (await ann.do(security.look)).apps] == ["phone", "tablet"]


async def test_a_password_is_changed(post, ann):
    held = {"dutchbook": ann.token}
    for current, chosen, end in ((OTHER, OTHER, "wrong"), (PASSWORD, "short", "weak")):
        answer = await post(PASSWORD_DOOR, held, password=current, chosen=chosen)
        assert answer.headers["location"] == f"/account/security#password-{end}"
    answer = await post(PASSWORD_DOOR, held, password=PASSWORD, chosen=OTHER)
    assert answer.headers["location"] == "/account/security#changed"
    token = cookies_of(answer)["dutchbook"]
    assert (await Person(ann.resources, token=token).as_subject()).name == ANN


@pytest.mark.parametrize("path", [APP, PASSWORD_DOOR])
async def test_what_is_sensitive_asks_for_proof_that_is_of_these_minutes(post, ann, path):
    ann.resources.clock.advance(PROOF_LASTS.total_seconds() + 1)
    fields = {"password": PASSWORD, "chosen": OTHER, "code": ann.code()}
    answer = await post(path, {"dutchbook": ann.token}, **fields)
    assert answer.headers["location"] == "/account/prove?next=/account/security"


async def test_staff_without_a_factor_are_led_to_where_they_set_one_up(post, resources, clock):
    strict = replace(resources, factor_policy=FactorPolicy(staff=True))
    runtime.install(Runtime(clock, None, strict))
    await open_account(strict, ANN, Role.OWNER)
    answer, held = await halfway(post, next="/admin")
    assert answer.headers["location"] == "/account/security"
    ann = Person(strict, token=held["dutchbook"])
    await ann.set_app_up()
    answer, held = await halfway(post, next="/admin")
    answer = await post(STEP, held, code=ann.code(), next="/admin")
    assert answer.headers["location"] == "/admin"


def test_the_proving_at_leads_back_to_the_page_in_its_language():
    assert proving.proving_at("/account") == "/account/prove?next=/account"
    with writing_for(Preferences(language=Language.SPANISH)):
        assert proving.proving_at("/account") == "/es/account/prove?next=/es/account"
