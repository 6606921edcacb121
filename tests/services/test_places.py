"""Places: countries by the operator's list, and how far two of them are apart."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from services.places import NOWHERE, Countries, apart_km, great_circle_km, of_file

LIST = """first,last,country
192.0.2.0,192.0.2.127,ES
192.0.2.128,192.0.2.255,nz
2001:db8::,2001:db8:0:ffff:ffff:ffff:ffff:ffff,JP
198.51.100.0,198.51.100.255,
198.51.100.9,198.51.100.1,FR
203.0.113.0,2001:db8::,FR
"""
POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.fixture
def countries(tmp_path):
    path = tmp_path / "countries.csv"
    path.write_text(LIST)
    return Countries.read(path)


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("192.0.2.0", "ES"), ("192.0.2.127", "ES"), ("192.0.2.128", "NZ"), ("192.0.3.0", ""),
        ("192.0.1.255", ""), ("2001:db8::7", "JP"), ("2001:db9::7", ""), ("198.51.100.5", ""),
        ("203.0.113.7", ""), ("0.0.0.0", ""), ("door", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_address_has_the_country_of_its_range_and_else_none(countries, address, country):
    assert countries.country(address) == country
    assert NOWHERE.country(address) == ""


def test_rows_that_tell_no_range_are_left_out_and_lose_nothing_beside_them(countries):
    assert countries.ranges == 3


@pytest.mark.parametrize("text", ["", "first,last,country\n", "\xff", "{}"])
def test_a_file_that_tells_of_no_range_is_refused_and_used_as_none(tmp_path, text, caplog):
    path = tmp_path / "countries.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(Refused, match=r"countries\.csv"):
        Countries.read(path)
    with caplog.at_level(logging.ERROR):
        assert of_file(path) is NOWHERE
    assert caplog.records


def test_without_a_file_no_country_is_known(tmp_path):
    assert of_file(None) is NOWHERE
    with pytest.raises(Refused, match="cannot be read"):
        Countries.read(tmp_path / "none.csv")


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_never_beyond_half_the_earth(a, b):
    there, back = great_circle_km(a, b), great_circle_km(b, a)
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 20_015.1
    assert great_circle_km(a, a) == pytest.approx(0, abs=1e-6)


def test_a_distance_is_that_of_the_books():
    london, paris = (51.5074, -0.1278), (48.8566, 2.3522)
    assert great_circle_km(london, paris) == pytest.approx(343.6, abs=1)


def test_countries_are_as_near_as_their_nearest_places():
    assert apart_km("ES", "PT") < 700
    assert apart_km("US", "CA") < 700
    assert apart_km("JP", "BR") > 15_000
    assert apart_km("JP", "BR") == pytest.approx(apart_km("BR", "JP"))
    assert apart_km("", "BR") == apart_km("??", "BR") == 0
