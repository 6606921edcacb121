"""Doors for machines."""

import json
from dataclasses import dataclass, replace

import pytest

from arb_app import http, runtime
from arb_app.runtime import Runtime
from domain.errors import Broken, Unavailable
from kit.clock import ManualClock
from store import questions
from tests.arb_app.asgi import get
from tests.controls import swept
from tests.facts import NOON

DOORS = http.routes()


@dataclass
class StillBoard:
    """A board of a given age."""

    age_s: float | None = 0.0

    def join(self, session_id):
        """Nobody joins here."""

    def leave(self, session_id):
        """Nobody leaves either."""


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(runtime, "_installed", [])

    def install(**parts):
        chosen = Runtime(**{"clock": ManualClock(NOON), "board": StillBoard()} | parts)
        runtime.install(chosen)
        return chosen

    return install


def failing(answer):
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/problem+json"
    problem = json.loads(answer.body)
    assert (problem["title"], problem["status"]) == ("Not ready", 503)
    return problem["failing"]


async def test_the_process_is_alive_whatever_is_down():
    assert (await get(DOORS, "/healthz")).status == 200


async def test_nothing_is_ready_before_the_first_connection(installed):
    installed()
    assert failing(await get(DOORS, "/readyz")) == ["connections"]


async def test_all_is_ready_when_all_answers_and_the_board_is_fresh(installed, resources):
    installed(opened=resources)
    assert (await get(DOORS, "/readyz")).status == 200


@pytest.mark.parametrize("age_s", [None, 10.5])
async def test_a_board_that_nobody_publishes_is_named(installed, resources, age_s):
    installed(opened=resources, board=StillBoard(age_s))
    assert failing(await get(DOORS, "/readyz")) == ["board"]


class SilentCache:
    """A cache whose server is down."""

    async def snapshot(self):
        raise Unavailable("Valkey: ConnectionError")


async def test_a_cache_that_is_down_is_named(installed, resources):
    installed(opened=replace(resources, cache=SilentCache()))
    assert failing(await get(DOORS, "/readyz")) == ["valkey"]


async def test_counters_are_told_to_this_machine():
    answer = await get(DOORS, "/metrics")
    assert "process_resident_memory_bytes" in answer.body


@pytest.mark.parametrize(
    "caller",
    [{"client": "192.0.2.7"}, {"client": "127.0.0.1", "x-forwarded-for": "192.0.2.7"}],
)
async def test_counters_are_told_to_nobody_else(caller):
    answer = await get(DOORS, "/metrics", **caller)
    assert (answer.status, "process_" in answer.body) == (403, False)


def test_a_process_without_a_runtime_says_so(monkeypatch):
    monkeypatch.setattr(runtime, "_installed", [])
    with pytest.raises(Broken):
        runtime.current()


async def test_the_counters_say_what_is_wrong_with_sources(installed, resources, owner):
    installed(opened=resources)
    swept(owner)
    owner.execute(
        "insert into alerts (subject, code, sentence, opened_at) values ('x', 'silent', '', now())"
    )
    told = (await get(DOORS, "/metrics")).body
    assert 'dutchbook_alerts_open{code="silent"} 1.0' in told
    swept(owner)
    told = (await get(DOORS, "/metrics")).body
    assert 'dutchbook_alerts_open{code="silent"} 0.0' in told


async def test_the_counters_say_what_came_of_checking(installed, resources):
    installed(opened=resources)
    await questions.count(resources.cache, {"gone": 2})
    assert (
        'dutchbook_opportunities_checked{outcome="gone"} 2.0' in (await get(DOORS, "/metrics")).body
    )
    installed()
    assert 'outcome="gone"' not in (await get(DOORS, "/metrics")).body
