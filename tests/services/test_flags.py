"""Flags: what is off is refused, whoever asks and however; changes are kept and can be undone."""

from dataclasses import replace
from uuid import UUID, uuid4

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotAllowed, NotFound, Refused, Unavailable
from domain.flags import DEFAULT, FLAGS, Flag, FlagKind, Rule, SwitchedOff, is_for, place_of
from domain.opportunities import Kind
from domain.plans import View
from services import board, flagged, flags_admin, joining, rescues
from services.access import ANONYMOUS, PERMISSIONS_OF, Permission, Role, Subject
from services.flagged import Flags
from services.work import Work, begin
from store import flags as stored
from store.tables import AuditRow
from tests.accounts import ANN, PASSWORD, READER, CheapPasswords
from tests.facts import a_patch, a_row, a_snapshot

OFF = Rule(on=False)


@pytest.fixture
def admin(db, cache, clock):
    both = frozenset({Permission.VIEW_SYSTEM, Permission.MANAGE_FLAGS})
    return Work(Subject(name="an admin", permissions=both), db, cache, clock)


def asked_by(work, subject):
    """Return the work of somebody else in the same transaction, who knows nothing yet."""
    return replace(work, subject=subject, flags=Flags())


ACTS = {
    "overview": flags_admin.overview,
    "history": lambda work: flags_admin.history(work, "", limit=1),
    "export": lambda work: flags_admin.exported(work, "", before=None),
    "change": lambda work: flags_admin.change(work, "rescue", OFF),
    "revert": lambda work: flags_admin.revert(work, 1),
}


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.SUPPORT, Role.ANALYST])
@pytest.mark.parametrize("act", ACTS)
async def test_whoever_may_not_is_refused_and_nothing_changes(admin, act, role):
    subject = Subject(permissions=PERMISSIONS_OF[role]) if role else ANONYMOUS
    with pytest.raises(NotAllowed):
        await ACTS[act](replace(admin, subject=subject))
    assert await stored.rules(admin.db) == {}


@pytest.mark.parametrize("flag", Flag)
async def test_what_nobody_changed_is_there_for_everybody(admin, flag):
    assert await asked_by(admin, ANONYMOUS).flags.has(flag, asked_by(admin, ANONYMOUS))
    assert FLAGS.keys() == set(Flag)


async def test_nobody_joins_while_joining_is_off_and_no_letter_is_written(admin):
    await flags_admin.change(admin, "joining", OFF)
    visitor = asked_by(admin, ANONYMOUS)
    told = joining.Told(address="192.0.2.1", email=ANN, password=PASSWORD, code="x")
    cheap = CheapPasswords()
    with pytest.raises(SwitchedOff):
        await joining.register(visitor, told, passwords=cheap, written=_unwritten)
    with pytest.raises(SwitchedOff):
        await joining.confirm(visitor, told, passwords=cheap)
    assert cheap.compared == 0


def _unwritten(*_):
    raise AssertionError("a letter was written")


async def test_other_kinds_than_arbitrage_are_served_to_nobody_while_prospects_are_off(admin):
    of = msgspec.structs.replace(a_row().opportunity, kind=Kind.LOW_HOLD)
    lock = a_row()
    rows = [lock, msgspec.structs.replace(a_row(), id="e5" * 12, opportunity=of)]
    await admin.cache.publish(a_patch(), a_snapshot(rows=rows))
    reader = asked_by(admin, READER)
    kinds = {row.opportunity.kind for row in (await board.latest(reader)).rows}
    assert kinds == {Kind.ARBITRAGE, Kind.LOW_HOLD}
    await flags_admin.change(admin, "prospects", OFF)
    reader = asked_by(admin, READER)
    assert [row.id for row in (await board.latest(reader)).rows] == [lock.id]
    assert not await board.offers_prospects(reader)


async def test_the_rescue_is_refused_to_whom_it_is_not_for(admin):
    pro = replace(READER, view=View.of("pro"))
    await flags_admin.change(admin, "rescue", Rule(plans=("pro",)))
    await rescues.offered(asked_by(admin, pro))
    with pytest.raises(SwitchedOff):
        await rescues.offered(asked_by(admin, READER))
    with pytest.raises(SwitchedOff):
        await rescues.rescued(asked_by(admin, READER), None, None, None)


async def test_a_change_is_kept_with_who_and_why_and_can_be_undone_and_that_too(admin):
    await flags_admin.change(admin, "joining", OFF, why=" a flood of robots ")
    first = (await flags_admin.history(admin, "joining", limit=9)).changes[0]
    assert (first.by, first.why, first.before, first.after) == (
        "an admin", "a flood of robots", DEFAULT, OFF,
    )  # fmt: skip
    await flags_admin.revert(admin, first.id)
    assert (await stored.rules(admin.db))["joining"] == DEFAULT
    second = (await flags_admin.history(admin, "joining", limit=1)).changes[0]
    await flags_admin.revert(admin, second.id)
    assert (await stored.rules(admin.db))["joining"] == OFF
    seen = {each.flag: each for each in await flags_admin.overview(admin)}
    assert (seen[Flag.JOINING].rule, seen[Flag.RESCUE].rule) == (OFF, DEFAULT)
    assert seen[Flag.JOINING].last.id > second.id
    done = (await admin.db.scalars(sa.select(AuditRow).order_by(AuditRow.id.desc()).limit(3))).all()
    assert [(entry.action, entry.subject) for entry in done] == [
        ("flag.revert", "flag joining"), ("flag.revert", "flag joining"),
        ("flag.change", "flag joining"),
    ]  # fmt: skip


async def test_what_is_so_already_or_does_not_exist_is_refused(admin):
    with pytest.raises(Refused, match="already"):
        await flags_admin.change(admin, "joining", DEFAULT)
    for name in ("", "board", "joining'"):
        with pytest.raises(NotFound):
            await flags_admin.change(admin, name, OFF)
    with pytest.raises(NotFound):
        await flags_admin.revert(admin, 10**9)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"share": "101"}, "0 to 100"),
        ({"share": "-1"}, "0 to 100"),
        ({"share": "²"}, "0 to 100"),
        ({"share": ["5"]}, "0 to 100"),
        ({"share": "5", "roles": ["god"]}, "god"),
        ({"share": "5", "plans": [["pro"]]}, "there is no"),
    ],
)
def test_a_form_that_names_no_rule_is_refused_by_name(told, why):
    with pytest.raises(Refused, match=why):
        flags_admin.rule_of(FlagKind.SHARE, {"on": "on", **told})


def test_a_form_names_a_rule():
    told = {"on": "on", "share": " 25 ", "roles": ["member", "admin"], "plans": ["pro"]}
    rule = Rule(share=25, roles=("member", "admin"), plans=("pro",))
    assert flags_admin.rule_of(FlagKind.SHARE, told) == rule
    assert flags_admin.rule_of(FlagKind.BOOL, told) == DEFAULT
    assert flags_admin.rule_of(FlagKind.BOOL, {"on": None}) == OFF


@given(st.uuids(), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_share_takes_nobody_away(user_id: UUID, some, more):
    few, many = sorted((some, more))
    asked = {"user_id": user_id, "role": "member", "plan": "pro"}
    smaller, larger = (is_for("rescue", Rule(share=n), **asked) for n in (few, many))
    assert larger or not smaller
    assert is_for("rescue", Rule(share=0), **asked) is False


def test_a_share_is_about_that_many_and_others_for_another_flag():
    members = [uuid4() for _ in range(4_000)]
    asked = {"role": "", "plan": ""}
    quarter = [is_for("rescue", Rule(share=25), user_id=each, **asked) for each in members]
    assert 0.2 < sum(quarter) / len(members) < 0.3
    places = [(place_of("rescue", each), place_of("joining", each)) for each in members]
    assert sum(one == other for one, other in places) < 120


async def test_what_was_looked_up_is_believed_for_seconds_and_then_asked_again(
    database, cache, clock
):
    known = Flags()
    async with database.begin() as db:
        work = Work(READER, db, cache, clock, flags=known)
        assert await known.has(Flag.RESCUE, work)
        both = frozenset({Permission.MANAGE_FLAGS})
        other = replace(work, subject=Subject(name="x", permissions=both), flags=Flags())
        await flags_admin.change(other, "rescue", OFF)
        assert await known.has(Flag.RESCUE, work)
        clock.advance(flagged.LASTS_S)
        assert not await known.has(Flag.RESCUE, work)
        await db.rollback()


async def test_while_postgresql_is_away_it_stays_as_it_was(resources, clock, monkeypatch):
    async def away(_):
        raise Unavailable("gone")

    known = Flags()
    known._rules = {"rescue": OFF}
    monkeypatch.setattr(stored, "rules", away)
    async with begin(replace(resources, flags=known), READER) as work:
        with pytest.raises(SwitchedOff):
            await work.flags.require(Flag.RESCUE, work)
        clock.advance(60)
        assert not await work.flags.has(Flag.RESCUE, work)
        assert await work.flags.has(Flag.JOINING, work)
