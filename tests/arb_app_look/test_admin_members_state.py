"""The windows on members and sessions: what they show, and what a client's words cannot do."""

from dataclasses import replace

import pytest

from arb_app import gate
from arb_app.state import account_data, admin_member, admin_members
from arb_app.state.account_data import AccountDataState
from arb_app.state.admin_member import AdminMemberState
from arb_app.state.admin_members import AdminMembersState, AdminSessionsState
from services import support
from services.access import ANONYMOUS, Permission, Role
from services.work import begin
from tests.accounts import ANN, BOB, open_account, signed_in

pytestmark = pytest.mark.usefixtures("emptied", "running")
HOSTILE = [None, 0, True, [], [["text", "x"]], {"text": ["x"]}, {"role": {}}, "x", b"x", {1: 2}]


@pytest.fixture
async def ann(resources):
    return await open_account(resources)


@pytest.fixture
async def admin(resources, clock):
    made = await open_account(resources, BOB, Role.ADMIN)
    return replace(made, proved_at=clock.now())


@pytest.fixture
def be(monkeypatch):
    """Return a function by which every window is somebody's."""

    def being(subject):
        async def somebody(*_, **__):
            return subject

        for module in (gate, account_data, admin_member, admin_members):
            monkeypatch.setattr(module, "subject_of", somebody)

    return being


@pytest.fixture
def member(ann, monkeypatch):
    """Ann's window for those who look after members."""
    monkeypatch.setattr(AdminMemberState, "_key", lambda _: str(ann.user_id))
    return AdminMemberState()


async def test_members_are_listed_searched_and_taken_away_by_link(be, admin, ann):
    be(admin)
    state = AdminMembersState()
    await state.open()
    assert (state.phase, state.summed, state.whole) == ("found", "2 accounts", True)
    await state.search({"text": "ann@", "role": "member"})
    assert [line.email for line in state.members] == [ANN]
    assert state.export == "/exports/members.csv?text=ann%40&role=member"


@pytest.mark.parametrize("words", HOSTILE)
async def test_whatever_a_client_sends_is_taken_for_nothing(be, admin, member, words):
    be(admin)
    for state in (AdminMembersState(), AdminSessionsState()):
        await state.open()
        await state.search(words)
        await state.turn_to(words)
        assert (state.phase, state.page) == ("found", 1)
    state.ask(words)
    await state.end(words)
    await member.open()
    member.ask(words)
    assert member.asking == ""
    assert await member.act(words) is None
    assert member.told == ""


async def test_whoever_may_not_sees_nothing(be, ann, member):
    for who in (ANONYMOUS, ann):
        be(who)
        for state in (AdminMembersState(), AdminSessionsState(), member):
            await state.open()
            assert state.phase == "refused"
    assert (member.member.email, member.may) == ("", [])


async def test_an_address_that_names_nobody_is_missing_to_those_who_may_look(
    be, admin, ann, member, monkeypatch
):
    for key in ("[member]", "x" * 36, "00000000-0000-0000-0000-000000000001"):
        monkeypatch.setattr(AdminMemberState, "_key", lambda _, key=key: key)
        for who, phase in ((admin, "missing"), (ann, "refused"), (ANONYMOUS, "refused")):
            be(who)
            await member.open()
            assert member.phase == phase


async def test_an_act_is_done_when_it_was_asked_twice(be, admin, member):
    be(admin)
    await member.open()
    assert member.may == ["plan", "role", "lock", "out", "reset", "erase"]
    await member.act({})
    assert member.member.state == "Active"
    member.ask("lock")
    await member.act({})
    assert (member.told, member.member.state, member.asking) == (
        "The account is locked.", "Locked", ""
    )  # fmt: skip
    member.ask("role")
    await member.act({"role": "king"})
    assert "choose one of those" in member.told
    member.ask("plan")
    await member.act({"plan": "basic", "league": "nba"})
    assert member.member.plan == "Basic · nba"


async def test_an_act_without_a_proof_leads_to_it(be, admin, member, ann):
    be(replace(admin, proved_at=None))
    await member.open()
    member.ask("lock")
    event = await member.act({})
    assert f"/account/prove?next=/admin/members/{ann.user_id}" in str(event)
    await member.open()
    assert member.member.state == "Active"


async def test_a_session_is_ended_when_it_was_asked_about(be, admin, ann, resources):
    be(admin)
    await signed_in(resources)
    state = AdminSessionsState()
    await state.open()
    await state.end("all")
    assert len(state.sessions) == 1
    state.ask(state.sessions[0].key)
    await state.end("one")
    assert (state.sessions, state.told) == ([], "Ended.")


async def test_a_look_shows_facts_and_the_member_reads_who_looked(
    be, ann, admin, member, resources, clock
):
    be(admin)
    await member.look()
    assert member.seen == []
    assert "has not let support look" in member.told
    async with begin(resources, replace(ann, proved_at=clock.now())) as work:
        await support.give(work, 1, "why")
    await member.open()
    await member.look()
    assert {line.name for line in member.seen} >= {"Board", "Language", "Signed in by"}
    be(ann)
    own = AccountDataState()
    await own.open()
    assert (own.phase, own.live, [line.reason for line in own.grants]) == ("found", True, ["why"])
    assert own.looks[0].who == f"Admin, account {str(admin.user_id)[:8]}"
    clock.advance(3600)
    await own.open()
    assert (own.live, own.grants[0].state) == (False, "Over")
    be(ANONYMOUS)
    await own.open()
    assert (own.phase, own.grants, own.email) == ("refused", [], "")


def test_every_handler_of_these_windows_has_a_door():
    for state, name, permission in (
        (AdminMemberState, "act", Permission.MANAGE_ACCOUNTS),
        (AdminMemberState, "look", Permission.VIEW_MEMBERS),
        (AdminSessionsState, "end", Permission.MANAGE_ACCOUNTS),
    ):
        assert gate.door_of(getattr(state, name).fn).permission is permission
