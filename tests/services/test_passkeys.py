"""Passkeys: made, signed in with and proved by, and every answer that is refused."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotFound, ProofNeeded
from domain.factors import Kind
from kit.clock import ManualClock
from kit.settings import Settings
from services import passkeys, second_step, sessions
from services.access import ANONYMOUS, PROOF_LASTS
from services.halfway import Halfway, Throttled
from services.passkey_checks import LASTS, Relying, accepted
from services.passkeys import Answer, Refusal
from services.second_kinds import kinds_of
from services.second_step import Said, Wrong
from services.sessions import Granted
from services.work import begin
from store.keys import KeyRing
from store.tables import CeremonyRow, PasskeyRow
from tests.accounts import ANN, BOB, an_attempt, open_account, signed_in
from tests.facts import NOON
from tests.members import LETTERS, RELYING, Member, challenge_of, halfway, written
from tests.soft_key import BACKED_UP, PRESENT, VERIFIED, SoftKey, text

pytestmark = pytest.mark.usefixtures("emptied")
BROWSER = "a" * 64


@pytest.fixture(autouse=True)
def no_letters():
    LETTERS.clear()


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def member(resources):
    """Return a function that makes and signs somebody in; what comes back resumes them."""

    async def making(email=ANN):
        await open_account(resources, email)
        return Member(resources, await signed_in(resources, email))

    return making


@pytest.fixture
async def ann(member):
    return await member()


@pytest.fixture
def asked(resources):
    """Return a function that asks for a challenge to sign in with."""

    async def asking(about=BROWSER):
        async with begin(resources, ANONYMOUS) as work:
            return challenge_of(await passkeys.signing_in(work, about, "192.0.2.1", RELYING))

    return asking


@pytest.fixture
def let_in(resources):
    """Return a function that answers a challenge of signing in."""

    async def answering(said, about=BROWSER, **attempt):
        async with begin(resources, ANONYMOUS) as work:
            return await passkeys.sign_in(work, Answer(said, about), an_attempt("", "", **attempt))

    return answering


async def test_a_passkey_is_made_and_lets_its_member_in_without_a_name(
    ann, asked, let_in, resources
):
    key = await ann.has_key()
    granted = await let_in(key.used().signed(await asked()))
    assert isinstance(granted, Granted)
    async with begin(resources, ANONYMOUS) as work:
        subject = await sessions.resume(work, granted.token)
    assert subject.name == ANN
    assert not subject.needs_factor
    (shown,) = await ann.listed()
    assert (shown.name, shown.cloned, shown.used_at) == ("Firefox on Linux", False, shown.made_at)
    assert LETTERS == ["factor_added"]


async def test_what_a_browser_is_asked_for(ann):
    key = await ann.has_key()
    options = json.loads(await ann.does(passkeys.registering, RELYING))
    assert options["rp"] == {"name": "Dutchbook", "id": "localhost"}
    assert options["user"]["name"] == ANN
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert [each["id"] for each in options["excludeCredentials"]] == [text(key.id)]
    assert options["excludeCredentials"][0]["transports"] == ["internal"]
    assert len(options["challenge"]) >= 43


async def test_signing_in_asks_for_no_account(asked, resources):
    async with begin(resources, ANONYMOUS) as work:
        options = json.loads(await passkeys.signing_in(work, BROWSER, "192.0.2.1", RELYING))
    assert (options["allowCredentials"], options["userVerification"]) == ([], "required")


WRONG = {
    "another site's page": lambda key: key.but(origin="https://evil.example"),
    "another port": lambda key: key.but(origin="http://localhost:3001"),
    "another domain": lambda key: key.but(rp_id="evil.example"),
    "nobody verified": lambda key: key.but(flags=PRESENT),
    "nobody present": lambda key: key.but(flags=VERIFIED),
    "another key": lambda key: replace(SoftKey(user=key.user), id=key.id),
}


@pytest.mark.parametrize("forged", WRONG.values(), ids=WRONG)
async def test_an_answer_that_is_wrong_lets_nobody_in(ann, asked, let_in, forged):
    key = await ann.has_key()
    assert await let_in(forged(key.used()).signed(await asked())) is Refusal.WRONG
    assert isinstance(await let_in(key.used().signed(await asked())), Granted)


MADE_WRONG = {name: forged for name, forged in WRONG.items() if name != "another key"}


@pytest.mark.parametrize("forged", MADE_WRONG.values(), ids=MADE_WRONG)
async def test_a_passkey_that_was_made_wrongly_is_not_kept(ann, forged):
    key = forged(await ann.key())
    assert await ann.registers(key.made(await ann.asks_to_register())) is None
    assert await ann.listed() == []


async def test_a_page_around_ours_gets_no_answer_of_worth(ann, asked, let_in):
    key = await ann.has_key()
    around = key.used().signed(await asked(), crossOrigin=True)
    assert await let_in(around) is Refusal.OVER
    kind = key.used().signed(await asked(), type="webauthn.create")
    assert await let_in(kind) is Refusal.WRONG


async def test_a_challenge_is_good_once(ann, asked, let_in):
    key, challenge = await ann.has_key(), await asked()
    said = key.used().signed(challenge)
    assert isinstance(await let_in(said), Granted)
    assert await let_in(said) is Refusal.OVER
    assert await let_in(key.used(2).signed(challenge)) is Refusal.OVER


async def test_a_wrong_answer_uses_the_challenge_up_too(ann, asked, let_in):
    key, challenge = await ann.has_key(), await asked()
    assert await let_in(key.but(flags=PRESENT).signed(challenge)) is Refusal.WRONG
    assert await let_in(key.used().signed(challenge)) is Refusal.OVER


async def test_a_challenge_is_over_after_five_minutes(ann, asked, let_in, clock):
    key, challenge = await ann.has_key(), await asked()
    clock.advance(LASTS.total_seconds())
    assert await let_in(key.used().signed(challenge)) is Refusal.OVER


async def test_a_challenge_is_for_the_browser_that_asked_for_it(ann, asked, let_in):
    key, challenge = await ann.has_key(), await asked("b" * 64)
    assert await let_in(key.used().signed(challenge)) is Refusal.OVER


async def test_a_challenge_is_for_what_it_was_asked_for(ann, let_in):
    key = await ann.has_key()
    challenge = challenge_of(await ann.does(passkeys.proving, RELYING))
    assert await let_in(key.used().signed(challenge)) is Refusal.OVER
    challenge = challenge_of(await ann.does(passkeys.proving, RELYING))
    assert await ann.registers(key.made(challenge)) is None


async def test_a_challenge_of_one_session_is_none_of_anothers(ann, member, resources):
    bob = await member(BOB)
    key, challenge = await bob.key(), await ann.asks_to_register()
    assert await bob.registers(key.made(challenge)) is None
    elsewhere = Member(resources, await signed_in(resources))
    key, challenge = await ann.key(), await ann.asks_to_register()
    assert await elsewhere.registers(key.made(challenge)) is None
    assert await ann.listed() == await bob.listed() == []


async def test_an_unknown_passkey_lets_nobody_in(ann, asked, let_in):
    await ann.has_key()
    stray = SoftKey(user=uuid4().bytes)
    assert await let_in(stray.signed(await asked())) is Refusal.UNKNOWN


async def test_a_passkey_that_names_another_member_lets_nobody_in(ann, member, asked, let_in):
    bob = await member(BOB)
    key = await ann.has_key()
    named = key.used().but(user=(await bob.subject()).user_id.bytes)
    assert await let_in(named.signed(await asked())) is Refusal.UNKNOWN


async def test_nobody_registers_a_passkey_that_somebody_has(ann, member):
    bob, key = await member(BOB), await ann.has_key()
    assert await bob.registers(key.made(await bob.asks_to_register())) is None
    assert await bob.listed() == []


async def test_a_count_that_goes_back_ends_the_passkey(ann, asked, let_in, resources):
    key = await ann.has_key()
    assert isinstance(await let_in(key.used(5).signed(await asked())), Granted)
    copy = key.used(3).signed(await asked())
    assert await let_in(copy) is Refusal.CLONED
    (shown,) = await ann.listed()
    assert shown.cloned
    # Neither of the two proves anything from now on, and the member hears of it once.
    original = key.used(6).signed(await asked())
    assert await let_in(original) is Refusal.CLONED
    for _ in range(2):
        async with begin(resources, ANONYMOUS) as work:
            assert await passkeys.tell_of_clone(work, copy, written=written)
    assert LETTERS == ["factor_added", "passkey_cloned"]


async def test_a_count_that_stands_still_is_a_copy_as_well(ann, asked, let_in):
    key = await ann.has_key(count=7)
    assert await let_in(key.signed(await asked())) is Refusal.CLONED


async def test_a_passkey_that_never_counts_is_none(ann, asked, let_in):
    key = await ann.has_key(flags=PRESENT | VERIFIED | BACKED_UP)
    for _ in range(3):
        assert isinstance(await let_in(key.signed(await asked())), Granted)
    (shown,) = await ann.listed()
    assert (shown.backed_up, shown.cloned) == (True, False)


async def test_a_refusal_is_on_record_without_the_answer(ann, asked, let_in, owner):
    key = await ann.has_key()
    await let_in(key.but(flags=PRESENT).signed(await asked()))
    user = str((await ann.subject()).user_id)
    (details,) = owner.execute(
        "select details from audit where action = 'sign_in.refuse' and subject = %s"
        " order by id desc limit 1",
        [user],
    ).fetchone()
    assert details == {"network": "192.0.2.0/24", "passkey": "wrong"}


async def test_a_locked_account_is_not_let_in(ann, asked, let_in, owner):
    key = await ann.has_key()
    user = (await ann.subject()).user_id
    with owner.transaction():
        owner.execute("select set_config('app.subject', %s, true)", [str(user)])
        owner.execute("update accounts set state = 'locked'")
    assert await let_in(key.used().signed(await asked())) is Refusal.WRONG


async def stepping(resources, token):
    async with begin(resources, ANONYMOUS) as work:
        return json.loads(await passkeys.stepping(work, token, "192.0.2.1", RELYING))


async def finish(resources, token, said):
    told = Said(kind=Kind.PASSKEY, text=said, address="192.0.2.1", token=token)
    async with begin(resources, ANONYMOUS) as work:
        return await second_step.finish(work, told, written=written)


async def test_a_passkey_is_a_second_step(ann, resources):
    key = await ann.has_key()
    begun = await halfway(resources)
    assert isinstance(begun, Halfway)
    assert Kind.PASSKEY in begun.kinds
    options = await stepping(resources, begun.token)
    assert [each["id"] for each in options["allowCredentials"]] == [text(key.id)]
    said = key.used().signed(options["challenge"])
    assert isinstance(await finish(resources, begun.token, said), Granted)


async def test_a_second_step_takes_no_challenge_of_another_step(ann, resources):
    key = await ann.has_key()
    challenge = (await stepping(resources, (await halfway(resources)).token))["challenge"]
    later = await halfway(resources)
    said = key.used().signed(challenge)
    assert isinstance(await finish(resources, later.token, said), Wrong)


async def test_a_second_step_takes_no_passkey_of_another_member(ann, member, resources):
    await ann.has_key()
    theirs = await (await member(BOB)).has_key()
    begun = await halfway(resources)
    challenge = (await stepping(resources, begun.token))["challenge"]
    said = theirs.used().signed(challenge)
    assert isinstance(await finish(resources, begun.token, said), Wrong)


async def test_a_passkey_proves_once_more_that_it_is_its_member(ann, clock):
    key = await ann.has_key()
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    with pytest.raises(ProofNeeded):
        await ann.does(passkeys.registering, RELYING)
    challenge = challenge_of(await ann.does(passkeys.proving, RELYING))
    granted = await ann.does(passkeys.prove, key.used().signed(challenge))
    assert granted.token != ann.token
    ann.token = granted.token
    assert await ann.does(passkeys.registering, RELYING)


async def test_what_is_no_answer_proves_nothing(ann, clock):
    key = await ann.has_key()
    challenge = challenge_of(await ann.does(passkeys.proving, RELYING))
    assert await ann.does(passkeys.prove, key.but(flags=PRESENT).signed(challenge)) is None


async def test_making_and_removing_need_fresh_proof(ann, clock):
    key = await ann.key()
    challenge = await ann.asks_to_register()
    await ann.registers(key.made(challenge))
    (shown,) = await ann.listed()
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    for act in (
        lambda: ann.does(passkeys.registering, RELYING),
        lambda: ann.registers(key.made(challenge)),
        lambda: ann.does(passkeys.remove, shown.id, written=written),
    ):
        with pytest.raises(ProofNeeded):
            await act()


async def test_a_passkey_that_was_removed_lets_nobody_in(ann, asked, let_in, resources):
    key = await ann.has_key()
    (shown,) = await ann.listed()
    await ann.does(passkeys.remove, shown.id, written=written)
    assert await let_in(key.used().signed(await asked())) is Refusal.UNKNOWN
    assert LETTERS == ["factor_added", "factor_removed"]
    async with begin(resources, await ann.subject()) as work:
        assert await kinds_of(work, work.subject.user_id) == ()


async def test_a_passkey_has_the_name_that_its_member_gave_it(ann):
    key = await ann.key()
    await ann.registers(key.made(await ann.asks_to_register()), "  My\nkey \u202e" + "x" * 80)
    (shown,) = await ann.listed()
    assert shown.name == "Mykey " + "x" * 54
    await ann.does(passkeys.rename, shown.id, "Blue key")
    assert [each.name for each in await ann.listed()] == ["Blue key"]


async def test_nobody_renames_or_removes_a_passkey_of_somebody_else(ann, member):
    await ann.has_key()
    (shown,) = await ann.listed()
    bob = await member(BOB)
    with pytest.raises(NotFound):
        await bob.does(passkeys.rename, shown.id, "mine")
    with pytest.raises(NotFound):
        await bob.does(passkeys.remove, shown.id, written=written)
    assert len(await ann.listed()) == 1


async def test_answers_are_counted(asked, let_in):
    for _ in range(20):
        assert await let_in("{}") is Refusal.OVER
    with pytest.raises(Throttled):
        await let_in("{}")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = ("clientDataJSON", "authenticatorData", "signature")


class Bare:
    """Work that asks nothing of a database."""

    subject, clock = ANONYMOUS, ManualClock(NOON)


async def is_accepted(key, said):
    row = PasskeyRow(public_key=key.public, sign_count=0)
    ceremony = CeremonyRow(rp_id="localhost", origin="http://localhost:3000")
    return await accepted(Bare, row, json.dumps(said), ceremony, b"c")


@settings(max_examples=60)
@given(spoiled=st.sampled_from((*FIELDS, "id", "rawId", "type")), junk=JUNK)
async def test_a_spoiled_answer_is_refused_whatever_stands_there(spoiled, junk):
    key = SoftKey(user=b"u", count=1)
    said = json.loads(key.signed(text(b"c")))
    assert await is_accepted(key, said)
    (said["response"] if spoiled in FIELDS else said)[spoiled] = junk
    assert not await is_accepted(key, said)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (None, Relying("localhost", "http://localhost:3000")),
        ("https://Odds.example/x", Relying("odds.example", "https://odds.example")),
        ("https://odds.example:8443", Relying("odds.example", "https://odds.example:8443")),
        ("http://odds.example", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_passkeys_are_for_a_domain_over_https_or_for_localhost(url, found):
    assert Relying.of(Settings(public_url=url, port=3000)) == found
