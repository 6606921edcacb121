"""The window on the master keys: what it shows, and what only an owner who proved it does."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from reflex.event import EventSpec

from arb_app import gate, runtime
from arb_app.runtime import Runtime
from arb_app.state.admin_keys import AdminKeysState, key_line, rotation_line
from jobs.resealing import Resealing
from services.access import PERMISSIONS_OF, Role, Subject
from services.keys import RESTS, Key, Rotation
from services.work import begin
from store import credentials
from store.keyhold import FileHold
from store.keys import KeyRing
from tests.arb_app_look.conftest import NoBoard
from tests.facts import NOON

KEY = Key(
    id="a", holder="file", known_at=NOON, retired_at=None, current=False, held=True, rows=0
)  # fmt: skip
ROTATION = Rotation(
    key_id="a", asked_at=NOON, asked_by="x", resealed=30, left=10, ended_at=None
)  # fmt: skip


def an_owner(clock, *, proved=True, role=Role.OWNER):
    return Subject(
        uuid4(), PERMISSIONS_OF[role], "o@example.com", role,
        proved_at=clock.now() if proved else None,
    )  # fmt: skip


@pytest.fixture
def who(clock, monkeypatch):
    """Return a function that says who is at the page."""

    def sits(subject):
        async def subject_of(_):
            return subject

        monkeypatch.setattr(gate, "subject_of", subject_of)

    sits(an_owner(clock))
    return sits


@pytest.fixture
async def office(resources, tmp_path, clock, owner, emptied):
    KeyRing.at(tmp_path / "keys.json")
    owner.execute("truncate sealing_keys, key_rotations")
    hold = FileHold(tmp_path / "keys.json", named=True)
    own = replace(resources, keys=hold)
    runtime.install(Runtime(clock, NoBoard(), own))
    async with begin(own, Subject()) as work:
        await credentials.put(work.db, work.keys, "s", "p", "s3cret", actor="x", at=NOON)
    yield Resealing(database=own.database, keys=hold, clock=clock, worker="a worker")
    owner.execute("truncate sealing_keys, key_rotations")


@pytest.fixture
async def state(office, who):
    await office.tend()
    state = AdminKeysState()
    await state._load()
    return state


async def test_it_shows_every_key_by_its_id_and_no_key(state, office):
    (line,) = state.keys
    ring = office.keys.now()
    assert (line.id, line.state, line.rows) == (ring.current, "Current", "1")
    assert (state.phase, state.rotation.state, state.may) == ("found", "Never rotated", True)
    shown = repr(state.dict())
    for key in ring.keys.values():
        assert key.hex() not in shown
        assert repr(key) not in shown


async def test_a_rotation_is_asked_for_confirmed_followed_and_the_old_key_retired(
    state, office, who, clock
):
    old = state.keys[0].id
    await state.act()
    assert state.rotation.state == "Never rotated"
    state.ask("rotate")
    assert state.asking == "rotate"
    await state.act()
    assert (state.rotation.state, state.said_tone, state.asking) == ("Asked for", "good", "")
    state.ask("rotate")
    await state.act()
    assert (state.said_tone, "under way" in state.said) == ("bad", True)
    await office.tend()
    await state._load()
    assert (state.rotation.state, state.rotation.going) == ("Done", False)
    assert {line.id: line.rows for line in state.keys}[old] == "0"
    assert state.acts[0].what == "keys.rotated"
    clock.advance(RESTS.total_seconds())
    who(an_owner(clock))
    state.ask(old)
    await state.act()
    assert state.said == "Retired."
    assert {line.id: line.state for line in state.keys}[old] == "Retired"


@pytest.mark.parametrize("what", ["nothing", None, 7, [], {"a": 1}, "rotate ", b"rotate"])
def test_nothing_else_can_be_asked_for(who, what):
    state = AdminKeysState()
    state.ask(what)
    assert state.asking == ""


async def test_who_has_not_proved_it_lately_is_sent_to_do_so(state, who, clock):
    who(an_owner(clock, proved=False))
    state.ask("rotate")
    sent = await state.act()
    assert isinstance(sent, EventSpec)
    assert "/account/prove?next=/admin/keys" in str(sent.args).replace("%2F", "/")
    await state._load()
    assert state.rotation.state == "Never rotated"


async def test_an_admin_looks_and_cannot_act(state, who, clock):
    who(an_owner(clock, role=Role.ADMIN))
    await state._load()
    assert (state.phase, state.may) == ("found", False)
    state.asking = "rotate"
    await state.act()
    assert state.said_tone == "bad"
    assert state.rotation.state == "Never rotated"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT, Role.ANALYST])
async def test_whoever_may_not_look_is_shown_nothing(state, who, clock, role):
    who(an_owner(clock, role=role))
    await state._load()
    assert (state.phase, state.keys, state.acts, state.may) == ("refused", [], [], False)


async def test_what_was_shown_stays_while_postgresql_is_away(state, starting, clock):
    await state._load()
    assert (state.phase, state.late, len(state.keys)) == ("found", True, 1)
    fresh = AdminKeysState()
    await fresh._load()
    assert fresh.phase == "away"


@pytest.mark.parametrize(
    ("changes", "state", "retirable"),
    [
        ({"current": True}, "Current", False),
        ({}, "Older", True),
        ({"rows": 3}, "Older", False),
        ({"retired_at": NOON}, "Retired", False),
        ({"held": False, "rows": 2}, "Missing", False),
        ({"held": False}, "Not held here", True),
    ],
)
def test_a_key_is_called_what_it_is(changes, state, retirable):
    line = key_line(replace(KEY, **changes), "")
    assert (line.state, line.retirable) == (state, retirable)


@pytest.mark.parametrize(
    ("changes", "state", "percent"),
    [
        ({}, "Under way", 75),
        ({"key_id": "", "resealed": 0}, "Asked for", 0),
        ({"ended_at": NOON, "left": 0}, "Done", 100),
        ({"ended_at": NOON + timedelta(1)}, "Done, with gaps", 75),
    ],
)
def test_a_rotation_tells_how_far_it_has_come(changes, state, percent):
    line = rotation_line(replace(ROTATION, **changes), "1 s ago")
    assert (line.state, line.percent) == (state, percent)
