"""What an admin sees of matches before acting: pairs with prices, and events by name."""

from datetime import timedelta

import pytest

from domain.errors import NotAllowed, NotFound, Refused
from domain.markets import Outcome
from domain.quotes import Origin
from services import matching_look as look
from services import matching_review as review
from services.matching_look import Priced
from services.work import Work
from store import matching as stored
from store.odds import Change, save_changes, save_events, save_markets
from tests.facts import NOON, a_market, a_quote, an_event
from tests.services.test_matching_review import ADMIN, a_doubt, a_link, audited


@pytest.fixture
def work(db, cache, clock):
    return Work(ADMIN, db, cache, clock)


@pytest.fixture
async def waiting(work):
    """Two pairs that wait, the likelier one first."""
    links = [a_link("a", "A"), a_link("b", "B"), a_link("c", "C", "Lions FC v Bears")]
    await stored.save_links(work.db, links)
    pairs = [a_doubt(links[1], "A", chance=0.9), a_doubt(links[2], "A")]
    await stored.save_proposals(work.db, pairs)
    return links


async def test_a_queue_tells_how_many_wait_and_leaves_out_what_was_skipped(work, waiting):
    found = await look.queue(work, limit=1)
    assert (found.total, [pair.doubt.event for pair in found.pairs]) == (2, [waiting[1]])
    skipped = {look.pair_of(found.pairs[0].doubt)}
    rest = await look.queue(work, limit=1, skipped=skipped)
    assert [pair.doubt.event for pair in rest.pairs] == [waiting[2]]


@pytest.mark.usefixtures("waiting")
async def test_prices_of_both_stand_side_by_side_where_they_are_known(work):
    event = an_event(id="A")
    market = a_market(event)
    quotes = [
        a_quote(market=market, odds=2.0),
        a_quote(market=market, odds=2.2, book="beta"),
        a_quote(market=market, odds=1.8, book="gamma"),
    ]
    change = Change(source="a", origin=Origin.LIVE, seen_at=NOON, changed=quotes, withdrawn=[])
    gone = Change(
        source="a", origin=Origin.LIVE, seen_at=NOON + timedelta(minutes=1), changed=[],
        withdrawn=[quotes[2].price],
    )  # fmt: skip
    await save_events(work.db, "a", [event])
    await save_markets(work.db, [market])
    await save_changes(work.db, [change])
    await save_changes(work.db, [gone])
    (pair, _) = (await look.queue(work, limit=5)).pairs
    assert pair.other_prices == [Priced(Outcome.HOME, pytest.approx(2.1), 2)]
    assert pair.event_prices == []


@pytest.mark.usefixtures("waiting")
async def test_events_are_found_by_what_sources_call_them(work):
    async def ours(text):
        return [link.canonical_id for link in await look.named(work, text)]

    assert await ours("lions fc") == ["C"]
    assert await ours("  LIONS  ") == ["A", "B", "C"]
    assert await ours("invented league") == ["A", "B", "C"]
    assert await ours("b:Lions v Bears") == ["B"]
    assert await ours("%%") == await ours("__") == await ours("x") == await ours("") == []


async def test_an_answer_no_can_be_taken_back_once(work, waiting):
    event_id = waiting[1].event.id
    await review.part(work, event_id, "A", reason="two matches")
    assert (await look.queue(work, limit=5)).total == 1
    await review.reopen(work, event_id, "A", reason="one match")
    assert (await look.queue(work, limit=5)).total == 2
    assert [action for action, _ in await audited(work.db)][-2:] == [
        "matching.part", "matching.reopen",
    ]  # fmt: skip
    with pytest.raises(NotFound, match="nobody parted"):
        await review.reopen(work, event_id, "A", reason="again")
    with pytest.raises(Refused, match="reason"):
        await review.reopen(work, event_id, "A", reason=" ")


async def test_nobody_else_may(db, cache, clock, stranger):
    work = Work(stranger, db, cache, clock)
    for attempt in (
        look.queue(work, limit=1),
        look.named(work, "lions"),
        review.reopen(work, "a", "A", reason="x"),
        review.place_of(work, "a"),
    ):
        with pytest.raises(NotAllowed):
            await attempt
