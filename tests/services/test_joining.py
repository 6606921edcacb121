"""Joining: an account needs the letter and the password; nobody learns who has one."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from domain.errors import NotAllowed, Refused, Unavailable
from domain.letters import Letter, LetterKind
from domain.plans import PlanName
from services import joining, post, sessions
from services.access import ANONYMOUS, OPERATOR, PERMISSIONS_OF, Role, Subject
from services.joining import LASTS, Expired, Told
from services.sessions import Throttled
from services.work import begin
from store import mail
from store.keys import KeyRing
from tests.accounts import (
    ANN,
    BOB,
    ELSEWHERE,
    HERE,
    OTHER,
    PASSWORD,
    CheapPasswords,
    an_attempt,
    open_account,
    signed_in,
)

pytestmark = pytest.mark.usefixtures("emptied")
STRANGER = Subject(uuid4(), PERMISSIONS_OF[Role.SUPPORT], "other@example.com", Role.SUPPORT)


def written(kind, code):
    """Write a letter that says nothing but its code."""
    return Letter(subject=str(kind), text=code, html="")


def told(email=ANN, password=PASSWORD, code="", address=HERE):
    return Told(address=address, email=email, password=password, code=code)


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def do(resources):
    """Return a function that does what somebody asks for, in a transaction of its own."""
    means = {"passwords": CheapPasswords(), "written": written}
    takes = {
        joining.register: ("passwords", "written"),
        joining.confirm: ("passwords",),
        joining.forgot: ("written",),
        joining.reset: ("passwords", "written"),
    }

    async def doing(act, said):
        async with begin(resources, ANONYMOUS) as work:
            return await act(work, said, **{name: means[name] for name in takes[act]})

    return doing


@pytest.fixture
def letters(resources):
    """Return a function that reads the outbox: kind, address and code of each, the newest first."""

    async def reading():
        async with begin(resources, OPERATOR) as work:
            kept = await post.outbox(work, readable=True)
        return [(each.kind, each.address, each.letter.text) for each in kept]

    return reading


@pytest.fixture
def enter(resources):
    """Return a function that says whether somebody is let in."""

    async def entering(email, password):
        async with begin(resources, ANONYMOUS) as work:
            attempt = an_attempt(email, password)
            return await sessions.sign_in(work, attempt, passwords=CheapPasswords()) is not None

    return entering


async def test_the_letter_and_the_password_together_make_an_account_that_is_signed_in(
    do, letters, resources
):
    await do(joining.register, told())
    ((kind, address, code),) = await letters()
    assert (kind, address) == (LetterKind.CONFIRM, ANN)
    granted = await do(joining.confirm, told(code=code))
    async with begin(resources, ANONYMOUS) as work:
        member = await sessions.resume(work, granted.token)
    assert (member.name, member.role, member.view.plan.name) == (ANN, Role.MEMBER, PlanName.FREE)


async def test_there_is_no_account_before_the_letter_was_used(do, enter):
    await do(joining.register, told())
    assert not await enter(ANN, PASSWORD)


async def test_a_letter_without_the_password_makes_nothing(do, letters, enter):
    await do(joining.register, told())
    ((_, _, code),) = await letters()
    with pytest.raises(Refused, match="password that was chosen"):
        await do(joining.confirm, told(password=OTHER, code=code))
    assert not await enter(ANN, OTHER)
    assert await do(joining.confirm, told(code=code))


async def test_who_registers_an_address_of_another_gains_nothing_when_they_confirm(
    do, letters, enter
):
    await do(joining.register, told(password=OTHER, address=ELSEWHERE))
    await do(joining.register, told(password=PASSWORD))
    codes = [code for _, _, code in await letters()]
    for code in codes:
        try:
            await do(joining.confirm, told(password=PASSWORD, code=code))
        except Refused:
            continue
    assert await enter(ANN, PASSWORD)
    assert not await enter(ANN, OTHER)


@pytest.mark.parametrize("purpose", [joining.confirm, joining.reset])
@pytest.mark.parametrize("code", ["", "x" * 43, "\0", "a" * 10_000])
async def test_a_code_that_nobody_was_sent_is_refused(do, purpose, code):
    with pytest.raises(Expired):
        await do(purpose, told(code=code))


async def test_a_code_is_good_once_and_for_a_day(do, letters, clock):
    await do(joining.register, told())
    await do(joining.register, told(BOB))
    codes = {address: code for _, address, code in await letters()}
    await do(joining.confirm, told(code=codes[ANN]))
    with pytest.raises(Expired):
        await do(joining.confirm, told(code=codes[ANN]))
    clock.advance(LASTS["confirm"].total_seconds())
    with pytest.raises(Expired):
        await do(joining.confirm, told(BOB, code=codes[BOB]))


async def test_a_code_of_one_kind_is_not_good_for_the_other(do, letters, resources):
    await open_account(resources, BOB)
    await do(joining.register, told())
    await do(joining.forgot, told(BOB))
    codes = {kind: code for kind, _, code in await letters()}
    with pytest.raises(Expired):
        await do(joining.reset, told(code=codes[LetterKind.CONFIRM], password=OTHER))
    with pytest.raises(Expired):
        await do(joining.confirm, told(code=codes[LetterKind.RESET]))


async def test_of_two_who_use_a_code_at_once_one_is_refused(do, letters):
    await do(joining.register, told())
    ((_, _, code),) = await letters()
    ends = await asyncio.gather(
        *(do(joining.confirm, told(code=code)) for _ in range(2)), return_exceptions=True
    )
    assert sorted(isinstance(each, Expired) for each in ends) == [False, True]


async def test_an_address_that_has_an_account_is_told_so_in_its_mailbox_alone(
    do, letters, resources
):
    await open_account(resources)
    assert await do(joining.register, told(password=OTHER)) == await do(
        joining.register, told(BOB, OTHER)
    )
    kinds = {(kind, address, code != "") for kind, address, code in await letters()}
    assert kinds == {(LetterKind.KNOWN, ANN, False), (LetterKind.CONFIRM, BOB, True)}


async def test_who_forgot_a_password_chooses_another_and_all_sessions_end(
    do, letters, resources, enter
):
    await open_account(resources)
    token = await signed_in(resources, address=HERE)
    await do(joining.forgot, told())
    ((_, _, code),) = await letters()
    await do(joining.reset, told(code=code, password=OTHER))
    async with begin(resources, ANONYMOUS) as work:
        assert await sessions.resume(work, token) == ANONYMOUS
    assert (await enter(ANN, PASSWORD), await enter(ANN, OTHER)) == (False, True)
    assert {kind for kind, _, _ in await letters()} == {LetterKind.RESET, LetterKind.CHANGED}
    with pytest.raises(Expired):
        await do(joining.reset, told(code=code, password=PASSWORD))


async def test_a_reset_uses_up_every_other_code_of_the_account(do, letters, resources):
    await open_account(resources)
    await do(joining.forgot, told())
    await do(joining.forgot, told())
    (_, _, one), (_, _, other) = await letters()
    await do(joining.reset, told(code=one, password=OTHER))
    with pytest.raises(Expired):
        await do(joining.reset, told(code=other, password=PASSWORD))


async def test_nobody_is_told_whether_an_address_has_an_account(do, letters):
    await do(joining.forgot, told("nobody@example.com"))
    assert await letters() == []


async def test_a_locked_account_gets_no_code(do, letters, resources, owner):
    await open_account(resources)
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        owner.execute("update accounts set state = 'locked'")
    await do(joining.forgot, told())
    assert await letters() == []


@pytest.mark.parametrize(("email", "password"), [("no address", PASSWORD), (ANN, "password1234")])
async def test_what_will_not_do_is_refused_before_anything_is_sent(do, letters, email, password):
    with pytest.raises(Refused):
        await do(joining.register, told(email, password))
    assert await letters() == []


@pytest.mark.parametrize("act", [joining.register, joining.forgot])
async def test_a_mailbox_is_not_flooded(do, letters, resources, act):
    await open_account(resources)
    for n in range(5):
        await do(act, told(password=OTHER, address=f"192.0.{n}.1"))
    with pytest.raises(Throttled):
        await do(act, told(password=OTHER, address="203.0.113.5"))
    assert len(await letters()) == 5


async def test_without_a_key_nothing_is_kept_of_what_cannot_be_sealed(resources, owner):
    bare = replace(resources, keys=KeyRing())
    with pytest.raises(Unavailable):
        async with begin(bare, ANONYMOUS) as work:
            await joining.register(work, told(), passwords=CheapPasswords(), written=written)
    assert owner.execute("select count(*) from codes").fetchone() == (0,)


async def test_neither_codes_nor_letters_can_be_read_from_the_tables(do, owner, letters):
    await do(joining.register, told())
    ((_, _, code),) = await letters()
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'mail', true)")
        kept = owner.execute("select * from codes").fetchall()
        kept += owner.execute("select * from letters").fetchall()
    assert len(kept) == 2
    assert code not in repr(kept)
    assert PASSWORD not in repr(kept)


async def test_only_who_manages_accounts_reads_the_outbox(resources):
    for subject in (ANONYMOUS, STRANGER):
        async with begin(resources, subject) as work:
            with pytest.raises(NotAllowed):
                await post.outbox(work, readable=True)


async def test_old_letters_and_codes_that_are_over_are_forgotten(do, resources, database, clock):
    await do(joining.register, told())
    clock.advance(timedelta(days=8).total_seconds())
    await do(joining.register, told(BOB))
    async with database.begin() as db:
        await mail.oversee(db)
        assert await mail.forget_old(db, clock.now(), kept=post.KEPT) == 2
        assert (await db.scalar(sa.text("select count(*) from letters"))) == 1


async def test_who_joined_is_in_the_audit_without_an_address(do, letters, owner):
    await do(joining.register, told())
    ((_, _, code),) = await letters()
    await do(joining.confirm, told(code=code))
    found = owner.execute("select details from audit where action = 'account.register'").fetchall()
    assert found[-1] == ({"network": "192.0.2.0/24"},)
    assert ANN not in repr(owner.execute("select * from audit").fetchall())
