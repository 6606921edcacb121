"""Devices: known by a cookie that we signed, told of when they are new, and nobody else's."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app.letters import told
from domain.errors import NotAllowed, NotFound, ProofNeeded
from domain.letters import LetterKind
from domain.preferences import Language, Preferences
from kit.ids import secret
from services import devices, post, preferences, sessions
from services.access import ANONYMOUS, OPERATOR, PROOF_LASTS
from services.devices import LASTS, MOST
from services.work import begin
from store.keys import KeyRing
from tests.accounts import ANN, BOB, ELSEWHERE, HERE, CheapPasswords, an_attempt, open_account

pytestmark = pytest.mark.usefixtures("emptied")

KEYS = KeyRing().renewed()
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def sealed(resources):
    """What a process opens, with keys."""
    return replace(resources, keys=KEYS)


@pytest.fixture
def enter(sealed):
    """Return a function that signs somebody in with a device; it returns who they are then."""

    async def entering(device, email=ANN, **more):
        attempt = an_attempt(email, device=device, told=told, **{"agent": FIREFOX} | more)
        async with begin(sealed, ANONYMOUS) as work:
            granted = await sessions.sign_in(work, attempt, passwords=CheapPasswords())
        async with begin(sealed, ANONYMOUS) as work:
            return await sessions.resume(work, granted.token)

    return entering


async def known_to(resources, subject):
    async with begin(resources, subject) as work:
        return await devices.known(work)


async def letters(resources):
    async with begin(resources, OPERATOR) as work:
        return await post.outbox(work, readable=True)


def test_a_cookie_of_ours_is_read_and_no_other():
    device = devices.made(KEYS)
    cookie = devices.signed(KEYS, device)
    assert devices.read(KEYS, cookie) == device
    assert devices.read(KEYS.renewed(), cookie) == device
    assert devices.read(KeyRing().renewed(), cookie) == ""
    assert devices.made(KeyRing()) == devices.read(KeyRing(), cookie) == ""


@given(st.integers(0, 200), st.sampled_from("abcXYZ019._-"))
def test_a_cookie_that_was_changed_anywhere_is_none(at, letter):
    cookie = devices.signed(KEYS, "s" * 43)
    changed = cookie[: at % len(cookie)] + letter + cookie[at % len(cookie) + 1 :]
    assert devices.read(KEYS, changed) == ("s" * 43 if changed == cookie else "")


@given(st.text(max_size=300))
def test_no_text_of_a_client_is_a_cookie_or_an_error(text):
    assert devices.read(KEYS, text) == ""
    devices.hints_of(text, text)


async def test_the_first_device_is_known_from_then_on_and_no_letter_is_written(sealed, enter):
    await open_account(sealed)
    device = secret()
    ann = await enter(device)
    await enter(device)
    (found,) = await known_to(sealed, ann)
    assert (found.name, found.network, found.here) == ("Firefox on Linux", "192.0.2.0/24", True)
    assert await letters(sealed) == []


async def test_a_new_device_is_told_in_the_members_words(sealed, enter):
    ann = await open_account(sealed)
    async with begin(sealed, ann) as work:
        chosen = Preferences(language=Language.SPANISH, zone="Asia/Tokyo")
        await preferences.keep(work, chosen)
    await enter(secret())
    await enter(secret())
    (letter,) = await letters(sealed)
    assert (letter.kind, letter.address) == (LetterKind.NEW_DEVICE, ANN)
    assert letter.letter.subject == "Ha entrado un dispositivo nuevo"
    for said in ("Firefox on Linux", "192.0.2.0/24", "JST", "/es/account/sessions"):
        assert said in letter.letter.text
        assert said in letter.letter.html


async def test_a_browser_that_keeps_no_cookie_is_let_in_and_known_to_nobody(sealed, enter):
    await open_account(sealed)
    ann = await enter("")
    assert ann.user_id
    assert await known_to(sealed, ann) == []


async def test_only_hashes_are_kept_of_what_a_browser_brings(sealed, enter, owner):
    await open_account(sealed)
    device = secret()
    await enter(device, hints="a rare browser")
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        ((row,),) = owner.execute("select d::text from devices d").fetchall()
    assert device not in row
    assert "rare" not in row


async def test_two_accounts_on_one_device_are_not_seen_to_share_it(sealed, enter, owner):
    await open_account(sealed)
    await open_account(sealed, BOB)
    device = secret()
    await enter(device)
    await enter(device, BOB)
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        found = owner.execute("select secret_hash from devices").fetchall()
    assert len(set(found)) == 2


async def test_a_device_remembers_where_it_came_from_the_latest_first(sealed, enter, owner):
    await open_account(sealed)
    device = secret()
    for address in (HERE, ELSEWHERE, *(f"203.0.{n}.1" for n in range(9)), HERE):
        ann = await enter(device, address=address)
    (found,) = await known_to(sealed, ann)
    assert found.network == "192.0.2.0/24"
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        ((networks,),) = owner.execute("select networks from devices").fetchall()
    assert len(networks) == len(set(networks)) == 10


async def test_an_account_knows_so_many_devices_and_those_that_came_last(sealed, enter, clock):
    await open_account(sealed)
    first = secret()
    await enter(first)
    for _ in range(MOST):
        clock.advance(60)
        ann = await enter(secret())
    found = await known_to(sealed, ann)
    assert len(found) == MOST
    assert found[0].here
    assert found == sorted(found, key=lambda each: each.last_seen_at, reverse=True)


async def test_forgetting_a_device_ends_its_sessions_but_not_the_one_that_asks(sealed, enter):
    await open_account(sealed)
    mine, other = secret(), secret()
    away = await enter(other)
    here = await enter(mine)
    found = {each.here: each.id for each in await known_to(sealed, here)}
    async with begin(sealed, here) as work:
        assert await devices.forget(work, found[False]) == 1
        assert await devices.forget(work, found[True]) == 0
        with pytest.raises(NotFound):
            await devices.forget(work, found[True])
        assert [each.id for each in await sessions.listed(work)] == [here.session_id]
    assert away.session_id != here.session_id
    assert await known_to(sealed, here) == []


async def test_who_proved_nothing_lately_forgets_nothing(sealed, enter, clock):
    await open_account(sealed)
    ann = await enter(secret())
    (device,) = await known_to(sealed, ann)
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    async with begin(sealed, ann) as work:
        with pytest.raises(ProofNeeded):
            await devices.forget(work, device.id)
    assert await known_to(sealed, ann) == [device]


async def test_nobody_forgets_or_sees_somebody_elses_device(sealed, enter, clock):
    await open_account(sealed)
    bob = replace(await open_account(sealed, BOB), proved_at=clock.now())
    ann = await enter(secret())
    (anns,) = await known_to(sealed, ann)
    assert await known_to(sealed, bob) == []
    async with begin(sealed, bob) as work:
        with pytest.raises(NotFound):
            await devices.forget(work, anns.id)
    assert await known_to(sealed, ann) == [anns]


async def test_whoever_may_nothing_may_nothing_here(sealed, stranger):
    for subject in (stranger, ANONYMOUS):
        async with begin(sealed, subject) as work:
            for ask in (devices.known(work), devices.forget(work, uuid4())):
                with pytest.raises(NotAllowed):
                    await ask


def test_a_device_is_kept_as_long_as_its_cookie():
    assert LASTS.days == 365
