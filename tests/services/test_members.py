"""Members as those see and manage them who may: masked for some, and never above one's own role."""

from dataclasses import replace
from uuid import uuid4

import pytest

from domain.errors import NotAllowed, NotFound, ProofNeeded, Refused
from domain.letters import LetterKind
from domain.plans import PlanName
from services import members
from services.access import ANONYMOUS, Role
from services.members import Filter, filtered, sought_sessions
from services.work import begin
from store.keys import KeyRing
from tests.accounts import ANN, BOB, open_account
from tests.services.lives import audited, behind, enters, letters, proved, written

pytestmark = pytest.mark.usefixtures("emptied")
ROOT = "root@example.com"


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
async def ann(resources):
    return await open_account(resources)


@pytest.fixture
async def admin(resources, clock):
    return proved(await open_account(resources, BOB, Role.ADMIN), clock)


@pytest.fixture
def do(resources, admin):
    """Return a function that does something as an admin, or as whoever is named."""

    async def doing(act, *given, who=admin, **named):
        async with begin(resources, who) as work:
            return await act(work, *given, **named)

    return doing


ACTS = {
    members.lock: ((), {}),
    members.unlock: ((), {}),
    members.sign_out: ((), {}),
    members.send_reset: ((), {"written": written}),
    members.change_role: ((Role.SUPPORT,), {}),
    members.change_plan: ((PlanName.PRO,), {}),
    members.erase: ((ANN,), {}),
}


@pytest.mark.parametrize("act", ACTS)
async def test_every_act_needs_the_permission_a_proof_and_a_member(do, resources, admin, ann, act):
    more, named = ACTS[act]
    helper = await open_account(resources, "help@example.com", Role.SUPPORT)
    for who, member, error in (
        (ANONYMOUS, ann.user_id, NotAllowed),
        (replace(helper, proved_at=admin.proved_at), ann.user_id, NotAllowed),
        (replace(admin, proved_at=None), ann.user_id, ProofNeeded),
        (admin, uuid4(), NotFound),
    ):
        with pytest.raises(error):
            await do(act, member, *more, who=who, **named)
    assert await enters(resources, ANN)


@pytest.mark.parametrize("act", ACTS)
async def test_nobody_touches_a_role_above_their_own(do, resources, act):
    boss = await open_account(resources, ROOT, Role.OWNER)
    more, named = ACTS[act]
    with pytest.raises(NotAllowed, match="above yours"):
        await do(act, boss.user_id, *more, **named)
    with pytest.raises(NotAllowed, match="above yours"):
        await do(members.change_role, boss.user_id, Role.OWNER)


async def test_who_is_locked_is_out_until_they_are_unlocked(do, resources, ann, owner):
    token = await enters(resources, ANN)
    await do(members.lock, ann.user_id)
    assert (await behind(resources, token)).user_id is None
    assert await enters(resources, ANN) is None
    with pytest.raises(Refused, match="is locked"):
        await do(members.lock, ann.user_id)
    await do(members.unlock, ann.user_id)
    assert await enters(resources, ANN)
    with pytest.raises(Refused, match="is active"):
        await do(members.unlock, ann.user_id)
    acts = [action for action, _ in audited(owner, ann)]
    assert [act for act in acts if "lock" in act] == ["account.lock", "account.unlock"]


async def test_a_member_is_signed_out_everywhere_or_of_one_session(do, resources, ann, clock):
    one, two = await enters(resources, ANN), await enters(resources, ANN)
    live, total = await do(members.live, sought_sessions({"text": ANN}), limit=9)
    assert (total, {each.network for each in live}) == (2, {"192.0.2.0/24"})
    ids = {(await behind(resources, token)).session_id: token for token in (one, two)}
    assert {each.id for each in live} == ids.keys()
    await do(members.end_session, live[0].id)
    assert (await behind(resources, ids[live[0].id])).user_id is None
    assert (await behind(resources, ids[live[1].id])).user_id == ann.user_id
    with pytest.raises(NotFound):
        await do(members.end_session, live[0].id)
    assert await do(members.sign_out, ann.user_id) == 1
    assert (await behind(resources, ids[live[1].id])).user_id is None


async def test_a_session_of_a_role_above_is_seen_and_not_ended(do, resources):
    await open_account(resources, ROOT, Role.OWNER)
    token = await enters(resources, ROOT)
    (live,), _ = await do(members.live, sought_sessions({"text": "root@"}), limit=9)
    with pytest.raises(NotAllowed, match="above yours"):
        await do(members.end_session, live.id)
    assert (await behind(resources, token)).user_id


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 1), ({"text": "ann@"}, 1), ({"text": "nn@"}, 0), ({"network": "192.0.2.0/24"}, 1),
        ({"network": "192.0.2"}, 1), ({"network": "198.51.100.0/24"}, 0), ({"agent": "UNKNOWN"}, 1),
        ({"agent": "%"}, 0), ({"text": 7, "network": [], "agent": {}}, 1),
    ],
)  # fmt: skip
async def test_sessions_are_found_by_whose_from_where_and_by_what(do, resources, ann, asked, count):
    await enters(resources, ANN)
    assert (await do(members.live, sought_sessions(asked), limit=9))[1] == count


async def test_a_letter_lets_a_member_choose_another_password(do, resources, ann):
    await do(members.send_reset, ann.user_id, written=written)
    ((kind, to, code),) = await letters(resources)
    assert (kind, to, len(code)) == (LetterKind.RESET, ANN, 43)


async def test_a_member_gets_another_plan_and_role(do, ann):
    await do(members.change_plan, ann.user_id, PlanName.BASIC, "NBA")
    await do(members.change_role, ann.user_id, Role.ANALYST)
    seen = await do(members.one, ann.user_id)
    assert (seen.plan, seen.league, seen.role) == ("basic", "nba", "analyst")


async def test_a_member_is_erased_by_whoever_types_their_address(do, resources, ann, owner, admin):
    await enters(resources, ANN)
    for typed in ("", BOB, None):
        with pytest.raises(Refused, match="not the e-mail address"):
            await do(members.erase, ann.user_id, typed)
    await do(members.erase, ann.user_id, ANN.upper())
    with pytest.raises(NotFound):
        await do(members.one, ann.user_id)
    assert await enters(resources, ANN) is None
    assert audited(owner, ann)[-1] == ("account.erase", {})


@pytest.mark.parametrize("act", [members.lock, members.erase])
async def test_nobody_does_away_with_themselves_here(do, admin, act):
    with pytest.raises(Refused, match="their own account"):
        await do(act, admin.user_id, *ACTS[act][0])


async def test_the_last_owner_is_neither_locked_nor_erased(do, resources, clock):
    boss = proved(await open_account(resources, ROOT, Role.OWNER), clock)
    other = proved(await open_account(resources, "two@example.com", Role.OWNER), clock)
    await do(members.lock, other.user_id, who=boss)
    for act, given in ((members.lock, ()), (members.erase, (ROOT,))):
        with pytest.raises(Refused):
            await do(act, boss.user_id, *given, who=other)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {ANN, BOB}), ({"text": "AN"}, {ANN}), ({"text": ANN}, {ANN}), ({"text": "nn@"}, set()),
        ({"text": "%"}, set()), ({"role": "admin"}, {BOB}), ({"state": "locked"}, set()),
        ({"plan": "free", "role": "member"}, {ANN}), ({"role": ["admin"]}, {ANN, BOB}),
    ],
)  # fmt: skip
async def test_members_are_found_by_address_state_role_and_plan(do, ann, asked, found):
    rows, total = await do(members.found, filtered(asked), limit=9)
    assert ({row.email for row in rows}, total) == (found, len(found))


async def test_a_member_is_found_by_their_id_and_lists_are_paged(do, ann):
    rows, _ = await do(members.found, Filter(str(ann.user_id)), limit=9)
    assert [row.email for row in rows] == [ANN]
    first, total = await do(members.found, Filter(), limit=1)
    second, _ = await do(members.found, Filter(), limit=1, offset=1)
    assert (total, {row.email for row in first + second}) == (2, {ANN, BOB})


async def test_who_only_sees_members_is_not_told_addresses_and_cannot_spell_them_out(
    do, resources, ann
):
    helper = await open_account(resources, "help@example.com", Role.SUPPORT)
    rows, _ = await do(members.found, Filter(ANN), limit=9, who=helper)
    assert [(row.id, row.email) for row in rows] == [(ann.user_id, "a***@example.com")]
    assert (await do(members.found, Filter("an"), limit=9, who=helper))[0] == []
    assert (await do(members.one, ann.user_id, who=helper)).email == "a***@example.com"
    with pytest.raises(NotAllowed):
        await do(members.exported, Filter(), who=helper)
    with pytest.raises(NotAllowed):
        await do(members.live, sought_sessions({}), limit=9, who=helper)


async def test_taking_lists_away_needs_a_proof_and_is_on_record(do, admin, ann, owner):
    for act, sought, action in (
        (members.exported, Filter(ANN, role="member"), "members.export"),
        (members.exported_sessions, sought_sessions({}), "sessions.export"),
    ):
        with pytest.raises(ProofNeeded):
            await do(act, sought, who=replace(admin, proved_at=None))
        await do(act, sought)
        asked = "select details from audit where (action, actor) = (%s, %s)"
        found = owner.execute(asked, [action, str(admin.user_id)]).fetchall()
        assert ANN not in repr(found)
        assert len(found) == 1


@pytest.mark.parametrize("role", [Role.MEMBER, Role.ANALYST])
async def test_whoever_does_not_look_after_members_sees_none(do, resources, ann, role):
    other = await open_account(resources, "c@example.com", role)
    for who in (other, ANONYMOUS):
        for attempt in (do(members.found, Filter(), limit=9, who=who),
                        do(members.one, ann.user_id, who=who)):  # fmt: skip
            with pytest.raises(NotAllowed):
                await attempt
