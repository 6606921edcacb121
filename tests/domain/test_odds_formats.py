import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused
from domain.odds_formats import OddsFormat, decimal_of, written

EXACT = [OddsFormat.DECIMAL, OddsFormat.HONG_KONG, OddsFormat.MALAY, OddsFormat.INDONESIAN]


@pytest.mark.parametrize(
    ("text", "notation", "odds"),
    [
        ("1,95", OddsFormat.DECIMAL, 1.95),
        ("-150", OddsFormat.AMERICAN, 1 + 100 / 150),
        ("\u2212150", OddsFormat.AMERICAN, 1 + 100 / 150),
        ("EVENS", OddsFormat.AMERICAN, 2.0),
        ("evens", OddsFormat.FRACTIONAL, 2.0),
        ("11 / 10", OddsFormat.FRACTIONAL, 2.1),
        ("0.95", OddsFormat.HONG_KONG, 1.95),
        ("0.95", OddsFormat.MALAY, 1.95),
        ("-0.5", OddsFormat.MALAY, 3.0),
        ("2.5", OddsFormat.INDONESIAN, 3.5),
        ("-2", OddsFormat.INDONESIAN, 1.5),
        ("25%", OddsFormat.PROBABILITY, 4.0),
    ],
)
def test_a_price_is_read_in_every_notation(text, notation, odds):
    assert math.isclose(decimal_of(text, notation), odds)


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        *((text, notation) for notation in OddsFormat for text in ("", "x", "nan", "inf", "1e5")),
        ("1.00", OddsFormat.DECIMAL),
        ("0", OddsFormat.DECIMAL),
        ("-2", OddsFormat.DECIMAL),
        ("99", OddsFormat.AMERICAN),
        ("5/0", OddsFormat.FRACTIONAL),
        ("0/5", OddsFormat.FRACTIONAL),
        ("1.5", OddsFormat.MALAY),
        ("0.5", OddsFormat.INDONESIAN),
        ("0", OddsFormat.PROBABILITY),
        ("100", OddsFormat.PROBABILITY),
        ("999999", OddsFormat.DECIMAL),
    ],
)
def test_what_is_no_price_is_refused_with_what_was_typed(text, notation):
    with pytest.raises(Refused, match="is no price"):
        decimal_of(text, notation)


@given(odds=st.floats(1.01, 99.0), notation=st.sampled_from(OddsFormat))
def test_a_price_written_and_read_again_is_the_same_but_for_its_digits(odds, notation):
    again = decimal_of(written(odds, notation), notation)
    if notation in EXACT:
        assert math.isclose(again - 1, odds - 1, rel_tol=0.06, abs_tol=0.006)
    elif notation is OddsFormat.PROBABILITY:
        assert abs(1 / again - 1 / odds) <= 0.00051
    elif notation is OddsFormat.AMERICAN:
        assert abs(again - odds) / (odds - 1) < 0.01
    else:
        assert abs(again - odds) <= 0.026


@given(st.text(max_size=12), st.sampled_from(OddsFormat))
def test_no_text_is_read_as_anything_but_a_price_or_a_refusal(text, notation):
    try:
        odds = decimal_of(text, notation)
    except Refused:
        return
    assert 1.0 < odds <= 100_000.0
