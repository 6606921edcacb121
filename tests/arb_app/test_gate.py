"""The gate: what has a door passes who may pass, and everything else stays out."""

from types import SimpleNamespace

import pytest
import reflex as rx
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from arb_app import runtime
from arb_app.gate import (
    FRAMEWORK,
    REFUSED,
    Gate,
    allow,
    allow_inherited,
    door_of,
    may,
    subject_of,
)
from arb_app.pages import PAGES
from arb_app.runtime import Runtime
from arb_app.visitors import FRESH_S
from kit.ids import secret
from services import sessions
from services.access import ANONYMOUS, PUBLIC, Permission, Role
from services.sessions import STAFF, hash_of
from services.work import begin
from tests.accounts import ANN, BOB, CheapPasswords, an_attempt, open_account


class GuardedState(rx.State):
    """A state with one open door and one that somebody forgot."""

    level: int = 0

    @rx.event
    @allow(Permission.VIEW_BOARD)
    def open_one(self) -> None:
        """Do nothing, with permission."""

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    def guarded(self) -> None:
        """Do nothing, for those who look after sources."""

    def forgotten(self) -> None:
        """Do nothing, but be an endpoint all the same."""


class SharedState(rx.State, mixin=True):
    """What several states have in common; none of them is opened here."""

    @rx.event
    def turn(self) -> None:
        """Do nothing, for whoever the state says."""

    @rx.event
    @allow(Permission.VIEW_BOARD)
    def look(self) -> None:
        """Do nothing, for whoever sees the board."""


@allow_inherited(Permission.MANAGE_SOURCES, "turn")
class OpenedState(SharedState, rx.State):
    """A state that says who may turn."""


@allow_inherited(Permission.VIEW_BOARD, "turn")
class PublicState(SharedState, rx.State):
    """Another that says so otherwise."""


class ShutState(SharedState, rx.State):
    """A third that forgot to say so."""


OURS = GuardedState.get_full_name()
HOSTILE = ["", "x", "..", OURS, f"{OURS}.", f"{OURS}.nothing", f"{OURS}.__init__", "a" * 10_000]


@pytest.fixture(autouse=True)
def running(clock):
    """The runtime of a process whose connections were not opened yet."""
    runtime.install(Runtime(clock, None))


def at(cookie: str = "", path: str = "/", session_id: str = "here"):
    """Return a state whose socket was opened with a cookie, on a page."""
    router = SimpleNamespace(
        headers=SimpleNamespace(cookie=cookie),
        session=SimpleNamespace(session_id=session_id),
        url=SimpleNamespace(path=path),
    )
    return SimpleNamespace(router=router)


def let_in(name: str) -> bool:
    """Put a visitor's event before the gate, which waits for nothing where there is no cookie."""
    try:
        Gate().preprocess(None, at(), Event(name=name)).send(None)
    except StopIteration as decided:
        return decided.value is None
    raise AssertionError("the gate waited")


async def let_member_in(name: str, cookie: str) -> bool:
    return await Gate().preprocess(None, at(cookie), Event(name=name)) is None


def handlers():
    return RegistrationContext.get().event_handlers


def test_an_event_with_a_door_passes():
    assert let_in(f"{OURS}.open_one")


def test_a_forgotten_method_is_an_endpoint_that_nobody_reaches():
    assert f"{OURS}.forgotten" in handlers()
    assert not let_in(f"{OURS}.forgotten")


def test_what_a_state_has_of_a_mixin_is_shut_until_the_state_opens_it():
    doors = {state: door_of(state.event_handlers["turn"].fn)
             for state in (OpenedState, PublicState, ShutState)}  # fmt: skip
    assert doors[OpenedState].permission is Permission.MANAGE_SOURCES
    assert doors[PublicState].permission is Permission.VIEW_BOARD
    assert doors[ShutState] is door_of(SharedState.turn) is None
    assert f"{ShutState.get_full_name()}.turn" in handlers()
    assert not let_in(f"{ShutState.get_full_name()}.turn")
    assert not let_in(f"{OpenedState.get_full_name()}.turn")
    assert let_in(f"{PublicState.get_full_name()}.turn")
    assert let_in(f"{ShutState.get_full_name()}.look")


def test_a_mixin_itself_is_no_endpoint():
    mixin, state = "test_gate____shared_state", "test_gate____shut_state"
    assert [name for name in handlers() if mixin in name] == []
    assert [name for name in handlers() if state in name] != []


def test_a_door_that_stands_is_not_opened_to_others():
    with pytest.raises(ValueError, match=r"ShutState\.look has a door already"):
        allow_inherited(Permission.VISIT, "look")(ShutState)
    with pytest.raises(KeyError):
        allow_inherited(Permission.VISIT, "nothing")(ShutState)
    assert door_of(ShutState.event_handlers["look"].fn).permission is Permission.VIEW_BOARD


def test_no_state_can_have_its_vars_set_from_outside():
    setters = [name for name in handlers() if name.endswith(".setvar")]
    assert len(setters) > 5
    assert [name for name in setters if let_in(name)] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_nobody_registered_is_refused_and_counted(name):
    before = REFUSED.labels("unknown")._value.get()
    assert not let_in(name)
    assert REFUSED.labels("unknown")._value.get() == before + 1


def test_a_visitor_without_the_permission_is_refused():
    assert not let_in(f"{OURS}.guarded")


@pytest.fixture
async def signed_in(resources, clock):
    """Return a function that signs somebody in and returns their cookie."""
    runtime.install(Runtime(clock, None, resources))

    async def entering(role, email=ANN):
        await open_account(resources, email, role)
        async with begin(resources, ANONYMOUS) as work:
            granted = await sessions.sign_in(work, an_attempt(email), passwords=CheapPasswords())
        return f"theme=dark; dutchbook={granted.token}"

    return entering


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize("role", Role)
async def test_a_members_door_opens_by_their_role(signed_in, role):
    cookie = await signed_in(role)
    assert (await subject_of(at(cookie))).role is role
    allowed = role in (Role.ADMIN, Role.OWNER)
    assert await let_member_in(f"{OURS}.guarded", cookie) is allowed
    assert await may(at(cookie), Permission.MANAGE_SOURCES) is allowed
    assert await let_member_in(f"{OpenedState.get_full_name()}.turn", cookie) is allowed
    assert not await let_member_in(f"{ShutState.get_full_name()}.turn", cookie)
    assert not await let_member_in(f"{OURS}.forgotten", cookie)


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize(
    "cookie",
    [
        "dutchbook=",
        "dutchbook=" + "a" * 43,
        f"dutchbook={hash_of('x')}",
        "dutchbook='; drop table sessions; --",
        "dutchbook=\0\xff",
        "__Host-dutchbook={}",
        "session={}",
        "{}",
    ],
)
async def test_a_forged_cookie_is_nobodys(signed_in, cookie):
    real = (await signed_in(Role.OWNER)).partition("dutchbook=")[2]
    assert await subject_of(at(cookie.replace("{}", real))) == ANONYMOUS
    assert not await let_member_in(f"{OURS}.guarded", cookie.replace("{}", real))


@pytest.mark.usefixtures("emptied")
async def test_an_ended_session_is_noticed_within_seconds(signed_in, resources, clock):
    cookie = await signed_in(Role.OWNER)
    subject = await subject_of(at(cookie))
    async with begin(resources, subject) as work:
        await sessions.end_others(work, secret())
    assert await subject_of(at(cookie)) == subject
    clock.advance(FRESH_S)
    assert await subject_of(at(cookie)) == ANONYMOUS
    assert not await let_member_in(f"{OURS}.guarded", cookie)


@pytest.mark.usefixtures("emptied")
async def test_what_a_member_does_keeps_their_session_and_looking_alone_does_not(signed_in, clock):
    seen, used = await signed_in(Role.ADMIN), await signed_in(Role.ADMIN, BOB)
    for _ in range(3):
        clock.advance(STAFF.idle.total_seconds() / 2 - 1)
        await may(at(seen), Permission.VIEW_ADMIN)
        assert await let_member_in(f"{OURS}.guarded", used)
    assert not await may(at(seen), Permission.VIEW_ADMIN)


async def test_a_cookie_is_nobodys_while_it_cannot_be_looked_up():
    assert await subject_of(at(f"dutchbook={secret()}")) == ANONYMOUS


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
    doors = {name: door for name, h in handlers().items() if (door := door_of(h.handler.fn))}
    public = {name for name, door in doors.items() if door.permission in PUBLIC}
    assert public < doors.keys()
    assert passing == FRAMEWORK | public


def test_a_visitor_may_see_what_is_public_and_manage_nothing():
    assert {permission for permission in Permission if ANONYMOUS.may(permission)} == PUBLIC
    assert [p for p in PUBLIC if p.name.startswith("MANAGE") or "ADMIN" in p.name] == []
