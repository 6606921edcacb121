"""The ways of the second step: those that an account has, for whoever got as far as to it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from arb_app.state import ways as window
from arb_app.state.ways import WaysState
from domain.errors import Unavailable
from kit.ids import secret
from kit.settings import settings
from services import phones, security, text_codes
from store import texts as stored
from store.keys import KeyRing
from tests.accounts import open_account, signed_in
from tests.factors import Person, written
from tests.members import Member, halfway

pytestmark = pytest.mark.usefixtures("running", "emptied")
TO_ALL = {"form": True, "code": True, "passkey": False, "text": False}
NUMBER = "+447400123456"


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
async def ann(resources):
    """A member who is signed in and has no factor yet."""
    await open_account(resources)
    return Member(resources, await signed_in(resources))


@pytest.fixture
def look(monkeypatch):
    """Return a function that says what a browser with such cookies is shown."""

    async def looking(event, **cookies):
        held = "; ".join(f"{name}={value}" for name, value in cookies.items())
        state = WaysState()
        monkeypatch.setattr(
            WaysState, "router", SimpleNamespace(headers=SimpleNamespace(cookie=held))
        )
        await getattr(state, event)()
        return {name: getattr(state, name) for name in TO_ALL}

    return looking


async def has_phone(member):
    said = {"address": "192.0.2.1", "said": "{code}"}
    await member.does(phones.begin, NUMBER, **said)
    async with member.resources.database.begin() as db:
        await stored.oversee(db)
        (*_, row) = await stored.due(db, member.resources.clock.now(), limit=50)
        code = text_codes.opened(member.resources.keys, row).body
    member.token = (await member.does(phones.confirm, code, written=written)).token


async def test_whoever_comes_without_a_password_is_shown_what_everybody_is(look, ann):
    await ann.has_key()
    await has_phone(ann)
    assert await look("look_for_step") == TO_ALL
    assert await look("look_for_step", dutchbook_step=secret()) == TO_ALL
    assert await look("look_to_prove", dutchbook=secret()) == TO_ALL
    # Nor does a session say what a half-way sign-in has, nor the other way round.
    step = await halfway(ann.resources)
    assert await look("look_for_step", dutchbook=ann.token) == TO_ALL
    assert await look("look_to_prove", dutchbook_step=step.token) == TO_ALL


async def test_an_app_alone_asks_for_its_code(look, resources):
    await open_account(resources)
    person = Person(resources)
    await person.give_password()
    await person.set_app_up()
    step = await person.give_password()
    assert await look("look_for_step", dutchbook_step=step.token) == TO_ALL
    assert await look("look_to_prove", dutchbook=person.token) == TO_ALL


async def test_a_passkey_alone_has_nothing_to_type(look, ann):
    await ann.has_key()
    step = await halfway(ann.resources)
    alone = {"form": False, "passkey": True, "text": False}
    assert await look("look_for_step", dutchbook_step=step.token) == TO_ALL | alone
    assert await look("look_to_prove", dutchbook=ann.token) == TO_ALL | alone | {"code": False}


async def test_texts_are_offered_to_who_has_a_telephone_that_is_confirmed(look, ann, provided):
    await ann.has_key()
    await ann.does(phones.begin, NUMBER, address="192.0.2.1", said="{code}")
    assert not (await look("look_to_prove", dutchbook=ann.token))["text"]
    ann.resources.clock.advance(60)
    await has_phone(ann)
    step = await halfway(ann.resources)
    assert (await look("look_for_step", dutchbook_step=step.token))["text"]
    assert (await look("look_to_prove", dutchbook=ann.token))["text"]
    provided.delenv("DUTCHBOOK_SMS_ACCOUNT")
    settings.cache_clear()
    assert not (await look("look_to_prove", dutchbook=ann.token))["text"]


async def test_recovery_codes_are_typed_beside_a_passkey(look, ann):
    await ann.has_key()
    await ann.does(security.renew_codes, written=written)
    step = await halfway(ann.resources)
    found = await look("look_for_step", dutchbook_step=step.token)
    assert found == TO_ALL | {"passkey": True}


async def test_whoever_has_no_factor_proves_it_by_the_password(look, ann):
    found = await look("look_to_prove", dutchbook=ann.token)
    assert found == TO_ALL | {"code": False}


@pytest.mark.parametrize("event", ["look_for_step", "look_to_prove"])
async def test_while_nothing_is_known_what_everybody_is_shown_stays(look, ann, monkeypatch, event):
    step = await halfway(ann.resources)

    def away(*_):
        raise Unavailable("PostgreSQL is away")

    monkeypatch.setattr(window, "begin", away)
    assert await look(event, dutchbook=ann.token, dutchbook_step=step) == TO_ALL
