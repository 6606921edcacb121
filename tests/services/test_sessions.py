"""Sessions: begun by the right password alone, over when they should be, and told to nobody."""

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from domain.errors import NotAllowed, ProofNeeded, Unavailable
from kit.ids import secret
from services import sessions
from services.access import ANONYMOUS, PERMISSIONS_OF, PROOF_LASTS, Role, Subject
from services.sessions import MEMBERS, STAFF, Throttled, hash_of
from services.work import begin
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
)

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def passwords():
    return CheapPasswords()


@pytest.fixture
def enter(resources, passwords):
    """Return a function that tries to sign somebody in."""

    async def entering(*told, **more):
        async with begin(resources, ANONYMOUS) as work:
            return await sessions.sign_in(work, an_attempt(*told, **more), passwords=passwords)

    return entering


@pytest.fixture
def who(resources):
    """Return a function that says who is behind a token."""

    async def asking(token, **more):
        async with begin(resources, ANONYMOUS) as work:
            return await sessions.resume(work, token, **more)

    return asking


def rows(owner, text, *values):
    return owner.execute(text, values).fetchall()


def last_audit(owner):
    return rows(owner, "select action, subject, details from audit order by id desc limit 1")[0]


async def test_the_right_password_begins_a_session_of_that_member(resources, enter, who):
    ann = await open_account(resources, role=Role.ANALYST)
    granted = await enter("ANN@example.com ")
    assert await who(granted.token) == ann
    assert ann.permissions == PERMISSIONS_OF[Role.ANALYST]


async def test_only_the_hash_of_a_token_is_kept_and_no_repr_shows_either(resources, enter, owner):
    await open_account(resources)
    granted = await enter(agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0")
    kept = rows(owner, "select token_hash, agent, address from sessions")
    # The owner of the tables sees no member's rows either, unless it says whose.
    assert kept == []
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        kept = rows(owner, "select token_hash, agent, address from sessions")
    assert kept == [(hash_of(granted.token), "Chrome on Linux", HERE)]
    assert granted.token not in repr(granted)
    assert PASSWORD not in repr(an_attempt())


async def test_what_is_wrong_is_not_told_and_costs_the_same_work(
    resources, enter, passwords, owner
):
    ann = await open_account(resources)
    answers = []
    for email, password, noted in (
        (ANN, OTHER, str(ann.user_id)),
        (BOB, PASSWORD, "nobody"),
        ("no address at all", PASSWORD, "nobody"),
        (ANN, "", str(ann.user_id)),
    ):
        before = passwords.compared
        answers.append(await enter(email, password))
        assert passwords.compared == before + 1
        refused = ("sign_in.refuse", noted, {"network": "192.0.2.0/24"})
        assert last_audit(owner) == refused
    assert answers == [None] * 4


async def test_no_entry_of_the_audit_names_the_address_that_was_tried(resources, enter, owner):
    await open_account(resources)
    assert await enter("very.rare.name@example.com") is None
    assert await enter()
    found = rows(owner, "select 1 from audit where details::text like '%%rare%%'")
    assert found == []
    assert rows(owner, "select 1 from audit where details::text like %s", f"%{ANN}%") == []


async def test_a_locked_account_is_shut_at_once_and_answers_like_a_wrong_password(
    resources, enter, who, owner
):
    await open_account(resources)
    granted = await enter()
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        owner.execute("update accounts set state = 'locked'")
    assert await who(granted.token) == ANONYMOUS
    assert await enter() is None


async def test_a_password_kept_at_an_older_cost_is_renewed_by_signing_in(
    resources, passwords, owner
):
    await open_account(resources)
    dearer = CheapPasswords(passes=2)
    async with begin(resources, ANONYMOUS) as work:
        assert await sessions.sign_in(work, an_attempt(), passwords=dearer)
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        (kept,) = rows(owner, "select password_hash from accounts")[0]
    assert not dearer.outdated(kept)
    assert await dearer.verify(PASSWORD, kept)


async def test_a_token_is_new_each_time_and_ends_the_one_that_the_browser_held(
    resources, enter, who
):
    ann, bob = await open_account(resources), await open_account(resources, BOB)
    first = await enter()
    second = await enter(held=first.token)
    assert await who(first.token) == ANONYMOUS
    assert await who(second.token) == ann
    third = await enter(BOB, held=second.token)
    assert await who(second.token) == ANONYMOUS
    assert await who(third.token) == bob


@pytest.mark.parametrize(
    "token", ["", "x", "a" * 43, "a" * 44, "\0" * 43, "' or true --", "é" * 43]
)
async def test_a_forged_token_is_nobodys(resources, enter, who, token):
    await open_account(resources)
    await enter()
    assert await who(token) == ANONYMOUS


async def test_the_hash_of_a_token_is_not_a_token(resources, enter, who):
    await open_account(resources)
    granted = await enter()
    assert await who(hash_of(granted.token)) == ANONYMOUS
    assert await who(hash_of(granted.token)[:43]) == ANONYMOUS


@pytest.mark.parametrize(("role", "limits"), [(Role.MEMBER, MEMBERS), (Role.ADMIN, STAFF)])
async def test_a_session_ends_when_it_lies_idle_and_at_its_limit_even_in_use(
    resources, enter, who, clock, role, limits
):
    ann = await open_account(resources, role=role)
    idle, used = await enter(), await enter()
    step_s = limits.idle.total_seconds() / 2
    steps = int(limits.whole.total_seconds() / step_s)
    for step in range(1, steps + 1):
        clock.advance(step_s - 1)
        assert await who(idle.token) == (ann if step <= 2 else ANONYMOUS)
        assert await who(used.token, active=True) == ann
    clock.advance(limits.whole.total_seconds() - steps * (step_s - 1))
    assert await who(used.token, active=True) == ANONYMOUS


async def test_looking_alone_does_not_put_off_the_end(resources, enter, who, clock):
    ann = await open_account(resources, role=Role.ADMIN)
    granted = await enter()
    clock.advance(STAFF.idle.total_seconds() - 1)
    assert await who(granted.token) == ann
    clock.advance(1)
    assert await who(granted.token) == ANONYMOUS


async def test_signing_out_ends_this_session_and_no_other(resources, enter, who, owner):
    ann = await open_account(resources)
    here, there = await enter(), await enter(address=ELSEWHERE)
    async with begin(resources, ann) as work:
        assert await sessions.sign_out(work, here.token)
        assert not await sessions.sign_out(work, here.token)
    assert await who(here.token) == ANONYMOUS
    assert await who(there.token) == ann
    assert last_audit(owner)[:2] == ("sign_out", str(ann.user_id))


async def test_all_others_are_ended_at_once(resources, enter, who):
    ann, bob = await open_account(resources), await open_account(resources, BOB)
    mine, others, bobs = await enter(), [await enter() for _ in range(3)], await enter(BOB)
    proved = await who(mine.token)
    async with begin(resources, proved) as work:
        assert await sessions.end_others(work, mine.token) == 3
    assert [await who(other.token) for other in others] == [ANONYMOUS] * 3
    assert (await who(mine.token), await who(bobs.token)) == (ann, bob)


async def test_nobody_ends_a_session_of_somebody_else(resources, enter, who, clock):
    ann, bob = await open_account(resources), await open_account(resources, BOB)
    bob = replace(bob, proved_at=clock.now())
    anns = await enter()
    async with begin(resources, bob) as work:
        assert not await sessions.sign_out(work, anns.token)
        assert await sessions.end_others(work, secret()) == 0
    assert await who(anns.token) == ann


async def test_after_five_guesses_at_an_account_even_the_right_password_waits(
    resources, enter, passwords, clock
):
    await open_account(resources)
    for _ in range(5):
        assert await enter(password=OTHER) is None
    compared = passwords.compared
    with pytest.raises(Throttled) as told:
        await enter()
    assert passwords.compared == compared
    assert told.value.retry_after_s == 30
    clock.advance(30)
    assert await enter()


async def test_an_address_without_an_account_is_throttled_alike(enter):
    for _ in range(5):
        assert await enter(BOB) is None
    with pytest.raises(Throttled) as told:
        await enter(BOB)
    assert told.value.retry_after_s == 30


async def test_guesses_from_elsewhere_do_not_lock_the_member_out(resources, enter):
    await open_account(resources)
    for _ in range(5):
        await enter(password=OTHER, address=ELSEWHERE)
    assert await enter()


async def test_guesses_from_many_addresses_are_counted_together(resources, enter):
    await open_account(resources)
    for number in range(50):
        assert await enter(password=OTHER, address=f"198.51.100.{number}") is None
    with pytest.raises(Throttled):
        await enter(address="203.0.113.1")


@pytest.mark.parametrize(
    "places", [[HERE] * 20, [f"2001:db8:1:2::{n:x}" for n in range(20)]], ids=["one", "one /64"]
)
async def test_one_address_cannot_try_many_accounts(enter, places):
    for number, place in enumerate(places):
        assert await enter(f"{number}@example.com", address=place) is None
    with pytest.raises(Throttled):
        await enter("another@example.com", address=places[-1])


async def test_signing_in_makes_the_accounts_allowance_whole_but_not_the_addresss(resources, enter):
    await open_account(resources)
    for _ in range(5):
        for _ in range(3):
            assert await enter(password=OTHER) is None
        assert await enter()
    with pytest.raises(Throttled):
        await enter()


async def test_at_once_no_more_get_through_than_are_allowed(resources, enter, passwords):
    await open_account(resources)
    told = await asyncio.gather(*(enter(password=OTHER) for _ in range(40)), return_exceptions=True)
    assert told.count(None) == passwords.compared == 5
    assert sum(isinstance(each, Throttled) for each in told) == 35


class DeadCache:
    """A cache whose server is down."""

    async def spend(self, allowances, *, now):
        raise Unavailable("Valkey: ConnectionError")


async def test_while_attempts_cannot_be_counted_nobody_gets_in(resources, passwords):
    await open_account(resources)
    with pytest.raises(Unavailable):
        async with begin(replace(resources, cache=DeadCache()), ANONYMOUS) as work:
            await sessions.sign_in(work, an_attempt(), passwords=passwords)
    assert passwords.compared == 0


async def test_sessions_that_are_over_are_forgotten(resources, enter, clock, owner):
    await open_account(resources)
    await enter()
    clock.advance(MEMBERS.idle.total_seconds())
    await enter()
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        assert len(rows(owner, "select 1 from sessions")) == 1


async def test_whoever_was_given_nothing_may_nothing(resources, passwords, stranger):
    async with begin(resources, stranger) as work:
        for attempt in (
            sessions.sign_in(work, an_attempt(), passwords=passwords),
            sessions.resume(work, secret()),
            sessions.sign_out(work, secret()),
            sessions.end_others(work, secret()),
        ):
            with pytest.raises(NotAllowed):
                await attempt
    async with begin(resources, ANONYMOUS) as work:
        with pytest.raises(NotAllowed):
            await sessions.sign_out(work, secret())


def test_a_subject_does_not_show_its_address():
    assert ANN not in repr(Subject(name=ANN))


async def test_a_connection_is_not_held_while_a_password_is_compared(servers, cache, clock):
    """With one connection, two attempts would wait for each other if each kept it."""
    from services.work import Resources
    from store.db import Database

    database = await Database.open(servers.database_url, application="tests", size=1)
    resources = Resources(database, cache, clock)
    await open_account(resources)

    class Looking(CheapPasswords):
        async def verify(self, password, kept):
            async with database.begin() as other:
                await other.execute(sa.text("select 1"))
            return await super().verify(password, kept)

    async with begin(resources, ANONYMOUS) as work:
        assert await sessions.sign_in(work, an_attempt(), passwords=Looking())
    await database.close()


async def test_one_session_is_ended_by_its_id_and_no_other(resources, enter, who, owner):
    await open_account(resources)
    here, there = await enter(), await enter(address=ELSEWHERE)
    ann = await who(here.token)
    async with begin(resources, ann) as work:
        mine, other = await sessions.listed(work)
        assert (mine.here, other.here, other.network) == (True, False, "198.51.100.0/24")
        assert await sessions.end_one(work, other.id)
        assert not await sessions.end_one(work, other.id)
    assert (await who(there.token), await who(here.token)) == (ANONYMOUS, ann)
    assert last_audit(owner)[0] == "sessions.end_one"


async def test_nobody_lists_or_ends_a_session_of_somebody_else_by_its_id(
    resources, enter, who, clock
):
    await open_account(resources)
    bob = replace(await open_account(resources, BOB), proved_at=clock.now())
    anns = await enter()
    ann = await who(anns.token)
    async with begin(resources, bob) as work:
        assert await sessions.listed(work) == []
        assert not await sessions.end_one(work, ann.session_id)
    assert await who(anns.token) == ann


async def test_who_proved_nothing_lately_ends_nothing(resources, enter, who, clock):
    await open_account(resources)
    here, there = await enter(), await enter(address=ELSEWHERE)
    ann, other = await who(here.token), await who(there.token)
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    async with begin(resources, ann) as work:
        for ask in (
            sessions.end_one(work, other.session_id),
            sessions.end_others(work, here.token),
        ):
            with pytest.raises(ProofNeeded):
                await ask
    assert await who(there.token) == other


async def test_a_session_that_is_over_is_not_listed(resources, enter, clock):
    ann = await open_account(resources)
    await enter()
    clock.advance(MEMBERS.idle.total_seconds())
    async with begin(resources, ann) as work:
        assert await sessions.listed(work) == []
