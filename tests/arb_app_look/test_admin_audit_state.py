"""The window on the audit: what it shows, and what a client's words cannot do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from arb_app import gate, runtime
from arb_app.exports import plain
from arb_app.state.admin_audit import AdminAuditState
from arb_app.state.audit_shown import entry_line, standing_line, summed
from arb_app.state.calculator import CalculatorState
from arb_app.state.listing import link
from arb_app.state.opportunity import Look, OpportunityState
from domain.errors import NotAllowed
from domain.plans import View
from kit.ids import fresh
from services import audit_look
from services.access import ANONYMOUS, PERMISSIONS_OF, Permission, Role, Subject
from services.audit_look import MOST_COUNTED, Filter, Kept, Standing, filtered
from services.board import Life
from services.work import Work
from store import audit
from store.audit import Entry
from store.audit_chain import Head
from tests.facts import NOON, a_row

ADMIN = Subject(name="an admin", permissions=frozenset(Permission))
HOSTILE = [None, 0, True, [], [["who", "x"]], {"who": ["x"]}, {"since": {}}, "x", b"x", {1: 2}]


@pytest.fixture
def state(monkeypatch, running):
    async def an_admin(_):
        return ADMIN

    monkeypatch.setattr(gate, "subject_of", an_admin)
    return AdminAuditState()


@pytest.fixture
async def who(database):
    name = fresh("who-")
    some = [Entry(actor=name, action="try", subject=f"s{n}", details={"n": n}) for n in range(30)]
    async with database.begin() as db:
        await audit.record_all(db, some)
    return name


def a_kept(**changes):
    told = {
        "seq": 7, "id": 8, "at": NOON, "actor": "operator", "action": "try", "subject": "s",
        "details": {}, "previous": "00", "hash": "11",
    }  # fmt: skip
    return Kept(**told | changes)


async def test_entries_are_found_by_whatever_is_asked(state, who):
    await state.open()
    assert state.phase == "found"
    await state.search({"who": who})
    assert (state.summed, state.pages, len(state.entries)) == ("30 entries", 2, 25)
    assert state.entries[0].subject == "s29"
    await state.turn_to(2)
    assert [line.subject for line in state.entries] == ["s4", "s3", "s2", "s1", "s0"]
    await state.search({"who": who, "about": "S17"})
    assert (state.summed, state.entries[0].details) == ("1 entry", "n: 17")
    await state.search({"who": who, "action": "no such"})
    assert (state.entries, state.pages) == ([], 1)
    await state.search({"who": who[1:]})
    assert state.entries == []
    assert "try" in state.actions


@pytest.mark.parametrize("said", ["%", "_", "\\", "'", '"; drop table audit; --', "\0"])
async def test_signs_of_a_pattern_mean_themselves(state, who, said):
    await state.search({"who": who, "about": said})
    assert (state.phase, len(state.entries)) == ("found", 25 if said == "\0" else 0)


@pytest.mark.parametrize("words", HOSTILE)
async def test_whatever_a_client_sends_is_taken_for_nothing(state, words):
    await state.search(words)
    assert state.phase == "found"
    await state.turn_to(words)
    assert state.page == 1


async def test_days_are_both_among_what_is_asked(state, who, owner):
    (day,) = owner.execute("select (max(at) at time zone 'UTC')::date from audit").fetchone()
    for since, until, count in (
        (day, day, 25), (day + timedelta(days=1), day + timedelta(days=1), 0),
        (day - timedelta(days=1), day - timedelta(days=1), 0),
    ):  # fmt: skip
        await state.search({"who": who, "since": f"{since}", "until": f"{until}"})
        assert len(state.entries) == count
    await state.search({"who": who, "until": "9999-12-31"})
    assert len(state.entries) == 25


async def test_whoever_may_not_sees_nothing(state, monkeypatch):
    async def nobody(_):
        return ANONYMOUS

    await state.open()
    monkeypatch.setattr(gate, "subject_of", nobody)
    await state.open()
    assert (state.phase, state.entries, state.actions) == ("refused", [], [])
    assert not state.standing.head


@pytest.mark.parametrize("role", Role)
def test_the_audit_is_for_admins_and_owners(role):
    may = Permission.VIEW_AUDIT in PERMISSIONS_OF[role]
    assert may is (role in {Role.ADMIN, Role.OWNER})


@pytest.mark.parametrize("ask", ["entries", "actions", "standing", "begin_export", "exported"])
async def test_every_service_asks_for_the_permission(db, cache, clock, stranger, ask):
    work = Work(stranger, db, cache, clock)
    more = {
        "entries": ((Filter(),), {"limit": 1}),
        "begin_export": ((Filter(),), {}),
        "exported": ((Filter(),), {"before": 1}),
    }
    arguments, named = more.get(ask, ((), {}))
    with pytest.raises(NotAllowed):
        await getattr(audit_look, ask)(work, *arguments, **named)


def test_a_chain_that_was_never_checked_is_not_called_untouched():
    none = Standing(head=None, checked=None, anchored=None)
    line = standing_line(none, NOON)
    assert (line.tone, line.state, line.head) == ("plain", "Not checked yet", "no entry yet")
    clean = a_kept(details={"clean": True, "rows": 1234, "broken": ""})
    broken = a_kept(details={"clean": False, "rows": 6, "broken": "link 7 is missing"})
    head = Head(9, b"\xab" * 32)
    line = standing_line(Standing(head=head, checked=clean, anchored=None), NOON)
    assert (line.tone, line.state, line.head) == ("good", "Untouched", "9 abababababababab…")
    assert "1,234" in line.text
    line = standing_line(Standing(head=head, checked=broken, anchored=None), NOON)
    assert (line.tone, line.text) == ("bad", "link 7 is missing")
    anchored = a_kept(details={"seq": 5, "key": "k1"})
    line = standing_line(Standing(head=head, checked=clean, anchored=anchored), NOON)
    assert line.anchored == "0 s ago, of link 5, by key k1"


def test_members_are_named_by_the_beginning_of_their_ids():
    account = "48b56929-394d-4b7c-bfff-f5fbde1580e0"
    line = entry_line(a_kept(actor=account, subject=account))
    assert (line.who, line.subject) == ("account 48b56929", "account 48b56929")


def test_a_count_says_when_there_are_more():
    assert summed(MOST_COUNTED).startswith("More than 2,500")
    assert (summed(1), summed(0)) == ("1 entry", "0 entries")


def test_a_link_to_the_file_asks_for_what_was_searched():
    assert link("/exports/audit.csv", {"who": "a&b", "about": ""}) == "/exports/audit.csv?who=a%26b"
    assert filtered({"who": "x" * 999}).who == "x" * 200


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_text_becomes_a_formula(text):
    assert plain(text) == f"'{text}"


@pytest.fixture
def ledger(running):
    """What was noted of calculations and is not written yet: how many inputs, by whom of what."""

    def noted():
        tallies = runtime.current().calculations._tallies
        return {who: len(tally.hashes) for who, tally in tallies.items()}

    return noted


def test_a_calculator_notes_what_it_calculates_and_nothing_where_it_cannot(ledger):
    state = CalculatorState()
    state._begin("", "")
    state._take_up({})
    state.type_in("1", "no price")
    assert ledger() == {("everybody", "calculator arbitrage"): 1}
    state.type_in("1", "2.5")
    assert ledger() == {("everybody", "calculator arbitrage"): 2}


async def test_a_plan_of_stakes_is_noted_by_whom_it_was_shown_to_once_while_it_stays(ledger):
    life = Life(row=a_row(), last_seen_at=NOON)
    state, look = OpportunityState(), Look(life, [], NOON, actor="a reader")
    for _ in range(3):
        assert replace(await state._planned(look), asked=None) == look
    who = ("a reader", f"opportunity {life.row.id}")
    assert ledger() == {who: 1}
    state.form = replace(state.form, amount="500")
    await state._planned(look)
    assert ledger() == {who: 2}


async def test_who_sees_no_stakes_is_noted_with_none(ledger):
    look = Look(Life(row=a_row(), last_seen_at=NOON), [], NOON, View.of("free"), actor="a reader")
    await OpportunityState()._planned(look)
    assert ledger() == {}
