from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import CURRENCIES
from domain.odds_formats import OddsFormat
from domain.preferences import (
    LONGEST,
    Language,
    Numbers,
    Preferences,
    allowed,
    parsed,
    written,
    zones,
)

FIELDS = ("language", "odds", "zone", "currency", "numbers")
chosen = st.builds(
    Preferences,
    language=st.sampled_from(Language),
    odds=st.sampled_from(OddsFormat),
    zone=st.sampled_from(["", *sorted(zones())]),
    currency=st.sampled_from(CURRENCIES),
    numbers=st.sampled_from(Numbers),
)
anything = st.text(max_size=LONGEST + 50) | st.lists(
    st.tuples(st.sampled_from([*FIELDS, "x", ""]), st.text(max_size=20)), max_size=30
).map(urlencode)


@given(chosen)
def test_what_is_written_is_read_again(preferences):
    assert parsed(written(preferences)) == preferences
    assert len(written(preferences)) <= LONGEST


@given(anything)
def test_whatever_a_browser_sends_only_allowed_values_come_of_it(text):
    found = parsed(text)
    for field in FIELDS:
        value = getattr(found, field)
        assert value in allowed(field) or value == getattr(Preferences(), field)


@given(chosen, st.sampled_from(FIELDS), st.text(max_size=20))
def test_one_wrong_field_spoils_no_other(preferences, field, wrong):
    text = urlencode({**dict(pair.split("=") for pair in _pairs(preferences)), field: wrong})
    found = parsed(text)
    for other in FIELDS:
        if other != field:
            assert getattr(found, other) == getattr(preferences, other)


def _pairs(preferences):
    return [pair for pair in written(preferences).replace("%2F", "/").split("&") if pair]


@pytest.mark.parametrize(
    "text", ["", "=", "&&&", "a" * 10_000, "x=1&" * 50, "language=\0", "%ff=%"]
)
def test_what_is_no_query_string_of_ours_is_as_if_nothing_was_chosen(text):
    assert parsed(text) == Preferences()


def test_no_other_field_can_be_chosen():
    assert allowed("role") == ()
    assert "" not in zones()
    assert {"Europe/Madrid", "America/Los_Angeles", "UTC"} <= zones()
