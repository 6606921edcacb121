"""The rules of risk: bounded, rising with each reason, and silent where nothing is known."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.risk import POPULATIONS, SETTLED, measured
from kit.settings import ROOT
from services.risk_rules import (
    AWAY,
    MOST_ACCOUNTS,
    MOST_FAILURES,
    WEIGHTS,
    Bars,
    Met,
    Now,
    Reason,
    Verdict,
    reasons,
    score,
    verdict,
)
from tests.facts import NOON

HOME = Met("a" * 64, "h" * 64, ("192.0.2.0/24",), ("ES",), NOON)
SAME = Now(
    at=NOON + timedelta(hours=1), secret_hash=HOME.secret_hash, hints=HOME.hints,
    network="192.0.2.0/24", country="ES",
)  # fmt: skip
SETS = st.sets(st.sampled_from(Reason))
BARS = Bars(0.5, 0.9)


@given(SETS, st.sampled_from(Reason))
def test_a_score_is_between_0_and_1_and_no_reason_lowers_it(found, more):
    before, after = score(found), score(found | {more})
    assert 0 <= before <= after <= 1
    assert (after > before) is (more not in found)


@given(st.lists(st.sampled_from(Reason)))
def test_a_score_knows_neither_order_nor_repetition(found):
    assert score(found) == score(found[::-1]) == score([*found, *found])


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_score_is_never_judged_more_mildly(one, other):
    rising = list(Verdict)
    low, high = sorted((one, other))
    assert rising.index(verdict(low, BARS)) <= rising.index(verdict(high, BARS))


def test_every_rule_has_a_weight_that_alone_neither_allows_all_nor_blocks():
    assert WEIGHTS.keys() == set(Reason)
    assert all(0 < weight < BARS.block for weight in WEIGHTS.values())


def test_the_page_about_risk_names_every_rule_with_its_weight():
    text = (ROOT / "docs" / "security" / "risk.md").read_text()
    told = dict(re.findall(r"^\| `(\w+)` \| .* \| (\d\.\d\d) \|$", text, re.MULTILINE))
    assert told == {str(reason): f"{weight:.2f}" for reason, weight in WEIGHTS.items()}
    populations = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", text, re.MULTILINE)
    assert populations == list(POPULATIONS)


def test_the_usual_arrival_is_not_odd():
    assert reasons([HOME], SAME) == ()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"secret_hash": "b" * 64}, {Reason.UNKNOWN_DEVICE}),
        ({"secret_hash": ""}, {Reason.UNKNOWN_DEVICE}),
        ({"hints": "i" * 64}, {Reason.CHANGED_DEVICE}),
        ({"hints": ""}, set()),
        ({"network": "198.51.100.0/24"}, {Reason.NEW_NETWORK}),
        ({"network": ""}, set()),
        ({"country": "PT"}, {Reason.NEW_COUNTRY}),
        ({"country": "NZ"}, {Reason.NEW_COUNTRY, Reason.IMPOSSIBLE_TRAVEL}),
        ({"country": "NZ", "at": NOON + timedelta(days=2)}, {Reason.NEW_COUNTRY}),
        ({"country": ""}, set()),
        ({"accounts": MOST_ACCOUNTS}, set()),
        ({"accounts": MOST_ACCOUNTS + 1}, {Reason.MANY_ACCOUNTS}),
        ({"failures": MOST_FAILURES}, set()),
        ({"failures": MOST_FAILURES + 1}, {Reason.MANY_FAILURES}),
        ({"at": NOON + AWAY}, set()),
        ({"at": NOON + AWAY + timedelta(seconds=1)}, {Reason.LONG_AWAY}),
    ],
)
def test_each_rule_finds_what_it_is_for_and_nothing_else(changes, found):
    assert set(reasons([HOME], replace(SAME, **changes))) == found


def test_an_account_that_knows_no_device_is_judged_by_the_counts_alone():
    first = Now(at=NOON, secret_hash="b" * 64, network="198.51.100.0/24", country="NZ")
    assert reasons([], first) == ()
    assert reasons([], replace(first, failures=99)) == (Reason.MANY_FAILURES,)


def test_travel_is_from_the_last_sign_in_with_whichever_device():
    later = Met("c" * 64, "", ("203.0.113.0/24",), ("NZ",), NOON + timedelta(minutes=50))
    assert Reason.IMPOSSIBLE_TRAVEL in reasons([HOME, later], SAME)
    assert Reason.IMPOSSIBLE_TRAVEL not in reasons([HOME, replace(later, at=NOON)], replace(
        SAME, at=NOON + timedelta(days=3)))  # fmt: skip


def test_a_stolen_password_from_an_unknown_place_is_asked_for_more_and_with_guesses_blocked():
    thief = replace(SAME, secret_hash="", hints="", network="198.51.100.0/24")
    assert verdict(score(reasons([HOME], thief)), BARS) is Verdict.STEP_UP
    far = replace(thief, country="NZ", failures=MOST_FAILURES + 1)
    assert verdict(score(reasons([HOME], far)), BARS) is Verdict.BLOCK


def test_honest_members_of_an_invented_population_are_let_in():
    found = measured(SETTLED, members=20)
    assert found["step_up"] < 0.01
    assert found["block"] == 0


def test_the_measure_of_false_alarms_sees_habits_that_the_rules_are_unfair_to():
    clears = measured(replace(SETTLED, cleared=1.0), members=5)
    assert clears["letters_a_year"] > 100
    assert measured(replace(SETTLED, exits=5), members=20)["step_up"] > 0.02
