import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app import format as as_text
from arb_app.format import MINUS
from arb_app.reader import writing_for
from domain.money import Money
from domain.odds_formats import OddsFormat, decimal_of, written
from domain.preferences import Numbers, Preferences

currencies = st.sampled_from(["USD", "EUR", "GBP", "JPY", "KWD", "SEK"])


@given(st.floats(1.001, 10_000))
def test_odds_are_shown_to_a_part_in_two_thousand(value):
    assert float(as_text.odds(value)) == pytest.approx(value, rel=0.0005)


@given(st.floats(-1, 10))
def test_a_percentage_reads_back_as_the_ratio(ratio):
    digits = as_text.percent(ratio).removesuffix(" %").replace(",", "")
    shown = float(digits.replace(as_text.MINUS, "-"))
    assert shown / 100 == pytest.approx(ratio, abs=5.1e-5)


@given(st.floats(-1e-6, 1e-6))
def test_what_rounds_to_nothing_has_no_sign(ratio):
    assert as_text.percent(ratio) == "0.00 %"


@given(st.integers(-(10**12), 10**12), currencies, st.booleans())
def test_money_reads_back_to_the_minor_unit(minor, currency, signed):
    amount = Money(minor, currency)
    text = as_text.money(amount, signed=signed)
    digits = Decimal(re.sub(r"[^0-9.]", "", text))
    assert (-digits if as_text.MINUS in text else digits) == amount.amount


@given(st.floats(0, 10**8))
def test_an_age_reads_back_to_within_its_smallest_unit(seconds):
    units = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
    parts = re.findall(r"(\d+) (s|min|h|d)", as_text.age(seconds))
    smallest = units[parts[-1][1]] if len(parts) == 1 else 3600
    assert 0 <= seconds - sum(int(n) * units[unit] for n, unit in parts) < smallest


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf")])
def test_an_age_that_nobody_knows_is_a_dash(unknown):
    assert as_text.age(unknown) == as_text.NONE


def test_an_age_from_a_clock_that_runs_ahead_is_nothing():
    assert as_text.age(-3.0) == "0 s"


def test_an_instant_is_written_for_the_zone_that_is_asked():
    at = datetime(2026, 7, 23, 2, 0, tzinfo=UTC)
    assert as_text.instant(at, ZoneInfo("America/New_York")) == "Wed 22 Jul 2026, 22:00 EDT"


def chosen(**choices):
    return writing_for(Preferences(**choices))


@given(st.floats(1.05, 500), st.sampled_from(OddsFormat), st.sampled_from(Numbers))
def test_odds_read_back_in_every_notation_and_way_to_write_numbers(value, notation, numbers):
    with chosen(odds=notation, numbers=numbers):
        text = as_text.odds(value).replace(MINUS, "-")
    assert decimal_of(text, notation) == decimal_of(written(value, notation), notation)


@pytest.mark.parametrize(
    ("notation", "texts"),
    [
        (OddsFormat.AMERICAN, [f"{MINUS}111", "+150"]),
        (OddsFormat.FRACTIONAL, ["9/10", "3/2"]),
        (OddsFormat.HONG_KONG, ["0.90", "1.50"]),
        (OddsFormat.MALAY, ["0.900", f"{MINUS}0.667"]),
        (OddsFormat.INDONESIAN, [f"{MINUS}1.111", "1.500"]),
        (OddsFormat.PROBABILITY, ["52.6 %", "40.0 %"]),
    ],
)
def test_odds_are_written_in_the_notation_of_the_reader(notation, texts):
    with chosen(odds=notation):
        assert [as_text.odds(1.9), as_text.odds(2.5)] == texts


@pytest.mark.parametrize("notation", OddsFormat)
@pytest.mark.parametrize("value", [1.0, 0.0, float("inf")])
def test_what_is_no_price_is_written_as_the_number_it_is(notation, value):
    with chosen(odds=notation):
        assert as_text.odds(value) == {1.0: "1.00", 0.0: "0.00"}.get(value, "inf")


def test_numbers_are_written_with_a_comma_for_those_who_chose_so():
    with chosen(numbers=Numbers.COMMA):
        assert as_text.odds(2.85) == "2,85"
        assert as_text.percent(-12.345) == f"{MINUS}1.234,50 %"
        assert as_text.count(1_234_567) == "1.234.567"
        assert as_text.money(Money(123_456, "EUR"), signed=True) == "+1.234,56 €"
        assert as_text.money(Money(-63)) == f"{MINUS}0,63 $"
        assert as_text.money(Money(5000, "SEK")) == "50,00 SEK"


def test_an_instant_is_written_for_the_zone_that_the_reader_chose():
    at = datetime(2026, 7, 23, 2, 0, tzinfo=UTC)
    assert as_text.instant(at) == "Thu 23 Jul 2026, 02:00 UTC"
    with chosen(zone="America/Los_Angeles"):
        assert as_text.instant(at) == "Wed 22 Jul 2026, 19:00 PDT"
        assert as_text.instant(at, UTC) == "Thu 23 Jul 2026, 02:00 UTC"
