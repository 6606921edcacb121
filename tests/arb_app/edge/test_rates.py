"""Limits of requests: who pays, what is told, and what becomes of each class without Valkey."""

import asyncio
import json
from dataclasses import replace

import pytest
from starlette.responses import PlainTextResponse

from arb_app import runtime
from arb_app.cookies import NAME
from arb_app.edge.keeper import Keeper
from arb_app.edge.rates import REFUSED, Rates
from arb_app.runtime import Runtime
from domain.errors import Unavailable
from kit.ids import fresh
from kit.settings import settings
from services import limits
from services.limits import KINDS, MEMBER, Kind, Without
from store.cache import Cache
from tests.arb_app.asgi import get, knock, send
from tests.outages import eventually, killed

STRANGER = {"client": "192.0.2.7"}
ANN = {"cookie": f"{NAME}=ann"}


async def app(scope, receive, send):
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("fine")(scope, receive, send)


async def identify(token):
    return token if token in {"ann", "bob"} else None


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch):
    for name in ("DUTCHBOOK_PUBLIC_URL", "DUTCHBOOK_TRUSTED_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(runtime, "_installed", [])
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
async def keeper(resources, clock):
    runtime.install(Runtime(clock, None, resources))
    kept = Keeper()
    yield kept
    await kept.close()


@pytest.fixture
def front(keeper):
    return Rates(app, keeper, identify=identify)


async def statuses(front, path, many, **more):
    answers = await asyncio.gather(*(get(front, path, **more) for _ in range(many)))
    return [answer.status for answer in answers]


async def test_of_400_concurrent_requests_a_member_is_answered_exactly_a_hundred(front):
    found = await statuses(front, "/board", 400, **STRANGER, **ANN)
    assert (found.count(200), found.count(429)) == (MEMBER.most, 300)


async def test_wherever_they_come_from(front):
    many = (get(front, "/board", client=f"192.0.2.{n % 200}", **ANN) for n in range(400))
    found = [answer.status for answer in await asyncio.gather(*many)]
    assert found.count(200) == MEMBER.most


async def test_an_address_is_answered_a_thousand_whoever_they_say_they_are(front):
    tokens = ({"cookie": f"{NAME}={fresh()}"} for _ in range(1_100))
    found = [(await get(front, "/board", **STRANGER, **each)).status for each in tokens]
    assert (found.count(200), found.count(429)) == (1_000, 100)


async def test_another_member_and_another_address_are_not_affected(front):
    await statuses(front, "/board", 101, **STRANGER, **ANN)
    assert (await get(front, "/board", **STRANGER, cookie=f"{NAME}=bob")).status == 200
    assert (await get(front, "/board", **STRANGER, **ANN)).status == 429


async def test_it_comes_back_with_time(front, clock):
    await statuses(front, "/board", 100, **STRANGER, **ANN)
    refused = await get(front, "/board", **STRANGER, **ANN)
    assert (refused.status, refused.headers["retry-after"]) == (429, "1")
    clock.advance(0.61)
    assert (await get(front, "/board", **STRANGER, **ANN)).status == 200


async def test_an_export_costs_as_much_as_twenty_reads(front):
    found = await statuses(front, "/exports/audit.csv", 10, **STRANGER, **ANN)
    assert found.count(200) == 5


async def test_who_is_at_risk_may_less(front, resources):
    await limits.weigh(resources, limits.member("ann"), 4, lasts_s=60)
    assert (await statuses(front, "/board", 60, **STRANGER, **ANN)).count(200) == 25


async def test_what_is_left_is_told_and_when_it_is_whole(front):
    answer = await get(front, "/board", **STRANGER, **ANN)
    assert answer.headers["ratelimit-policy"] == '"address";q=1000;w=60, "member";q=100;w=60'
    assert answer.headers["ratelimit"] == '"address";r=999;t=1, "member";r=99;t=1'


async def test_a_refusal_is_a_problem_that_says_how_long_to_wait(front):
    await statuses(front, "/exports/x.csv", 5, **STRANGER, **ANN)
    answer = await get(front, "/exports/x.csv", **STRANGER, **ANN)
    assert json.loads(answer.body)["status"] == 429
    assert answer.headers["retry-after"] == "12"
    assert answer.headers["ratelimit"] == '"member";r=0;t=60'


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/assets/x.js", "/theme.css"])
async def test_health_and_files_cost_nothing(front, path):
    found = await statuses(front, path, 1_200, **STRANGER, **ANN)
    assert set(found) == {200}


async def test_a_socket_costs_its_address_and_this_machine_nothing(front):
    found = []
    for _ in range(600):
        scope = {"type": "websocket", "path": "/_event", "headers": [], "client": ("192.0.2.7", 1)}
        said = []

        async def tell(message, said=said):
            said.append(message["type"])

        await front(scope, None, tell)
        found += said
    assert found.count("websocket.accept") == 500
    assert {await knock(front, "/_event") for _ in range(600)} == {"websocket.accept"}


async def test_the_form_of_a_page_leads_back_to_it(front):
    browser = {"accept": "text/html", "x-forwarded-for": "192.0.2.7"}
    for _ in range(200):
        await send(front, "/auth/sign-in", "", **browser)
    answer = await send(front, "/auth/sign-in", "", **browser, referer="http://x/es/login?a=b")
    assert (answer.status, answer.headers["location"]) == (303, "/es/login#often")


async def test_refusals_are_counted_and_kept_by_network(front, keeper, resources, clock):
    before = REFUSED.labels("exports", "member")._value.get()
    await statuses(front, "/exports/x.csv", 8, **STRANGER, **ANN)
    await keeper.tell()
    assert REFUSED.labels("exports", "member")._value.get() == before + 3
    work = limits.rates
    found = await work.refusals(resources.cache, minutes=5, now=clock.now())
    assert [(one.kind, one.quota, one.count) for one in found] == [("exports", "member", 3)]
    networks = await work.loudest(resources.cache, hours=1, now=clock.now())
    assert networks == {"192.0.2.0/24": 3}


BY_NAME = {kind.name: kind for kind in KINDS}


@pytest.fixture
async def alone(mortal, database, clock, resources):
    """A front whose Valkey can be killed."""
    cache = await Cache.open(mortal.redis_url, namespace=fresh("test-"))
    runtime.install(Runtime(clock, None, replace(resources, cache=cache)))
    kept = Keeper()
    yield Rates(app, kept, identify=identify)
    await kept.close()
    await cache.close()


async def test_without_valkey_attempts_are_refused_reads_are_counted_here_and_health_passes(
    alone, mortal, clock
):
    assert (await get(alone, "/board", **STRANGER, **ANN)).status == 200
    async with killed(mortal.valkey):
        assert (await send(alone, "/auth/sign-in", "")).status == 503
        page = await send(alone, "/auth/sign-in", "", accept="text/html")
        assert page.headers["location"] == "/login#away"
        assert (await send(alone, "/auth/sign-out", "")).status == 200
        assert (await get(alone, "/healthz", **STRANGER)).status == 200
        found = await statuses(alone, "/board", 150, **STRANGER, **ANN)
        assert found.count(200) == MEMBER.most
    clock.advance(2)

    async def back():
        if (await send(alone, "/auth/sign-in", "")).status == 503:
            clock.advance(2)
            raise Unavailable

    await eventually(back)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_before_valkey_was_ever_reached_each_class_does_as_its_row_says(clock, kind: Kind):
    runtime.install(Runtime(clock, None))
    keeper = Keeper()
    cost = max(kind.cost, 1)
    if kind.without is Without.REFUSE:
        with pytest.raises(Unavailable):
            await keeper.take(MEMBER, "ann", kind, cost=cost)
    elif kind.without is Without.PASS:
        assert await keeper.take(MEMBER, "ann", kind, cost=cost) is None
    else:
        found = [await keeper.take(MEMBER, "ann", kind, cost=cost) for _ in range(150)]
        assert sum(not each.wait_s for each in found) == MEMBER.most // cost


def test_attempts_are_what_nobody_counts_only_in_part():
    closed = {kind.name for kind in KINDS if kind.without is Without.REFUSE}
    assert closed == {"auth"}
    assert BY_NAME["health"].without is Without.PASS


async def test_what_was_just_refused_is_refused_again_without_asking(front, keeper, clock):
    await statuses(front, "/exports/x.csv", 6, **STRANGER, **ANN)
    runtime.install(Runtime(clock, None))
    again = await keeper.take(MEMBER, limits.member("ann"), BY_NAME["exports"])
    assert again.wait_s == pytest.approx(12)
