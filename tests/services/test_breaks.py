"""Breaks and limits of members: kept by the server, ended by nobody, and each one's own."""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.breaks import DAY, Held, Length, Limits, Why
from domain.errors import NotAllowed, Refused
from domain.plans import EVERYTHING
from kit.clock import ManualClock
from services import accounts, board, breaks, history, sessions
from services.access import ANONYMOUS, BOARD, DELIVERY, OPERATOR, Permission, Role
from services.breaks import LONGEST_GAP
from services.sessions import hash_of
from services.work import Resources, begin
from tests.accounts import ANN, BOB, open_account, signed_in
from tests.facts import NOON

pytestmark = pytest.mark.usefixtures("emptied")
LIFE = "0" * 24


@pytest.fixture
async def ann(resources):
    return await open_account(resources)


@pytest.fixture
def ask(resources):
    """Return a function that does one piece of work as somebody."""

    async def asking(subject, service, *given_, **more):
        async with begin(resources, subject) as work:
            return await service(work, *given_, **more)

    return asking


@pytest.fixture
def who(ask):
    """Return a function that says who is behind a token."""

    async def asking(token):
        return await ask(ANONYMOUS, sessions.resume, token)

    return asking


def audited(owner):
    rows = owner.execute("select action, subject, details from audit order by id desc limit 1")
    return rows.fetchone()


async def test_a_break_keeps_a_member_from_all_of_the_board_until_its_end(
    ann, ask, who, resources, clock
):
    token = await signed_in(resources)
    assert (await who(token)).permissions >= BOARD
    ends_at = await ask(ann, breaks.take, Length.DAY)
    assert ends_at == NOON + timedelta(days=1)
    resting = await who(token)
    assert resting.held == Held(Why.BREAK, ends_at)
    assert resting.permissions & BOARD == set()
    assert resting.may(Permission.USE_ACCOUNT)
    clock.advance(DAY.total_seconds() - 1)
    assert (await who(token)).held
    clock.advance(1)
    assert (await who(token)).held is None
    assert (await who(token)).permissions >= BOARD


@pytest.mark.parametrize(
    ("service", "given_"),
    [
        (board.refusals, ()),
        (board.why, ()),
        (board.opportunity, (LIFE,)),
        (history.movement, (LIFE, "", "")),
    ],
)
async def test_every_service_of_the_board_refuses_whoever_is_on_a_break(
    ann, ask, who, resources, service, given_
):
    token = await signed_in(resources)
    await ask(ann, breaks.take, Length.HOUR)
    with pytest.raises(NotAllowed, match="permission"):
        await ask(await who(token), service, *given_)


async def test_a_break_is_that_of_its_member_alone(ann, ask, who, resources):
    bob = await open_account(resources, BOB)
    await ask(ann, breaks.take, Length.WEEK)
    assert (await who(await signed_in(resources, BOB))).held is None
    assert (await ask(bob, breaks.own)).held is None
    assert (await ask(ann, breaks.own)).held.why is Why.BREAK


@given(
    asked=st.lists(
        st.tuples(st.sampled_from(Length), st.integers(0, 400 * 24)), min_size=1, max_size=6
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_a_member_asks_for_their_break_only_grows(database, cache, owner, asked):
    clock = ManualClock(NOON)
    resources = Resources(database, cache, clock)
    owner.execute("truncate accounts cascade")
    ann = await open_account(resources)
    ends_at = NOON
    for length, hours in asked:
        clock.advance(hours * 3600)
        async with begin(resources, ann) as work:
            now_ends = await breaks.take(work, length)
        assert now_ends == max(ends_at, clock.now() + length.time)
        ends_at = now_ends


async def test_of_two_breaks_at_once_the_longer_stays(ann, ask):
    both = [Length.YEAR, Length.HOUR] * 4
    await asyncio.gather(*(ask(ann, breaks.take, each) for each in both))
    assert (await ask(ann, breaks.own)).held.until == NOON + Length.YEAR.time


async def test_a_break_stands_in_the_audit_with_its_end(ann, ask, owner):
    ends_at = await ask(ann, breaks.take, Length.MONTH)
    action, subject, details = audited(owner)
    assert (action, subject) == ("break.take", str(ann.user_id))
    assert datetime.fromisoformat(details["until"]) == ends_at


@pytest.mark.parametrize("subject", [ANONYMOUS, OPERATOR, DELIVERY])
async def test_only_a_member_takes_a_break_or_sets_limits_and_only_their_own(ask, subject):
    for service, more in (
        (breaks.take, {"length": Length.DAY}),
        (breaks.limit, {"remind_min": 0, "daily_min": 0, "firm": False}),
        (breaks.own, {}),
    ):
        with pytest.raises(NotAllowed):
            await ask(subject, service, **more)


async def test_neither_a_new_plan_nor_a_new_role_nor_a_new_password_ends_a_break(
    ann, ask, who, resources
):
    await ask(ann, breaks.take, Length.WEEK)
    await ask(OPERATOR, accounts.change_plan, ANN, EVERYTHING.plan.name)
    await ask(OPERATOR, accounts.change_role, ANN, Role.OWNER)
    found = await who(await signed_in(resources))
    assert (found.role, found.held.why) == (Role.OWNER, Why.BREAK)
    assert found.permissions & BOARD == set()


async def limit(ask, ann, daily, remind=0):
    return await ask(ann, breaks.limit, remind_min=remind, daily_min=daily, firm=False)


@pytest.mark.parametrize(("remind", "daily"), [(7, 0), (0, 1), (-15, 0), (15, 10**9)])
async def test_minutes_that_are_not_offered_are_refused_and_nothing_changes(
    ann, ask, remind, daily
):
    await limit(ask, ann, 60, 30)
    with pytest.raises(Refused, match=r"minutes|limit"):
        await limit(ask, ann, daily, remind)
    assert (await ask(ann, breaks.own)).limits == Limits(30, daily_min=60)


async def test_a_looser_limit_is_kept_but_holds_a_day_later(ann, ask, clock):
    await limit(ask, ann, 30)
    assert (await limit(ask, ann, 120)).holding(clock.now()) == 30
    clock.advance(DAY.total_seconds())
    assert (await ask(ann, breaks.own)).limits.holding(clock.now()) == 120


@pytest.fixture
def watch(ask, clock):
    """Return a function that lets members watch the board, who are counted every so often."""

    async def watching(minutes, *tokens, every_s=15, processes=1):
        for _ in range(int(minutes * 60 / every_s)):
            clock.advance(every_s)
            for _ in range(processes):
                await ask(DELIVERY, breaks.count, [hash_of(token) for token in tokens])

    return watching


@pytest.mark.parametrize("processes", [1, 3])
async def test_the_board_is_shut_when_the_daily_limit_is_reached_and_opens_a_day_after_the_first_look(  # noqa: E501 - one sentence
    ann, ask, who, resources, clock, watch, processes
):
    token = await signed_in(resources)
    await limit(ask, ann, 30)
    began = clock.now() + timedelta(seconds=15)
    await watch(30, token, processes=processes)
    assert (await who(token)).held is None
    await watch(1, token, processes=processes)
    assert (await who(token)).held == Held(Why.LIMIT, began + DAY)
    assert await ask(DELIVERY, sessions.views, [hash_of(token)]) == {hash_of(token): None}
    clock.advance((began + DAY - clock.now()).total_seconds())
    assert (await who(token)).held is None


async def test_time_away_from_the_board_does_not_count(ann, ask, resources, clock, watch):
    token = await signed_in(resources)
    await limit(ask, ann, 30)
    await watch(5, token)
    clock.advance(LONGEST_GAP.total_seconds() + 1)
    await watch(5, token)
    used_s = (await ask(ann, breaks.own)).used_s
    assert used_s == pytest.approx(10 * 60 - 2 * 15)


async def test_whoever_set_no_limit_is_not_counted(ann, ask, resources, watch, owner):
    token = await signed_in(resources)
    await limit(ask, ann, 0, 15)
    await watch(5, token)
    assert (await ask(ann, breaks.own)).used_s == 0.0


async def test_a_break_and_a_limit_of_one_do_not_put_out_another(ann, ask, resources, watch):
    await open_account(resources, BOB)
    anns, bobs = await signed_in(resources), await signed_in(resources, BOB)
    await ask(ann, breaks.take, Length.HOUR)
    seen = await ask(DELIVERY, sessions.views, [hash_of(anns), hash_of(bobs)])
    assert seen[hash_of(anns)] is None
    assert seen[hash_of(bobs)].plan.name == "free"
