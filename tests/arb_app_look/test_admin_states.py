"""The windows of admins: what they show, what they do, and what a client's words cannot do."""

from datetime import timedelta

import pytest

from arb_app import gate
from arb_app.state import admin_matching
from arb_app.state.admin_matching import AdminMatchingState
from arb_app.state.admin_quality import AdminQualityState
from arb_app.state.quality_shown import book_lines, gate_lines
from arb_app.state.window import seen
from domain.errors import NotAllowed, Unavailable
from domain.matching import Link, Proposal
from services import quality
from services.access import ANONYMOUS, Permission, Subject
from services.quality import Quality
from services.work import begin
from store import matching as stored
from store.unknown import Noted, save_unknown
from tests.facts import NOON, a_health, a_reliability, an_event, some_refusals

ADMIN = Subject(name="an admin", permissions=frozenset(Permission))
HOSTILE = [None, "", "A", "no such", 0, 1.5, True, [], ["A x"], {"key": "A x"}, b"A", "x" * 10_000]
MOVED = "b:Lions v Bears"


@pytest.fixture
def admin(monkeypatch):
    async def an_admin(_):
        return ADMIN

    async def may(_, permission):
        return ADMIN.may(permission)

    for module in (admin_matching, gate):
        monkeypatch.setattr(module, "subject_of", an_admin)
    monkeypatch.setattr(admin_matching, "may", may)


@pytest.fixture
async def doubtful(database, emptied, running, admin):
    """One pair that waits, and a window on it."""
    del emptied, running, admin
    links = [
        Link(event=an_event(id=f"{source}:Lions v Bears"), source=source, canonical_id=ours)
        for source, ours in (("a", "A"), ("b", "B"))
    ]
    pair = Proposal(event_id=MOVED, canonical_id="A", reversed=True, chance=0.7, evidence={})
    async with database.begin() as db:
        await stored.save_links(db, links)
        await stored.save_proposals(db, [pair])
    state = AdminMatchingState()
    await state.open()
    return state


async def drained(event):
    if hasattr(event, "__aiter__"):
        async for _ in event:
            pass
    else:
        await event


async def place(database):
    async with database.begin() as db:
        link = (await stored.links_by_event(db, [MOVED]))[MOVED]
        return link.canonical_id, link.reversed


async def test_a_merge_asks_first_then_is_done_and_undone(doubtful, database):
    state, (line,) = doubtful, doubtful.doubts
    assert (state.phase, state.total, line.score, line.reversed) == ("found", 1, "70.0 %", True)
    state.ask(line.key, "reversed")
    assert await place(database) == ("B", False)
    await drained(state.confirm({"reason": "same teams"}))
    assert await place(database) == ("A", True)
    assert (state.doubts, state.told, state.asking) == ([], "Merged.", "")
    await state.undo(state.told_key)
    assert await place(database) == ("B", False)
    assert [each.kind for each in state.actions[:2]] == ["Undone", "Merged"]


async def test_a_merge_without_a_reason_is_refused_and_the_pair_comes_back(doubtful, database):
    state = doubtful
    state.ask(state.doubts[0].key, "merge")
    await drained(state.confirm({"reason": "  "}))
    assert await place(database) == ("B", False)
    assert len(state.doubts) == 1
    assert state.error == "Give a reason of 1 to 500 characters."


async def test_a_pair_leaves_at_once_before_the_answer_is_kept(doubtful, database):
    state = doubtful
    state.ask(state.doubts[0].key, "merge")
    steps = state.confirm({"reason": "same"})
    await anext(steps)
    assert (state.doubts, await place(database)) == ([], ("B", False))
    await drained(steps)
    assert await place(database) == ("A", False)


async def test_an_answer_no_is_listed_and_taken_back(doubtful):
    state = doubtful
    await drained(state.part(state.doubts[0].key))
    assert (state.doubts, state.total, state.actions[0].kind) == ([], 0, "Kept apart")
    await state.undo(state.actions[0].key)
    assert (len(state.doubts), state.actions) == (1, [])


async def test_a_skipped_pair_waits_until_everything_is_looked_at_again(doubtful):
    state = doubtful
    await state.skip(state.doubts[0].key)
    assert (state.doubts, state.total) == ([], 1)
    await state.look_again()
    assert len(state.doubts) == 1


@pytest.mark.parametrize("said", HOSTILE)
async def test_what_names_nothing_in_view_does_nothing(doubtful, database, said):
    state, before = doubtful, doubtful.doubts
    state.ask(said, "merge")
    state.ask(before[0].key, said)
    assert state.asking == ""
    await drained(state.confirm(said))
    await drained(state.part(said))
    await state.skip(said)
    await state.undo(said)
    await state.turn_to(said)
    await state.search(said)
    await state.search({"search": said})
    state.cancel()
    assert (state.doubts, state.page, await place(database)) == (before, 1, ("B", False))


async def test_an_event_alone_cannot_be_split_from_anything(doubtful):
    state = doubtful
    await state.search({"search": "lions"})
    assert [(line.event_id, line.alone) for line in state.links] == [
        ("a:Lions v Bears", True), (MOVED, True),
    ]  # fmt: skip
    state.ask(MOVED, "split")
    assert state.asking == ""


async def test_a_link_is_split_out_after_it_was_asked_for(doubtful, database):
    state = doubtful
    state.ask(state.doubts[0].key, "merge")
    await drained(state.confirm({"reason": "same"}))
    await state.search({"search": "LIONS"})
    state.ask(MOVED, "split")
    await drained(state.confirm({"reason": "not the same after all"}))
    assert (await place(database))[0] not in {"A", "B"}
    assert state.told == "Split."


@pytest.mark.usefixtures("running")
async def test_who_is_no_admin_sees_no_pair():
    state = AdminMatchingState()
    await state.open()
    assert (state.phase, state.doubts, state.actions) == ("refused", [], [])


@pytest.mark.usefixtures("running")
async def test_a_right_that_was_lost_meanwhile_ends_the_view_and_does_nothing(
    doubtful, database, monkeypatch
):
    async def nobody(_):
        return Subject()

    monkeypatch.setattr(admin_matching, "subject_of", nobody)
    await drained(doubtful.part(doubtful.doubts[0].key))
    assert (doubtful.phase, doubtful.doubts) == ("refused", [])
    async with database.begin() as db:
        assert await stored.count_open(db) == 1


@pytest.mark.usefixtures("starting", "admin")
async def test_a_page_opened_while_the_servers_are_away_says_so():
    state = AdminMatchingState()
    await state.open()
    assert state.phase == "away"


# Quality


async def test_quality_is_read_by_admins_alone(running):
    del running
    state = AdminQualityState()
    assert isinstance(await seen(ANONYMOUS, state._look), NotAllowed)
    state._take(await seen(ADMIN, state._look), ADMIN)
    assert state.phase == "found"
    state._take(await seen(Subject(), state._look), Subject())
    assert (state.phase, state.gates, state.names) == ("refused", [], [])


def test_figures_once_shown_stay_while_the_services_are_away():
    state = AdminQualityState()
    state._take(Unavailable("away"), ADMIN)
    assert (state.phase, state.late) == ("away", False)
    state.phase = "found"
    state._take(Unavailable("away"), ADMIN)
    assert (state.phase, state.late) == ("found", True)


async def test_unknown_names_are_paged_and_chosen_by_source(running, admin, database, owner):
    del running, admin
    noted = [
        Noted(source=source, kind="market", name=f"name {n:02d}", reason="market_unsupported",
              count=100 - n, first_seen_at=NOON, last_seen_at=NOON)
        for source, most in (("a", 30), ("b", 2)) for n in range(most)
    ]  # fmt: skip
    async with database.begin() as db:
        await save_unknown(db, noted, now=NOON)
    state = AdminQualityState()
    await state._load()
    assert (len(state.names), state.pages) == (25, 2)
    await state.turn_to(2)
    assert (len(state.names), state.page) == (7, 2)
    await state.choose_source("b")
    assert ([each.name for each in state.names], state.page) == (["name 00", "name 01"], 1)
    for said in [*HOSTILE[2:], 99]:
        await state.choose_source(said)
        await state.turn_to(said)
    assert (state.source, state.page) == ("b", 1)
    owner.execute("delete from unknown_names")


def a_quality(**changes):
    refused = some_refusals()
    told = {
        "as_of": NOON, "total": 1, "told": 1, "now": refused.by_code, "day_total": 3,
        "day": {"leg_too_old": 2, "moon_phase": 1}, "blames": quality.blames(refused.rows),
        "sources": [a_health()], "reliabilities": [a_reliability()],
    }  # fmt: skip
    return Quality(**(told | changes))


def test_gates_are_listed_with_the_busiest_first_and_a_newer_workers_by_its_code():
    lines = gate_lines(a_quality())
    assert [(line.chip, line.now, line.day) for line in lines] == [
        ("Price too old", "1", "2"), ("moon_phase", "0", "1"),
    ]  # fmt: skip


def test_a_book_that_is_blamed_stands_below_its_source_even_if_nobody_ever_looked_at_it():
    source, book = book_lines(a_quality(reliabilities=[]))
    assert (source.whole, book.name, book.blamed, book.age) == (True, "Alpha", "1", "\u2013")
    assert book.gates == "Price too old (1)"


async def test_what_is_shown_is_as_the_services_say(running, resources, cache):
    del running
    await cache.put_refusals(some_refusals(published_at=NOON + timedelta(seconds=1)))
    async with begin(resources, ADMIN) as work:
        found = await quality.quality(work)
    assert gate_lines(found)[0].now == "1"
