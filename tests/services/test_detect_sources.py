"""One event by several sources: whose price stands, and what an opportunity says of its sources."""

import pytest
from msgspec.structs import replace

from services.detect import Detector
from services.export import opportunity_json
from tests.services.prices import AWAY, GAME, HOME, NOW, WINNER, quote, reading, seconds


def told(detector):
    """Return the prices held of the game, by book and outcome."""
    return {(q.book, q.outcome): q.odds for q in detector.quotes(GAME.id)}


def heard(*readings):
    detector = Detector()
    changes = [detector.absorb(each) for each in readings]
    return detector, changes


NEW = reading(quote("a", HOME, 2.2, age_s=5), source="one")
OLD = reading(quote("a", HOME, 2.0, age_s=50), source="two")
UNDATED = reading(quote("a", HOME, 2.4, age_s=None), source="two")


@pytest.mark.parametrize("order", [(NEW, OLD), (OLD, NEW)])
def test_of_two_sources_of_one_book_the_newer_price_stands(order):
    detector, changes = heard(*order)
    assert told(detector) == {("a", HOME): 2.2}
    late = order.index(OLD) == 1
    assert changes[1].rejected == ({"another_source_is_newer": 1} if late else {})


@pytest.mark.parametrize("order", [(NEW, UNDATED), (UNDATED, NEW)])
def test_a_price_that_does_not_say_when_it_changed_yields_to_one_that_does(order):
    detector, _ = heard(*order)
    assert told(detector) == {("a", HOME): 2.2}


def test_of_two_prices_that_do_not_say_the_later_heard_stands():
    other = reading(quote("a", HOME, 2.1, age_s=None), source="one")
    assert told(heard(UNDATED, other)[0]) == {("a", HOME): 2.1}
    assert told(heard(other, UNDATED)[0]) == {("a", HOME): 2.4}


def test_a_price_goes_with_the_source_that_named_it_and_the_other_sources_takes_its_place():
    detector, _ = heard(NEW, OLD)
    gone = detector.absorb(reading(source="one", at=NOW + seconds(1)))
    assert told(detector) == {}
    assert gone.withdrawn == [(WINNER, HOME, quote("a", HOME, 2.2).side, "a")]
    detector.absorb(reading(*OLD.quotes, source="two", at=NOW + seconds(2)))
    assert told(detector) == {("a", HOME): 2.0}


def test_an_opportunity_names_all_its_sources_and_each_leg_its_own():
    detector = Detector()
    detector.absorb(reading(quote("a", HOME, 2.1), source="one"))
    changes = detector.absorb(reading(quote("b", AWAY, 2.1), source="two"))
    (found,) = detector.judge(changes.markets, NOW)
    assert found.source == "one + two"
    assert {leg.book: leg.source for leg in found.legs} == {"a": "one", "b": "two"}
    assert b'"source":"one"' in opportunity_json(found)


def test_what_a_source_said_of_an_event_is_forgotten_and_nothing_else():
    detector = Detector()
    other = quote("a", HOME, 1.8, market=replace(WINNER, event_id="other"))
    events = [GAME, replace(GAME, id="other")]
    detector.absorb(reading(quote("a", HOME, 2.1), other, events=events, source="one"))
    detector.absorb(reading(quote("b", AWAY, 2.1), source="two"))
    detector.forget_event("one", GAME.id)
    detector.forget_event("one", "never heard of")
    assert told(detector) == {("b", AWAY): 2.1}
    assert [q.odds for q in detector.quotes("other")] == [1.8]
