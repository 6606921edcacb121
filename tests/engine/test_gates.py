import itertools
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Market, MarketKind, Outcome, Period, Side
from domain.opportunities import GateCode, Leg
from engine.gates import (
    DEFAULT_GATES,
    NO_GATES,
    Chosen,
    Gates,
    event_refusals,
    faults,
    gap_refusals,
    leg_refusals,
    one_book_refusals,
    one_house_refusals,
    question_refusals,
    roi_refusals,
    rule_refusals,
)
from engine.peers import distance_to_others, median_of_others
from engine.sheet import Sheet, best_legs, best_legs_within, cost

NOW = 1_000_000_000
LATER = NOW + 3_600_000
IN_PLAY = NOW - 60_000


def sheet(price, *, age_ms=0, starts_ms=LATER, **rest):
    price = np.array(price, dtype=float)
    changed_ms = NOW - np.broadcast_to(np.array(age_ms), price.shape)
    return Sheet(price, changed_ms, NOW, starts_ms, **rest)


def refused(on, gates=DEFAULT_GATES):
    """Return the code and detail of every refusal of a sheet's best legs."""
    found, columns = faults(gates, on), best_legs(on, on.quoted).tolist()
    legs = [Chosen(found, row, col, f"book{col}", -0.5) for row, col in enumerate(columns)]
    changed_ms = on.changed_ms[np.arange(len(columns)), columns]
    refusals = [
        *event_refusals(gates, on),
        *leg_refusals(legs),
        *gap_refusals(gates, gates.limits(on), changed_ms),
    ]
    return {refusal.code: refusal.detail for refusal in refusals}


TWO_BOOKS = [[2.1, 0], [0, 2.1]]


@pytest.mark.parametrize(
    ("at", "beyond", "starts_ms", "code"),
    [
        ([[120_000], [120_000]], [[120_001], [120_000]], LATER, GateCode.LEG_TOO_OLD),
        ([[15_000], [15_000]], [[15_001], [15_000]], IN_PLAY, GateCode.LEG_TOO_OLD),
        ([[-5_000], [0]], [[-5_001], [0]], LATER, GateCode.LEG_FROM_FUTURE),
        ([[60_000], [0]], [[60_001], [0]], LATER, GateCode.LEGS_APART),
        ([[5_000], [0]], [[5_001], [0]], IN_PLAY, GateCode.LEGS_APART),
        ([[0], [0]], [[NOW], [0]], LATER, GateCode.LEG_AGE_UNKNOWN),
    ],
)
def test_a_gate_of_time_accepts_at_its_threshold_and_refuses_beyond(at, beyond, starts_ms, code):
    gates = replace(DEFAULT_GATES, opened=frozenset({GateCode.IN_PLAY}))
    assert refused(sheet(TWO_BOOKS, age_ms=at, starts_ms=starts_ms), gates) == {}
    assert code in refused(sheet(TWO_BOOKS, age_ms=beyond, starts_ms=starts_ms), gates)


def test_a_refusal_gives_its_figures():
    details = refused(sheet(TWO_BOOKS, age_ms=[[310_000], [0]]))
    assert details[GateCode.LEG_TOO_OLD] == "leg book0 is 310 s old; at most 120 s"
    assert details[GateCode.LEGS_APART] == "the legs changed 310 s apart; at most 60 s"


def test_books_that_move_as_one_count_as_one():
    others = way_out_by(1e-9, 3)
    assert set(refused(others)) == {GateCode.WAY_OUT}
    books = others.price.shape[1]
    group = np.array([0, *[1] * (books - 1)])
    assert refused(others._replace(group=group)) == {}


def test_sides_that_fit_once_they_change_places_are_mirrored():
    price = [[1.2, 1.2, 1.21, 5.0], [5.0, 5.0, 4.9, 1.2]]
    assert GateCode.MIRRORED in refused(sheet(price))
    assert GateCode.MIRRORED not in refused(sheet([[1.2, 1.2, 1.21, 9.0], [5.0, 5.0, 4.9, 1.9]]))


def test_a_price_that_contradicts_the_books_other_lines_is_off_its_ladder():
    marks = np.array([[True, False], [False, False]])
    assert GateCode.OFF_LADDER in refused(sheet(TWO_BOOKS, contradicted=marks))
    assert refused(sheet(TWO_BOOKS, contradicted=np.zeros((2, 2), bool))) == {}


def test_a_way_out_price_says_what_its_being_void_would_cost():
    details = refused(way_out_by(0.1, 3))
    assert details[GateCode.WAY_OUT].endswith("should it be void, the others lose 50.0%")


@pytest.mark.parametrize(("worst", "codes"), [(-1e-10, []), (-0.2, [GateCode.RULES_UNKNOWN])])
def test_a_usual_ending_that_may_lose_is_refused(worst, codes):
    assert [refusal.code for refusal in rule_refusals(DEFAULT_GATES, worst)] == codes


@pytest.mark.parametrize(("books", "codes"), [("ab", []), ("aa", [GateCode.BOOK_BELOW_ZERO])])
def test_legs_at_one_book_alone_are_refused(books, codes):
    assert [refusal.code for refusal in one_book_refusals(DEFAULT_GATES, list(books))] == codes
    assert one_book_refusals(NO_GATES, list(books)) == []


@pytest.mark.parametrize(
    ("books", "groups", "codes"),
    [
        ("ab", [0, 1], []),
        ("ab", [0, 0], [GateCode.ONE_HOUSE]),
        ("aba", [0, 0, 0], [GateCode.ONE_HOUSE]),
        ("abc", [0, 0, 2], []),
        ("aa", [0, 0], []),
    ],
)
def test_legs_at_brands_of_one_house_are_refused_and_at_one_book_by_another_gate(
    books, groups, codes
):
    found = one_house_refusals(DEFAULT_GATES, list(books), groups)
    assert [refusal.code for refusal in found] == codes
    assert one_house_refusals(NO_GATES, list(books), groups) == []


def test_a_book_that_wavers_is_refused_beyond_its_threshold_with_its_figure():
    def wavering(share):
        return sheet(TWO_BOOKS, wavering=np.array([[share, np.nan], [share, np.nan]]))

    assert refused(wavering(0.1)) == {}
    assert refused(wavering(np.nan)) == {}
    (said,) = refused(wavering(0.24)).items()
    assert said == (
        GateCode.WAVERING_BOOK,
        "of the prices of book0 24% went back to the one before; at most 10%",
    )
    assert set(refused(wavering(0.1001))) == {GateCode.WAVERING_BOOK}
    assert refused(wavering(0.5), NO_GATES) == {}


def test_an_event_is_in_play_from_its_scheduled_start():
    assert refused(sheet(TWO_BOOKS, starts_ms=NOW + 1)) == {}
    assert set(refused(sheet(TWO_BOOKS, starts_ms=NOW))) == {GateCode.IN_PLAY}


def test_without_a_scheduled_start_nobody_can_say_that_it_is_not_in_play():
    assert set(refused(sheet(TWO_BOOKS, starts_ms=None))) == {GateCode.START_UNKNOWN}


def test_a_book_that_sells_at_a_loss_is_at_fault():
    assert refused(sheet([[2.0, 0], [2.0, 2.1]])) == {}
    assert set(refused(sheet([[2.0001, 0], [2.0, 2.1]]))) == {GateCode.BOOK_BELOW_ZERO}


def way_out_by(more, others):
    """Return a sheet whose best price is `more` than the limit away from so many others."""
    price = 1 + np.exp(0.45 + more)
    return sheet([[price, *[2.0] * others, 0], [*[0] * (others + 1), 2.1]])


def test_a_price_far_from_at_least_three_others_is_way_out():
    assert refused(way_out_by(-1e-9, 3)) == {}
    assert set(refused(way_out_by(1e-9, 3))) == {GateCode.WAY_OUT}
    assert refused(way_out_by(1e-9, 2)) == {}


def test_a_lay_is_measured_against_what_the_backs_say_of_the_opposite():
    swapped = [[3.0, 3.0, 3.0, 0], [0, 0, 0, 3.0]]
    assert refused(sheet(swapped)) == {}
    assert set(refused(sheet(swapped, opposed=True))) == {GateCode.WAY_OUT}
    agreeing = [[3.0, 3.0, 3.1, 0], [0, 0, 0, 1.51]]
    assert refused(sheet(agreeing, opposed=True)) == {}


def test_every_gate_can_stand_open():
    worst = sheet(
        [[9.0, 2.0, 2.0, 2.0], [9.0, 2.0, 2.0, 2.0]],
        age_ms=[[500_000, 0, 0, 0], [NOW, 0, 0, 0]],
        starts_ms=IN_PLAY,
    )
    assert len(refused(worst)) == 5
    assert refused(worst, NO_GATES) == {}
    assert refused(worst._replace(starts_ms=None), NO_GATES) == {}


def leg(market):
    return Leg(
        book="a", market=market, outcome=Outcome.HOME, side=Side.BACK, odds=2.1,
        commission=0.0, share=0.5, changed_at=datetime(2026, 1, 1, tzinfo=UTC), age_s=0.0,
    )  # fmt: skip


HANDICAP = Market(event_id="e", kind=MarketKind.HANDICAP, period=Period.FULL_TIME, line=-1.5)
THREE_WAY = Market(event_id="e", kind=MarketKind.WINNER, period=Period.FULL_TIME, ways=3)


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (
            THREE_WAY,
            Market(event_id="e", kind=MarketKind.WINNER, period=Period.FULL_TIME, ways=2),
            GateCode.WAYS_DIFFER,
        ),
        (
            HANDICAP,
            Market(event_id="e", kind=MarketKind.HANDICAP, period=Period.FULL_TIME, line=-2.5),
            GateCode.LINE_DIFFERS,
        ),
        (
            THREE_WAY,
            Market(
                event_id="e",
                kind=MarketKind.WINNER,
                period=Period.FULL_TIME_INCL_OVERTIME,
                ways=3,
            ),
            GateCode.PERIOD_DIFFERS,
        ),
    ],
)
def test_legs_of_different_questions_are_refused(one, other, code):
    assert question_refusals(DEFAULT_GATES, [leg(one), leg(one)]) == []
    found = question_refusals(DEFAULT_GATES, [leg(one), leg(other)])
    assert [refusal.code for refusal in found] == [code]
    assert " against " in found[0].detail
    assert question_refusals(NO_GATES, [leg(one), leg(other)]) == []


def test_a_return_below_the_least_is_refused_at_the_threshold_it_is_not():
    assert roi_refusals(DEFAULT_GATES, 0.01, 0.01) == []
    (found,) = roi_refusals(DEFAULT_GATES, 0.0099, 0.01)
    assert (found.code, found.detail) == (
        GateCode.BELOW_MIN_ROI,
        "returns 0.990%; at least 1.000%",
    )


def test_a_tie_that_only_rounding_calls_a_profit_is_refused():
    tie = 1 / (1 / (1 + 100 / 170) + 1 / 2.7) - 1
    assert 0 < tie < 1e-15
    assert roi_refusals(DEFAULT_GATES, tie, 0.0)
    assert not roi_refusals(NO_GATES, tie, 0.0)


@given(st.lists(st.none() | st.floats(-5, 5), min_size=1, max_size=8), st.integers(1, 4))
def test_the_median_of_others_leaves_out_the_one_that_is_measured(values, least):
    got = median_of_others(np.array([np.nan if v is None else v for v in values]), least)
    for place, figure in enumerate(got):
        others = [v for i, v in enumerate(values) if i != place and v is not None]
        if len(others) < least:
            assert np.isnan(figure)
        else:
            assert figure == pytest.approx(median(others))


def test_a_lower_price_than_the_others_lies_above_them():
    apart = distance_to_others(sheet([[1.5, 2.0, 2.0, 2.0]]), 3)
    assert apart[0, 0] == pytest.approx(np.log(2))


cells = st.tuples(st.sampled_from([0.0, 1.5, 2.0, 2.1, 3.0, 4.5]), st.integers(1, 12))


@given(
    st.integers(2, 3).flatmap(
        lambda ways: st.lists(st.lists(cells, min_size=4, max_size=4), min_size=ways, max_size=ways)
    ),
    st.integers(0, 6),
)
def test_the_best_legs_within_a_gap_are_those_of_every_combination(table, gap_s):
    price = np.array([[odds for odds, _ in row] for row in table])
    changed_ms = NOW - 1000 * np.array([[age for _, age in row] for row in table])
    on = Sheet(price, changed_ms, NOW, LATER)
    fit = [
        columns
        for columns in itertools.product(range(4), repeat=len(table))
        if all(price[row, column] > 0 for row, column in enumerate(columns))
        and np.ptp([changed_ms[row, column] for row, column in enumerate(columns)]) <= gap_s * 1000
    ]
    got = best_legs_within(on, on.quoted, gap_s)
    if not fit:
        assert got is None
    else:
        assert cost(on, got) == min(cost(on, np.array(columns)) for columns in fit)
        assert tuple(got.tolist()) in fit


def test_prices_of_unknown_time_fit_every_window():
    on = Sheet(np.array([[2.1, 0], [0, 2.1]]), np.array([[0, 0], [0, NOW]]), NOW, LATER)
    assert best_legs_within(on, on.quoted, 1.0).tolist() == [0, 1]


def test_of_equal_prices_the_fresher_is_taken():
    on = sheet([[2.1, 2.1], [2.1, 2.1]], age_ms=[[9, 3], [2, 8]])
    assert best_legs(on, on.quoted).tolist() == [1, 0]


def test_gates_are_data():
    assert Gates() == DEFAULT_GATES
    assert Gates(max_ahead_s=6) != DEFAULT_GATES
