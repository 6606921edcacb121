"""Polled: what is urgent first, within the quota; one scope's failure is its own."""

import json
from datetime import timedelta

import pytest

from domain.errors import Broken, Unavailable
from domain.sources import NotAsked
from feeds.base import KeyRefused, Payload, Quota, RegionRefused, Request, event_id
from feeds.transport import NoCredential
from jobs.polled import Polled
from jobs.turns import MOST_FOLLOWED
from kit.clock import ManualClock
from tests.jobs.vendors import NOON, Numbers


class Answers:
    """A transport that answers by scope: a number, None for nothing new, or an error."""

    def __init__(self, **said):
        self.said, self.asked, self.forgotten, self.params = said, [], [], []
        self.signed, self.logins, self.missing = False, 0, False

    async def fetch(self, request, manifest):
        self.asked.append(request.scope)
        self.params.append(dict(request.params))
        said = self.said.get(request.scope, [1])
        if isinstance(said, Exception):
            raise said
        if said == "stale session":
            if self.logins < 2:
                raise KeyRefused("it refuses our session")
            said = [1]
        if said is None:
            return None
        told = said if isinstance(said, dict) else {}
        body = json.dumps(said if isinstance(said, list) else [1]).encode()
        if said == "drift":
            body = b"{"
        return Payload(
            request=request,
            body=body,
            as_of=NOON,
            arrived_at=NOON,
            quota_left=told.get("left"),
            took=told.get("took"),
        )

    def check(self, manifest):
        if self.missing:
            raise NoCredential("no credential is set")

    def forget(self, request):
        self.forgotten.append(request.scope)

    def signed_in(self, manifest):
        return self.signed

    async def sign_in(self, login, manifest, token):
        self.logins += 1
        self.signed = True

    def sign_out(self, manifest):
        self.signed = False


def polled(transport, scopes="ab", *, feed=None, **given):
    clock = ManualClock(NOON)
    slept = []

    async def sleep(seconds):
        slept.append(seconds)
        clock.advance(seconds)

    vendor = {key: given.pop(key) for key in ("region", "near", "budget") if key in given}
    feed = feed or Numbers(dict.fromkeys(scopes, "https://x.invalid"), **given)
    made = Polled(
        feed=feed, transport=transport, sports=["tennis"], clock=clock, sleep=sleep, **vendor
    )
    return made, clock, slept


async def a_round(source):
    return [reading async for reading in source.readings()]


async def test_every_scope_is_asked_once_an_interval():
    source, clock, _ = polled(transport := Answers())
    assert len(await a_round(source)) == 2
    assert (transport.asked, source.pause_s) == (["a", "b"], 60.0)
    assert await a_round(source) == []
    clock.advance(59)
    assert (await a_round(source), source.pause_s) == ([], 1.0)
    clock.advance(1)
    assert len(await a_round(source)) == 2


async def test_an_answer_that_says_nothing_new_is_an_answer():
    source, clock, _ = polled(Answers(a=None), "a")
    clock.advance(7)
    assert await a_round(source) == []
    facts = source.facts
    assert (facts.answers, facts.unchanged, facts.error_rate) == (1, 1, 0.0)
    assert facts.last_answer_at == NOON + timedelta(seconds=7)


@pytest.mark.parametrize("error", [Unavailable("down"), "drift"])
async def test_one_scopes_failure_is_its_own(error):
    source, clock, _ = polled(transport := Answers(b=error), "abc")
    assert [reading.scope for reading in await a_round(source)] == ["a", "c"]
    assert set(source.facts.failing) == {"b"}
    assert (source.facts.failed, source.facts.error_rate) == (1, pytest.approx(1 / 3))
    transport.said["b"] = [1]
    clock.advance(1000)
    assert len(await a_round(source)) == 3
    assert source.facts.failing == {}


async def test_a_scope_that_keeps_failing_is_asked_ever_more_seldom_and_not_for_ever():
    source, clock, _ = polled(transport := Answers(b=Unavailable("down")))
    for _ in range(60):
        await a_round(source)
        clock.advance(60)
    assert transport.asked.count("a") == 60
    assert 4 <= transport.asked.count("b") < 45


async def test_a_round_without_an_answer_fails_and_the_next_ends_at_its_first_failure():
    source, _, _ = polled(transport := Answers(a=Unavailable("down"), b=Unavailable("down")))
    with pytest.raises(Unavailable, match="down"):
        await a_round(source)
    assert (transport.asked, source.facts.failed) == (["a", "b"], 1)
    with pytest.raises(Unavailable, match="down"):
        await a_round(source)
    assert len(transport.asked) == 3


@pytest.mark.parametrize("error", [KeyRefused("no"), RegionRefused("no"), NoCredential("no")])
async def test_a_refusal_ends_the_round_before_all_is_refused(error):
    source, _, _ = polled(transport := Answers(**dict.fromkeys("abc", error)), "abc")
    with pytest.raises(type(error)):
        await a_round(source)
    assert transport.asked == ["a"]


async def test_a_league_outside_the_plan_is_refused_and_the_others_go_on():
    source, _, _ = polled(Answers(b=KeyRefused("not in your plan")), "abc")
    assert [reading.scope for reading in await a_round(source)] == ["a", "c"]


async def test_an_answer_that_could_not_be_read_is_asked_for_in_full():
    source, _, _ = polled(transport := Answers(b="drift"))
    await a_round(source)
    assert transport.forgotten == ["b"]


async def test_what_starts_soonest_is_asked_first_and_a_near_arbitrage_before_it():
    near = set()
    starts = {"a": NOON + timedelta(hours=50), "b": NOON + timedelta(hours=2), "c": NOON}
    urls = dict.fromkeys("abc", "https://x.invalid")
    source, clock, _ = polled(
        transport := Answers(), feed=Numbers(urls, starts), near=lambda: frozenset(near)
    )
    await a_round(source)
    clock.advance(60)
    await a_round(source)
    assert transport.asked[3:] == ["c", "b", "a"]
    near.add(event_id("vendor", "a"))
    clock.advance(60)
    await a_round(source)
    assert transport.asked[6:] == ["a", "c", "b"]


async def test_a_quota_is_spent_evenly_and_on_what_is_urgent():
    starts = {"a": NOON + timedelta(hours=50), "b": NOON}
    urls = dict.fromkeys("ab", "https://x.invalid")
    feed = Numbers(urls, starts, quota=Quota(credits=480, period_s=86_400))
    source, clock, _ = polled(transport := Answers(), feed=feed)
    while clock.now() < NOON + timedelta(hours=3):
        await a_round(source)
        clock.advance(source.pause_s)
    counted = {scope: transport.asked.count(scope) for scope in "ab"}
    assert 55 <= sum(counted.values()) <= 90
    assert 1 < counted["a"] < counted["b"] / 2
    assert source.facts.quota_left == 480 - len(transport.asked)
    assert source.facts.quota_ends_at == NOON + timedelta(days=1)


async def test_a_spent_quota_is_said_and_asked_for_no_more():
    source, clock, _ = polled(transport := Answers(), quota=Quota(credits=1, period_s=3600))
    await a_round(source)
    clock.advance(120)
    await a_round(source)
    assert transport.asked == ["a"]
    assert source.facts.not_asked is NotAsked.QUOTA_SPENT
    assert source.pause_s == 3600 - 120


async def test_what_the_vendor_says_of_cost_and_rest_is_believed():
    quota = Quota(credits=500, period_s=86_400)
    source, _, _ = polled(Answers(a={"left": 480.0, "took": 10.0}), "a", quota=quota)
    await a_round(source)
    assert source.facts.quota_left == 480
    assert source.budget.wait_s(1, NOON) == pytest.approx(86_400 * 10 / 490, rel=0.03)


async def test_nothing_new_is_free_where_the_vendor_says_so():
    quota = Quota(credits=10, period_s=86_400, unchanged_is_free=True)
    source, clock, _ = polled(Answers(a=None), "a", quota=quota)
    for _ in range(30):
        await a_round(source)
        clock.advance(60)
    assert source.facts.unchanged == 30
    assert source.facts.quota_left == 10


async def test_requests_a_second_are_waited_for_within_a_round():
    source, _, slept = polled(Answers(), "abcd", quota=Quota(per_s=4))
    await a_round(source)
    assert slept == [0.25] * 3


async def test_a_question_heavier_than_the_vendor_takes_is_not_asked():
    source, _, _ = polled(transport := Answers(), "a", quota=Quota(most_weight=0.5))
    with pytest.raises(Broken, match="more than it takes"):
        await a_round(source)
    assert transport.asked == []


async def test_where_an_answer_leads_is_followed_once_and_within_bounds():
    urls = {"a": "https://x.invalid"}
    leads = {"a": {"p2": "https://x.invalid/2"}, "p2": {"p2": "https://x.invalid/2", "p3": "u"}}
    source, _, _ = polled(transport := Answers(), feed=Numbers(urls, leads=leads))
    assert [reading.scope for reading in await a_round(source)] == ["a", "p2", "p3"]
    assert transport.asked == ["a", "p2", "p3"]
    endless = {str(n): {str(n + 1): f"https://x.invalid/{n}"} for n in range(999)}
    source, _, _ = polled(transport := Answers(), feed=Numbers({"0": "u"}, leads=endless))
    await a_round(source)
    assert len(transport.asked) == 1 + MOST_FOLLOWED


async def test_what_a_list_leads_to_is_asked_though_the_list_has_not_changed():
    leads = {"list": {"x": "https://x.invalid/x", "y": "https://x.invalid/y"}}
    feed = Numbers({"list": "https://x.invalid"}, leads=leads)
    source, clock, _ = polled(transport := Answers(), feed=feed)
    await a_round(source)
    transport.said["list"] = None
    for _ in range(2):
        clock.advance(60)
        await a_round(source)
    assert transport.asked == ["list", "x", "y"] * 3


async def test_what_cannot_be_paid_for_now_is_asked_before_the_list_is_asked_again():
    leads = {"list": {name: f"https://x.invalid/{name}" for name in "xyz"}}
    feed = Numbers(
        {"list": "https://x.invalid"}, leads=leads, quota=Quota(credits=24, period_s=86_400)
    )
    source, clock, _ = polled(transport := Answers(), feed=feed)
    while len(transport.asked) < 8:
        await a_round(source)
        clock.advance(source.pause_s)
    assert transport.asked == ["list", "x", "y", "z"] * 2
    assert clock.now() > NOON + timedelta(hours=5)


async def test_what_fails_of_a_list_is_forgotten_when_it_leaves_the_list():
    leads = {"list": {"x": "https://x.invalid/x", "y": "https://x.invalid/y"}}
    feed = Numbers({"list": "https://x.invalid"}, leads=leads)
    source, clock, _ = polled(Answers(x=Unavailable("gone")), feed=feed)
    assert [reading.scope for reading in await a_round(source)] == ["list", "y"]
    assert set(source.facts.failing) == {"x"}
    assert source.pause_s == 60
    del leads["list"]["x"]
    clock.advance(60)
    await a_round(source)
    assert source.facts.failing == {}


async def test_the_next_question_goes_on_where_the_last_answer_ended():
    class Delta(Numbers):
        def resume(self, payload):
            return {"since": str(json.loads(payload.body)[0])}

    feed = Delta({"a": "https://x.invalid"})
    source, clock, _ = polled(transport := Answers(a=[17]), feed=feed)
    await a_round(source)
    clock.advance(60)
    await a_round(source)
    assert transport.params == [{}, {"since": "17"}]


class WithLogin(Numbers):
    def login(self):
        return Request(source="vendor", scope="login", url="https://x.invalid/login", body=b"{}")


async def test_a_session_is_opened_once_and_again_when_it_is_refused():
    feed = WithLogin({"a": "https://x.invalid", "b": "https://x.invalid"})
    source, _, _ = polled(transport := Answers(b="stale session"), feed=feed)
    assert len(await a_round(source)) == 2
    assert (transport.logins, transport.asked) == (2, ["a", "b", "b"])


async def test_where_it_may_not_be_read_from_it_is_not_asked():
    source, _, _ = polled(Answers(), refused_regions=frozenset({"US"}), region="US")
    with pytest.raises(RegionRefused, match="US"):
        source.check()
    elsewhere, _, _ = polled(Answers(), refused_regions=frozenset({"US"}), region="DE")
    elsewhere.check()


async def test_the_credential_is_checked_before_it_is_used():
    source, _, _ = polled(transport := Answers())
    transport.missing = True
    with pytest.raises(NoCredential):
        source.check()
