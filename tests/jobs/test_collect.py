"""Collecting: one source's failures are its own, counted and told."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import FeedDrifted, Unavailable
from domain.markets import Market, MarketKind, Outcome, Period
from domain.quotes import Origin, Quote, Reading
from domain.sources import SourceState
from jobs.collect import Collector
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

    name, title, origin, pause_s, quota_left = "s", "S", Origin.LIVE, 60.0, 7.0

    def __init__(self, *rounds):
        self.rounds = list(rounds)

    @property
    def ends(self):
        return not self.rounds

    async def readings(self):
        for step in self.rounds.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


async def follow(*rounds, hand_on=None):
    got, waits, clock = [], [], ManualClock(NOON)

    async def keep(reading):
        got.append(reading)

    async def sleep(seconds):
        waits.append(seconds)

    collector = Collector(Script(*rounds), hand_on or keep, clock, sleep=sleep)
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
