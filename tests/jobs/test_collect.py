"""Collecting: one source's failures are its own, counted and told."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import FeedDrifted, Unavailable
from domain.markets import Market, MarketKind, Outcome, Period
from domain.quotes import Origin, Quote, Reading
from domain.sources import NotAsked, SourceState
from feeds.base import KeyRefused, RegionRefused
from feeds.transport import AskedToWait, NoCredential
from jobs.collect import Collector
from jobs.vendors import Facts
from kit.clock import ManualClock

NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)
MARKET = Market(event_id="e", kind=MarketKind.TOTAL, period=Period.FULL_TIME, line=2.5)


def a_reading(age_s=30):
    quote = Quote(
        book="b", market=MARKET, outcome=Outcome.OVER, odds=2.0,
        changed_at=NOON - timedelta(seconds=age_s),
    )  # fmt: skip
    return Reading(
        source="s", scope="x", origin=Origin.LIVE, as_of=NOON, arrived_at=NOON, complete=True,
        events=[], quotes=[quote], rejected={"odds_not_above_one": 1},
    )  # fmt: skip


class Script:
    """A source that does what it is told, one round after the other, and then ends."""

    name, title, origin, pause_s = "s", "S", Origin.LIVE, 60.0
    facts = Facts(quota_left=7.0)

    def __init__(self, *rounds, checks=()):
        self.rounds, self.checks = list(rounds), list(checks)

    def check(self):
        if self.checks and (error := self.checks.pop(0)):
            raise error

    @property
    def ends(self):
        return not self.rounds

    async def readings(self):
        for step in self.rounds.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


async def follow(*rounds, hand_on=None, **script):
    got, waits, clock = [], [], ManualClock(NOON)

    async def keep(reading):
        got.append(reading)

    async def sleep(seconds):
        waits.append(seconds)

    collector = Collector(Script(*rounds, **script), hand_on or keep, clock, sleep=sleep)
    await collector.run()
    return collector.health, got, waits


async def test_every_reading_is_handed_on_and_counted():
    health, got, waits = await follow([a_reading()], [a_reading(10), a_reading(10)])
    assert (len(got), health.readings, health.quotes, health.failures) == (3, 3, 3, 0)
    assert health.rejected == {"odds_not_above_one": 3}
    assert (health.lag_s, health.quota_left, health.last_answer_at) == (10.0, 7.0, NOON)
    assert waits == [60.0]


@pytest.mark.parametrize("error", [Unavailable("timeout"), FeedDrifted("not JSON"), KeyError("x")])
async def test_a_failed_round_is_told_and_the_next_one_still_comes(error):
    health, got, waits = await follow([error], [a_reading()])
    assert (len(got), health.failures, health.state) == (1, 1, SourceState.FINISHED)
    assert waits[0] <= 0.5


async def test_a_source_that_fails_says_why():
    notes = []

    class Watched(Script):
        async def readings(self):
            notes.append(collector.health)
            async for reading in super().readings():
                yield reading

    async def nothing(_):
        return None

    collector = Collector(
        Watched([Unavailable("no answer in 10 s")], []), nothing, ManualClock(NOON), sleep=nothing
    )
    await collector.run()
    assert [(h.state, h.note) for h in notes] == [
        (SourceState.STARTING, ""),
        (SourceState.FAILING, "no answer in 10 s"),
    ]


async def test_a_reading_waits_for_the_stream_and_is_handed_on_once():
    tries, got = [Unavailable("valkey is away"), Unavailable("valkey is away"), None, None], []

    async def hand_on(reading):
        if error := tries.pop(0):
            raise error
        got.append(reading)

    first, second = a_reading(1), a_reading(2)
    health, _, _ = await follow([first, second], hand_on=hand_on)
    assert got == [first, second]
    assert (health.failures, health.readings) == (2, 2)


async def health_of(error=None, check=None):
    """Return the health after one round that fails, and how long the source then rests."""
    seen = []

    async def sleep(seconds):
        seen.append((collector.health, seconds))

    async def nothing(_):
        return None

    script = Script([error] if error else [], [], checks=[check])
    collector = Collector(script, nothing, ManualClock(NOON), sleep=sleep)
    await collector.run()
    return seen[0]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (NoCredential("no credential is set"), NotAsked.NO_CREDENTIAL),
        (RegionRefused("not from here"), NotAsked.REGION_REFUSED),
    ],
)
async def test_a_source_that_may_not_be_asked_is_off_and_has_not_failed(error, why):
    health, _ = await health_of(check=error)
    assert (health.state, health.not_asked, health.note) == (SourceState.OFF, why, str(error))
    assert health.failures == 0


async def test_a_credential_that_is_set_later_is_used_within_seconds():
    _, rests_s = await health_of(check=NoCredential("none yet"))
    assert rests_s <= 10
    health, got, _ = await follow([a_reading()], checks=[NoCredential("none yet"), None])
    assert (len(got), health.not_asked) == (1, None)


async def test_a_refused_key_is_not_tried_over_and_over():
    health, rests_s = await health_of(KeyRefused("it refuses our credential"))
    assert (health.state, health.not_asked) == (SourceState.FAILING, NotAsked.KEY_REFUSED)
    assert rests_s >= 60


@pytest.mark.parametrize(("asked_s", "rests_s"), [(90.0, 90.0), (1e9, 3600.0)])
async def test_who_asks_us_to_wait_is_waited_for_within_reason(asked_s, rests_s):
    health, rested_s = await health_of(AskedToWait("it answers 429", asked_s))
    assert (health.not_asked, rested_s) == (NotAsked.ASKED_TO_WAIT, rests_s)


async def test_the_fifth_failure_in_a_row_opens_the_breaker_and_a_success_closes_it():
    health, _, waits = await follow(*[[Unavailable("down")]] * 6, [a_reading()], [])
    assert all(wait <= 8 for wait in waits[:4])
    assert 30 <= waits[4] <= 30 + 60
    assert 30 <= waits[5] <= 60 + 60
    assert (health.failures, health.not_asked, waits[6]) == (6, None, 60.0)
