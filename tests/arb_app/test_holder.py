"""A page's memory is one person's: whoever comes after finds it empty."""

from types import SimpleNamespace

import pytest
import reflex as rx
from reflex_base.event import Event

from arb_app import runtime
from arb_app.holder import OneHolder
from arb_app.runtime import Runtime
from arb_app.state.account import AccountState
from arb_app.state.opportunity import OpportunityState
from services import sessions
from services.access import ANONYMOUS
from services.work import begin
from tests.accounts import ANN, BOB, open_account, signed_in

GATHERED = "gathered by one"


class Memory:
    """A tab: its state, which a client token finds, and the cookie of whoever is behind it."""

    def __init__(self):
        self.root = rx.State(_reflex_internal_init=True)
        self.account = self.root.get_substate(AccountState.get_full_name().split("."))
        self.holder = OneHolder()

    async def event(self, cookie):
        headers = {"cookie": cookie}
        self.root.router_data = {"headers": headers}
        self.root._update_router_vars({"headers": headers}, {})
        return await self.holder.preprocess(None, self.account, Event(name="x"))


@pytest.fixture
async def people(resources, clock, emptied):
    """Return a function that signs somebody in and returns the cookie."""
    runtime.install(Runtime(clock, None, resources))

    async def entering(email):
        await open_account(resources, email)
        return f"dutchbook={await signed_in(resources, email)}"

    return SimpleNamespace(entering=entering, resources=resources, clock=clock)


async def test_what_one_gathered_stays_while_they_are_there(people):
    memory, ann = Memory(), await people.entering(ANN)
    assert await memory.event(ann) is None
    memory.account.email = GATHERED
    await memory.event(ann)
    assert memory.account.email == GATHERED


async def test_a_visitor_keeps_what_a_visitor_typed(people):
    memory = Memory()
    await memory.event("")
    memory.account.email = GATHERED
    await memory.event("")
    assert memory.account.email == GATHERED


async def test_another_member_finds_nothing(people):
    memory, ann, bob = Memory(), await people.entering(ANN), await people.entering(BOB)
    await memory.event(ann)
    memory.account.email = GATHERED
    await memory.event(bob)
    assert memory.account.email == ""


async def test_somebody_without_the_cookie_finds_nothing(people):
    memory, ann = Memory(), await people.entering(ANN)
    await memory.event(ann)
    memory.account.email, memory.account.staff = GATHERED, True
    await memory.event("")
    assert (memory.account.email, memory.account.staff) == ("", False)


async def test_an_ended_session_finds_nothing(people):
    memory, ann = Memory(), await people.entering(ANN)
    await memory.event(ann)
    memory.account.email = GATHERED
    token = ann.removeprefix("dutchbook=")
    async with begin(people.resources, ANONYMOUS) as work:
        subject = await sessions.resume(work, token)
    async with begin(people.resources, subject) as work:
        await sessions.sign_out(work, token)
    runtime.current().visitors.forget(token)
    await memory.event(ann)
    assert memory.account.email == ""


def test_every_page_of_ours_is_emptied():
    assert OpportunityState.get_parent_state() is rx.State
