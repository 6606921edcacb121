import re
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app import format as as_text
from domain.money import Money

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
