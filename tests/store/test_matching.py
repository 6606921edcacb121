"""Links of sources' events to ours, as they are kept."""

from datetime import timedelta

import msgspec
import sqlalchemy as sa

from domain.matching import Link, Proposal
from store import matching as stored
from tests.facts import NOON, an_event

replace = msgspec.structs.replace


def a_link(source="a", ours="A", **changes):
    event = an_event(id=f"{source}:1")
    told = {"chance": 0.99, "evidence": {"minutes_apart": 3}}
    return Link(event=event, source=source, canonical_id=ours, **(told | changes))


async def test_links_come_back_as_they_were(db):
    links = [a_link(), a_link("b", reversed=True), a_link("c", "C", chance=None)]
    await stored.save_links(db, links)
    assert await stored.links_of(db, "A") == links[:2]
    assert await stored.links_since(db, NOON) == links
    assert await stored.links_by_event(db, ["c:1", "never"]) == {"c:1": links[2]}


async def test_a_link_stays_whoever_says_otherwise_but_its_event_is_kept_up_to_date(db):
    first = a_link()
    moved = replace(first.event, starts_at=first.event.starts_at + timedelta(hours=1))
    await stored.save_links(db, [first])
    await stored.save_links(db, [replace(first, event=moved, canonical_id="Z", reversed=True)])
    assert await stored.links_of(db, "A") == [replace(first, event=moved)]


async def test_our_event_is_founded_by_the_source_that_came_first_and_described_by_it(db):
    links = [a_link("z"), a_link("b"), a_link("c", "C")]
    await stored.save_links(db, links)
    founders = await db.execute(sa.text("select id, founded_by from canonical_events order by id"))
    assert [tuple(row) for row in founders] == [("A", "z"), ("C", "c")]
    assert await stored.links_of(db, "A") == links[:2]


async def test_links_are_found_with_all_others_to_the_same_events_of_ours(db):
    links = [a_link(), a_link("b"), a_link("c", "C")]
    await stored.save_links(db, links)
    assert await stored.links_alongside(db, ["b:1", "never"]) == links[:2]
    assert await stored.links_alongside(db, []) == []


async def test_a_pair_with_an_event_that_is_gone_is_nobodys_question(db):
    await stored.save_links(db, [a_link()])
    doubt = Proposal(event_id="a:1", canonical_id="gone", reversed=False, chance=0.3, evidence={})
    await stored.save_proposals(db, [doubt])
    assert await stored.open_proposals(db) == []


async def test_a_pair_is_put_to_a_person_once(db):
    await stored.save_links(db, [a_link(), a_link("b", "B")])
    doubt = Proposal(event_id="b:1", canonical_id="A", reversed=False, chance=0.3, evidence={})
    await stored.save_proposals(db, [doubt, doubt])
    await stored.save_proposals(db, [replace(doubt, chance=0.9)])
    assert await stored.open_proposals(db) == [doubt]
    assert await stored.open_proposals(db, offset=1) == []


async def test_old_links_go_and_with_them_what_hung_on_them(db):
    old, young = a_link(), a_link("b", "B")
    young = replace(young, event=replace(young.event, starts_at=NOON + timedelta(days=90)))
    await stored.save_links(db, [old, young])
    doubt = Proposal(event_id="a:1", canonical_id="B", reversed=False, chance=0.3, evidence={})
    await stored.save_proposals(db, [doubt])
    assert await stored.drop_before(db, NOON + timedelta(days=1)) == 1
    assert await stored.links_since(db, NOON - timedelta(days=9999)) == [young]
    assert await db.scalar(sa.text("select count(*) from match_proposals")) == 0
    assert list(await db.scalars(sa.text("select id from canonical_events"))) == ["B"]


async def test_nothing_is_written_of_nothing(db):
    await stored.save_links(db, [])
    await stored.save_proposals(db, [])
    assert await stored.links_since(db, NOON) == []
