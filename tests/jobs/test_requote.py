"""Requote: what is new waits until the sources of its legs have been heard, and not for ever."""

from datetime import timedelta

import msgspec
import pytest

from domain.opportunities import GateCode, Refusal
from domain.questions import Answer
from domain.quotes import Origin
from jobs.requote import LIMIT, MOST_OPEN, Judged, Requotes
from kit.clock import ManualClock
from services.held import Scope
from tests.facts import NOON, a_leg, a_market, an_event, an_opportunity

OLD = timedelta(seconds=30)


class World:
    """Sources by book, each with the age of what it told, and the checks of a shard."""

    def __init__(self, **ages):
        self.clock, self.scopes, self.shown = ManualClock(NOON), {}, set()
        for book, age in ages.items():
            self.told(book, age)
        self.requotes = Requotes(lambda leg: self.scopes.get(leg.book))

    def told(self, book, age=timedelta(0), *, origin=Origin.LIVE, source=None):
        at = self.clock.now() - age
        self.scopes[book] = Scope(source or f"source of {book}", origin, at, at, "all")

    def look(self, *found, markets=None):
        """Return what is shown as accepted, and what is refused, with codes."""
        markets = markets or {one.market for one in found}
        now = self.clock.now()
        sifted, self.cleared = self.requotes.sifted(Judged(markets), found, self.shown, now, now)
        accepted = {one.key for one in sifted if one.accepted}
        assert accepted == self.cleared.keys()
        return accepted, {one.key: [r.code for r in one.refusals] for one in sifted}

    def asked(self):
        self.questions = self.requotes.questions()
        return [one.source.removeprefix("source of ") for one in self.questions]

    def answer(self, *, told=True, questions=None):
        ids = [one.id for one in questions or self.questions]
        return self.requotes.hear(Answer(questions=ids, told=told), self.clock.now())


def crossing(books="ab", key="one", **changes):
    event = an_event()
    market = a_market(event)
    legs = [a_leg(market, book=book) for book in books]
    return an_opportunity(event, key=key, market=market, legs=legs, **changes)


def test_what_was_told_just_now_is_shown_at_once_and_counts_as_checked():
    world = World(a=timedelta(seconds=1), b=timedelta(0))
    found = crossing()
    assert world.look(found)[0] == {"one"}
    assert world.cleared["one"].verified_at == NOON - timedelta(seconds=1)
    assert world.asked() == []
    assert world.requotes.counts() == {"just_told": 1}


def test_a_leg_told_longer_ago_is_asked_for_and_shown_when_its_source_has_answered():
    world = World(a=OLD, b=timedelta(0))
    found = crossing()
    assert world.look(found) == (set(), {"one": [GateCode.BEING_CHECKED]})
    assert world.asked() == ["a"]
    assert (world.look(found)[0], world.asked()) == (set(), [])
    assert world.look(found, markets={found.market})[0] == set()


def test_an_answer_to_a_question_of_others_or_of_old_confirms_nothing():
    world = World(a=OLD, b=timedelta(0))
    found = crossing()
    world.look(found)
    hostile = Answer(questions=["", "a", "source of a"], told=True)
    assert world.requotes.hear(hostile, NOON + OLD) == set()
    assert world.look(found)[0] == set()


def test_the_mark_says_when_the_first_of_the_legs_was_confirmed_and_the_life_when_it_was_heard():
    world = World(a=OLD, b=timedelta(0))
    found = crossing()
    world.look(found)
    world.asked()
    world.clock.advance(0.5)
    assert world.answer() == {found.market}
    assert world.look(found)[0] == {"one"}
    assert world.cleared["one"] == (NOON, NOON)
    assert world.requotes.counts() == {"verified": 1}


def test_what_no_longer_crosses_when_checked_is_never_shown_and_counted():
    world = World(a=OLD, b=timedelta(0))
    found = crossing()
    world.look(found)
    assert world.look(markets={found.market})[0] == set()
    (gone,) = world.requotes.gone()
    assert [refusal.code for refusal in gone.refusals] == [GateCode.GONE_WHEN_CHECKED]
    assert (world.requotes.counts(), world.requotes.gone()) == ({"gone": 1}, [])


def test_a_look_at_other_markets_lets_it_wait():
    world = World(a=OLD, b=timedelta(0))
    world.look(crossing())
    world.look(markets={a_market(an_event("Gulls v Terns"))})
    assert world.requotes.gone() == []


def test_what_a_gate_refuses_meanwhile_is_refused_for_that_and_not_gone():
    world = World(a=OLD, b=timedelta(0))
    found = crossing()
    world.look(found)
    refused = msgspec.structs.replace(
        found, refusals=[Refusal(code=GateCode.LEG_TOO_OLD, detail="")]
    )
    assert world.look(refused)[1] == {"one": [GateCode.LEG_TOO_OLD]}
    assert world.requotes.gone() == []


def test_a_source_that_may_not_be_asked_lets_it_be_shown_unchecked_at_once():
    world = World(a=OLD, b=timedelta(0))
    found = crossing()
    world.look(found)
    world.asked()
    world.answer(told=False)
    assert world.look(found)[0] == {"one"}
    assert world.cleared["one"].verified_at is None
    assert world.requotes.counts() == {"unverified": 1}


def test_while_another_source_may_still_say_that_it_is_gone_it_waits_for_that():
    world = World(a=OLD, b=OLD)
    found = crossing()
    world.look(found)
    assert world.asked() == ["a", "b"]
    world.answer(told=False, questions=world.questions[:1])
    assert world.look(found)[0] == set()
    world.answer(questions=world.questions[1:])
    assert world.look(found)[0] == {"one"}
    assert world.cleared["one"].verified_at is None


def test_nobody_waits_longer_than_the_limit_and_what_comes_later_changes_nothing():
    world = World(a=OLD, b=timedelta(0))
    found = crossing()
    world.look(found)
    world.asked()
    world.clock.advance(LIMIT.total_seconds() - 0.1)
    assert world.requotes.overdue(world.clock.now()) == set()
    world.clock.advance(0.1)
    assert world.requotes.overdue(world.clock.now()) == {found.market}
    assert world.look(found)[0] == {"one"}
    assert world.cleared["one"].verified_at is None
    assert world.answer() == set()


def test_a_reading_of_its_turn_is_as_good_as_an_answer():
    world = World(a=OLD, b=timedelta(0))
    found = crossing()
    world.look(found)
    world.clock.advance(1)
    world.told("a")
    assert world.look(found)[0] == {"one"}
    assert world.cleared["one"].verified_at == NOON


def test_another_books_older_price_that_takes_a_legs_place_is_asked_for_as_well():
    world = World(a=OLD, b=timedelta(0), c=OLD)
    world.look(crossing("ab"))
    world.asked()
    world.answer()
    assert world.look(crossing("cb"))[0] == set()
    assert world.asked() == ["c"]


@pytest.mark.parametrize(("count", "asked"), [(4, 4), (5, 0)])
def test_a_candidate_is_worth_four_questions(count, asked):
    books = "abcde"[:count]
    world = World(**dict.fromkeys(books, OLD))
    shown, _ = world.look(crossing(books))
    assert (len(world.asked()), len(shown)) == (asked, int(not asked))


def test_legs_that_follow_each_other_are_four_questions_too():
    world = World(**dict.fromkeys("abcde", OLD), z=timedelta(0))
    for book in "abcd":
        assert world.look(crossing(f"{book}z"))[0] == set()
    assert len(world.asked()) == 4
    assert world.look(crossing("ez"))[0] == {"one"}
    assert world.asked() == []


def test_a_scope_is_asked_once_for_all_that_wait_for_it():
    world = World(a=OLD, b=timedelta(0))
    both = crossing(key="one"), crossing(key="two")
    world.look(*both)
    assert world.asked() == ["a"]
    world.answer()
    assert world.look(*both)[0] == {"one", "two"}


def test_more_questions_than_there_is_room_for_are_not_asked():
    books = [f"book{number}" for number in range(MOST_OPEN + 5)]
    world = World(**dict.fromkeys(books, OLD), z=timedelta(0))
    shown, _ = world.look(*(crossing([book, "z"], key=book) for book in books))
    assert (len(world.asked()), len(shown)) == (MOST_OPEN, 5)


@pytest.mark.parametrize("origin", [Origin.REPLAY, Origin.SIMULATED])
def test_what_is_not_live_is_never_held(origin):
    world = World(a=OLD, b=timedelta(0))
    world.told("a", OLD, origin=origin)
    assert world.look(crossing())[0] == {"one"}
    assert world.cleared["one"].verified_at is None
    assert (world.asked(), world.requotes.counts()) == ([], {})


def test_what_is_on_the_board_stays_there_unasked():
    world = World(a=OLD, b=timedelta(0))
    world.shown = {"one"}
    assert world.look(crossing())[0] == {"one"}
    assert (world.asked(), world.cleared["one"].verified_at) == ([], None)
