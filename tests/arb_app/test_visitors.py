"""Visitors: asked about every few seconds, never more are remembered than fit, none too long."""

from dataclasses import replace
from uuid import UUID

import pytest

from arb_app.visitors import FRESH_S, MOST, OUTAGE_S, Visitors
from domain.errors import Unavailable
from services.access import ANONYMOUS, Subject

SOMEBODY = Subject(name="somebody")


class Doorman:
    """Says who somebody is, as often as asked, and counts."""

    def __init__(self):
        self.asked = []
        self.answer = SOMEBODY

    async def __call__(self, token, active):
        self.asked.append((token, active))
        if self.answer is None:
            raise Unavailable("PostgreSQL: OperationalError")
        return self.answer


@pytest.fixture
def doorman():
    return Doorman()


@pytest.fixture
def look(doorman):
    visitors = Visitors()

    async def looking(at_s, token="t", *, active=False):
        return await visitors.subject(token, doorman, now=at_s, active=active)

    looking.visitors = visitors
    return looking


async def test_within_seconds_nobody_is_asked_twice(look, doorman):
    assert [await look(0.0), await look(FRESH_S - 0.1)] == [SOMEBODY] * 2
    assert len(doorman.asked) == 1


async def test_a_session_that_ended_is_noticed_within_seconds(look, doorman):
    await look(0.0)
    doorman.answer = ANONYMOUS
    assert await look(FRESH_S) == ANONYMOUS


async def test_what_was_forgotten_is_asked_at_once(look, doorman):
    await look(0.0)
    doorman.answer = ANONYMOUS
    look.visitors.forget("t")
    assert await look(0.1) == ANONYMOUS


async def test_a_member_who_was_forgotten_is_asked_about_in_every_browser(look, doorman):
    doorman.answer = replace(SOMEBODY, user_id=UUID(int=1))
    await look(0.0, "one")
    await look(0.0, "other")
    doorman.answer = replace(SOMEBODY, user_id=UUID(int=2))
    await look(0.0, "else")
    doorman.answer = ANONYMOUS
    look.visitors.forget_member(UUID(int=1))
    assert [await look(0.1, token) for token in ("one", "other")] == [ANONYMOUS] * 2
    assert (await look(0.1, "else")).user_id == UUID(int=2)


async def test_a_member_who_does_something_is_noted_once_a_minute_even_beside_a_loop(look, doorman):
    for second in range(130):
        await look(float(second))
        await look(float(second), active=True)
    assert sum(active for _, active in doorman.asked) == 2


async def test_an_outage_leaves_people_who_they_were_for_a_minute(look, doorman):
    await look(0.0)
    doorman.answer = None
    assert await look(OUTAGE_S - 0.1) == SOMEBODY
    assert await look(OUTAGE_S) == ANONYMOUS
    assert await look(0.0, "another") == ANONYMOUS


async def test_no_more_are_remembered_than_fit(look, doorman):
    for number in range(MOST + 1):
        await look(0.0, str(number))
    asked = len(doorman.asked)
    await look(0.0, str(MOST))
    assert len(doorman.asked) == asked
    await look(0.0, "0")
    assert len(doorman.asked) == asked + 1
