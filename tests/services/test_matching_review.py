"""What an admin does to matches: done once, audited, undone, and refused to everybody else."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from domain.errors import NotAllowed, NotFound, Refused
from domain.matching import Link, Proposal
from services import matching_review as review
from services.access import Permission, Subject
from services.work import Work
from store import matching as stored
from tests.facts import an_event

ADMIN = Subject(user_id=uuid4(), permissions=frozenset({Permission.MANAGE_MATCHING}))


@pytest.fixture
def work(db, cache, clock):
    return Work(ADMIN, db, cache, clock)


def a_link(source, ours, name="Lions v Bears", **changes):
    event = an_event(name, id=f"{source}:{name}", source_id=name)
    return Link(event=event, source=source, canonical_id=ours, **changes)


def a_doubt(link, ours, **changes):
    told = {"chance": 0.4, "evidence": {"why": ["start_drifted"]}, "reversed": False}
    return Proposal(event_id=link.event.id, canonical_id=ours, **(told | changes))


async def places(db):
    rows = await db.execute(sa.text("select event_id, canonical_id, reversed from event_links"))
    return {event_id: (ours, reversed_) for event_id, ours, reversed_ in rows}


async def audited(db):
    rows = await db.execute(sa.text("select action, actor from audit order by id"))
    return [tuple(row) for row in rows if row[0].startswith("matching.")]


async def test_doubts_are_shown_with_both_sides_the_likeliest_first(work):
    one, other = a_link("a", "A"), a_link("b", "B")
    third = a_link("c", "C")
    await stored.save_links(work.db, [one, other, third])
    await stored.save_proposals(work.db, [a_doubt(other, "A"), a_doubt(third, "A", chance=0.5)])
    found = await review.doubts(work)
    assert [(d.event, d.others) for d in found] == [(third, [one]), (other, [one])]


async def test_a_merge_moves_every_link_and_answers_the_doubt(work):
    one, other = a_link("a", "A"), a_link("b", "B")
    await stored.save_links(work.db, [one, other])
    await stored.save_proposals(work.db, [a_doubt(other, "A")])
    before = await stored.last_action(work.db)
    number = await review.merge(work, "A", "B", reason="the same match", sides_reversed=True)
    assert await places(work.db) == {one.event.id: ("A", False), other.event.id: ("A", True)}
    assert await review.doubts(work) == []
    assert await stored.last_action(work.db) == number > before
    assert (await audited(work.db))[-1] == ("matching.merge", str(ADMIN.user_id))


async def test_a_merge_that_is_undone_leaves_everything_as_it_was(work):
    links = [a_link("a", "A"), a_link("b", "B", reversed=True)]
    await stored.save_links(work.db, links)
    was = await places(work.db)
    number = await review.merge(work, "A", "B", reason="the same")
    undoing = await review.undo(work, number, reason="it was not")
    assert await places(work.db) == was
    assert (links[1].event.id, "A") in await stored.parted(work.db)
    with pytest.raises(Refused, match=f"undone by action {undoing}"):
        await review.undo(work, number, reason="again")
    again = await review.undo(work, undoing, reason="it was after all")
    assert (await places(work.db))[links[1].event.id][0] == "A"
    assert [action.id for action in await review.done(work)][:3] == [again, undoing, number]


async def test_a_split_parts_one_source_for_good_and_keeps_our_id_for_the_rest(work):
    links = [a_link("a", "A"), a_link("b", "A"), a_link("c", "A")]
    await stored.save_links(work.db, links)
    number = await review.split(work, links[1].event.id, reason="women")
    now = await places(work.db)
    assert now[links[0].event.id] == now[links[2].event.id] == ("A", False)
    assert now[links[1].event.id][0] != "A"
    assert (links[1].event.id, "A") in await stored.parted(work.db)
    await review.undo(work, number, reason="not women")
    assert (await places(work.db))[links[1].event.id] == ("A", False)
    assert (links[1].event.id, "A") not in await stored.parted(work.db)


async def test_an_action_that_a_later_one_built_on_is_not_undone_first(work):
    links = [a_link("a", "A"), a_link("b", "B"), a_link("c", "C")]
    await stored.save_links(work.db, links)
    first = await review.merge(work, "B", "C", reason="the same")
    await review.merge(work, "A", "B", reason="the same")
    with pytest.raises(Refused, match="undo that first"):
        await review.undo(work, first, reason="no")


async def test_a_doubt_answered_with_no_is_never_raised_again(work):
    one, other = a_link("a", "A"), a_link("b", "B")
    await stored.save_links(work.db, [one, other])
    await stored.save_proposals(work.db, [a_doubt(other, "A")])
    await review.part(work, other.event.id, "A", reason="two matches")
    await stored.save_proposals(work.db, [a_doubt(other, "A")])
    assert await review.doubts(work) == []
    assert (await audited(work.db))[-1][0] == "matching.part"


async def test_what_cannot_be_is_refused_and_changes_nothing(work):
    one, same, other = a_link("a", "A"), a_link("a", "B", "Owls v Foxes"), a_link("b", "C")
    await stored.save_links(work.db, [one, same, other])
    was, told = await places(work.db), await audited(work.db)
    with pytest.raises(Refused, match="a lists both"):
        await review.merge(work, "A", "B", reason="x")
    with pytest.raises(Refused, match="with itself"):
        await review.merge(work, "A", "A", reason="x")
    with pytest.raises(Refused, match="nothing to split"):
        await review.split(work, one.event.id, reason="x")
    with pytest.raises(Refused, match="split them instead"):
        await review.part(work, one.event.id, "A", reason="x")
    with pytest.raises(Refused, match="reason"):
        await review.merge(work, "A", "C", reason="  ")
    with pytest.raises(NotFound):
        await review.merge(work, "A", "nothing", reason="x")
    with pytest.raises(NotFound):
        await review.split(work, "nothing", reason="x")
    with pytest.raises(NotFound):
        await review.undo(work, 999_999_999, reason="x")
    assert (await places(work.db), await audited(work.db)) == (was, told)


async def test_nobody_else_may(db, cache, clock, stranger):
    work = Work(stranger, db, cache, clock)
    for attempt in (
        review.doubts(work),
        review.done(work),
        review.merge(work, "A", "B", reason="x"),
        review.split(work, "a", reason="x"),
        review.part(work, "a", "A", reason="x"),
        review.undo(work, 1, reason="x"),
    ):
        with pytest.raises(NotAllowed):
            await attempt
