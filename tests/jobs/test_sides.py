"""Sides: the winner prices that stand now, as the matching of new events asks for them."""

from datetime import timedelta

import pytest

from domain.markets import MarketKind, Outcome
from domain.quotes import Origin
from jobs import sides
from jobs.memory import MOST_REMEMBERED, Memory
from jobs.sides import SidePrices
from store.streams import Entry
from tests.facts import NOON, a_market, a_quote, a_reading, an_event

GAME, OTHER = an_event(), an_event("Gulls v Terns")


def priced(home, away, *, event=GAME, market=None, **rest):
    market = market or a_market(event)
    quotes = [
        a_quote(market=market, outcome=Outcome.HOME, odds=home),
        a_quote(market=market, outcome=Outcome.AWAY, odds=away),
    ]
    told = {"origin": Origin.LIVE, "arrived_at": NOON, "events": [event], "quotes": quotes}
    return a_reading(**(told | rest))


def home_chance(held, event=GAME):
    found = held.chances(event.id)
    return None if found is None else round(found.home, 3)


def test_what_was_told_last_stands():
    held = SidePrices()
    assert home_chance(held) is None
    held.hear(priced(1.25, 5.0))
    assert home_chance(held) == 0.8
    held.hear(priced(5.0, 1.25))
    assert home_chance(held) == 0.2


@pytest.mark.parametrize(
    "unheard",
    [
        priced(1.25, 5.0, origin=Origin.REPLAY),
        priced(1.25, 5.0, market=a_market(kind=MarketKind.TOTAL, line=2.5)),
    ],
)
def test_recordings_and_other_markets_say_nothing_of_the_sides(unheard):
    held = SidePrices()
    held.hear(unheard)
    assert len(held) == 0


def test_a_complete_reading_takes_back_what_it_no_longer_names():
    held = SidePrices()
    held.hear(priced(1.25, 5.0))
    held.hear(priced(1.25, 5.0, source="second"))
    held.hear(priced(5.0, 1.25, event=OTHER))
    assert (home_chance(held), home_chance(held, OTHER)) == (0.8, 0.2)
    held.hear(priced(5.0, 1.25, event=OTHER, source="second"))
    assert home_chance(held) is None


def test_an_incomplete_one_adds_to_what_stands():
    held = SidePrices()
    held.hear(priced(1.25, 5.0))
    held.hear(priced(1.25, 5.0, event=OTHER, complete=False))
    assert (home_chance(held), home_chance(held, OTHER)) == (0.8, 0.8)


def test_what_moved_to_another_event_is_forgotten():
    held = SidePrices()
    held.hear(priced(1.25, 5.0))
    held.forget("other", GAME.id)
    assert home_chance(held) == 0.8
    held.forget(priced(2, 2).source, GAME.id)
    assert home_chance(held) is None


def test_silent_scopes_and_the_oldest_events_leave(monkeypatch):
    held = SidePrices()
    held.hear(priced(1.25, 5.0))
    held.retire(NOON + timedelta(hours=1))
    assert len(held) == 1
    held.retire(NOON + timedelta(hours=1, seconds=1))
    assert len(held) == 0
    monkeypatch.setattr(sides, "MOST_EVENTS", 2)
    events = [an_event(f"A{n} v B{n}") for n in range(4)]
    for event in events:
        held.hear(priced(1.25, 5.0, event=event, complete=False))
    assert [home_chance(held, event) for event in events] == [None, None, 0.8, 0.8]


def at(seconds):
    return f"{round((NOON + timedelta(seconds=seconds)).timestamp() * 1000)}-0"


def done(*seconds):
    return [Entry(at(each), 1, a_reading()) for each in seconds]


def test_five_minutes_of_what_is_done_with_are_remembered():
    memory = Memory()
    assert memory.due(NOON) is None
    memory.add(done(-600, -200, -1))
    assert memory.due(NOON) == at(-300)
    assert memory.due(NOON) is None


def test_what_is_not_done_with_is_never_trimmed():
    memory = Memory()
    memory.add(done(-900))
    assert memory.due(NOON) == at(-900)


def test_so_many_entries_are_remembered_at_most():
    memory = Memory()
    memory.add(done(*(n / 1_000 - 100 for n in range(MOST_REMEMBERED + 10))))
    assert memory.due(NOON) == at(-100 + 10 / 1_000)
