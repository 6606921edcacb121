"""Forgetting: what a closed page leaves behind goes, and what an open one has stays."""

from types import SimpleNamespace

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken

from arb_app.forgetting import GRACE_S, Forgetting


@pytest.fixture
async def house(clock):
    """A process with two pages, "open" and "closed", whose sockets are told apart."""
    manager = StateManagerMemory()
    tokens = {name: BaseStateToken(ident=name, cls=rx.State) for name in ("open", "closed")}
    for token in tokens.values():
        await manager.get_state(token)
    sockets = {"sid": "open"}
    namespace = SimpleNamespace(sid_to_token=sockets)
    app = SimpleNamespace(state_manager=manager, event_namespace=namespace)
    yield SimpleNamespace(
        manager=manager, clock=clock, sockets=sockets, forgetting=Forgetting(app, clock)
    )
    await manager.close()


def remembered(house):
    return sorted(key.split("_")[0].split("/")[0] for key in house.manager.states)


def later(house, seconds):
    house.forgetting.sweep()
    house.clock.advance(seconds)
    house.forgetting.sweep()


async def test_a_page_without_a_socket_is_forgotten_after_a_while(house):
    later(house, GRACE_S)
    assert remembered(house) == ["open"]


async def test_not_before(house):
    later(house, GRACE_S - 1)
    assert remembered(house) == ["closed", "open"]


async def test_a_page_that_comes_back_in_time_finds_what_it_had(house):
    later(house, GRACE_S - 1)
    house.sockets["again"] = "closed"
    later(house, GRACE_S)
    del house.sockets["again"]
    later(house, GRACE_S - 1)
    assert remembered(house) == ["closed", "open"]


async def test_nothing_is_kept_of_those_who_are_forgotten(house):
    house.sockets.clear()
    later(house, GRACE_S)
    assert remembered(house) == []
    assert house.manager._token_expires_at == {}
    assert house.manager._states_locks == {}
