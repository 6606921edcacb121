"""Sources that are asked beside their turn: at once, within what they allow, answered in order."""

import asyncio
import json
from contextlib import aclosing
from datetime import timedelta

import pytest

from domain.errors import Unavailable
from domain.questions import Question
from feeds.base import Payload, Quota, event_id
from feeds.transport import AskedToWait
from jobs.collect import Collector
from jobs.listened import ALIVE_FOR
from jobs.pending import MOST_PENDING
from jobs.polled import Polled
from kit.clock import ManualClock
from tests.jobs.test_listened import Streams, listened
from tests.jobs.test_polled import Answers, a_round, polled
from tests.jobs.vendors import NOON, Numbers


def question(scope, id_="q"):
    return Question(id=id_, source="vendor", scope=scope)


def said(readings):
    """Return scopes with prices, and of answers the questions with a mark for those not asked."""
    return [
        reading.scope
        if reading.answer is None
        else ("+" if reading.answer.told else "-") + ",".join(reading.answer.questions)
        for reading in readings
    ]


async def until_it_fails(source):
    """Return what a round brings and the error that it ends by."""
    got = []
    try:
        async for reading in source.readings():
            got += [reading]
    except Unavailable as e:
        return said(got), e
    raise AssertionError("the round did not fail")


async def asked_later(source, clock, *questions, after_s=5.0):
    """Return what one round brings, some seconds after the last, when questions are asked."""
    clock.advance(after_s)
    source.ask_now(questions)
    return said(await a_round(source))


async def test_a_scope_is_asked_before_its_turn_and_the_answer_comes_behind_its_prices():
    source, clock, _ = polled(transport := Answers(), "abc")
    await a_round(source)
    assert await asked_later(source, clock, question("b")) == ["b", "+q"]
    assert transport.asked[3:] == ["b"]


async def test_its_turn_comes_an_interval_after_it_was_asked():
    source, clock, _ = polled(transport := Answers(), "ab")
    await a_round(source)
    await asked_later(source, clock, question("b"), after_s=30)
    clock.advance(30)
    await a_round(source)
    assert transport.asked[2:] == ["b", "a"]


async def test_that_nothing_has_changed_is_an_answer():
    source, clock, _ = polled(transport := Answers(), "ab")
    await a_round(source)
    transport.said["a"] = None
    assert await asked_later(source, clock, question("a")) == ["+q"]


async def test_what_answered_just_before_is_not_asked_again():
    source, clock, _ = polled(transport := Answers(), "ab")
    await a_round(source)
    clock.advance(1)
    source.ask_now([question("b")])
    (answer,) = await a_round(source)
    assert (said([answer]), answer.arrived_at) == (["+q"], NOON)
    assert transport.asked == ["a", "b"]


async def test_two_that_ask_the_same_are_answered_by_one_question():
    source, clock, _ = polled(transport := Answers(), "ab")
    await a_round(source)
    told = await asked_later(source, clock, question("a", "one"), question("a", "two"))
    assert (told, transport.asked[2:]) == (["a", "+one,two"], ["a"])


async def test_what_is_asked_for_within_a_round_comes_next():
    source, _, _ = polled(transport := Answers(), "abc")
    got = []
    async with aclosing(source.readings()) as readings:
        async for reading in readings:
            got.append(reading)
            if len(got) == 1:
                source.ask_now([question("c")])
    assert transport.asked == ["a", "c", "b"]
    assert said(got) == ["a", "c", "+q", "b"]


@pytest.mark.parametrize("scope", ["unknown", "", "b/../c"])
async def test_a_scope_that_nobody_knows_is_not_asked(scope):
    source, clock, _ = polled(transport := Answers(), "ab")
    await a_round(source)
    assert await asked_later(source, clock, question(scope)) == ["-q"]
    assert len(transport.asked) == 2


async def test_a_spent_quota_is_said_at_once():
    source, clock, _ = polled(transport := Answers(), "a", quota=Quota(credits=1, period_s=3600))
    await a_round(source)
    assert await asked_later(source, clock, question("a")) == ["-q"]
    assert transport.asked == ["a"]


async def test_a_pace_that_the_vendor_sets_is_kept():
    source, clock, _ = polled(transport := Answers(), "ab", quota=Quota(per_s=0.1))
    await a_round(source)
    assert await asked_later(source, clock, question("a"), after_s=4) == ["-q"]
    assert transport.asked == ["a"]


async def test_a_scope_that_fails_is_left_alone():
    source, clock, _ = polled(transport := Answers(b=Unavailable("down")), "ab")
    await a_round(source)
    assert await asked_later(source, clock, question("b")) == ["-q"]
    assert transport.asked == ["a", "b"]


async def test_one_that_fails_when_asked_is_no_answer_and_its_others_go_on():
    source, clock, _ = polled(transport := Answers(), "ab")
    await a_round(source)
    transport.said["b"] = Unavailable("down")
    told = await asked_later(source, clock, question("b", "one"), question("a", "two"))
    assert sorted(told) == ["+two", "-one", "a"]


async def test_who_asks_us_to_wait_ends_the_round_and_every_question_is_answered():
    source, clock, _ = polled(transport := Answers(), "ab")
    await a_round(source)
    transport.said["a"] = AskedToWait("later", wait_s=60)
    clock.advance(5)
    source.ask_now([question("a", "one"), question("b", "two")])
    got, error = await until_it_fails(source)
    assert isinstance(error, AskedToWait)
    assert (sorted(got), transport.asked[2:]) == (["-one", "-two"], ["a"])


async def test_of_what_a_scope_led_to_only_the_one_is_asked():
    leads = {"a": {"a1": "https://x.invalid", "a2": "https://x.invalid/2"}}
    feed = Numbers({"a": "https://x.invalid"}, leads=leads)
    source, clock, _ = polled(transport := Answers(), feed=feed)
    await a_round(source)
    assert transport.asked == ["a", "a1", "a2"]
    assert await asked_later(source, clock, question("a2")) == ["a2", "+q"]
    assert await asked_later(source, clock, question("a")) == ["a", "+q"]
    assert transport.asked[3:] == ["a2", "a"]
    clock.advance(60)
    await a_round(source)
    assert transport.asked[5:] == ["a", "a1", "a2"]


async def test_what_is_asked_alone_is_not_taken_for_all_that_a_scope_is_about():
    near, leads = set(), {"a": {"a1": "https://x.invalid"}}
    feed = Numbers(dict.fromkeys("ab", "https://x.invalid"), leads=leads)
    source, clock, _ = polled(transport := Answers(), feed=feed, near=lambda: frozenset(near))
    await a_round(source)
    near.add(event_id("vendor", "a"))
    await asked_later(source, clock, question("a1"))
    clock.advance(60)
    await a_round(source)
    assert transport.asked == ["a", "a1", "b", "a1", "a", "a1", "b"]


async def test_more_than_there_is_room_for_is_turned_down():
    source, clock, _ = polled(Answers(), "a")
    await a_round(source)
    many = [question(f"scope {number}", f"{number}") for number in range(MOST_PENDING + 3)]
    told = await asked_later(source, clock, *many)
    assert len(told) == MOST_PENDING + 3


async def test_a_question_that_nobody_waits_for_any_more_is_forgotten():
    source, clock, _ = polled(transport := Answers(), "ab")
    await a_round(source)
    source.ask_now([question("a")])
    clock.advance(5)
    assert await a_round(source) == []
    assert len(transport.asked) == 2


class Followed:
    """A collector whose pauses last until the test ends, and what it handed on."""

    def __init__(self, source, clock):
        self.got, self.pauses, self.heard = [], 0, asyncio.Condition()
        self.collector = Collector(source, self.keep, clock, sleep=self.sleep)

    async def keep(self, reading):
        async with self.heard:
            self.got += said([reading])
            self.heard.notify_all()

    async def sleep(self, _):
        async with self.heard:
            self.pauses += 1
            self.heard.notify_all()
        await asyncio.Event().wait()

    async def until(self, wanted):
        async with asyncio.timeout(30), self.heard:
            await self.heard.wait_for(lambda: wanted(self))

    async def __aenter__(self):
        self.task = asyncio.create_task(self.collector.run())
        await self.until(lambda told: told.pauses == 1)
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def at_rest(transport, scopes="ab"):
    clock = ManualClock(NOON)
    feed = Numbers(dict.fromkeys(scopes, "https://x.invalid"))
    source = Polled(feed=feed, transport=transport, sports=["tennis"], clock=clock)
    return Followed(source, clock), clock


async def test_a_pause_ends_when_somebody_asks():
    followed, clock = at_rest(Answers())
    async with followed:
        clock.advance(5)
        followed.collector.ask_now([question("b")])
        await followed.until(lambda told: told.pauses == 2)
    assert followed.got == ["a", "b", "b", "+q"]
    assert followed.collector.health.readings == 3


async def test_a_source_that_rests_after_failing_turns_down_and_rests_on():
    followed, clock = at_rest(transport := Answers(a=AskedToWait("later", wait_s=60)), "a")
    async with followed:
        for number in range(2):
            clock.advance(5)
            followed.collector.ask_now([question("a", f"{number}")])
            await followed.until(lambda told, n=number: len(told.got) == n + 1)
    assert (followed.got, transport.asked) == (["-0", "-1"], ["a"])
    assert followed.collector.health.readings == 0


class Endless(Streams):
    """Streams that stay open behind their last message."""

    async def payloads(self, request, manifest):
        for message in self.said[request.scope]:
            yield Payload(
                request=request, body=json.dumps(message).encode(), as_of=NOON, arrived_at=NOON
            )
        await asyncio.Event().wait()


async def stream_answers(source, after_s, *questions):
    """Return what is said after a stream's first message when questions are asked then."""
    got = []
    async with aclosing(source.readings()) as readings:
        async for reading in readings:
            got.append(reading)
            if len(got) == 1:
                await asyncio.sleep(0)  # the stream notes that it lives behind its message
                source.clock.advance(after_s)
                source.ask_now(questions)
            elif len(got) == 2:
                return got
    raise AssertionError("the stream ended")


async def test_a_stream_that_lives_vouches_for_what_it_said_as_of_its_last_message():
    source, _ = listened(Endless(a=[[1]]))
    (_, answer) = await stream_answers(source, 4.0, question("a"))
    assert (said([answer]), answer.arrived_at) == (["+q"], NOON)


@pytest.mark.parametrize(
    ("scope", "silent"), [("a", ALIVE_FOR + timedelta(seconds=1)), ("other", timedelta(0))]
)
async def test_a_stream_that_is_silent_or_another_vouches_for_nothing(scope, silent):
    source, _ = listened(Endless(a=[[1]]))
    (_, answer) = await stream_answers(source, silent.total_seconds(), question(scope))
    assert said([answer]) == ["-q"]
