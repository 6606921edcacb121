"""Support: nothing private of a member without their leave, and they are told of every look."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from domain.breaks import Length
from domain.errors import NotAllowed, ProofNeeded, Refused
from domain.preferences import parsed
from services import breaks, preferences, support
from services.access import ANONYMOUS, OPERATOR, PROOF_LASTS, Role
from services.support import KEPT
from services.work import begin
from store import accounts as stored_accounts
from store import breaks as stored_breaks
from store import preferences as stored_preferences
from store import support as stored
from tests.accounts import ANN, BOB, open_account
from tests.services.lives import audited, enters, proved

pytestmark = pytest.mark.usefixtures("emptied")
WHY = "the board stays empty"


@pytest.fixture
async def ann(resources, clock):
    return proved(await open_account(resources), clock)


@pytest.fixture
async def helper(resources):
    return await open_account(resources, BOB, Role.SUPPORT)


@pytest.fixture
def give(resources, ann):
    async def giving(hours=24, reason=WHY, who=ann):
        async with begin(resources, who) as work:
            return await support.give(work, hours, reason)

    return giving


@pytest.fixture
def look(resources, helper, ann):
    async def looking(who=helper, member=ann.user_id):
        async with begin(resources, who) as work:
            return await support.look(work, member)

    return looking


async def told(resources, member):
    async with begin(resources, member) as work:
        return await support.own(work)


async def test_with_a_grant_support_sees_what_the_member_sees_and_the_member_who_looked(
    give, look, resources, ann, helper, owner, clock
):
    async with begin(resources, ann) as work:
        await preferences.keep(work, parsed("language=es&odds=american"))
        await breaks.limit(work, remind_min=15, daily_min=30, firm=False)
    await enters(resources, ANN)
    grant = await give()
    seen = await look()
    assert (seen.view.plan.name, seen.chosen.odds, seen.limits.daily_min) == (
        "free", "american", 30
    )  # fmt: skip
    assert (len(seen.sessions), seen.break_until, seen.grant.reason) == (1, None, WHY)
    (one,) = (await told(resources, ann)).looks
    assert (one.looker, one.role, one.grant_id, one.at) == (
        helper.user_id, "support", grant.id, clock.now()
    )  # fmt: skip
    assert ("support.look", {"grant": str(grant.id), "scope": "view"}) in audited(owner, ann)


async def test_without_a_grant_there_is_nothing_to_see_not_even_for_an_owner(look, resources, ann):
    boss = await open_account(resources, "boss@example.com", Role.OWNER)
    for who in (None, boss):
        with pytest.raises(NotAllowed, match="has not let support look"):
            await (look(boss) if who else look())
    assert (await told(resources, ann)).looks == []


@pytest.mark.parametrize("role", [Role.MEMBER, Role.ANALYST])
async def test_a_grant_is_for_those_who_look_after_members(give, look, resources, role):
    await give()
    other = await open_account(resources, "c@example.com", role)
    for who in (other, ANONYMOUS):
        with pytest.raises(NotAllowed):
            await look(who)
    with pytest.raises(NotAllowed, match="sign in"):
        await look(OPERATOR)


@pytest.mark.parametrize("hours", [1, 24, 72])
async def test_a_grant_ends_by_itself(give, look, clock, hours):
    await give(hours)
    clock.advance(hours * 3600 - 1)
    await look()
    clock.advance(1)
    with pytest.raises(NotAllowed):
        await look()


async def test_a_grant_that_is_taken_back_shows_nothing_any_more(give, look, resources, ann):
    await give()
    await look()
    async with begin(resources, ann) as work:
        assert await support.revoke(work) == 1
    with pytest.raises(NotAllowed):
        await look()


async def test_a_new_grant_ends_the_one_before_it(give, resources, ann):
    await give(72)
    await give(1)
    grants = (await told(resources, ann)).grants
    assert sorted(each.revoked_at is None for each in grants) == [False, True]
    async with begin(resources, ann) as work:
        assert await support.revoke(work) == 1


async def test_a_grant_of_one_shows_nothing_of_another(give, look, resources):
    other = await open_account(resources, "c@example.com")
    await give()
    for member in (other.user_id, uuid4()):
        with pytest.raises(NotAllowed):
            await look(member=member)


async def test_nobody_takes_back_the_grant_of_another(give, look, resources):
    await give()
    other = await open_account(resources, "c@example.com")
    async with begin(resources, other) as work:
        assert await support.revoke(work) == 0
        assert await support.own(work) == support.Own([], [])
    assert await look()


@pytest.mark.parametrize(
    ("hours", "reason"), [(0, WHY), (25, WHY), (-1, WHY), (24, " "), (24, "x" * 501), (24, "\0")]
)
async def test_a_grant_is_of_hours_that_are_offered_and_has_a_reason(give, hours, reason):
    with pytest.raises(Refused):
        await give(hours, reason)


async def test_a_grant_needs_a_proof(give, ann, clock):
    for when in (None, clock.now() - PROOF_LASTS - timedelta(seconds=1)):
        with pytest.raises(ProofNeeded):
            await give(who=replace(ann, proved_at=when))
    with pytest.raises(NotAllowed):
        await give(who=ANONYMOUS)


GIVEN = """
    insert into support_grants (id, user_id, scope, reason, made_at, ends_at, revoked_at)
    values (%s, %s, 'view', 'x', now() - interval '2 hours', now() + %s * interval '1 hour', %s)
"""


@pytest.mark.parametrize(("hours", "revoked", "seen"), [(1, None, 1), (-1, None, 0), (1, "now", 0)])
async def test_row_security_itself_shows_a_member_to_a_live_grant_only(
    servers, resources, owner, ann, hours, revoked, seen
):
    async with begin(resources, ann) as work:
        await breaks.take(work, Length.HOUR)
    await open_account(resources, "c@example.com")
    grant = uuid4()
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'support', true)")
        owner.execute(GIVEN, (grant, ann.user_id, hours, revoked))
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("select set_config('app.grant', %s, true)", [str(grant)])
        for table in ("accounts", "member_breaks"):
            found = connection.execute(f"select count(*) from {table}")
            assert found.fetchone() == (seen,)
        assert connection.execute("update accounts set role = 'owner'").rowcount == 0
        assert connection.execute("delete from sessions").rowcount == 0


async def test_to_find_grants_opens_nothing_else_of_members(give, resources, database, ann):
    await give()
    async with database.begin() as db:
        await stored.oversee(db)
        assert await stored.of(db, ann.user_id, limit=9)
        assert await stored_accounts.own(db, ann.user_id) is None
        assert await stored_preferences.own(db, ann.user_id) is None
        assert await stored_breaks.of(db, ann.user_id) == (None, None)


async def test_grants_and_looks_are_forgotten_after_their_time(give, look, database, clock):
    await give(1)
    await look()
    for wait_s, gone in ((KEPT.total_seconds(), 1), (3600, 1)):
        clock.advance(wait_s)
        async with database.begin() as db:
            await stored.oversee(db)
            assert await stored.forget_old(db, clock.now(), kept=KEPT) == gone
