"""The second step: nobody gets in by the password alone, and no code opens twice."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotAllowed, Unavailable
from domain.factors import Kind
from kit.ids import secret
from services import accounts, factors, joining, risk, second_step, security, sessions
from services.access import ANONYMOUS, PERMISSIONS_OF, Role
from services.factors import STEP_S, step_of
from services.halfway import STEP_LASTS
from services.joining import Told
from services.risk import Judged, Verdict
from services.second_step import TRIES, Said, StepOver, Wrong
from services.sessions import Granted, Halfway, Throttled
from services.work import begin
from store.keys import KeyRing
from tests.accounts import BOB, ELSEWHERE, OTHER, PASSWORD, CheapPasswords, open_account
from tests.factors import Person, written

pytestmark = pytest.mark.usefixtures("emptied")
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
async def ann(resources):
    """A member with an app, who is signed in."""
    await open_account(resources)
    person = Person(resources)
    await person.give_password()
    await person.set_app_up()
    return person


@pytest.fixture
def odd(monkeypatch):
    """Return a function that has every arrival judged so from now on."""

    def judging(verdict):
        async def of_sign_in(work, account, arrival):
            return Judged(verdict, 1.0, ("far",))

        monkeypatch.setattr(risk, "of_sign_in", of_sign_in)

    return judging


def audited(owner, act):
    told = owner.execute(
        "select actor, details from audit where action = %s order by id desc", (act,)
    )
    return told.fetchall()


# RFC 6238, appendix B, at six digits.
@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(at, code):
    assert step_of(SECRET, code, at) == at // STEP_S


@given(st.integers(60, 2**33), st.integers(-200, 200))
def test_a_code_is_good_in_its_step_and_the_ones_beside_it(at, off):
    right = factors.TOTP(SECRET).generate_otp(at // STEP_S)
    found = step_of(SECRET, right, at + off)
    away = abs((at + off) // STEP_S - at // STEP_S)
    # By chance the code of another step may be the same: then it is that step's.
    assert found == at // STEP_S if away <= 1 else found != at // STEP_S


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666"]
)
def test_what_is_no_code_is_of_no_step(text):
    assert step_of(SECRET, text, 59) is None


async def test_after_the_password_comes_the_factor_and_only_then_the_session(ann, owner):
    halfway = await ann.give_password()
    assert isinstance(halfway, Halfway)
    assert halfway.kinds == (Kind.TOTP,)
    assert halfway.token not in repr(halfway)
    assert await Person(ann.resources, token=halfway.token).as_subject() == ANONYMOUS
    granted = await ann.give(halfway, "totp", ann.code())
    assert isinstance(granted, Granted)
    assert (await ann.as_subject()).name == ann.email
    assert audited(owner, "sign_in")[0][1]["factor"] == "totp"


async def test_a_wrong_password_says_nothing_of_factors(ann):
    assert await ann.give_password(password=OTHER) is None


async def test_a_code_opens_once_even_in_a_new_sign_in(ann, owner):
    code = ann.code()
    assert isinstance(await ann.give(await ann.give_password(), "totp", code), Granted)
    again = await ann.give_password()
    assert await ann.give(again, "totp", code) == Wrong(TRIES - 1)
    who, details = audited(owner, "sign_in.step_refuse")[0]
    assert details == {"network": "192.0.2.0/24", "kind": "totp"}
    assert who == str((await ann.as_subject()).user_id)


async def test_an_older_code_is_refused_after_a_newer_one(ann):
    older = ann.code(steps=-1)
    ann.resources.clock.advance(STEP_S)
    older = ann.code(steps=-1)
    newer = ann.code()
    assert isinstance(await ann.give(await ann.give_password(), "totp", newer), Granted)
    assert await ann.give(await ann.give_password(), "totp", older) == Wrong(TRIES - 1)


async def test_the_code_that_confirmed_the_app_opens_nothing_more(resources):
    await open_account(resources)
    person = Person(resources)
    await person.give_password()
    person.key = (await person.do(security.begin_app, "")).key
    code = person.code()
    confirmed = await person.do(security.confirm_app, code, address=person.address, written=written)
    assert confirmed
    assert await person.give(await person.give_password(), "totp", code) == Wrong(TRIES - 1)


async def test_of_many_at_once_with_one_code_one_gets_in(ann):
    steps = [await ann.give_password() for _ in range(4)]
    code = ann.code()
    found = await asyncio.gather(*(ann.give(step, "totp", code) for step in steps))
    assert sum(isinstance(each, Granted) for each in found) == 1
    assert found.count(Wrong(TRIES - 1)) == 3


async def test_of_two_at_once_in_one_step_one_gets_in(ann):
    step = await ann.give_password()
    now, later = ann.code(), ann.code(steps=1)
    found = await asyncio.gather(
        ann.give(step, "totp", now), ann.give(step, "totp", later), return_exceptions=True
    )
    assert sum(isinstance(each, Granted) for each in found) == 1
    assert sum(isinstance(each, StepOver) for each in found) == 1


async def test_of_many_at_once_with_one_recovery_code_one_gets_in(ann):
    code, *_ = await ann.do(security.renew_codes, written=written)
    steps = [await ann.give_password() for _ in range(3)]
    found = await asyncio.gather(*(ann.give(step, "recovery", code) for step in steps))
    assert sum(isinstance(each, Granted) for each in found) == 1


async def test_a_step_that_took_too_long_is_over(ann):
    step = await ann.give_password()
    ann.resources.clock.advance(STEP_LASTS.total_seconds())
    with pytest.raises(StepOver):
        await ann.give(step, "totp", ann.code())


async def test_a_step_is_good_until_its_last_second(ann):
    step = await ann.give_password()
    ann.resources.clock.advance(STEP_LASTS.total_seconds() - 1)
    assert isinstance(await ann.give(step, "totp", ann.code()), Granted)


async def test_five_wrong_codes_end_the_step_and_the_member_is_told(ann):
    step = await ann.give_password()
    left = [(await ann.give(step, "totp", "000000")).left for _ in range(TRIES)]
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(StepOver):
        await ann.give(step, "totp", ann.code())
    assert (await ann.letters())[0] == ("stopped", "")


async def test_a_finished_step_is_over_and_so_is_one_that_never_was(ann):
    step = await ann.give_password()
    await ann.give(step, "totp", ann.code())
    ann.resources.clock.advance(STEP_S)
    for token in (step.token, secret(), ""):
        with pytest.raises(StepOver):
            await ann.give(replace(step, token=token), "totp", ann.code())


async def test_another_members_code_does_not_finish_a_step(ann):
    await open_account(ann.resources, BOB)
    bob = Person(ann.resources, BOB, ELSEWHERE)
    await bob.give_password()
    await bob.set_app_up()
    assert isinstance(await bob.give(await ann.give_password(), "totp", bob.code()), Wrong)


@pytest.mark.parametrize(
    "kind", ["", "password", "letter", "sms", "passkey", "recovery", "x" * 999]
)
async def test_a_kind_that_was_not_set_up_proves_nothing(ann, kind):
    step = await ann.give_password()
    assert await ann.give(step, kind, ann.code()) == Wrong(TRIES - 1)


async def test_a_password_that_is_replaced_meanwhile_ends_the_step(ann):
    step = await ann.give_password()
    subject = await ann.as_subject()
    held = (await ann.do(sessions.own)).token_hash
    async with begin(ann.resources, subject) as work:
        await accounts.change_password(
            work, PASSWORD, OTHER, token_hash=held, passwords=CheapPasswords()
        )
    with pytest.raises(StepOver):
        await ann.give(step, "totp", ann.code())


async def test_a_password_that_was_forgotten_and_chosen_anew_does_not_do_away_with_the_factor(ann):
    async with begin(ann.resources, ANONYMOUS) as work:
        await joining.forgot(work, Told(ann.address, ann.email), written=written)
    code = next(text for kind, text in await ann.letters() if kind == "reset")
    told = Told(ann.address, code=code, password=OTHER)
    waiting = await ann.give_password()
    async with begin(ann.resources, ANONYMOUS) as work:
        await joining.reset(work, told, passwords=CheapPasswords(), written=written)
    with pytest.raises(StepOver):
        await ann.give(waiting, "totp", ann.code())
    assert (await ann.give_password(password=OTHER)).kinds == (Kind.TOTP,)


async def test_a_locked_account_does_not_finish_its_step(ann, owner):
    step = await ann.give_password()
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        owner.execute("update accounts set state = 'locked'")
    with pytest.raises(StepOver):
        await ann.give(step, "totp", ann.code())


async def guess(person, times, address):
    """Guess so often, each time from an address, with a new step whenever one is over."""
    for each in range(times):
        if each % TRIES == 0:
            step = await person.give_password()
        await person.give(step, "totp", "000000", address=address(each))


async def test_guesses_are_throttled_however_many_steps_are_begun(ann):
    with pytest.raises(Throttled):
        await guess(ann, 20, lambda _: ann.address)


async def test_guesses_from_everywhere_are_throttled_for_the_account(ann):
    with pytest.raises(Throttled):
        await guess(ann, 60, "198.51.100.{}".format)


async def test_a_recovery_code_lets_in_once_and_the_member_is_told(ann):
    codes = await ann.do(security.renew_codes, written=written)
    assert len(set(codes)) == 10
    spoken = codes[0].upper().replace("-", " ")
    step = await ann.give_password()
    assert step.kinds == (Kind.TOTP, Kind.RECOVERY)
    assert isinstance(await ann.give(step, "recovery", spoken), Granted)
    assert "recovery_used" in [kind for kind, *_ in await ann.letters()]
    assert isinstance(await ann.give(await ann.give_password(), "recovery", codes[0]), Wrong)
    assert (await ann.do(security.look)).codes_left == 9


async def test_the_session_that_the_browser_held_ends_with_the_step_not_before(ann):
    first = ann.token
    step = await ann.give_password(held=first)
    assert (await ann.as_subject()).user_id
    await ann.give(step, "totp", ann.code(), held=first)
    assert await Person(ann.resources, token=first).as_subject() == ANONYMOUS


async def test_an_odd_arrival_without_a_factor_needs_the_code_of_a_letter(resources, odd):
    await open_account(resources)
    odd(Verdict.STEP_UP)
    bob = Person(resources)
    step = await bob.give_password()
    assert step.kinds == (Kind.LETTER,)
    ((kind, code),) = await bob.letters()
    assert (kind, len(code), code.isdecimal()) == ("step_code", 8, True)
    wrong = "00000000" if code != "00000000" else "11111111"
    assert await bob.give(step, "letter", wrong) == Wrong(TRIES - 1)
    assert isinstance(await bob.give(step, "letter", f"{code[:4]} {code[4:]}"), Granted)
    with pytest.raises(StepOver):
        await bob.give(step, "letter", code)


async def test_the_code_of_a_letter_is_for_the_browser_that_asked(resources, odd):
    await open_account(resources)
    odd(Verdict.STEP_UP)
    here, there = Person(resources), Person(resources, address=ELSEWHERE)
    step, other = await here.give_password(), await there.give_password()
    codes = [code for _, code in await here.letters()]
    tries = (there.give(other, "letter", code) for code in codes)
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, Granted) for each in found) == 1
    assert step.token != other.token


async def test_letters_with_codes_are_not_sent_without_end(resources, odd):
    await open_account(resources)
    odd(Verdict.STEP_UP)
    person = Person(resources)
    for _ in range(5):
        await person.give_password()
    with pytest.raises(Throttled):
        await person.give_password()
    assert len(await person.letters()) == 5


async def test_without_keys_no_letter_can_be_sealed_and_nobody_gets_in_oddly(resources, odd):
    await open_account(resources)
    odd(Verdict.STEP_UP)
    with pytest.raises(Unavailable):
        await Person(replace(resources, keys=KeyRing())).give_password()


async def test_an_odd_arrival_with_a_factor_is_asked_for_the_factor(ann, odd):
    odd(Verdict.STEP_UP)
    assert (await ann.give_password()).kinds == (Kind.TOTP,)


async def test_too_odd_an_arrival_is_refused_as_if_the_password_were_wrong(ann, odd, owner):
    odd(Verdict.BLOCK)
    assert await ann.give_password() is None
    noted = audited(owner, "sign_in.block")[0]
    assert noted[1]["reasons"] == ["far"]
    assert noted[1]["network"] == "192.0.2.0/24"


async def prove(person, password=PASSWORD, kind="", text=""):
    said = Said(kind, text, person.address, password=password)
    found = await person.do(second_step.prove, said, passwords=CheapPasswords(), written=written)
    if found:
        person.token = found.token
    return found


async def test_proof_gives_a_new_token_and_ends_the_old_one(resources, clock):
    await open_account(resources)
    person = Person(resources)
    await person.give_password()
    old = person.token
    clock.advance(3600)
    assert await prove(person)
    subject = await person.as_subject()
    assert subject.proved_at == clock.now()
    assert await Person(resources, token=old).as_subject() == ANONYMOUS


async def test_proof_needs_the_factor_as_well_where_there_is_one(ann, owner):
    assert await prove(ann) is None
    assert await prove(ann, kind="totp", text="000000") is None
    assert await prove(ann, OTHER, "totp", ann.code()) is None
    assert len(audited(owner, "session.prove_refuse")) >= 3
    assert await prove(ann, kind="totp", text=ann.code())


async def test_a_code_that_proved_does_not_prove_again(ann):
    code = ann.code()
    assert await prove(ann, kind="totp", text=code)
    assert await prove(ann, kind="totp", text=code) is None


async def test_a_factor_that_nobody_set_up_is_no_proof(resources):
    await open_account(resources)
    person = Person(resources)
    await person.give_password()
    assert await prove(person, kind="totp", text="123456") is None


async def test_proof_is_throttled(ann):
    for _ in range(10):
        assert await prove(ann, OTHER) is None
    with pytest.raises(Throttled):
        await prove(ann, OTHER)


async def test_a_visitor_can_prove_nothing(resources):
    with pytest.raises(NotAllowed):
        await prove(Person(resources))


async def test_what_a_step_waits_for_is_told_to_its_browser_alone(ann):
    step = await ann.give_password()
    async with begin(ann.resources, ANONYMOUS) as work:
        assert await second_step.asked(work, step.token) == (Kind.TOTP,)
    async with begin(ann.resources, ANONYMOUS) as work:
        assert await second_step.asked(work, secret()) == ()


async def test_nothing_that_opens_is_kept_as_it_is(ann, owner, odd):
    codes = await ann.do(security.renew_codes, written=written)
    odd(Verdict.STEP_UP)
    step = await ann.give_password()
    kept = []
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        for table in ("factors", "recovery_codes", "sign_in_steps", "sessions"):
            kept += owner.execute(f"select t::text from {table} t").fetchall()
    text = " ".join(row for (row,) in kept)
    assert len(kept) >= 13
    for secret_ in (ann.key, step.token, ann.token, *codes, *(c.replace("-", "") for c in codes)):
        assert secret_ not in text


def test_every_role_but_member_may_more_than_a_member():
    for role in set(Role) - {Role.MEMBER}:
        assert PERMISSIONS_OF[role] > PERMISSIONS_OF[Role.MEMBER]
