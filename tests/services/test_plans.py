"""Plans: what services leave out, who is given which, and that everyone is seen as they are."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.board import RefusedRow
from domain.errors import NotAllowed, NotFound, NotInPlan, Refused
from domain.factors import Kind
from domain.plans import EVERYTHING, LEAST, PLANS, PlanName, View
from services import accounts, board, history, plans, sessions
from services.access import ANONYMOUS, DELIVERY, OPERATOR, Permission, Role
from services.board import Life
from services.factor_policy import FactorPolicy
from services.sessions import hash_of
from services.work import begin
from store.odds import save_events
from store.opportunities import close_lives, save_lives
from tests.accounts import ANN, BOB, READER, open_account, signed_in
from tests.facts import (
    NOON,
    SOURCE,
    a_patch,
    a_row,
    a_snapshot,
    an_event,
    an_opportunity,
    some_refusals,
)

BASIC = View.of("basic", "wnba")
LONG_AGO = NOON - timedelta(hours=1)
rois = st.floats(-0.5, 2.0)


def seen_as(work, view):
    return replace(work, subject=replace(READER, view=view))


@given(roi=rois, name=st.sampled_from(PlanName))
def test_no_plan_tells_more_than_there_is(roi, name):
    assert View.of(name).told(roi) <= roi


@given(one=rois, other=rois)
def test_capped_returns_keep_the_order_as_far_as_they_keep_any(one, other):
    low, high = sorted((one, other))
    assert LEAST.told(low) <= LEAST.told(high) <= PLANS[PlanName.ANONYMOUS].roi_cap


def test_the_plans_rise():
    delays = [plan.delay_s for plan in PLANS.values()]
    assert list(PLANS) == list(PlanName)
    assert delays == sorted(delays, reverse=True)
    assert [name for name, plan in PLANS.items() if plan.mask_books] == ["anonymous", "free"]
    assert [name for name, plan in PLANS.items() if plan.raw] == ["enterprise"]


@pytest.mark.parametrize(("league", "shown"), [("WNBA", True), ("wnba", True), ("nba", False)])
def test_a_plan_of_one_league_shows_that_one_however_it_is_written(league, shown):
    assert BASIC.shows(league) is shown
    assert not View.of("basic").shows(league)
    assert not View.of("basic").shows("")


def test_a_subject_sees_the_least_until_somebody_says_more():
    assert (ANONYMOUS.view, OPERATOR.view, DELIVERY.view) == (LEAST, LEAST, EVERYTHING)


async def test_the_board_of_a_masked_plan_has_what_is_old_enough_without_its_books(work):
    old, new = a_row(first_seen_at=LONG_AGO), a_row(first_seen_at=NOON)
    await work.cache.publish(a_patch(rows=[old, new]), a_snapshot(rows=[new, old]))
    await work.cache.put_refusals(some_refusals())
    seen = await board.latest(seen_as(work, LEAST))
    (row,) = seen.rows
    assert row.id == old.id
    assert {(leg.book, leg.odds, leg.share, leg.source) for leg in row.opportunity.legs} == {
        ("book_A", 0.0, 0.0, ""),
        ("book_B", 0.0, 0.0, ""),
    }
    near = await board.refusals(seen_as(work, LEAST))
    assert (near.total, near.by_code, near.rows) == (1, {"leg_too_old": 1}, [])


async def test_one_league_is_shown_everything_of_it_and_nothing_else(work):
    ours = a_row(an_event("Fire v Wings", league="WNBA"))
    other = a_row(an_event("Bulls v Heat", league="NBA"))
    await work.cache.publish(a_patch(rows=[ours, other]), a_snapshot(rows=[ours, other]))
    missed = [RefusedRow(opportunity=row.opportunity, arrived_at=NOON) for row in (ours, other)]
    await work.cache.put_refusals(some_refusals(rows=missed))
    basic = seen_as(work, BASIC)
    assert (await board.latest(basic)).rows == [ours]
    assert [row.opportunity for row in (await board.refusals(basic)).rows] == [ours.opportunity]
    assert (await board.opportunity(basic, ours.id)).row == ours
    with pytest.raises(NotFound):
        await board.opportunity(basic, other.id)


async def test_whoever_guesses_an_id_sees_what_their_plan_shows(work):
    row = a_row(first_seen_at=LONG_AGO, best_roi=0.9)
    await work.cache.publish(a_patch(rows=[row]), a_snapshot(rows=[row]))
    life = await board.opportunity(seen_as(work, LEAST), row.id)
    found = life.row.opportunity
    assert (life.row.best_roi, found.roi, found.proof.worst_roi) == (0.01, 0.01, 0.01)
    assert (found.proof.unprotected, found.source) == ([], "")
    assert {leg.book for leg in found.legs} == {"book_A", "book_B"}


async def test_a_beginning_and_an_end_are_told_as_late_as_everything_else(work):
    row = a_row(first_seen_at=NOON - timedelta(seconds=30))
    masked = seen_as(work, LEAST)
    await save_lives(work.db, [row], seen_at=NOON)
    await close_lives(work.db, [row.id], at=NOON, reason="crosses no more")
    with pytest.raises(NotFound):
        await board.opportunity(masked, row.id)
    work.clock.advance(31)
    soon = await board.opportunity(masked, row.id)
    assert (soon.gone_at, soon.gone_reason, soon.last_seen_at) == (None, None, work.clock.now())
    work.clock.advance(60)
    assert (await board.opportunity(masked, row.id)).gone_at == NOON


async def test_an_empty_board_names_no_life_that_a_plan_does_not_show(work):
    row = a_row(an_event("Bulls v Heat", league="NBA"), first_seen_at=LONG_AGO)
    await save_lives(work.db, [row], seen_at=NOON)
    assert (await board.why(seen_as(work, BASIC))).last is None
    assert (await board.why(seen_as(work, EVERYTHING))).last.row.id == row.id
    assert (await board.why(seen_as(work, LEAST))).last.row.best_roi == 0.01


async def test_how_prices_moved_is_for_plans_that_show_prices(work):
    event = an_event(league="WNBA")
    await save_events(work.db, SOURCE, [event])
    with pytest.raises(NotInPlan):
        await history.movement(seen_as(work, LEAST), event.id, "", "")
    assert (await history.movement(seen_as(work, BASIC), event.id, "", "")).event == event
    with pytest.raises(NotFound):
        await history.movement(seen_as(work, View.of("basic", "nba")), event.id, "", "")


def test_a_life_that_nobody_late_may_know_of_is_nothing():
    life = Life(row=a_row(first_seen_at=NOON), last_seen_at=NOON)
    assert plans.life(life, LEAST, now=NOON + timedelta(seconds=59)) is None
    assert plans.life(life, EVERYTHING, now=NOON) == life


def test_legs_of_a_masked_row_stand_in_the_order_of_their_outcomes():
    found = an_opportunity()
    ways = [
        plans.row(a_row(id="x", opportunity=an_opportunity(legs=legs)), LEAST)
        for legs in (found.legs, found.legs[::-1])
    ]
    assert ways[0].opportunity.legs == ways[1].opportunity.legs


async def account(resources, email=ANN, role=Role.MEMBER):
    await open_account(resources, email, role)
    return await signed_in(resources, email)


async def resumed(resources, token):
    async with begin(resources, ANONYMOUS) as work:
        return await sessions.resume(work, token)


async def seen_of(resources, *tokens):
    async with begin(resources, DELIVERY) as work:
        found = await sessions.views(work, {hash_of(token) for token in tokens})
    return [found.get(hash_of(token)) for token in tokens]


async def proved_by_app(resources, token):
    """Prove a session by a second factor, under the token that it has."""
    async with begin(resources, await resumed(resources, token)) as work:
        (await sessions.own(work)).factor = Kind.TOTP


async def change(resources, plan, league="", *, email=ANN, subject=OPERATOR):
    async with begin(resources, subject) as work:
        await accounts.change_plan(work, email, plan, league)


@pytest.mark.usefixtures("emptied")
async def test_an_account_begins_free_and_is_given_another_plan(resources):
    token = await account(resources)
    assert (await resumed(resources, token)).view == View.of("free")
    assert await seen_of(resources, token) == [View.of("free")]
    await change(resources, PlanName.BASIC, " WNBA ")
    assert (await resumed(resources, token)).view == BASIC
    assert await seen_of(resources, token) == [BASIC]
    await change(resources, PlanName.PRO)
    assert await seen_of(resources, token) == [View.of("pro")]


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize("role", [Role.SUPPORT, Role.OWNER])
async def test_who_works_here_sees_by_their_plan_until_they_have_proved_a_factor(resources, role):
    strict = replace(resources, factor_policy=FactorPolicy(staff=True))
    token = await account(strict, role=role)
    assert (await resumed(strict, token)).view == View.of("free")
    assert await seen_of(strict, token) == [View.of("free")]
    await proved_by_app(strict, token)
    assert (await resumed(strict, token)).view == EVERYTHING
    assert await seen_of(strict, token) == [EVERYTHING]


@pytest.mark.usefixtures("emptied")
async def test_who_lacks_the_factor_that_their_plan_asks_for_is_put_out_of_the_board(resources):
    token = await account(resources)
    await change(resources, PlanName.PRO)
    strict = replace(resources, factor_policy=FactorPolicy(plans=frozenset({PlanName.PRO})))
    assert await seen_of(resources, token) == [View.of("pro")]
    assert await seen_of(strict, token) == [None]
    found = await resumed(strict, token)
    assert not found.may(Permission.VIEW_BOARD)
    assert found.view == LEAST
    await proved_by_app(strict, token)
    assert await seen_of(strict, token) == [View.of("pro")]


@pytest.mark.usefixtures("emptied")
async def test_who_works_here_sees_everything(resources):
    token = await account(resources, role=Role.SUPPORT)
    assert (await resumed(resources, token)).view == EVERYTHING
    assert await seen_of(resources, token) == [EVERYTHING]


@pytest.mark.usefixtures("emptied")
async def test_many_sessions_are_looked_at_at_once_and_those_that_are_over_left_out(
    resources, clock
):
    ann, bob = await account(resources), await account(resources, BOB)
    unknown = "x" * 43
    assert await seen_of(resources, ann, unknown, bob) == [View.of("free"), None, View.of("free")]
    assert await seen_of(resources) == []
    clock.advance(timedelta(days=31).total_seconds())
    assert await seen_of(resources, ann, bob) == [None, None]


@pytest.mark.usefixtures("emptied")
async def test_nobody_gives_themselves_a_plan(resources):
    await account(resources)
    subject = await open_account(resources, BOB)
    with pytest.raises(NotAllowed):
        await change(resources, PlanName.PRO, subject=subject)
    with pytest.raises(NotAllowed):
        async with begin(resources, subject) as work:
            await sessions.views(work, ["x"])


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize(
    ("plan", "league", "email", "sentence"),
    [
        (PlanName.ANONYMOUS, "", ANN, "that of visitors"),
        (PlanName.BASIC, " ", ANN, "name it"),
        (PlanName.PRO, "", BOB, "has no account"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_by_name(resources, plan, league, email, sentence):
    await account(resources)
    with pytest.raises(Refused, match=sentence):
        await change(resources, plan, league, email=email)


def test_no_role_may_deliver():
    from services.access import PERMISSIONS_OF, Permission

    assert [role for role, may in PERMISSIONS_OF.items() if Permission.DELIVER in may] == []
