"""Sessions that end: a tab that is open elsewhere at the same process is nobody's at once."""

import json
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette

from arb_app import joining, own_data, passkeys, phones, runtime, stepping
from arb_app.gate import subject_behind
from arb_app.runtime import Runtime
from arb_app.state import passkeys as passkeys_window
from arb_app.state import security as security_window
from arb_app.state import sessions as sessions_window
from arb_app.state.passkeys import PasskeysState
from arb_app.state.security import SecurityState
from arb_app.state.sessions import OTHERS, SessionsState
from kit.settings import settings
from services import post, security, text_codes
from services.access import ANONYMOUS, OPERATOR
from services.work import begin
from store import texts as stored_texts
from store.keys import KeyRing
from tests.accounts import ANN, BOB, OTHER, PASSWORD, CheapPasswords, open_account, signed_in
from tests.arb_app.asgi import send
from tests.factors import Person
from tests.members import Member
from tests.soft_key import SoftKey

pytestmark = pytest.mark.usefixtures("emptied")
OURS = {"origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}
NUMBER = "+34 612 34 56 78"


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_HOST", "DUTCHBOOK_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DUTCHBOOK_SMS_ACCOUNT", "AC1")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


class Play:
    """Ann at one browser, whose token `person` has, and what she does there."""

    def __init__(self, person, doors, monkeypatch):
        self.person, self.doors, self.monkeypatch = person, doors, monkeypatch
        self.resources = person.resources

    async def post(self, path, cookie=None, **fields):
        held = f"dutchbook={self.person.token}" if cookie is None else cookie
        answer = await send(self.doors, path, urlencode(fields), **OURS, cookie=held)
        assert answer.status == 303, answer.body
        return answer.headers["location"]

    async def letter_code(self):
        async with begin(self.resources, OPERATOR) as work:
            (newest, *_) = await post.outbox(work, readable=True)
        return newest.letter.text.partition("#")[2].split()[0]

    async def text_code(self):
        async with self.resources.database.begin() as db:
            await stored_texts.oversee(db)
            (*_, row) = await stored_texts.due(db, self.resources.clock.now(), limit=50)
        return text_codes.opened(self.resources.keys, row).body[:6]

    async def opened(self, window, state):
        """Return the state of one of Ann's pages, as it is once the page is open."""
        ann, token = await self.person.as_subject(), self.person.token

        async def she(*_, **__):
            return ann

        async def hers(*_):
            return True

        self.monkeypatch.setattr(window, "subject_of", she)
        for name, value in (("is_of", hers), ("token_of", lambda *_: token)):
            self.monkeypatch.setattr(window, name, value, raising=False)
        headers = SimpleNamespace(cookie=f"dutchbook={token}")
        self.monkeypatch.setattr(state, "router", SimpleNamespace(headers=headers))
        page = state()
        await page.open()
        return page


async def reset(play):
    await play.post("/auth/forgot", "", email=ANN)
    code = await play.letter_code()
    assert (await play.post("/auth/reset", "", code=code, password=OTHER)).endswith("#done")


async def close(play):
    assert (await play.post("/auth/data/close", typed=ANN)).endswith("#closed")


async def erase(play):
    assert (await play.post("/auth/data/erase", typed=ANN)).endswith("#erased")


async def change_password(play):
    fields = {"password": PASSWORD, "chosen": OTHER}
    assert (await play.post("/auth/password", **fields)).endswith("#changed")


async def add_app(play):
    play.person.key = (await play.person.do(security.begin_app, "tablet")).key
    assert (await play.post("/auth/app", code=play.person.code())).endswith("#added")


async def add_phone(play):
    assert (await play.post("/auth/phone", number=NUMBER)).endswith("#phone-sent")
    code = await play.text_code()
    assert (await play.post("/auth/phone/confirm", code=code)).endswith("#phone-added")


async def remove_phone(play):
    await play.post("/auth/phone", number=NUMBER)
    assert (await play.post("/auth/phone/remove")).endswith("#phone-removed")


async def sign_others_out(play):
    page = await play.opened(sessions_window, SessionsState)
    page.ask(OTHERS)
    await page.end()


async def sign_one_out(play):
    page = await play.opened(sessions_window, SessionsState)
    page.ask(next(line.key for line in page.sessions if not line.here))
    await page.end()


async def forget_device(play):
    page = await play.opened(sessions_window, SessionsState)
    page.ask(next(line.key for line in page.devices if not line.here))
    await page.forget()


async def remove_app(play):
    page = await play.opened(security_window, SecurityState)
    page.ask(page.apps[0].id)
    await page.remove()


async def add_passkey(play):
    key = SoftKey(user=(await play.person.as_subject()).user_id.bytes)
    headers = OURS | {
        "content-type": "application/json",
        "cookie": f"dutchbook={play.person.token}",
    }

    async def says(door, **told):
        body = json.dumps({"purpose": "register", **told})
        answer = await send(play.doors, f"/auth/passkey/{door}", body, **headers)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    made = key.made((await says("options"))["challenge"])
    assert (await says("finish", answer=json.loads(made)))["next"].endswith("#passkey-added")


async def remove_passkey(play):
    page = await play.opened(passkeys_window, PasskeysState)
    page.ask(page.keys[0].id)
    await page.remove()


ACTS = [
    reset, close, erase, change_password, add_app, add_phone, remove_phone, sign_others_out,
    sign_one_out, forget_device, remove_app, add_passkey, remove_passkey,
]  # fmt: skip
RENEWED = {change_password, add_app, add_phone, add_passkey}
"""After these the browser has another token, and the one that it had is over as well."""


@pytest.fixture
async def play(resources, clock, monkeypatch):
    runtime.install(Runtime(clock, None, resources))
    cheap = CheapPasswords()
    doors = (*joining.routes(cheap), *stepping.routes(cheap))
    doors += (*own_data.routes(), *phones.routes(), *passkeys.routes())
    await open_account(resources)
    member = Member(resources, await signed_in(resources, agent="Firefox Linux"))
    await member.has_key()
    person = Person(resources, token=member.token)
    await person.set_app_up()
    return Play(person, Starlette(routes=list(doors)), monkeypatch)


async def elsewhere(play):
    """Sign Ann in at a second browser, by her app; return its token."""
    other = Person(play.resources, key=play.person.key)
    step = await other.give_password(agent="Safari Macintosh", device="d" * 43)
    await other.give(step, "totp", other.code(), agent="Safari Macintosh", device="d" * 43)
    play.resources.clock.advance(30)
    return other.token


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_a_tab_that_is_open_elsewhere_is_nobodys_at_once(play, act):
    other, here = await elsewhere(play), play.person.token
    await open_account(play.resources, BOB)
    bob = await signed_in(play.resources, BOB)
    before = [(await subject_behind(each)).name for each in (other, here, bob)]
    assert before == [ANN, ANN, BOB]
    await act(play)
    assert await subject_behind(other) == ANONYMOUS
    stays = act not in {reset, close, erase} | RENEWED
    assert ((await subject_behind(here)).name == ANN) is stays
    assert (await subject_behind(bob)).name == BOB
