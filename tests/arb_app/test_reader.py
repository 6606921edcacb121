"""For whom an event writes: by the page, by the cookie, and by what was chosen since."""

import asyncio
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reflex_base.event import Event

from arb_app import runtime
from arb_app.choices import MOST, Choices
from arb_app.gate import Gate
from arb_app.reader import here, language_of, reader, writing_for
from arb_app.runtime import Runtime
from domain.odds_formats import OddsFormat
from domain.preferences import Language, Preferences

SPANISH = Preferences(language=Language.SPANISH)
paths = st.lists(st.text("abcés-", min_size=1, max_size=8), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)


@pytest.fixture(autouse=True)
def running(clock):
    runtime.install(Runtime(clock, None))


def at(cookie="", path="/", session_id="here"):
    router = SimpleNamespace(
        headers=SimpleNamespace(cookie=cookie),
        session=SimpleNamespace(session_id=session_id),
        url=SimpleNamespace(path=path),
    )
    return SimpleNamespace(router=router)


async def written_for(**where):
    """Return for whom an event writes, as its handler would find it."""
    await Gate().preprocess(None, at(**where), Event(name="x"))
    return reader()


def test_nobody_in_particular_reads_english_and_decimal_odds():
    assert reader() == Preferences()


async def test_the_cookie_says_how_and_the_page_says_in_which_language():
    cookie = "a=b; dutchbook_settings=language=en&odds=american&zone=Europe%2FMadrid"
    found = await written_for(cookie=cookie, path="/es/board")
    assert found == Preferences(
        language=Language.SPANISH, odds=OddsFormat.AMERICAN, zone="Europe/Madrid"
    )


@pytest.mark.parametrize(
    "cookie", ["", "dutchbook_settings=", "dutchbook_settings=odds=\0;;=", "\xff"]
)
async def test_a_cookie_that_says_nothing_is_the_usual(cookie):
    assert await written_for(cookie=cookie) == Preferences()


async def test_what_was_chosen_since_the_socket_opened_counts_before_its_cookie():
    runtime.current().choices.keep("here", Preferences(odds=OddsFormat.MALAY))
    cookie = "dutchbook_settings=odds=american"
    assert (await written_for(cookie=cookie)).odds is OddsFormat.MALAY
    assert (await written_for(cookie=cookie, session_id="other")).odds is OddsFormat.AMERICAN


async def test_two_events_at_once_are_written_for_two_readers():
    async def odds_of(notation):
        found = await written_for(cookie=f"dutchbook_settings=odds={notation}")
        await asyncio.sleep(0)
        assert reader() is found
        return found.odds

    asked = [OddsFormat.AMERICAN, OddsFormat.MALAY]
    assert await asyncio.gather(*map(odds_of, asked)) == asked
    assert reader() == Preferences()


def test_choices_are_bounded_and_the_oldest_go_first():
    choices = Choices()
    for number in range(MOST + 5):
        choices.keep(str(number), SPANISH)
    assert choices.of("4") is None
    assert choices.of("5") == choices.of(str(MOST + 4)) == SPANISH


@given(paths)
def test_a_link_leads_to_the_same_page_in_the_language_of_the_reader(path):
    assert here(path) == path
    with writing_for(SPANISH):
        led = here(path)
        assert here(led) == led
    assert language_of(led) is Language.SPANISH
    assert led in {path, f"/es{path}".rstrip("/")}


@pytest.mark.parametrize(
    "way", ["https://x.y/z", "//x.y", "#main", "/assets/a.js", "/auth/sign-in", ""]
)
def test_what_is_no_page_of_ours_is_left_as_it_is(way):
    with writing_for(SPANISH):
        assert here(way) == way
