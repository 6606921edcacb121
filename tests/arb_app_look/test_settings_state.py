"""The settings page: what can be chosen is kept, and everything else changes nothing."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app import runtime
from arb_app.reader import reader, writing_for
from arb_app.state.settings import SettingsState, chosen_of
from domain.odds_formats import OddsFormat
from domain.preferences import Language, Numbers, Preferences
from services import preferences
from services.work import begin
from tests.accounts import open_account, signed_in

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=3
)


@pytest.fixture
def state(monkeypatch, running):
    """The state of a visitor's page."""
    return seen_by(monkeypatch)


def seen_by(monkeypatch, cookie=""):
    router = SimpleNamespace(
        headers=SimpleNamespace(cookie=cookie), session=SimpleNamespace(session_id="here")
    )
    monkeypatch.setattr(SettingsState, "router", router)
    return SettingsState()


@given(ANYTHING, ANYTHING)
def test_whatever_a_browser_sends_is_refused_or_is_a_choice_that_there_is(field, value):
    found = chosen_of(Preferences(), field, value)
    assert found is None or isinstance(value, str)


@given(st.sampled_from(["language", "odds", "zone", "currency", "numbers"]), st.text(max_size=9))
def test_a_choice_changes_one_field(field, value):
    before = Preferences(language=Language.SPANISH, odds=OddsFormat.MALAY)
    found = chosen_of(before, field, value)
    if found is not None:
        assert getattr(found, field) == value


async def test_a_choice_is_shown_and_counts_at_once_for_this_page(state):
    with writing_for(Preferences()):
        state.open()
        assert (state.phase, state.odds, state.said) == ("found", "decimal", "")
        await state.choose("odds", "american")
        await state.choose("numbers", "comma")
        assert reader() == Preferences(odds=OddsFormat.AMERICAN, numbers=Numbers.COMMA)
    assert runtime.current().choices.of("here").odds is OddsFormat.AMERICAN
    assert (state.odds, state.numbers, state.said) == ("american", "comma", "Saved.")
    assert "Fractional, like 3/2" in [choice.name for choice in state.odds_choices]
    assert "Hong Kong, like 1,50" in [choice.name for choice in state.odds_choices]


@pytest.mark.parametrize("value", ["Mars", "Europe/", "../etc/passwd", "utc"])
async def test_a_zone_that_is_none_is_told_and_changes_nothing(state, value):
    await state.choose("zone", value)
    assert (state.zone_wrong, state.said) == (True, "")
    assert runtime.current().choices.of("here") is None


@pytest.mark.usefixtures("emptied")
async def test_a_member_finds_their_choices_at_their_account(monkeypatch, running, resources):
    ann = await open_account(resources)
    state = seen_by(monkeypatch, f"dutchbook={await signed_in(resources)}")
    with writing_for(Preferences(language=Language.SPANISH)):
        await state.choose("zone", "Europe/Madrid")
    async with begin(resources, ann) as work:
        found = await preferences.kept(work)
    assert found == Preferences(language=Language.SPANISH, zone="Europe/Madrid")
    assert state.said == "Guardado."


@pytest.mark.usefixtures("emptied")
async def test_a_member_is_told_when_the_account_could_not_keep_it(monkeypatch, running, resources):
    await open_account(resources)
    state = seen_by(monkeypatch, f"dutchbook={await signed_in(resources)}")
    await state.choose("odds", "malay")
    runtime.current().opened = None
    with writing_for(Preferences()):
        await state.choose("odds", "american")
    assert "other devices do not know" in state.said
