"""Polled while a vendor is silent: others are asked beside, in order and within the quota."""

import asyncio
from datetime import timedelta

import pytest

from feeds.base import Quota, Request
from jobs.polled import Polled
from kit.clock import ManualClock
from tests.jobs.test_polled import Answers
from tests.jobs.vendors import NOON, Numbers

_TURNS = 50


class Silent(Answers):
    """Answers that do not come before they are let go."""

    def __init__(self, **said):
        super().__init__(**said)
        self.held, self.dropped = {}, []

    def hold(self, scopes):
        self.held = {scope: asyncio.Event() for scope in scopes}

    async def fetch(self, request, manifest):
        answer = super().fetch(request, manifest)
        try:
            if request.scope in self.held:
                payload = await answer
                await self.held[request.scope].wait()
                return payload
            return await answer
        except asyncio.CancelledError:
            self.dropped.append(request.scope)
            raise


class WithLogin(Numbers):
    def login(self):
        return Request(source="vendor", scope="login", url="https://x.invalid/login", body=b"{}")


def polled(transport, scopes, *, feed=Numbers, **given):
    clock = ManualClock(NOON)

    async def sleep(seconds):
        clock.advance(seconds)

    urls = dict.fromkeys(scopes, "https://x.invalid")
    made = Polled(
        feed=feed(urls, **given), transport=transport, sports=["tennis"], clock=clock, sleep=sleep,
        patience_s=0.0,
    )  # fmt: skip
    return made, clock


async def known(transport, scopes, *, after=60.0, **given):
    """Return a source that has answered once, and whose scopes are all due again."""
    source, clock = polled(transport, scopes, **given)
    while len(transport.asked) < len(scopes):
        assert [reading async for reading in source.readings()]
        clock.advance(after)
    transport.asked.clear()
    return source, clock


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.001)


async def going(source):
    """Begin a round, and give it many turns."""
    heard = []

    async def hear():
        async for reading in source.readings():
            heard.append(reading.scope)  # noqa: PERF401  what is heard so far is looked at

    round_ = asyncio.create_task(hear())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    return round_, heard


async def test_a_silent_answer_holds_up_no_other_scope():
    source, _ = await known(transport := Silent(), "abc")
    transport.hold("a")
    round_, heard = await going(source)
    await until(lambda: len(heard) == 2)
    assert (transport.asked, heard) == (["a", "b", "c"], ["b", "c"])
    transport.held["a"].set()
    await round_
    assert heard == ["b", "c", "a"]
    assert source.facts.answers == 6


async def test_no_more_than_four_wait_at_a_time_and_the_next_in_order_follows_each():
    source, _ = await known(transport := Silent(), "abcdef")
    transport.hold("abcdef")
    round_, heard = await going(source)
    await until(lambda: len(transport.asked) >= 4)
    assert transport.asked == list("abcd")
    transport.held["c"].set()
    await until(lambda: heard and len(transport.asked) >= 5)
    assert (transport.asked, heard) == (list("abcde"), ["c"])
    for held in transport.held.values():
        held.set()
    await round_
    assert sorted(heard) == list("abcdef")


@pytest.mark.parametrize(
    "given", [{"quota": Quota(per_s=100)}, {"feed": WithLogin}], ids=["per_s", "session"]
)
async def test_where_the_vendor_wants_one_at_a_time_it_is_one(given):
    source, _ = await known(transport := Silent(), "abc", **given)
    transport.hold("a")
    round_, _ = await going(source)
    await until(lambda: transport.asked)
    assert transport.asked == ["a"]
    transport.held["a"].set()
    await round_
    assert transport.asked == ["a", "b", "c"]


async def test_a_vendor_that_never_answered_is_asked_one_question_at_a_time():
    source, _ = polled(transport := Silent(), "abc")
    transport.hold("a")
    round_, _ = await going(source)
    await until(lambda: transport.asked)
    assert transport.asked == ["a"]
    transport.held["a"].set()
    await round_


async def test_what_is_on_its_way_counts_as_spent():
    day = 86_400.0
    quota = Quota(credits=40, period_s=day)
    source, _ = await known(transport := Silent(), "abcd", after=day / 20, quota=quota)
    left = source.facts.quota_left
    transport.hold("abcd")
    round_, _ = await going(source)
    await until(lambda: transport.asked)
    for held in transport.held.values():
        held.set()
    await round_
    assert 1 <= len(transport.asked) < 4
    assert left is not None
    assert source.facts.quota_left == left - len(transport.asked)


async def test_an_answer_that_was_overtaken_starts_no_new_period():
    quota = Quota(credits=1000, period_s=86_400)
    source, clock = await known(transport := Silent(), "ab", quota=quota)
    ends_at = source.facts.quota_ends_at
    transport.said |= {"a": {"left": 900.0}, "b": {"left": 899.0}}
    transport.hold("ab")
    round_, heard = await going(source)
    await until(lambda: len(transport.asked) == 2)
    transport.held["b"].set()
    await until(lambda: heard)
    transport.held["a"].set()
    await round_
    assert heard == ["b", "a"]
    assert (source.facts.quota_left, source.facts.quota_ends_at) == (899.0, ends_at)
    clock.advance(60)
    transport.said |= {"a": {"left": 1500.0}, "b": {"left": 1499.0}}
    assert len([reading async for reading in source.readings()]) == 2
    assert source.facts.quota_left == 1499.0
    assert source.facts.quota_ends_at == clock.now() + timedelta(days=1)


async def test_whoever_stops_listening_lets_go_of_the_questions():
    source, _ = await known(transport := Silent(), "ab")
    transport.hold("a")
    readings = source.readings()
    assert (await anext(readings)).scope == "b"
    await readings.aclose()
    assert transport.dropped == ["a"]
