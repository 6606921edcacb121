"""The window on the limits: what it shows, to whom, and what a client's words cannot do."""

from datetime import timedelta

import pytest

from arb_app import gate
from arb_app.state.admin_limits import AdminLimitsState
from arb_app.state.limits_shown import loud, rules
from arb_app.state.listing import PAGE_ROWS
from domain.errors import Unavailable
from kit.clock import epoch_ms
from services import limits
from services.access import Permission, Subject
from services.limits import KINDS, Seen
from store.rates import Refusals
from tests.facts import NOON

ADMIN = Subject(name="an admin", permissions=frozenset(Permission))
HOSTILE = [None, 0, True, [], {"network": ["x"]}, {"network": {}}, "x", b"x", {1: 2}]


@pytest.fixture
def state(monkeypatch, running):
    async def an_admin(_):
        return ADMIN

    monkeypatch.setattr(gate, "subject_of", an_admin)
    return AdminLimitsState()


@pytest.fixture
async def refused(resources):
    """Some refusals from more networks than a page has room for."""
    addresses = {f"198.51.{n}.7": n + 1 for n in range(PAGE_ROWS + 5)}
    await limits.note(resources, {("auth", "address"): 9}, addresses)


@pytest.mark.usefixtures("refused")
async def test_every_class_and_the_loudest_networks_are_shown(state):
    await state.open()
    assert (state.phase, len(state.rules), state.pages) == ("found", len(KINDS), 2)
    (auth,) = (line for line in state.rules if line.text == "/auth/")
    assert (auth.hour, auth.six, auth.day, auth.tone) == ("9", "9", "9", "warn")
    assert state.loud[0].network == f"198.51.{PAGE_ROWS + 4}.0/24"


@pytest.mark.usefixtures("refused")
async def test_networks_are_searched_and_paged(state):
    await state.open()
    await state.turn_to(2)
    assert (state.page, len(state.loud)) == (2, 5)
    await state.search({"network": " 198.51.7. "})
    assert ([line.network for line in state.loud], state.pages) == (["198.51.7.0/24"], 1)


@pytest.mark.parametrize("said", HOSTILE, ids=repr)
async def test_what_is_no_search_searches_for_nothing(state, said):
    await state.search(said)
    assert state.phase == "found"


@pytest.mark.parametrize("page", [0, -1, 99, True, "1", None, 1.0])
async def test_what_is_no_page_turns_nothing(state, page):
    await state.open()
    await state.turn_to(page)
    assert state.page == 1


async def test_a_stranger_is_told_nothing(monkeypatch, running):
    async def a_stranger(_):
        return Subject()

    monkeypatch.setattr(gate, "subject_of", a_stranger)
    state = AdminLimitsState()
    await state.open()
    assert (state.phase, state.rules, state.loud) == ("refused", [], [])


async def test_what_was_shown_stays_while_valkey_is_away(state, monkeypatch):
    await state.open()
    state._take(Unavailable("Valkey"), ADMIN)
    assert (state.phase, state.late, len(state.rules)) == ("found", True, len(KINDS))


def test_refusals_are_summed_by_hour_six_hours_and_day():
    minute = epoch_ms(NOON) // 60_000
    told = [
        Refusals(minute=minute - ago, kind="exports", quota="member", count=1)
        for ago in (0, 59, 60, 359, 360, 1_000)
    ]
    seen = Seen(refused=told, loudest={})
    (line,) = (each for each in rules(seen, NOON) if each.text == "/exports/")
    assert (line.hour, line.six, line.day) == ("2", "4", "6")
    later = rules(seen, NOON + timedelta(hours=2))
    assert next(each for each in later if each.text == "/exports/").tone == "plain"


def test_a_network_is_found_by_any_part_of_its_name():
    assert [line.count for line in loud({"192.0.2.0/24": 1_234, "::/48": 1}, "2.0")] == ["1,234"]
