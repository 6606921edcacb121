"""Upkeep against real servers: told, kept, and in bounds."""

import inspect
from datetime import timedelta

import pytest

from domain.clock_jobs import Outcome, Run
from domain.errors import Unavailable
from domain.looks import BookLook
from domain.matching import Link
from domain.quotes import Origin
from domain.shards import shards
from domain.sources import ReliabilityPart
from engine.looks import SUMS
from jobs import crew, worker
from jobs.schedule import calm
from jobs.upkeep import Upkeep
from kit.ids import secret
from services.sessions import MEMBERS, hash_of
from store import job_runs, matching, odds, vitals
from tests.accounts import HERE, open_account, signed_in
from tests.facts import NOON, a_health, a_market, a_quote, an_event

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def upkeep(database, cache, clock):
    return Upkeep(
        database=database,
        cache=cache,
        clock=clock,
        sources=["simulator", "other"],
        healths=lambda: [a_health("simulator", origin=Origin.SIMULATED)],
        retention_days=90,
    )


async def test_the_sources_that_a_worker_follows_are_told(upkeep, cache):
    await upkeep.tell_health()
    assert [health.name for health in await cache.source_healths()] == ["simulator"]


async def test_what_was_told_outlives_the_worker(upkeep, owner):
    await upkeep.keep_health()
    assert owner.execute("select name, origin from sources").fetchall() == [
        ("simulator", "simulated")
    ]


async def test_the_audit_knows_who_started(upkeep, owner):
    await upkeep.sign_in()
    found = owner.execute("select action, details from audit where actor = %s", [upkeep.worker])
    assert found.fetchall() == [("start", {"sources": ["simulator", "other"]})]


async def test_history_past_its_retention_is_dropped_and_the_rest_kept(upkeep, database, owner):
    for days in (91, 89):
        async with database.begin() as db:
            seen_at = NOON - timedelta(days=days)
            await odds.save_events(db, "invented", [an_event()])
            await odds.save_markets(db, [a_market()])
            await odds.save_quotes(
                db, [a_quote()], source="invented", origin=Origin.LIVE, seen_at=seen_at
            )
            event = an_event(id=f"{days}", starts_at=seen_at)
            link = Link(event=event, source="invented", canonical_id=f"{days}")
            await matching.save_links(db, [link])
    await upkeep.summarise()
    await upkeep.prune()
    assert owner.execute("select event_id from event_links").fetchall() == [("89",)]
    kept = owner.execute("select seen_at from quotes").fetchall()
    assert kept == [(NOON - timedelta(days=89),)]
    short = owner.execute("select day, closed from quotes_daily order by day").fetchall()
    assert short == [((NOON - timedelta(days=days)).date(), 21 / 11) for days in (91, 89)]


async def test_days_in_short_have_a_retention_of_their_own(upkeep, database, owner, clock):
    async with database.begin() as db:
        await odds.save_events(db, "invented", [an_event()])
        await odds.save_markets(db, [a_market()])
        await odds.save_quotes(db, [a_quote()], source="invented", origin=Origin.LIVE, seen_at=NOON)
    for days, kept in ((1, 1), (729, 1), (1, 0)):
        clock.advance(days * 86_400)
        await upkeep.prune()
        assert len(owner.execute("select from quotes_daily").fetchall()) == kept
    assert owner.execute("select from events").fetchall() == []


async def test_sessions_that_are_over_are_forgotten(upkeep, resources, clock, owner):
    await open_account(resources)
    old = await signed_in(resources)
    clock.advance(MEMBERS.idle.total_seconds() - 1)
    new = await signed_in(resources)
    clock.advance(1)
    await upkeep.prune()
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        kept = owner.execute("select token_hash from sessions").fetchall()
    assert kept == [(hash_of(new),)]
    assert old != new


async def test_odd_sign_ins_go_after_90_days_and_devices_not_used_for_a_year(
    upkeep, resources, clock, owner
):
    await open_account(resources)
    for days, kept in ((0, (1, 1)), (89, (1, 1)), (1, (0, 1)), (274, (0, 1)), (1, (0, 0))):
        if days == 0:
            await signed_in(resources, device=secret(), address=HERE)
            await signed_in(resources, device="", address=HERE)
        clock.advance(days * 86_400)
        await upkeep.prune()
        found = []
        for table, overseer in (("risk_events", "risk"), ("devices", "accounts")):
            with owner.transaction():
                owner.execute("select set_config('app.oversight', %s, true)", (overseer,))
                (many,) = owner.execute(f"select count(*) from {table}").fetchone()
            found.append(many)
        assert tuple(found) == kept


async def test_a_job_that_finds_a_server_away_is_put_off():
    async def away():
        raise Unavailable("gone")

    await calm(away)()


async def test_what_shards_saw_of_a_book_is_told_as_one(upkeep, cache):
    def look(*, ages_s, good, of):
        sums = [0.0] * SUMS
        sums[0:2] = good, of
        return BookLook(
            source="vendor", book="alpha", sums=sums, ages_s=ages_s, prices=len(ages_s),
            events=1, silent=0,
        )  # fmt: skip

    one, two = shards(2)
    await cache.put_looks(one, [look(ages_s=[1.0, 2.0], good=2.0, of=2.0)])
    await cache.put_looks(two, [look(ages_s=[9.0], good=0.0, of=1.0)])
    await upkeep.tell_reliability()
    (told,) = await cache.reliabilities()
    assert (told.whole.name, told.whole.prices, told.whole.events) == ("vendor", 3, 2)
    assert told.whole.age_s == 2.0
    assert told.whole.parts[ReliabilityPart.FRESHNESS] == pytest.approx((2 + 1) / (3 + 2))


async def test_a_job_that_breaks_is_not_hidden():
    async def broken():
        raise KeyError("x")

    with pytest.raises(KeyError):
        await calm(broken)()


def test_every_job_of_upkeep_has_its_hour():
    planned = inspect.getsource(crew) + inspect.getsource(worker)
    public = {name for name in vars(Upkeep) if callable(getattr(Upkeep, name)) and name[0] != "_"}
    assert {name for name in public if f"upkeep.{name}" not in planned} == set()


async def test_runs_of_jobs_are_forgotten_after_a_month_and_tomorrow_is_prepared(
    upkeep, database, owner
):
    for days in (31, 29):
        run = Run(
            job="prune", worker="w", started_at=NOON - timedelta(days=days), took_s=1.0,
            outcome=Outcome.DONE,
        )  # fmt: skip
        async with database.begin() as db:
            await job_runs.add_run(db, run)
    await upkeep.prune()
    kept = owner.execute("select started_at from job_runs").fetchall()
    assert kept == [(NOON - timedelta(days=29),)]
    await upkeep.summarise()
    async with database.begin() as db:
        for day in (NOON, NOON + timedelta(days=1)):
            assert await vitals.has_partition(db, day.date())
