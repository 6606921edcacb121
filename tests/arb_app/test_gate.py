"""The gate: what has a door passes who may pass, and everything else stays out."""

import pytest
import reflex as rx
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from arb_app import gate
from arb_app.gate import FRAMEWORK, REFUSED, Gate, allow, door_of, may
from arb_app.pages import PAGES
from services.access import ANONYMOUS, Permission, Subject


class GuardedState(rx.State):
    """A state with one open door and one that somebody forgot."""

    level: int = 0

    @rx.event
    @allow(Permission.VIEW_BOARD)
    def open_one(self) -> None:
        """Do nothing, with permission."""

    def forgotten(self) -> None:
        """Do nothing, but be an endpoint all the same."""


OURS = GuardedState.get_full_name()
HOSTILE = ["", "x", "..", OURS, f"{OURS}.", f"{OURS}.nothing", f"{OURS}.__init__", "a" * 10_000]


def let_in(name: str) -> bool:
    """Put an event before the gate, which never waits for anything."""
    try:
        Gate().preprocess(None, None, Event(name=name)).send(None)
    except StopIteration as decided:
        return decided.value is None
    raise AssertionError("the gate waited")


def handlers():
    return RegistrationContext.get().event_handlers


def test_an_event_with_a_door_passes():
    assert let_in(f"{OURS}.open_one")


def test_a_forgotten_method_is_an_endpoint_that_nobody_reaches():
    assert f"{OURS}.forgotten" in handlers()
    assert not let_in(f"{OURS}.forgotten")


def test_no_state_can_have_its_vars_set_from_outside():
    setters = [name for name in handlers() if name.endswith(".setvar")]
    assert len(setters) > 5
    assert [name for name in setters if let_in(name)] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_nobody_registered_is_refused_and_counted(name):
    before = REFUSED.labels("unknown")._value.get()
    assert not let_in(name)
    assert REFUSED.labels("unknown")._value.get() == before + 1


async def test_a_subject_without_the_permission_is_refused(monkeypatch):
    async def nobody(_):
        return Subject()

    monkeypatch.setattr(gate, "subject_of", nobody)
    assert not let_in(f"{OURS}.open_one")
    assert not await may(None, Permission.VIEW_BOARD)


def test_every_event_the_framework_needs_exists_and_passes():
    assert {name for name in FRAMEWORK if name not in handlers()} == set()
    assert [name for name in FRAMEWORK if not let_in(name)] == []


def test_every_handler_of_ours_says_who_may_fire_it():
    assert len(PAGES) >= 5
    ours = [
        h.handler.fn for h in handlers().values() if h.handler.fn.__module__.startswith("arb_app")
    ]
    assert len(ours) > 3
    assert [fn.__qualname__ for fn in ours if door_of(fn) is None] == []


def test_whatever_passes_is_the_frameworks_or_has_a_door_that_is_open_to_all():
    passing = {name for name in handlers() if let_in(name)}
    doors = {name: door_of(h.handler.fn) for name, h in handlers().items()}
    open_to_all = {name for name, door in doors.items() if door and ANONYMOUS.may(door.permission)}
    assert passing == FRAMEWORK | open_to_all


def test_a_visitor_may_see_what_is_public_and_manage_nothing():
    seen_by_few = {Permission.VIEW_QUALITY, Permission.VIEW_ADMIN}
    visible = {each for each in Permission if each.name.startswith("VIEW_")} - seen_by_few
    public = visible | {Permission.USE_CALCULATORS}
    assert {permission for permission in Permission if ANONYMOUS.may(permission)} == public
