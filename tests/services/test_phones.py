"""Telephones and codes by text: confirmed, used as a backup, and bounded in every way."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotFound, ProofNeeded, Refused
from domain.factors import Kind
from services import passkeys, phones, second_step, text_codes
from services.access import ANONYMOUS, PROOF_LASTS
from services.halfway import Halfway, Throttled
from services.second_kinds import kinds_of
from services.second_step import Said, Wrong
from services.sessions import Granted
from services.text_codes import LASTS, MOST_ACCOUNTS, TRIES, numbered
from services.work import begin
from store import sealing
from store import texts as stored
from store.blind import blinded, sought
from store.keys import KeyRing
from store.sealing import SEALED
from tests.accounts import ANN, open_account, signed_in
from tests.members import Member, halfway, written

pytestmark = pytest.mark.usefixtures("emptied")
NUMBER, OTHER = "+447400123456", "+447400123457"
SAID = "{code} is your code"


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


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


@pytest.fixture
def last_text(resources):
    """Return a function that opens the text that was written last."""

    async def reading():
        async with resources.database.begin() as db:
            await stored.oversee(db)
            rows = await stored.due(db, resources.clock.now(), limit=50)
            texts = [text_codes.opened(resources.keys, row) for row in rows]
        return texts[-1]

    return reading


@pytest.fixture
def code(last_text):
    async def reading():
        return (await last_text()).body[:6]

    return reading


async def begun(ann, number=NUMBER, address="192.0.2.1"):
    await ann.does(phones.begin, number, address=address, said=SAID)


async def confirmed(ann, code):
    await begun(ann)
    granted = await ann.does(phones.confirm, await code(), written=written)
    ann.token = granted.token
    ann.resources.clock.advance(600)


async def test_a_telephone_counts_once_its_code_was_said(ann, code, last_text, resources):
    await begun(ann, " +44 7400 123456 ")
    assert (await last_text()).to == NUMBER
    assert await ann.does(phones.look) == phones.Phone(waiting="56")
    granted = await ann.does(phones.confirm, await code(), written=written)
    assert isinstance(granted, Granted)
    ann.token = granted.token
    assert await ann.does(phones.look) == phones.Phone("56")
    subject = await ann.subject()
    async with begin(resources, subject) as work:
        assert await kinds_of(work, subject.user_id) == (Kind.PASSKEY, Kind.SMS)


async def test_the_confirmed_telephone_stays_until_the_new_one_is_confirmed(
    ann, code, last_text, resources
):
    await confirmed(ann, code)
    ann.resources.clock.advance(-600)
    await begun(ann, OTHER)
    assert (await last_text()).to == OTHER
    assert await ann.does(phones.look) == phones.Phone("56", waiting="57")
    assert await ann.does(phones.confirm, "none", written=written) is None
    right = await code()
    ann.resources.clock.advance(60)
    # A code to sign in with goes to the number that was confirmed.
    step = await halfway(resources)
    await send_for_step(resources, step.token)
    assert (await last_text()).to == NUMBER
    assert isinstance(await finish(resources, step.token, await code()), Granted)
    # Its code took the place of the other number's, which waits no longer.
    with pytest.raises(NotFound):
        await ann.does(phones.confirm, right, written=written)
    ann.resources.clock.advance(120)
    await begun(ann, OTHER)
    ann.token = (await ann.does(phones.confirm, await code(), written=written)).token
    assert await ann.does(phones.look) == phones.Phone("57")
    ann.resources.clock.advance(120)
    await ann.does(phones.send_to_prove, address="192.0.2.1", said=SAID)
    assert (await last_text()).to == OTHER


async def test_a_code_of_a_first_number_confirms_no_later_one(ann, code):
    await begun(ann)
    earlier = await code()
    await begun(ann, OTHER)
    if earlier != await code():
        assert await ann.does(phones.confirm, earlier, written=written) is None
    assert await ann.does(phones.look) == phones.Phone(waiting="57")


async def test_a_number_that_waits_is_no_telephone_and_can_be_taken_back(ann, resources):
    await begun(ann)
    with pytest.raises(NotFound):
        await ann.does(phones.send_to_prove, address="192.0.2.1", said=SAID)
    await ann.does(phones.remove, written=written)
    assert await ann.does(phones.look) == phones.Phone()


async def test_a_number_waits_sealed_for_its_own_place_and_is_sealed_anew(ann, code, resources):
    await begun(ann)
    (column,) = [each for each in SEALED if each.table == "text_codes"]
    older, _ = resources.keys.newest()
    ring = resources.keys.renewed()
    newer, _ = ring.newest()
    async with resources.database.begin() as db:
        assert (await sealing.counted(db, [column]))[column] == {older: 1}
        assert (await sealing.reseal(db, ring, column)).done == 1
        assert (await sealing.counted(db, [column]))[column] == {newer: 1}
    later = Member(replace(resources, keys=ring), ann.token)
    assert await later.does(phones.confirm, await code(), written=written)
    async with resources.database.begin() as db:
        assert (await sealing.counted(db, [column]))[column] == {}


async def test_codes_without_a_number_are_nothing_to_seal_anew(ann, code, resources):
    await confirmed(ann, code)
    await ann.does(phones.send_to_prove, address="192.0.2.1", said=SAID)
    (column,) = [each for each in SEALED if each.table == "text_codes"]
    async with resources.database.begin() as db:
        assert (await sealing.counted(db, [column]))[column] == {}
        assert await sealing.reseal(db, resources.keys.renewed(), column) == sealing.Resealed()


async def test_texts_are_no_factor_by_themselves(member):
    bob = await member()
    with pytest.raises(Refused, match="backup"):
        await begun(bob)


async def test_a_telephone_alone_asks_for_no_second_step(ann, code, resources):
    await confirmed(ann, code)
    (key,) = await ann.listed()
    ann.resources.clock.advance(-600)
    await ann.does(passkeys.remove, key.id, written=written)
    subject = await ann.subject()
    async with begin(resources, subject) as work:
        assert await kinds_of(work, subject.user_id) == ()


async def test_a_wrong_code_is_counted_and_the_sixth_is_not_looked_at(ann, code):
    await begun(ann)
    right = await code()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(TRIES):
        assert await ann.does(phones.confirm, wrong, written=written) is None
    assert await ann.does(phones.confirm, right, written=written) is None


async def test_a_code_is_over_after_ten_minutes(ann, code, clock):
    await begun(ann)
    right = await code()
    clock.advance(LASTS.total_seconds())
    assert await ann.does(phones.look) == phones.Phone()
    assert await ann.does(phones.confirm, right, written=written) is None


async def test_a_newer_code_takes_the_place_of_the_one_before(ann, code, clock):
    await begun(ann)
    earlier = await code()
    clock.advance(1)
    await begun(ann)
    later = await code()
    if earlier != later:
        assert await ann.does(phones.confirm, earlier, written=written) is None
    assert await ann.does(phones.confirm, later, written=written)


async def test_setting_up_and_removing_need_fresh_proof(ann, code, clock):
    await confirmed(ann, code)
    clock.advance(PROOF_LASTS.total_seconds())
    with pytest.raises(ProofNeeded):
        await begun(ann)
    with pytest.raises(ProofNeeded):
        await ann.does(phones.confirm, "1", written=written)
    with pytest.raises(ProofNeeded):
        await ann.does(phones.remove, written=written)


async def test_a_telephone_is_removed(ann, code):
    await begun(ann)
    granted = await ann.does(phones.confirm, await code(), written=written)
    ann.token = granted.token
    await ann.does(phones.remove, written=written)
    assert await ann.does(phones.look) == phones.Phone()
    with pytest.raises(NotFound):
        await ann.does(phones.remove, written=written)


async def send_for_step(resources, token):
    async with begin(resources, ANONYMOUS) as work:
        await phones.send_for_step(work, token, address="192.0.2.9", said=SAID)


async def finish(resources, token, said):
    told = Said(kind=Kind.SMS, text=said, address="192.0.2.1", token=token)
    async with begin(resources, ANONYMOUS) as work:
        return await second_step.finish(work, told, written=written)


async def test_a_text_finishes_the_sign_in_that_it_was_sent_for(ann, code, resources):
    await confirmed(ann, code)
    step = await halfway(resources)
    assert isinstance(step, Halfway)
    await send_for_step(resources, step.token)
    right = await code()
    assert isinstance(await finish(resources, step.token, f" {right[:3]} {right[3:]}"), Granted)


async def test_a_code_of_one_sign_in_finishes_no_other(ann, code, resources):
    await confirmed(ann, code)
    step = await halfway(resources)
    await send_for_step(resources, step.token)
    right = await code()
    later = await halfway(resources)
    assert isinstance(await finish(resources, later.token, right), Wrong)


async def test_a_code_to_prove_is_of_one_session(ann, code, resources):
    await confirmed(ann, code)
    other = Member(resources, await signed_in_by_text(ann, code, resources))
    await ann.does(phones.send_to_prove, address="192.0.2.1", said=SAID)
    right = await code()

    async def right_for(who):
        subject = await who.subject()
        async with begin(resources, subject) as work:
            about = str(subject.session_id)
            return await text_codes.right(work, subject.user_id, about, right)

    assert not await right_for(other)
    assert await right_for(ann)


async def signed_in_by_text(ann, code, resources):
    step = await halfway(resources)
    await send_for_step(resources, step.token)
    granted = await finish(resources, step.token, await code())
    resources.clock.advance(120)
    return granted.token


async def test_texts_to_one_member_are_bounded(ann):
    for _ in range(3):
        await begun(ann)
    with pytest.raises(Throttled):
        await begun(ann, OTHER, "198.51.100.1")


async def test_a_day_has_few_texts_however_slowly_they_are_asked_for(ann, code, clock, resources):
    await confirmed(ann, code)
    sent, subject = 1, await ann.subject()
    for minute in range(10, 24 * 60, 10):
        clock.advance(600)
        async with begin(resources, subject) as work:
            row = await stored.phone(work.db, subject.user_id)
            try:
                await text_codes.send(work, row, "phone", address=f"{minute}", said=SAID)
                sent += 1
            except Throttled:
                pass
    assert text_codes.A_DAY // 2 < sent <= text_codes.A_DAY


async def test_texts_to_one_number_are_bounded_whoever_asks(ann, member):
    for _ in range(3):
        await begun(ann)
    bob = await member("bob@example.com")
    await bob.has_key()
    with pytest.raises(Throttled):
        await begun(bob, address="198.51.100.1")


async def test_without_a_key_no_number_is_kept(ann):
    keyless = Member(replace(ann.resources, keys=KeyRing()), ann.token)
    with pytest.raises(Refused, match="key file"):
        await begun(keyless)
    assert await ann.does(phones.look) == phones.Phone()


async def test_what_is_kept_of_a_code_tells_nothing_of_it(ann, code, owner):
    await begun(ann)
    right = await code()
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        kept = owner.execute("select code_hash, sealed from text_codes").fetchone()
    assert right not in kept[0]
    assert "7400" not in kept[1]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("+44 7400 123456", NUMBER),
        ("+1 (201) 555-0123", "+12015550123"),
        ("+34 612 34 56 78", "+34612345678"),
    ],
)
def test_a_number_is_kept_as_e_164_writes_it(said, kept):
    assert numbered(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "",
        "07400 123456",
        "+44",
        "+449",
        "+44 9098 790 000",
        "+44 20 7946 0958",
        "+999 123",
        "x" * 99,
    ],
)
def test_what_is_no_mobile_number_is_refused(said):
    with pytest.raises(Refused, match="number"):
        numbered(said)


@given(st.text(max_size=60))
def test_whatever_is_written_is_a_number_or_refused(said):
    try:
        kept = numbered(said)
    except Refused:
        return
    assert kept.startswith("+")
    assert kept[1:].isdecimal()


async def test_a_number_stands_for_few_accounts_and_for_another_once_one_lets_it_go(
    member, code, resources
):
    *first, last = [await member(f"{n}@example.com") for n in range(MOST_ACCOUNTS + 1)]
    for n, one in enumerate([*first, last]):
        await one.has_key()
        await begun(one, address=f"192.0.{n}.1")
        if one is not last:
            one.token = (await one.does(phones.confirm, await code(), written=written)).token
            resources.clock.advance(60)
    with pytest.raises(Refused, match="as many other accounts"):
        await last.does(phones.confirm, await code(), written=written)
    assert await last.does(phones.look) == phones.Phone(waiting="56")
    await first[0].does(phones.remove, written=written)
    assert await last.does(phones.confirm, await code(), written=written)


async def test_a_number_is_found_again_under_the_key_that_comes_next(member, code, resources):
    (column,) = [each for each in SEALED if each.table == "phones"]
    one = await member()
    await one.has_key()
    await confirmed(one, code)
    ring = resources.keys.renewed()
    place = (column.table, column.column, NUMBER)
    for found, count in ((sought(ring, *place), 1), ([blinded(ring, *place)], 0)):
        async with resources.database.begin() as db:
            assert await stored.others_with(db, found, uuid4()) == count
    async with resources.database.begin() as db:
        assert (await sealing.reseal(db, ring, column)).done == 1
        assert await stored.others_with(db, [blinded(ring, *place)], uuid4()) == 1
