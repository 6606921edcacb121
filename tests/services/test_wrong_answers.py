"""Wrong answers after the right password: five are told by letter, of whatever kind they were."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.factors import Kind
from services import risk, second_step, security
from services.halfway import LETTERS_AT_ONCE, Throttled
from services.risk import Judged, Verdict
from services.second_step import TRIES, Said, Wrong
from store.keys import KeyRing
from tests.accounts import PASSWORD, CheapPasswords, open_account
from tests.factors import Person, written

pytestmark = pytest.mark.usefixtures("emptied")
WRONG = {
    Kind.TOTP: "000000",
    Kind.RECOVERY: "abcdef-ghijkl-mnopqr-stuvwx",
    Kind.SMS: "000000",
    Kind.PASSKEY: "{}",
}
HOUR_S = 3_600.0


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
    await person.do(security.renew_codes, written=written)
    return person


async def stopped(person):
    return [kind for kind, _ in await person.letters()].count("stopped")


async def prove(person, kind, text, password=PASSWORD):
    said = Said(kind, text, person.address, password=password)
    return await person.do(second_step.prove, said, passwords=CheapPasswords(), written=written)


@pytest.mark.parametrize("kind", WRONG)
async def test_the_fifth_wrong_answer_is_told_once_of_whatever_kind(ann, kind):
    step = await ann.give_password()
    for _ in range(TRIES - 1):
        assert isinstance(await ann.give(step, kind, WRONG[kind]), Wrong)
    assert await stopped(ann) == 0
    assert await ann.give(step, kind, WRONG[kind]) == Wrong(0)
    assert await stopped(ann) == 1


async def test_the_fifth_wrong_code_of_a_letter_is_told(resources, monkeypatch):
    async def odd(work, account, arrival):
        return Judged(Verdict.STEP_UP, 1.0, ("far",))

    monkeypatch.setattr(risk, "of_sign_in", odd)
    await open_account(resources)
    person = Person(resources)
    step = await person.give_password()
    for _ in range(TRIES):
        await person.give(step, "letter", "none")
    assert await stopped(person) == 1


async def test_wrong_answers_count_together_over_kinds_and_half_way_sign_ins(ann):
    for kind in (Kind.TOTP, Kind.RECOVERY, Kind.SMS, Kind.TOTP):
        await ann.give(await ann.give_password(), kind, WRONG[kind])
    assert await stopped(ann) == 0
    await ann.give(await ann.give_password(), Kind.RECOVERY, WRONG[Kind.RECOVERY])
    assert await stopped(ann) == 1


@pytest.mark.parametrize("kind", [Kind.TOTP, Kind.RECOVERY, Kind.SMS])
async def test_so_do_those_of_a_session_that_is_to_prove_who_it_is(ann, kind):
    for _ in range(TRIES - 1):
        assert await prove(ann, kind, WRONG[kind]) is None
    assert await stopped(ann) == 0
    assert await prove(ann, Kind.TOTP, ann.code(), password="not the password") is None
    assert await stopped(ann) == 1


async def test_right_answers_are_not_told(ann):
    for _ in range(TRIES + 1):
        step = await ann.give_password()
        await ann.give(step, Kind.TOTP, ann.code())
        ann.resources.clock.advance(60)
    assert await stopped(ann) == 0


async def test_wrong_answers_of_many_hours_are_not_added_up(ann):
    for _ in range(3 * TRIES):
        await ann.give(await ann.give_password(), Kind.TOTP, WRONG[Kind.TOTP])
        ann.resources.clock.advance(HOUR_S)
    assert await stopped(ann) == 0


async def test_no_mailbox_is_flooded_and_a_day_later_it_is_told_again(ann):
    tried = 0
    for _ in range(100):
        try:
            step = await ann.give_password()
            await ann.give(step, Kind.TOTP, WRONG[Kind.TOTP])
            tried += 1
        except Throttled:
            ann.resources.clock.advance(30)
    assert tried > (LETTERS_AT_ONCE + 2) * TRIES
    assert await stopped(ann) == LETTERS_AT_ONCE
    ann.resources.clock.advance(timedelta(days=1).total_seconds())
    step = await ann.give_password()
    for _ in range(TRIES):
        await ann.give(step, Kind.TOTP, WRONG[Kind.TOTP])
    assert await stopped(ann) == LETTERS_AT_ONCE + 1
