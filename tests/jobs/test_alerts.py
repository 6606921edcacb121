"""Alerts: each opens when something is wrong for long enough, and closes when it is mended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts import AlertCode
from domain.quotes import Origin
from domain.sources import NotAsked, SourceState
from feeds.base import Quota
from jobs.alerts import Alerts
from kit.clock import ManualClock
from store import alerts as stored
from store import credentials
from store.keys import KeyRing
from tests.controls import swept
from tests.facts import a_health
from tests.jobs.vendors import MANIFEST, NOON

RING = KeyRing().renewed()
QUOTA = Quota(credits=1000, period_s=30 * 86_400)


@pytest.fixture(autouse=True)
def empty(owner):
    swept(owner)
    yield
    swept(owner)


class Watch:
    """Alerts over healths that a test writes."""

    def __init__(self, database, **manifest):
        self.database, self.clock, self.healths = database, ManualClock(NOON), {}
        names = ("vendor", "other")
        self.manifests = {name: replace(MANIFEST, name=name, **manifest) for name in names}
        self.anew()

    def anew(self):
        self.alerts = Alerts(
            database=self.database, clock=self.clock, healths=self.now, manifests=self.manifests
        )

    async def now(self):
        return list(self.healths.values())

    def put(self, name="vendor", **facts):
        self.healths[name] = a_health(
            name, origin=Origin.LIVE, **({"last_answer_at": self.clock.now()} | facts)
        )

    def fail(self, *names, **facts):
        for name in names or ("vendor",):
            self.put(name, state=SourceState.FAILING, note=f"{name}: it is down", **facts)

    async def after(self, seconds):
        """Return what is open after some seconds, looked at every five."""
        for _ in range(max(1, int(seconds // 5))):
            self.clock.advance(5 if seconds else 0)
            await self.alerts.alert()
        async with self.database.begin() as db:
            return {(one.subject, one.code): one.sentence for one in await stored.open_alerts(db)}


@pytest.fixture
def watch(database):
    return lambda **manifest: Watch(database, **manifest)


async def test_a_source_that_fails_for_five_minutes_is_told_once_and_closed_when_mended(
    watch, caplog
):
    one = watch()
    one.put("other")
    one.fail()
    assert await one.after(295) == {}
    one.put("other")
    assert await one.after(10) == {("vendor", AlertCode.FAILING): "It keeps failing: it is down."}
    one.put("other")
    assert len(await one.after(60)) == 1
    assert [r.levelname for r in caplog.records if r.message == "alert"] == ["ERROR"]
    one.put()
    assert len(await one.after(25)) == 1
    assert await one.after(15) == {}


async def test_a_source_that_flaps_neither_opens_nor_closes_an_alert(watch):
    one = watch()
    for _ in range(10):
        one.fail(last_answer_at=one.clock.now())
        assert await one.after(60) == {}
        one.put()
        assert await one.after(5) == {}
    one.fail(last_answer_at=NOON)
    one.put("other", last_answer_at=NOON + timedelta(hours=1))
    assert len(await one.after(305)) == 1
    for _ in range(5):
        one.put()
        assert len(await one.after(20)) == 1
        one.fail()
        assert len(await one.after(20)) == 1


async def test_an_open_breaker_is_told_at_once_and_instead_of_its_failing(watch):
    one = watch()
    one.put("other", last_answer_at=NOON + timedelta(hours=1))
    one.fail(not_asked=NotAsked.BREAKER_OPEN)
    assert await one.after(400) == {
        ("vendor", AlertCode.BREAKER_OPEN): "It failed so often that it is left alone: it is down."
    }


@pytest.mark.parametrize(
    ("left", "days", "found"),
    [
        (0.0, 20, AlertCode.QUOTA_SPENT),
        (50.0, 20, AlertCode.QUOTA_LOW),
        (50.0, 2, None),
        (500.0, 29, None),
        (0.0, -1, None),
    ],
)
async def test_a_quota_that_ends_before_its_period_is_told(watch, left, days, found):
    one = watch(quota=QUOTA)
    one.put(quota_left=left, quota_ends_at=NOON + timedelta(days=days))
    assert [code for _, code in await one.after(5)] == ([found] if found else [])


async def test_a_source_that_is_silent_for_several_intervals_is_told(watch):
    one = watch()
    one.put(last_answer_at=NOON)
    assert await one.after(295) == {}
    assert list(await one.after(15)) == [("vendor", AlertCode.SILENT)]
    one.put()
    assert await one.after(40) == {}


async def test_a_source_whose_turn_is_far_off_is_not_silent(watch):
    one = watch()
    one.put(last_answer_at=NOON, next_due_at=NOON + timedelta(hours=2))
    assert await one.after(3600) == {}


async def test_when_all_that_are_asked_fail_that_is_said_of_all(watch):
    one = watch()
    one.fail("vendor", "other", last_answer_at=None)
    assert ("sources", AlertCode.ALL_DOWN) not in await one.after(55)
    assert ("sources", AlertCode.ALL_DOWN) in await one.after(15)
    one.put("other")
    assert ("sources", AlertCode.ALL_DOWN) not in await one.after(40)


@pytest.mark.parametrize(
    "why",
    [
        NotAsked.REGION_REFUSED, NotAsked.SWITCHED_OFF, NotAsked.NO_CREDENTIAL,
        NotAsked.NOT_FOLLOWED,
    ],
)  # fmt: skip
async def test_a_source_that_is_off_by_choice_or_terms_is_no_alert(watch, why):
    one = watch()
    one.put(state=SourceState.OFF, not_asked=why, last_answer_at=None)
    assert await one.after(3600) == {}


async def test_an_alert_outlives_the_worker_and_is_closed_by_the_next(watch):
    one = watch()
    one.put("other", last_answer_at=NOON + timedelta(hours=1))
    one.fail(not_asked=NotAsked.BREAKER_OPEN)
    assert len(await one.after(5)) == 1
    one.anew()
    assert len(await one.after(5)) == 1
    one.put()
    assert await one.after(40) == {}


async def test_what_is_followed_no_more_is_wrong_no_more(watch):
    one = watch()
    one.fail(not_asked=NotAsked.BREAKER_OPEN)
    assert ("vendor", AlertCode.BREAKER_OPEN) in await one.after(5)
    one.healths.clear()
    assert await one.after(40) == {}


async def test_two_workers_that_see_the_same_open_it_once(watch, database, owner):
    one, other = watch(), watch()
    for each in (one, other):
        each.put("other", last_answer_at=NOON + timedelta(hours=1))
        each.fail(not_asked=NotAsked.BREAKER_OPEN)
        await each.after(5)
    assert owner.execute("select count(*) from alerts").fetchone() == (1,)


@pytest.mark.parametrize(("rotates", "found"), [(True, [AlertCode.CREDENTIAL_OLD]), (False, [])])
async def test_an_old_key_is_told_only_where_the_vendor_lets_it_be_renewed(
    watch, database, rotates, found
):
    one = watch(rotates=rotates)
    async with database.begin() as db:
        at = NOON - timedelta(hours=25)
        await credentials.put(db, RING, "vendor", "key", "s3cret", actor="x", at=at)
        await credentials.put(db, RING, "other", "key", "s3cret", actor="x", at=NOON)
    assert [code for _, code in await one.after(5)] == found


async def test_closed_alerts_are_forgotten_after_their_time(watch, owner):
    one = watch()
    one.fail(not_asked=NotAsked.BREAKER_OPEN)
    await one.after(5)
    one.healths.clear()
    await one.after(40)
    one.clock.advance(91 * 86_400)
    await one.after(5)
    assert owner.execute("select count(*) from alerts").fetchone() == (0,)
