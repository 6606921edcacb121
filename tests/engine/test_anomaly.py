from statistics import median

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.opportunities import GateCode
from engine.anomaly import USUAL, WIDEST, Usual, innovation, parts, robust_z, usual_of
from engine.gates import DEFAULT_GATES, Gates, faults
from engine.past import Past
from engine.peers import Apart, among_others, apart_from
from engine.quotes import QuoteStore
from engine.sheet import Sheet

NOW = 1_000_000_000
USUALLY = Usual(8.0, 0.1)
said = st.lists(st.none() | st.floats(-5, 5), min_size=1, max_size=9)
groups = st.lists(st.integers(0, 3), min_size=9, max_size=9)
lengths = st.floats(0, 3)


def table(values):
    return np.array([[np.nan if value is None else value for value in values]])


def apart_of(values, group=None, least=1):
    """Return how far every one of some values stands from the rest."""
    row = table(values)
    book = np.arange(row.shape[1])
    return apart_from(row[0], np.repeat(row, row.shape[1], 0), book, group, least)


def score(distance, *, scatter=0.02, before=0.0, age_s=0.0, usual=USUALLY):
    found = Apart(np.array([distance]), np.array([scatter]))
    return float(parts(found, np.array([before]), np.array([age_s]), usual).score[0])


@given(said, groups, st.integers(1, 4))
def test_others_are_one_voice_a_group_and_never_the_own(values, group, least):
    group = group[: len(values)]
    got = apart_of(values, np.array(group), least)
    for place, own in enumerate(values):
        voices = {}
        for value, number in zip(values, group, strict=True):
            if value is not None and number != group[place]:
                voices.setdefault(number, value)
        others = list(voices.values())
        if own is None or len(others) < least:
            assert np.isnan(got.distance[place])
        else:
            middle = median(others)
            assert got.distance[place] == pytest.approx(own - middle)
            assert got.scatter[place] == pytest.approx(median(abs(v - middle) for v in others))


@given(said, st.data())
def test_the_order_of_books_does_not_matter(values, data):
    order = data.draw(st.permutations(range(len(values))))
    shuffled = apart_of([values[place] for place in order])
    for before, after in zip(apart_of(values), shuffled, strict=True):
        np.testing.assert_allclose(after, before[list(order)], atol=1e-12)


@given(said, st.floats(0.01, 100), st.floats(-3, 3))
def test_distance_and_scatter_grow_with_the_scale_and_not_with_the_place(values, scale, shift):
    moved = apart_of([None if value is None else scale * value + shift for value in values])
    for before, after in zip(apart_of(values), moved, strict=True):
        np.testing.assert_allclose(after, scale * before, atol=1e-9)


@given(lengths, st.floats(0.02, 1), st.floats(0.1, 10))
def test_a_robust_z_is_the_same_on_every_scale_above_the_least(distance, scatter, scale):
    assume(scale * scatter >= 0.02)
    one, other = (
        robust_z(Apart(np.array([by * distance]), np.array([by * scatter]))) for by in (1, scale)
    )
    assert one[0] == pytest.approx(other[0])


@given(lengths, lengths, st.floats(0, 2), st.floats(0, 5_000), st.floats(0, 1))
def test_the_score_never_falls_when_a_part_rises(distance, further, scatter, age_s, older):
    least = score(distance, scatter=scatter, age_s=age_s)
    assert score(distance + further, scatter=scatter, age_s=age_s) >= least - 1e-12
    assert score(distance, scatter=scatter, age_s=age_s + 900 * older) >= least
    assert score(distance, scatter=scatter, age_s=age_s, before=-distance) >= least


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_price_that_comes_back_to_the_others_is_no_innovation(distance, before):
    got = innovation(Apart(np.array([distance]), np.array([0.1])), np.array([before]))[0]
    assert got <= abs(distance)
    assert got <= abs(distance - before)


def test_books_that_agree_to_the_digit_are_not_taken_for_exact():
    assert score(0.012, scatter=0.0, before=0.012) == pytest.approx(1 / 8)


def test_what_is_not_known_leaves_the_score_to_the_rest():
    unknown = float("nan")
    assert score(unknown, scatter=unknown, before=unknown, age_s=450.0) == pytest.approx(0.5)
    assert score(0.05, before=unknown, age_s=unknown) == pytest.approx(0.05 / (1.4826 * 0.02) / 8)
    assert score(unknown, before=unknown, age_s=unknown) == 0.0


def test_a_sport_that_nobody_recorded_is_judged_by_the_widest():
    assert usual_of("curling") == WIDEST
    for usual in USUAL.values():
        assert all(wide >= own for wide, own in zip(WIDEST, usual, strict=True))


def store_of(*prices):
    """Return a store with one market whose first row has these prices, and what it knows."""
    store = QuoteStore()
    for _ in prices:
        store.add_book()
    store.add_market(2)
    past = Past(store)
    for book, price in enumerate(prices):
        write(store, past, book, price)
    return store, past


def write(store, past, book, price, *, row=0, lay=False):
    rows, books = np.array([row]), np.array([book])
    group = list(range(store.price.shape[1]))
    past.note(rows, books, np.array([price]), np.array([lay]), group)
    store.apply(rows, books, np.array([price]), np.array([NOW]))


def test_the_past_is_where_the_old_price_stood_the_moment_it_was_replaced():
    store, past = store_of(2.0, 2.0, 2.0, 3.0)
    assert np.isnan(past.of(slice(0, 1), np.arange(4))).all()
    write(store, past, 3, 2.0)
    write(store, past, 0, 2.0)
    before = past.of(slice(0, 1), np.arange(4))[0]
    assert before[3] == pytest.approx(-np.log(2))
    assert np.isnan(before[:3]).all()
    write(store, past, 3, 2.5)
    assert past.at(np.array([0]), np.array([3])).tolist() == [0.0]


odds = st.just(0.0) | st.floats(1.01, 50)


@given(st.lists(odds, min_size=5, max_size=9), st.lists(odds, min_size=9, max_size=9), groups)
def test_many_changes_at_once_are_noted_as_they_are_one_by_one(prices, after, group):
    """Nine rows that say the same: all of them change at once, or one alone."""
    count = len(prices)
    group = [min(group.index(number), count - 1) for number in group[:count]]
    for lay in (False, True):
        found = []
        for rows in (np.arange(2 * count) // 2 * 2 + lay, np.array([0 + lay])):
            store = QuoteStore()
            for _ in prices:
                store.add_book()
            for _ in prices:
                store.add_market(2)
            past = Past(store)
            backs = np.repeat(np.arange(count) * 2, count)
            books = np.tile(np.arange(count), count)
            for place in {0, int(lay)}:
                stamps = np.full(count * count, NOW)
                store.apply(backs + place, books, np.tile(np.array(prices), count), stamps)
            book = np.zeros(len(rows), np.int64)
            marks = np.full(len(rows), lay)
            past.note(rows, book, np.full(len(rows), after[0]), marks, group)
            found.append(past.at(rows[:1], book[:1]))
        np.testing.assert_allclose(found[0], found[1], atol=1e-12)


def test_a_price_that_was_away_has_no_past():
    store, past = store_of(2.0, 2.0, 2.0, 3.0)
    write(store, past, 3, 2.5)
    write(store, past, 3, 0.0)
    write(store, past, 3, 2.5)
    assert np.isnan(past.of(slice(0, 1), np.array([3])))


def test_the_past_of_a_lay_is_among_backs_of_the_opposite():
    store, past = store_of(3.0, 3.0, 3.0, 0.0)
    write(store, past, 3, 1.5, row=1, lay=True)
    write(store, past, 3, 1.6, row=1, lay=True)
    assert past.of(slice(1, 2), np.array([3]))[0, 0] == pytest.approx(0.0, abs=1e-12)


def test_the_past_grows_with_its_store():
    store, past = store_of(2.0, 2.0, 2.0, 3.0)
    write(store, past, 3, 2.0)
    for _ in range(2_000):
        store.add_market(2)
    for _ in range(30):
        store.add_book()
    grown = past.of(slice(0, 4_000), np.arange(34))
    assert grown.shape == (4_000, 34)
    assert grown[0, 3] == pytest.approx(-np.log(2))
    assert np.isnan(grown).sum() == grown.size - 1


def leaping(by, before=0.0, sport="baseball"):
    """Return a sheet whose first price is `by` in logit from others that hardly agree."""
    price = 1.0 + np.exp([[by, -0.2, 0.0, 0.2, 0.0]])
    past = np.full(price.shape, np.nan)
    past[0, 0] = before
    changed_ms = np.full(price.shape, NOW)
    return Sheet(price, changed_ms, NOW, NOW + 1, before=past, sport=sport)


def anomalies(sheet, gates=DEFAULT_GATES):
    return [fault for fault in faults(gates, sheet) if fault.code is GateCode.ANOMALOUS]


def test_a_leap_is_refused_beyond_its_threshold_with_its_figure():
    most = DEFAULT_GATES.pre_match.max_anomaly * USUAL["baseball"].innovation
    assert not any(fault.marks.any() for fault in anomalies(leaping(most - 1e-9)))
    (found,) = (fault for fault in anomalies(leaping(most + 1e-3)) if fault.marks.any())
    assert found.marks.tolist() == [[True, False, False, False, False]]
    said = found.wording.format(book="a", figure=found.figures[0, 0])
    assert said == (
        "leg a went 0.246 in logit away from the other books when it last changed; at most 0.245"
    )


def test_the_same_leap_is_no_anomaly_where_such_leaps_are_usual_or_nothing_is_known():
    assert not any(fault.marks.any() for fault in anomalies(leaping(0.3, sport="soccer")))
    assert not any(fault.marks.any() for fault in anomalies(leaping(0.3, before=np.nan)))


def test_what_is_way_out_is_said_once_and_by_this_gate_where_the_other_stands_open():
    far = leaping(0.6)
    assert not any(fault.marks.any() for fault in anomalies(far))
    opened = Gates(opened=frozenset({GateCode.WAY_OUT}))
    assert any(fault.marks[0, 0] for fault in anomalies(far, opened))
    assert not anomalies(far, Gates(opened=frozenset({GateCode.ANOMALOUS})))


def test_a_sheet_says_both_how_far_a_price_stands_and_how_far_the_others_scatter():
    found = among_others(leaping(0.3), 3)
    assert found.distance[0, 0] == pytest.approx(-0.3)
    assert found.scatter[0, 0] == pytest.approx(0.1)
