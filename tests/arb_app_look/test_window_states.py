"""What all windows and lists share: their doors, and how a look is shown, kept or dropped."""

import pytest

from arb_app import gate
from arb_app.gate import door_of
from arb_app.state import window
from arb_app.state.admin_audit import AdminAuditState
from arb_app.state.admin_flags import AdminFlagsState
from arb_app.state.admin_jobs import AdminJobsState
from arb_app.state.admin_keys import AdminKeysState
from arb_app.state.admin_limits import AdminLimitsState
from arb_app.state.admin_members import AdminMembersState, AdminSessionsState
from arb_app.state.admin_quality import AdminQualityState
from arb_app.state.admin_risk import AdminRiskState
from arb_app.state.listing import LONGEST, PagedState, SearchedState, link, typed
from arb_app.state.window import WindowState
from domain.errors import NotAllowed, Unavailable
from services.access import ANONYMOUS, Permission, Subject

ADMIN = Subject(name="an admin", permissions=frozenset(Permission))
SEARCHED = {
    AdminAuditState: Permission.VIEW_AUDIT,
    AdminRiskState: Permission.VIEW_AUDIT,
    AdminMembersState: Permission.VIEW_MEMBERS,
    AdminSessionsState: Permission.MANAGE_ACCOUNTS,
    AdminLimitsState: Permission.VIEW_SYSTEM,
    AdminJobsState: Permission.VIEW_SYSTEM,
    AdminFlagsState: Permission.VIEW_SYSTEM,
}
PAGED = SEARCHED | {
    AdminKeysState: Permission.VIEW_AUDIT,
    AdminQualityState: Permission.VIEW_QUALITY,
}


@pytest.mark.parametrize(("state", "permission"), PAGED.items(), ids=lambda of: str(of)[-40:])
def test_every_list_says_itself_who_may_turn_and_search_it(state, permission):
    names = {"turn_to", "search"} & state.event_handlers.keys()
    assert names == ({"turn_to", "search"} if state in SEARCHED else {"turn_to"})
    doors = {door_of(state.event_handlers[name].fn).permission for name in names}
    assert doors == {permission}
    assert door_of(PagedState.turn_to) is door_of(SearchedState.search) is None


class Window:
    """A window that runs in a background event: what it looks at and shows is said in a test."""

    phase, late, shown, choice, held = "loading", False, None, 1, False
    _follow, _take = WindowState._follow, WindowState._take

    def __init__(self, *found):
        self.found = list(found)

    async def __aenter__(self):
        self.held = True

    async def __aexit__(self, *_):
        self.held = False

    def reset(self):
        self.shown = None

    def _chosen(self):
        return self.choice

    async def _look(self, work):
        raise AssertionError(work)

    def _show(self, found, subject):
        assert self.held
        self.shown = (found, subject.name)


@pytest.fixture
def there(monkeypatch, running):
    """A function that lets a window's looks find what it was made with, while somebody is there."""

    def being(state, *, subject=ADMIN, stays=True, during=lambda: None):
        async def subject_of(_):
            return subject

        async def is_of(_, __):
            return stays

        async def seen(_, __):
            assert not state.held
            during()
            return state.found.pop(0)

        monkeypatch.setattr(gate, "subject_of", subject_of)
        monkeypatch.setattr(gate, "is_of", is_of)
        monkeypatch.setattr(window, "seen", seen)
        monkeypatch.setattr(window, "present", lambda _: bool(state.found))

    return being


async def test_a_window_follows_until_its_reader_has_left(there):
    state = Window("one", "two")
    there(state)
    await state._follow(0.0)
    assert (state.phase, state.shown) == ("found", ("two", "an admin"))


async def test_what_was_shown_stays_while_nothing_can_be_asked_and_goes_with_the_right(there):
    state = Window("one", Unavailable("gone"))
    there(state)
    await state._follow(0.0)
    assert (state.phase, state.late, state.shown[0]) == ("found", True, "one")
    state.found = [NotAllowed("no"), "never looked at"]
    await state._follow(0.0)
    assert (state.phase, state.shown, state.found) == ("refused", None, ["never looked at"])


async def test_what_was_looked_up_for_another_choice_is_not_shown(there):
    state = Window("of the first choice")

    def meanwhile():
        state.choice = 2

    there(state, during=meanwhile)
    await state._follow(0.0)
    assert (state.phase, state.shown) == ("loading", None)


async def test_what_was_looked_up_for_somebody_is_not_shown_to_another(there):
    state = Window("hers", "his")
    there(state, stays=False)
    await state._follow(0.0)
    assert (state.shown, state.found) == (None, ["his"])


async def test_a_loop_ends_with_the_permission(there):
    state = Window("a look")
    there(state, subject=ANONYMOUS)
    looked = [each async for each in window.looks(state, permission=Permission.VIEW_AUDIT)]
    assert looked == []


@pytest.mark.parametrize("form", [None, 7, [], "x", {"who": ["x"]}, {1: 2}])
def test_a_form_of_anything_but_texts_says_nothing(form):
    assert typed(form, ("who",)) == {}


def test_a_form_says_what_is_asked_for_and_no_more_than_fits():
    told = typed({"who": "x" * 999, "else": "y"}, ("who", "about"))
    assert told == {"who": "x" * LONGEST}
    assert link("/a.csv", {}) == "/a.csv"
