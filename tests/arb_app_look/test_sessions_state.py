"""The window on one's own sessions: what it shows, does, and what a client's words cannot do."""

import pytest

from arb_app.state import sessions as window
from arb_app.state.sessions import OTHERS, SessionsState
from kit.ids import secret
from services import sessions
from services.access import ANONYMOUS, PROOF_LASTS
from services.work import begin
from tests.accounts import BOB, CheapPasswords, an_attempt, open_account

pytestmark = pytest.mark.usefixtures("running", "emptied")
NEARBY = "192.0.2.50"
HOSTILE = [None, 0, True, [], {}, "x", b"x", "00000000-0000-0000-0000-000000000000"]


@pytest.fixture
async def enter(resources):
    """Return a function that signs somebody in; it returns the token and who they are."""
    await open_account(resources)
    await open_account(resources, BOB)

    async def entering(*told, **more):
        attempt = an_attempt(*told, device=secret(), agent="Firefox Linux", **more)
        async with begin(resources, ANONYMOUS) as work:
            granted = await sessions.sign_in(work, attempt, passwords=CheapPasswords())
        async with begin(resources, ANONYMOUS) as work:
            return granted.token, await sessions.resume(work, granted.token)

    return entering


@pytest.fixture
async def state(enter, monkeypatch):
    """The window of Ann, who is signed in here and elsewhere."""
    await enter(address=NEARBY)
    token, ann = await enter()

    async def she(_):
        return ann

    monkeypatch.setattr(window, "subject_of", she)
    monkeypatch.setattr(window, "token_of", lambda *_: token)
    opened = SessionsState()
    await opened.open()
    return opened


async def test_this_session_comes_first_and_is_marked(state):
    assert state.phase == "found"
    assert [(line.name, line.here) for line in state.sessions] == [
        ("Firefox on Linux", True),
        ("Firefox on Linux", False),
    ]
    assert state.sessions[1].place == "The network 192.0.2.0/24"
    assert sorted(line.here for line in state.devices) == [False, True]
    assert state.odd[0].reasons == "Unknown device"
    assert state.odd[0].came == "Let in"


async def test_another_session_is_ended_after_being_asked_and_told(state):
    other = state.sessions[1].key
    await state.end()
    assert len(state.sessions) == 2, "nothing was asked about"
    state.ask(other)
    assert state.asking == other
    await state.end()
    assert (state.asking, state.told) == ("", "One session has ended.")
    assert [line.here for line in state.sessions] == [True]


async def test_all_others_are_ended_at_once(state, enter):
    await enter(address=NEARBY)
    state.ask(OTHERS)
    await state.end()
    assert state.told == "2 sessions have ended."
    assert [line.here for line in state.sessions] == [True]


async def test_a_device_is_forgotten_with_its_session(state):
    (other,) = [line.key for line in state.devices if not line.here]
    state.ask(other)
    await state.end()
    assert len(state.sessions) == 2, "a device is not a session"
    await state.forget()
    assert state.told == "The device is forgotten. One session has ended."
    assert [line.here for line in state.devices] == [True]
    assert [line.here for line in state.sessions] == [True]


async def test_who_thinks_better_of_it_has_changed_nothing(state):
    state.ask(OTHERS)
    state.ask("")
    await state.end()
    await state.forget()
    assert len(state.sessions) == len(state.devices) == 2


async def test_who_proved_nothing_lately_is_led_to_do_so_and_nothing_is_changed(state, clock):
    clock.advance(PROOF_LASTS.total_seconds() + 1)
    for act, about in ((state.end, OTHERS), (state.forget, state.devices[0].key)):
        state.ask(about)
        led = await act()
        assert "/account/prove?next=/account/sessions" in str(led.args)
    await state.open()
    assert len(state.sessions) == len(state.devices) == 2


@pytest.mark.parametrize("words", HOSTILE)
async def test_whatever_a_client_sends_is_asked_about_by_nobody(state, words):
    state.ask(words)
    assert state.asking == ""
    await state.end()
    await state.forget()
    assert len(state.sessions) == len(state.devices) == 2


async def test_somebody_elses_session_is_not_ended_even_when_its_id_is_known(
    state, enter, resources
):
    _, bob = await enter(BOB)
    state.asking = str(bob.session_id)
    await state.end()
    async with begin(resources, bob) as work:
        assert len(await sessions.listed(work)) == 1


async def test_whoever_has_not_signed_in_is_shown_nothing(state, monkeypatch):
    async def nobody(_):
        return ANONYMOUS

    monkeypatch.setattr(window, "subject_of", nobody)
    await state.open()
    assert (state.phase, state.sessions, state.devices, state.odd) == ("refused", [], [], [])


async def test_while_the_servers_are_away_nothing_is_changed_and_that_is_told(state, starting):
    state.ask(OTHERS)
    await state.end()
    assert (state.tone, len(state.sessions)) == ("bad", 2)
    await state.open()
    assert state.phase == "away"
