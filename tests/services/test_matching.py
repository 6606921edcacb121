"""The matcher: one id of ours for an event, whatever its sources call it or list first."""

from datetime import timedelta

import msgspec
import pytest

from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.matching import Link
from domain.quotes import Origin, Quote, Reading
from engine.matching.orientation import Chances
from feeds.base import event_id
from services.matching import Matcher, chances
from tests.facts import NOON

replace = msgspec.structs.replace


def an_event(source, home="Leeds United", away="Hull City", *, minutes=60, number="1"):
    return Event(
        id=event_id(source, number),
        source_id=number,
        sport="soccer",
        league="",
        home=home,
        away=away,
        starts_at=NOON + timedelta(minutes=minutes),
    )


def winner(event):
    return Market(event_id=event.id, kind=MarketKind.WINNER, period=Period.FULL_TIME, ways=3)


def prices(event, odds, book="alpha"):
    outcomes = (Outcome.HOME, Outcome.DRAW, Outcome.AWAY)
    market = winner(event)
    return [
        Quote(book=book, market=market, outcome=outcome, odds=price, changed_at=NOON)
        for outcome, price in zip(outcomes, odds, strict=True)
    ]


def reading(source, *events, quotes=(), at=NOON):
    return Reading(
        source=source,
        scope="all",
        origin=Origin.LIVE,
        as_of=at,
        arrived_at=at,
        complete=True,
        events=list(events),
        quotes=list(quotes),
    )


def test_two_sources_of_one_event_are_given_one_id():
    matcher = Matcher()
    first, second = an_event("a"), an_event("b", "Leeds", "Hull")
    one = matcher.admit(reading("a", first, quotes=prices(first, (2.0, 3.4, 3.8))))
    other = matcher.admit(reading("b", second, quotes=prices(second, (2.1, 3.3, 3.7), "beta")))
    assert matcher.canonical_id(first.id) == matcher.canonical_id(second.id)
    assert {q.market for q in one.reading.quotes} == {q.market for q in other.reading.quotes}
    assert one.reading.events == other.reading.events
    assert other.links[0].chance > 0.9


def test_a_reversed_listing_is_turned_round():
    matcher = Matcher()
    first, second = an_event("a"), an_event("b", "Hull City", "Leeds United")
    matcher.admit(reading("a", first))
    handicap = Market(
        event_id=second.id, kind=MarketKind.HANDICAP, period=Period.FULL_TIME, line=1.5
    )
    quote = Quote(book="b", market=handicap, outcome=Outcome.HOME, odds=1.9, changed_at=NOON)
    admitted = matcher.admit(reading("b", second, quotes=[quote]))
    (turned,) = admitted.reading.quotes
    assert admitted.links[0].reversed
    assert (turned.outcome, turned.market.line) == (Outcome.AWAY, -1.5)
    assert (admitted.reading.events[0].home, turned.odds) == ("Leeds United", 1.9)


def test_a_reversed_market_that_makes_no_sense_is_counted_and_spoils_nothing():
    matcher = Matcher()
    first, second = an_event("a"), an_event("b", "Hull City", "Leeds United")
    matcher.admit(reading("a", first))
    score = replace(winner(second), kind=MarketKind.CORRECT_SCORE, ways=2, subject="odd one out")
    senseless = Quote(book="b", market=score, outcome=Outcome.YES, odds=9.0, changed_at=NOON)
    quotes = [senseless, *prices(second, (3.0, 3.3, 2.4))]
    admitted = matcher.admit(reading("b", second, quotes=quotes))
    assert admitted.reading.rejected == {"market_cannot_be_reversed": 1}
    assert [q.outcome for q in admitted.reading.quotes] == [
        Outcome.AWAY,
        Outcome.DRAW,
        Outcome.HOME,
    ]


def test_prices_that_say_the_sides_are_reversed_stop_the_join():
    first, second = an_event("a"), an_event("b")
    asked = Matcher(lambda _id: Chances(0.65, 0.15))
    asked.admit(reading("a", first))
    admitted = asked.admit(reading("b", second, quotes=prices(second, (6.0, 4.2, 1.5))))
    assert [p.evidence["why"] for p in admitted.proposals] == [["prices_reversed"]]
    assert asked.canonical_id(first.id) != asked.canonical_id(second.id)

    agreed = Matcher(lambda _id: Chances(0.65, 0.15))
    agreed.admit(reading("a", first))
    admitted = agreed.admit(reading("b", second, quotes=prices(second, (1.5, 4.2, 6.0))))
    assert admitted.proposals == []


def test_prices_in_play_are_no_evidence_of_who_is_who():
    first, second = an_event("a", minutes=-20), an_event("b", minutes=-20)
    matcher = Matcher(lambda _id: Chances(0.95, 0.01))
    matcher.admit(reading("a", first))
    admitted = matcher.admit(reading("b", second, quotes=prices(second, (6.0, 4.2, 1.5))))
    assert admitted.proposals == []


def test_the_id_stays_when_the_founder_leaves_and_others_join():
    matcher = Matcher()
    first, second, third = an_event("a"), an_event("b", "Leeds", "Hull"), an_event("c")
    matcher.admit(reading("a", first))
    founded = matcher.canonical_id(first.id)
    matcher.admit(reading("b", second))
    links = [Link(event=second, source="b", canonical_id=founded)]
    later = Matcher.stored(links, set(), NOON)
    later.admit(reading("c", third))
    assert later.canonical_id(second.id) == later.canonical_id(third.id) == founded


def test_what_is_doubtful_gets_an_id_of_its_own_and_is_put_to_a_person():
    matcher = Matcher()
    first, drifted = an_event("a"), an_event("b", minutes=400)
    matcher.admit(reading("a", first))
    admitted = matcher.admit(reading("b", drifted))
    (proposal,) = admitted.proposals
    assert proposal.canonical_id == matcher.canonical_id(first.id)
    assert proposal.canonical_id != matcher.canonical_id(drifted.id)
    assert "start_drifted" in proposal.evidence["why"]
    assert matcher.admit(reading("b", drifted)).proposals == []


def test_a_start_that_moves_keeps_the_id_and_moves_the_event():
    matcher = Matcher()
    first = an_event("a")
    ours = matcher.admit(reading("a", first)).reading.events[0].id
    moved = replace(first, starts_at=first.starts_at + timedelta(hours=5))
    admitted = matcher.admit(reading("a", moved))
    assert [(e.id, e.starts_at) for e in admitted.reading.events] == [(ours, moved.starts_at)]
    assert [link.event for link in admitted.links] == [moved]
    second = an_event("b", minutes=60 + 5 * 60)
    matcher.admit(reading("b", second))
    assert matcher.canonical_id(second.id) == ours


def test_a_pair_that_was_parted_stays_apart():
    first, second = an_event("a"), an_event("b")
    links = [Link(event=first, source="a", canonical_id="ours")]
    matcher = Matcher.stored(links, {(second.id, "ours")}, NOON)
    admitted = matcher.admit(reading("b", second))
    assert matcher.canonical_id(second.id) != "ours"
    assert admitted.proposals == []


def test_events_nobody_names_any_more_are_forgotten():
    matcher = Matcher()
    matcher.admit(reading("a", an_event("a")))
    matcher.retire(NOON + timedelta(hours=35))
    assert len(matcher) == 1
    matcher.retire(NOON + timedelta(hours=37))
    assert len(matcher) == 0
    assert matcher.canonical_id(an_event("a").id) is None


def test_a_quote_of_an_event_that_was_never_described_passes_as_it_is():
    quotes = prices(an_event("a"), (2.0, 3.4, 3.8))
    assert Matcher().admit(reading("a", quotes=quotes)).reading.quotes == quotes


def test_chances_are_of_books_that_price_every_outcome_to_win():
    event = an_event("a")
    whole, part = prices(event, (2.0, 4.0, 4.0)), prices(event, (9.0, 9.0, 9.0), "beta")[:2]
    lays = [replace(q, side=Side.LAY, book="gamma") for q in prices(event, (8.0, 8.0, 1.2))]
    assert chances([*whole, *part, *lays]) == {event.id: pytest.approx((0.5, 0.25))}
