"""Moving: the new mailbox and the password together move an account; the old one can undo it."""

import asyncio
from dataclasses import replace

import pytest

from domain.errors import NotAllowed, ProofNeeded, Refused
from domain.letters import LetterKind
from services import joining, moving
from services.access import ANONYMOUS, PROOF_LASTS
from services.joining import Expired, Told
from services.moving import KEEP, LASTS, MOVE
from services.sessions import Throttled
from services.work import begin
from store.keys import KeyRing
from tests.accounts import ANN, BOB, HERE, OTHER, PASSWORD, CheapPasswords, open_account
from tests.services.lives import audited, behind, codes, enters, letters, proved, written

pytestmark = pytest.mark.usefixtures("emptied")
NEW = "ann@elsewhere.example"
RESET = LetterKind.RESET


def told(email="", code="", password=PASSWORD):
    return Told(address=HERE, email=email, code=code, password=password)


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
async def ann(resources, clock):
    return proved(await open_account(resources), clock)


@pytest.fixture
def ask(resources, ann, clock):
    """Return a function by which a member, Ann if nobody is named, asks for another address."""

    async def asking(email=NEW, who=ann):
        async with begin(resources, who) as work:
            await moving.ask(work, told(email), written=written)
        clock.advance(1)

    return asking


@pytest.fixture
def do(resources):
    """Return a function that uses a code."""

    async def doing(act, code, **more):
        async with begin(resources, ANONYMOUS) as work:
            given = told(code=code, **more)
            await act(work, given, passwords=CheapPasswords(), written=written)

    return doing


async def test_the_code_of_the_new_mailbox_and_the_password_move_the_account(
    ask, do, resources, ann
):
    token = await enters(resources, ANN)
    await ask()
    assert {(kind, to) for kind, to, _ in await letters(resources)} == {
        (LetterKind.MOVE, NEW), (LetterKind.MOVE_ASKED, ANN)
    }  # fmt: skip
    assert (await behind(resources, token)).name == ANN
    await do(moving.move, (await codes(resources))[LetterKind.MOVE])
    assert (await behind(resources, token)).name == NEW
    assert await enters(resources, ANN) is None
    assert await enters(resources, NEW)
    done = {(kind, to) for kind, to, _ in await letters(resources)}
    assert done >= {(LetterKind.MOVED, NEW), (LetterKind.MOVED_AWAY, ANN)}


async def test_who_has_not_proved_lately_moves_nothing(ask, ann, clock, resources):
    for who in (replace(ann, proved_at=None),
                replace(ann, proved_at=clock.now() - PROOF_LASTS * 1.01)):  # fmt: skip
        with pytest.raises(ProofNeeded):
            await ask(who=who)
    with pytest.raises(NotAllowed):
        await ask(who=ANONYMOUS)
    assert await letters(resources) == []


@pytest.mark.parametrize("email", ["", "none", " ANN@example.com "])
async def test_what_is_no_other_address_is_refused(ask, email):
    with pytest.raises(Refused):
        await ask(email)


async def test_an_address_that_has_an_account_is_answered_the_same_and_its_letter_has_no_code(
    ask, do, resources
):
    await open_account(resources, BOB)
    await ask(BOB)
    sent = {kind: (to, code) for kind, to, code in await letters(resources)}
    assert sent[LetterKind.MOVE_TAKEN] == (BOB, "")
    assert sent[LetterKind.MOVE_ASKED][0] == ANN
    assert LetterKind.MOVE not in sent


async def test_an_address_that_got_an_account_meanwhile_stays_that_ones(ask, do, resources):
    await ask()
    await open_account(resources, NEW, password=OTHER)
    with pytest.raises(Expired):
        await do(moving.move, (await codes(resources))[LetterKind.MOVE])
    assert await enters(resources, NEW, OTHER)
    assert await enters(resources, ANN)


async def test_a_letter_that_went_astray_gives_nobody_an_account(ask, do, resources):
    await ask()
    code = (await codes(resources))[LetterKind.MOVE]
    with pytest.raises(Refused, match="not the password"):
        await do(moving.move, code, password=OTHER)
    assert await enters(resources, ANN)


async def test_a_code_moves_once_and_only_the_newest_does_and_for_a_day(
    ask, do, resources, clock, ann
):
    await ask()
    old = (await codes(resources))[LetterKind.MOVE]
    await ask("third@example.com")
    new = (await codes(resources))[LetterKind.MOVE]
    with pytest.raises(Expired):
        await do(moving.move, old)
    await do(moving.move, new)
    with pytest.raises(Expired):
        await do(moving.move, new)
    await ask("fourth@example.com")
    clock.advance(LASTS[MOVE].total_seconds())
    with pytest.raises(Expired):
        await do(moving.move, (await codes(resources))[LetterKind.MOVE])


async def test_of_two_who_use_a_code_at_once_one_does(ask, do, resources):
    await ask()
    code = (await codes(resources))[LetterKind.MOVE]
    done = await asyncio.gather(*(do(moving.move, code) for _ in range(2)), return_exceptions=True)
    assert sorted(type(each) for each in done if each is not None) == [Expired]


async def test_another_password_calls_a_move_off(ask, do, resources):
    await ask()
    move = (await codes(resources))[LetterKind.MOVE]
    async with begin(resources, ANONYMOUS) as work:
        await joining.forgot(work, told(ANN), written=written)
    reset = (await codes(resources))[LetterKind.RESET]
    async with begin(resources, ANONYMOUS) as work:
        given = told(code=reset, password=OTHER)
        await joining.reset(work, given, passwords=CheapPasswords(), written=written)
    with pytest.raises(Expired):
        await do(moving.move, move, password=OTHER)


@pytest.mark.parametrize("done", [False, True])
async def test_the_old_mailbox_stops_and_undoes_it_and_who_asked_is_out(ask, do, resources, done):
    await ask()
    sent = await codes(resources)
    if done:
        await do(moving.move, sent[LetterKind.MOVE])
        sent |= await codes(resources)
    thief = await enters(resources, NEW if done else ANN)
    await do(moving.keep, sent[LetterKind.MOVED_AWAY if done else LetterKind.MOVE_ASKED])
    assert (await behind(resources, thief)).user_id is None
    for email in (ANN, NEW):
        assert await enters(resources, email) is None
    with pytest.raises(Expired):
        await do(moving.move, sent[LetterKind.MOVE])
    (code,) = [c for kind, to, c in await letters(resources) if (kind, to) == (RESET, ANN)]
    async with begin(resources, ANONYMOUS) as work:
        given = told(code=code, password=OTHER)
        await joining.reset(work, given, passwords=CheapPasswords(), written=written)
    assert await enters(resources, ANN, OTHER)


async def test_what_was_moved_is_undone_for_three_days_and_once(ask, do, resources, clock):
    await ask()
    await do(moving.move, (await codes(resources))[LetterKind.MOVE])
    undo = (await codes(resources))[LetterKind.MOVED_AWAY]
    clock.advance(LASTS[KEEP].total_seconds() - 1)
    await do(moving.keep, undo)
    with pytest.raises(Expired):
        await do(moving.keep, undo)


async def test_after_three_days_it_stays_moved(ask, do, resources, clock):
    await ask()
    await do(moving.move, (await codes(resources))[LetterKind.MOVE])
    clock.advance(LASTS[KEEP].total_seconds())
    with pytest.raises(Expired):
        await do(moving.keep, (await codes(resources))[LetterKind.MOVED_AWAY])
    assert await enters(resources, NEW)


@pytest.mark.parametrize("code", ["", "x" * 43, "\0", "a" * 10_000])
@pytest.mark.parametrize("act", [moving.move, moving.keep])
async def test_a_code_that_nobody_was_sent_is_refused(do, act, code):
    with pytest.raises(Expired):
        await do(act, code)


async def test_a_code_of_one_kind_is_not_good_for_the_other(ask, do, resources):
    await ask()
    sent = await codes(resources)
    with pytest.raises(Expired):
        await do(moving.keep, sent[LetterKind.MOVE])
    with pytest.raises(Expired):
        await do(moving.move, sent[LetterKind.MOVE_ASKED])


async def test_too_many_are_told_to_wait(ask, do):
    for number in range(5):
        await ask(f"n{number}@example.com")
        with pytest.raises(Expired):
            await do(moving.move, "x" * 43)
    with pytest.raises(Throttled):
        await ask()
    with pytest.raises(Throttled):
        await do(moving.move, "x" * 43)


async def test_each_step_is_on_record_without_an_address(ask, do, resources, owner, ann):
    await ask()
    await do(moving.move, (await codes(resources))[LetterKind.MOVE])
    await do(moving.keep, (await codes(resources))[LetterKind.MOVED_AWAY])
    noted = audited(owner, ann)
    assert [action for action, _ in noted][1:] == [
        "account.move_ask", "account.move", "account.keep"
    ]  # fmt: skip
    assert not any("@" in str(details) for _, details in noted)
