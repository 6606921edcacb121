"""The picture to share: all of it is well-formed, and nothing in it says where."""

import base64
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app.state.share_drawn import MOST_LEGS, data_uri, svg, told
from domain.plans import EVERYTHING, View
from services.plans import row as masked_row
from tests.facts import NOON, a_leg, a_row, an_event, an_opportunity

HOSTILE = "</text><script>alert(1)</script>&\"'\x00\u202e v \ud800<image href='//evil'/>"


def texts(picture):
    return [each.text or "" for each in ET.fromstring(picture).iter() if each.tag.endswith("text")]


def test_bets_odds_and_return_are_in_it_and_no_book_is():
    found = an_opportunity()
    said = texts(svg(found, EVERYTHING, NOON))
    assert "Lions v Bears" in said
    assert {"Lions", "Bears", "1.909", "2.20", "+2.21 %"} <= set(said)
    for leg in found.legs:
        assert leg.book not in svg(found, EVERYTHING, NOON).lower().replace("alphabet", "")
        assert leg.book not in told(found, EVERYTHING).lower()


def test_a_plan_without_prices_shares_none():
    view = View.of("free")
    found = masked_row(a_row(), view).opportunity
    said = texts(svg(found, view, NOON))
    assert "+1 % or more" in said
    assert not any("1.9" in text or "2.2" in text or "Book" in text for text in said)
    assert "@" not in told(found, view)


@given(st.text(min_size=1), st.text(min_size=1))
def test_whatever_an_event_is_called_the_picture_stays_a_picture(home, away):
    found = an_opportunity(an_event().__class__(**_named(home, away)))
    root = ET.fromstring(svg(found, EVERYTHING, NOON).encode("utf-8", "replace"))
    assert {each.tag.rpartition("}")[2] for each in root.iter()} <= {
        "svg", "title", "style", "rect", "text"
    }  # fmt: skip


def _named(home, away):
    event = an_event()
    return {name: getattr(event, name) for name in event.__struct_fields__} | {
        "home": home, "away": away
    }  # fmt: skip


def test_hostile_names_are_text_and_nothing_else():
    found = an_opportunity(an_event().__class__(**_named(HOSTILE, "Bears")))
    picture = svg(found, EVERYTHING, NOON)
    assert "<script" not in picture
    assert "<image" not in picture
    assert base64.b64decode(data_uri(picture).partition(",")[2]).startswith(b"<svg")


@pytest.mark.parametrize("count", [MOST_LEGS, MOST_LEGS + 3])
def test_many_legs_are_counted_and_not_all_drawn(count):
    found = an_opportunity(legs=[a_leg() for _ in range(count)])
    said = texts(svg(found, EVERYTHING, NOON))
    assert any(text.startswith("and 3 more legs") for text in said) == (count > MOST_LEGS)
