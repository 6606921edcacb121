"""Delivery: readers stay in the room of their plan, and what is told beside the board is news."""

from dataclasses import replace

import pytest

from arb_app.live import Rooming, Telling
from arb_app.visitors import OUTAGE_S, visitor
from domain.errors import Unavailable
from domain.plans import PlanName, View
from kit.settings import Settings
from services import accounts, sessions
from services.access import OPERATOR
from services.sessions import hash_of
from services.work import begin
from store.db import Database
from tests.accounts import ANN, open_account, signed_in
from tests.arb_app.fanout.house import PRO, Browser, House
from tests.facts import a_row, a_snapshot, an_event, some_refusals

VISITORS = View.of("basic", "nba")


class DeadDatabase(Database):
    """PostgreSQL that does not answer."""

    def __init__(self):
        """Know no server."""

    def begin(self, **_):
        raise Unavailable("PostgreSQL does not answer")


@pytest.fixture
async def house(emptied, resources):
    """A board of two leagues, and a member of the plan pro who watches it."""
    await open_account(resources)
    house = House("deflated")
    rows = [a_row(an_event(league=league), id=league) for league in ("nba", "wnba")]
    house.hub.publish(a_snapshot(1, rows=rows))
    return house


async def plan(resources, name, league=""):
    async with begin(resources, OPERATOR) as work:
        await accounts.change_plan(work, ANN, PlanName(name), league)


async def member(house, resources):
    token = await signed_in(resources)
    return token, await house.joined("member", PRO, hash_of(token))


def rows_of(reader, browser):
    browser.take(reader.waiting())
    return set(browser.rows)


async def test_a_member_who_changes_plan_moves_at_the_next_look(house, resources):
    await plan(resources, "pro")
    _, reader = await member(house, resources)
    rooms, browser = Rooming(house.hub, resources, VISITORS), Browser()
    await rooms.look()
    assert rows_of(reader, browser) == {"nba", "wnba"}
    await plan(resources, "basic", "wnba")
    await rooms.look()
    assert rows_of(reader, browser) == {"wnba"}


async def test_whoever_signed_out_is_a_visitor_at_the_next_look(house, resources):
    await plan(resources, "pro")
    token, reader = await member(house, resources)
    browser = Browser()
    async with begin(resources, OPERATOR) as work:
        subject = await sessions.resume(replace(work, subject=visitor(Settings())), token)
    async with begin(resources, subject) as work:
        assert await sessions.sign_out(work, token)
    await Rooming(house.hub, resources, VISITORS).look()
    assert rows_of(reader, browser) == {"nba"}


async def test_without_postgresql_everybody_stays_for_a_while_and_then_is_a_visitor(
    house, resources, clock
):
    await plan(resources, "pro")
    _, reader = await member(house, resources)
    rooms = Rooming(house.hub, replace(resources, database=DeadDatabase()), VISITORS)
    browser = Browser()
    clock.advance(OUTAGE_S - 1)
    with pytest.raises(Unavailable):
        await rooms.look()
    assert rows_of(reader, browser) == {"nba", "wnba"}
    clock.advance(2)
    with pytest.raises(Unavailable):
        await rooms.look()
    assert rows_of(reader, browser) == {"nba"}


async def test_what_is_told_beside_the_board_is_told_once(house, resources):
    reader = await house.joined("reader")
    reader.waiting()
    telling = Telling(house.hub, resources)
    await telling.refusals()
    await resources.cache.put_refusals(some_refusals())
    for _ in range(2):
        await telling.refusals()
        await telling.why()
    assert [message["kind"] for message in reader.waiting()] == ["refusals", "why"]


@pytest.mark.parametrize(
    ("changes", "view"),
    [
        ({}, View.of("pro")),
        ({"environment": "production"}, View.of("anonymous")),
        ({"environment": "production", "visitor_plan": "free"}, View.of("free")),
        ({"visitor_plan": "basic", "visitor_league": "NBA"}, View.of("basic", "nba")),
    ],
)
def test_visitors_see_by_the_plan_that_the_operator_chose(changes, view):
    assert visitor(Settings().model_copy(update=changes)).view == view
