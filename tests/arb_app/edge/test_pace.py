"""The pace of events: a member's quota is one, however many sockets they open."""

from types import SimpleNamespace

import pytest
from reflex_base.event import Event

from arb_app import runtime
from arb_app.cookies import NAME
from arb_app.edge.pace import BEYOND, KIND, Pace
from arb_app.gate import FRAMEWORK
from arb_app.runtime import Runtime
from services.limits import EVENTS
from tests.accounts import open_account, signed_in

NAMED = Event(name="any.event")


def at(token=""):
    router = SimpleNamespace(
        headers=SimpleNamespace(cookie=f"{NAME}={token}" if token else ""),
        session=SimpleNamespace(client_ip="192.0.2.7"),
    )
    return SimpleNamespace(router=router)


@pytest.fixture
async def pace(resources, clock, monkeypatch):
    monkeypatch.setattr(runtime, "_installed", [])
    runtime.install(Runtime(clock, None, resources))
    found = Pace()
    yield found
    await found.keeper.close()


async def passed(pace, many, token, event=NAMED):
    return sum([await pace.preprocess(None, at(token), event) is None for _ in range(many)])


@pytest.mark.usefixtures("emptied")
async def test_a_members_events_are_limited_over_all_their_sessions(pace, resources):
    await open_account(resources)
    here, there = [await signed_in(resources) for _ in range(2)]
    before = BEYOND._value.get()
    assert await passed(pace, 1_000, here) == 1_000
    assert await passed(pace, 250, there) == EVENTS.most - 1_000
    assert BEYOND._value.get() == before + 50
    assert await passed(pace, 2, here, Event(name=min(FRAMEWORK))) == 2


async def test_who_has_not_signed_in_is_limited_by_their_sockets_alone(pace):
    assert await passed(pace, EVENTS.most + 10, "") == EVENTS.most + 10


async def test_while_valkey_is_away_each_process_counts_for_itself(pace, clock):
    runtime.install(Runtime(clock, None))
    found = [await pace.keeper.take(EVENTS, "ann", KIND) for _ in range(1_300)]
    assert sum(not each.wait_s for each in found) == EVENTS.most
