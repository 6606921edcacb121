"""The admin's page of sources: what it shows, what it refuses, and what it never holds."""

import logging
import pickle

import pytest

from arb_app import gate, runtime
from arb_app.gate import door_of
from arb_app.runtime import Runtime
from arb_app.state.admin_door import AdminDoorState
from arb_app.state.admin_lines import (
    FILTERS,
    PAGE_ROWS,
    log_lines,
    part_lines,
    shown,
    trial_line,
)
from arb_app.state.admin_sources import AdminSourcesState
from arb_app.state.alerts import AlertsState, alert_lines, told
from arb_app.state.window import seen
from arb_app.words import say
from domain.alerts import ALL_SOURCES, Alert, AlertCode
from domain.control import Given, Happened, Happening, Switch, Trial, TrialAsked, TrialOutcome
from domain.errors import NotAllowed, Unavailable
from domain.sources import NotAsked, SourceState
from kit.log import set_up
from services.access import ANONYMOUS, Permission, Subject
from services.sources_admin import Managed, Overview, Part
from services.work import Resources
from store.keys import KeyRing
from tests.controls import everything_cached, everything_logged, everything_stored, swept
from tests.facts import NOON, a_health

ADMIN = Subject(name="the admin", permissions=ANONYMOUS.permissions | {Permission.MANAGE_SOURCES})
SECRET = "a-key-that-nobody-sees"
HANDLERS = ("live", "search", "choose", "turn_to", "open", "set_credential", "clear_credential",
            "ask_to_switch", "switch", "try_now")  # fmt: skip


@pytest.fixture(autouse=True)
def empty(owner):
    swept(owner)
    yield
    swept(owner)


@pytest.fixture
def resources(database, cache, clock):
    return Resources(database, cache, clock, KeyRing().renewed())


@pytest.fixture
def as_admin(monkeypatch, running):
    async def admin(_):
        return ADMIN

    monkeypatch.setattr(gate, "subject_of", admin)


@pytest.fixture
async def state(as_admin):
    made = AdminSourcesState()
    await made._load()
    return made


def of(name, **facts):
    return Managed(name=name, title=name.title(), **facts)


def test_every_handler_asks_for_the_permission():
    doors = {name: door_of(AdminSourcesState.event_handlers[name].fn) for name in HANDLERS}
    assert {door.permission for door in doors.values()} == {Permission.MANAGE_SOURCES}
    assert set(AdminSourcesState.event_handlers) - set(HANDLERS) == {"setvar"}


async def test_whoever_may_not_enter_is_told_that_the_door_is_shut(monkeypatch):
    state = AdminDoorState()
    await AdminDoorState.knock_for_sources.fn(state)
    assert state.shut


async def test_an_admin_finds_the_door_open(as_admin):
    state = AdminDoorState()
    await AdminDoorState.knock_for_sources.fn(state)
    assert not state.shut


@pytest.mark.usefixtures("running")
async def test_the_services_refuse_a_look_to_whoever_is_no_admin():
    assert isinstance(await seen(ANONYMOUS, AdminSourcesState()._look), NotAllowed)


@pytest.mark.usefixtures("starting")
async def test_while_the_servers_are_away_there_is_nothing_to_see():
    assert isinstance(await seen(ADMIN, AdminSourcesState()._look), Unavailable)


async def test_the_list_is_paged_searched_and_filtered(state):
    assert (state.phase, len(state.lines), state.page) == ("found", PAGE_ROWS, 1)
    await AdminSourcesState.turn_to.fn(state, 99)
    assert state.page == state.pages > 1
    await AdminSourcesState.search.fn(state, "KALSHI")
    assert ([line.name for line in state.lines], state.page) == (["kalshi"], 1)
    await AdminSourcesState.search.fn(state, "")
    await AdminSourcesState.choose.fn(state, "failing")
    assert state.total == 0


@pytest.mark.parametrize("sent", [None, [1], {"a": 1}, "nobody", True, 10**30])
async def test_whatever_a_client_sends_breaks_nothing(state, sent):
    before = state._chosen()
    for name in ("search", "choose", "turn_to", "open"):
        if not (name == "search" and sent == "nobody") and not (
            name == "turn_to" and sent == 10**30
        ):
            await getattr(AdminSourcesState, name).fn(state, sent)
    assert state._chosen() == before
    await AdminSourcesState.set_credential.fn(state, sent)
    await AdminSourcesState.clear_credential.fn(state, sent)
    assert state.said_tone == "bad"


async def test_a_credential_passes_through_and_stays_nowhere(state, owner, cache, caplog):
    caplog.set_level("DEBUG")
    await AdminSourcesState.search.fn(state, "betsapi")
    await AdminSourcesState.open.fn(state, "betsapi")
    await AdminSourcesState.set_credential.fn(state, {"part": "key", "value": SECRET})
    assert (state.said_tone, state.parts[0].given) == ("good", say("given.store"))
    places = (
        f"{state.dict()} {vars(state)}", pickle.dumps(state.__getstate__()).decode("latin-1"),
        everything_stored(owner), await everything_cached(cache), everything_logged(caplog),
    )  # fmt: skip
    assert [SECRET in text for text in places] == [False] * len(places)
    await AdminSourcesState.clear_credential.fn(state, "key")
    assert state.parts[0].given == say("given.nowhere")


async def test_what_is_refused_is_said_without_the_credential(state):
    await AdminSourcesState.search.fn(state, "betsapi")
    await AdminSourcesState.open.fn(state, "betsapi")
    await AdminSourcesState.set_credential.fn(
        state, {"part": "key", "value": f"{SECRET}\n{SECRET}"}
    )
    assert (state.said_tone, SECRET in state.said) == ("bad", False)


async def test_a_source_is_switched_after_asking_once_more(state, owner):
    await AdminSourcesState.search.fn(state, "kalshi")
    await AdminSourcesState.open.fn(state, "kalshi")
    AdminSourcesState.ask_to_switch.fn(state, True)
    assert (state.asking, state.enabled) == (True, True)
    await AdminSourcesState.switch.fn(state, {"why": "too dear"})
    assert (state.asking, state.enabled) == (False, False)
    assert state.why == "Switched off by the admin. too dear"
    assert [line.what for line in state.log] == ["Switched off"]
    await AdminSourcesState.switch.fn(state, {})
    assert state.enabled


async def test_a_trial_that_no_worker_takes_is_given_up(state, clock):
    await AdminSourcesState.search.fn(state, "kalshi")
    await AdminSourcesState.open.fn(state, "kalshi")
    await AdminSourcesState.try_now.fn(state)
    assert state.trying
    clock.advance(36)
    await state._load()
    assert (state.trying, state.said_tone) == ("", "bad")


def test_a_filter_shows_what_it_says():
    found = Overview(
        sources=[
            of("well", health=a_health("well")),
            of("ill", health=a_health("ill", state=SourceState.FAILING)),
            of("off", switch=Switch(source="off", enabled=False, at=NOON, by="x")),
            of("bare", health=a_health("bare"), parts=[Part(name="key", given=Given.NOWHERE)]),
        ],
        misspelt=[],
    )
    names = {
        name: [line.name for line in shown(found, {}, ("", name, 1, ""), NOON).lines]
        for name in FILTERS
    }
    assert names == {
        "all": ["well", "ill", "off", "bare"], "healthy": ["well", "bare"], "failing": ["ill"],
        "off": ["off"], "unset": ["bare"],
    }  # fmt: skip


@pytest.mark.parametrize("given", Given)
def test_every_way_a_part_can_be_given_has_words(given):
    (line,) = part_lines(of("x", parts=[Part(name="key", given=given)]), NOON)
    assert line.given


@pytest.mark.parametrize("what", Happened)
def test_everything_that_happens_has_words(what):
    (line,) = log_lines([Happening(at=NOON, what=what, by="x")], NOON)
    assert (line.at, line.by) == ("0 s ago", "by x")
    assert line.what


@pytest.mark.parametrize("outcome", TrialOutcome)
def test_every_outcome_of_a_trial_has_words(outcome):
    asked = TrialAsked(id="1", source="x", by="y", at=NOON)
    trial = Trial(asked=asked, outcome=outcome, took_s=0.25, quotes=2, rejected={"duplicate": 3})
    line = trial_line(trial, NOON)
    answered = outcome is TrialOutcome.ANSWERED
    assert line.told == ("2 quotes read, 3 rejected, in 0.25 s" if answered else "")
    assert line.reasons == "3  Sent twice"
    assert line.outcome


@pytest.mark.parametrize("code", AlertCode)
def test_every_alert_has_words_and_those_that_cost_prices_come_first(code):
    alerts = [
        Alert(subject="x", code=code, sentence="A.", opened_at=NOON),
        Alert(subject=ALL_SOURCES, code=AlertCode.ALL_DOWN, sentence="B.", opened_at=NOON),
    ]
    lines = alert_lines(alerts, {"x": "The X"}, NOON)
    assert {line.title for line in lines} == {"The X", "All sources"}
    assert lines[0].tone == "bad"
    assert all(line.what for line in lines)


@pytest.mark.usefixtures("running")
async def test_when_nothing_is_wrong_nothing_is_told():
    assert await told(ANONYMOUS) == []
    state = AlertsState()
    state._take(None)
    assert state.lines == []


def test_why_a_source_is_switched_off_has_words():
    assert say(f"not_asked.{NotAsked.SWITCHED_OFF}")


@pytest.mark.parametrize("as_json", [False, True])
async def test_an_error_on_the_way_is_logged_without_the_credential(
    state, clock, database, cache, monkeypatch, capsys, as_json
):
    ring = KeyRing("x", {"x": b"no key of AES"})
    runtime.install(Runtime(clock, None, Resources(database, cache, clock, ring)))
    await AdminSourcesState.search.fn(state, "betsapi")
    await AdminSourcesState.open.fn(state, "betsapi")
    with pytest.raises(ValueError, match="key") as broke:
        await AdminSourcesState.set_credential.fn(state, {"part": "key", "value": SECRET})
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger(), "level", logging.INFO)
    set_up(level="DEBUG", as_json=as_json)
    logging.getLogger("arb_app").error("an event failed", exc_info=broke.value)
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert SECRET not in told
