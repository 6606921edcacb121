import numpy as np
import pytest
import shin
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import engine.margin_roots as roots
from domain.errors import Broken
from engine.margin import Method, fair_chances, overrounds, worst_case

EVERY = pytest.mark.parametrize("method", list(Method))
sizes = st.tuples(st.integers(1, 6), st.integers(2, 8))
tables = sizes.flatmap(lambda size: arrays(np.float64, size, elements=st.floats(1.02, 500)))


@st.composite
def books(draw):
    """Odds of a market as a book would make them: chances, and a margin on top."""
    raw = draw(arrays(np.float64, st.integers(2, 9), elements=st.floats(0.02, 1.0)))
    margin = draw(st.floats(0.001, 0.25))
    chances = raw / raw.sum()
    assume(chances.max() * (1 + margin) < 0.98)
    return 1.0 / (chances * (1.0 + margin))


@EVERY
@settings(deadline=None)
@given(tables)
def test_the_chances_of_a_market_sum_to_one_whatever_the_margin(method, odds):
    fair = fair_chances(odds, method)
    answered = ~np.isnan(fair).any(axis=1)
    assert answered.all() or method is Method.ADDITIVE
    np.testing.assert_allclose(fair[answered].sum(axis=1), 1.0, rtol=0, atol=1e-12)
    assert (fair[answered] > 0.0).all()


@EVERY
@settings(deadline=None)
@given(books())
def test_a_shorter_price_is_never_less_likely(method, odds):
    fair = fair_chances(odds[np.newaxis], method)[0]
    assume(not np.isnan(fair).any())
    assert (np.diff(fair[np.argsort(odds)]) <= 1e-13).all()


@EVERY
@settings(deadline=None)
@given(books(), st.data())
def test_lengthening_one_price_never_makes_that_outcome_likelier(method, odds, data):
    place = data.draw(st.integers(0, len(odds) - 1))
    longer = odds.copy()
    longer[place] *= data.draw(st.floats(1.0, 1.5))
    before, after = fair_chances(np.stack([odds, longer]), method)[:, place]
    assume(not np.isnan([before, after]).any())
    assert after <= before + 1e-12


@EVERY
@settings(deadline=None)
@given(books())
def test_where_there_is_no_margin_nothing_is_taken_out(method, odds):
    chances = (1.0 / odds) / (1.0 / odds).sum()
    found = fair_chances(1.0 / chances[np.newaxis], method)[0]
    np.testing.assert_allclose(found, chances, rtol=0, atol=1e-9)


@EVERY
@settings(deadline=None)
@given(st.lists(books(), min_size=1, max_size=5))
def test_markets_of_different_sizes_one_after_another_are_worked_out_one_by_one(method, markets):
    starts = np.cumsum([0, *map(len, markets)])
    whole = fair_chances(np.concatenate(markets), method, starts=starts)
    alone = [fair_chances(odds[np.newaxis], method)[0] for odds in markets]
    np.testing.assert_allclose(whole, np.concatenate(alone), rtol=0, atol=1e-13)


@settings(deadline=None)
@given(books())
def test_methods_that_know_the_bias_take_more_of_a_long_shot_than_of_a_favourite(odds):
    taken = (1.0 / odds) / fair_chances(odds[np.newaxis], Method.SHIN)[0]
    assert taken[odds.argmax()] >= taken[odds.argmin()] - 1e-12


@pytest.mark.parametrize(
    ("method", "transform"),
    [
        (Method.POWER, lambda chance, pi: np.log(chance) / np.log(pi)),
        (Method.ODDS_RATIO, lambda chance, pi: (1 / chance - 1) / (1 / pi - 1)),
    ],
)
@settings(deadline=None)
@given(odds=books())
def test_the_unknown_of_a_market_is_the_same_for_all_its_outcomes(method, transform, odds):
    unknowns = transform(fair_chances(odds[np.newaxis], method)[0], 1.0 / odds)
    np.testing.assert_allclose(unknowns, unknowns[0], rtol=1e-9)


@settings(max_examples=300, deadline=None)
@given(books())
def test_shin_agrees_with_the_package_of_that_name(odds):
    theirs = shin.calculate_implied_probabilities(odds.tolist(), max_iterations=20_000)
    ours = fair_chances(odds[np.newaxis])[0]
    # theirs stops where a fixed-point step is below 1e-12, which is not yet an error of 1e-12
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=5e-12)


def test_shin_agrees_with_the_package_to_a_few_in_ten_million_million_on_ordinary_markets():
    chance = np.random.default_rng(11)
    fair = chance.dirichlet(np.full(3, 4.0), 2_000)
    odds = np.maximum(1.0 / (fair * 1.05), 1.01)
    theirs = [shin.calculate_implied_probabilities(row) for row in odds.tolist()]
    np.testing.assert_allclose(fair_chances(odds), theirs, rtol=0, atol=1e-12)


@settings(deadline=None)
@given(st.floats(1.05, 20), st.floats(1.05, 20))
def test_with_two_outcomes_shin_is_the_additive_method(first, second):
    odds = np.array([[first, second]])
    fair = fair_chances(odds, Method.ADDITIVE)
    assume(not np.isnan(fair).any())
    np.testing.assert_allclose(fair_chances(odds), fair, rtol=0, atol=1e-14)


def test_a_margin_that_a_long_shot_cannot_bear_has_no_additive_answer():
    odds = np.array([[1.05, 12.0, 400.0], [2.6, 2.4, 4.3]])
    fair = fair_chances(odds, Method.ADDITIVE)
    assert np.isnan(fair[0]).all()
    assert not np.isnan(fair[1]).any()
    assert not np.isnan(worst_case(odds)).any()


@settings(deadline=None)
@given(books())
def test_the_worst_case_is_no_higher_than_any_method_and_as_low_as_one(odds):
    lowest = worst_case(odds[np.newaxis])[0]
    said = np.stack([fair_chances(odds[np.newaxis], method)[0] for method in Method])
    said = np.where(np.isnan(said), np.inf, said)
    np.testing.assert_array_equal(lowest, said.min(axis=0))
    assert lowest.sum() <= 1.0 + 1e-12


@EVERY
def test_ten_thousand_outcomes_are_one_market(method):
    odds = np.random.default_rng(13).uniform(8_200, 10_000, (1, 10_000))
    fair = fair_chances(odds, method)
    assert abs(fair.sum() - 1.0) <= 1e-12


@EVERY
@pytest.mark.parametrize(
    "odds",
    [
        [[1.000001] * 3],
        [[1.000001, 1e6, 1e6]],
        [[1e6, 1e6]],
        [[1.01] * 200],
        [[1.000001] * 2],
        [[1e9, 1.5, 3.0, 1.000001]],
    ],
)
def test_absurd_prices_still_make_chances(method, odds):
    fair = fair_chances(np.array(odds), method)
    if not np.isnan(fair).any():
        assert abs(fair.sum() - 1.0) <= 1e-12
        assert (fair > 0.0).all()


@pytest.mark.parametrize("price", [1.0, 0.0, -2.0, np.nan, np.inf])
def test_a_price_that_is_none_is_refused(price):
    with pytest.raises(ValueError, match="finite number above 1"):
        fair_chances(np.array([[2.0, price]]))


@pytest.mark.parametrize(
    ("odds", "starts"),
    [
        (np.zeros((0, 2)), None),
        (np.full((3, 1), 2.0), None),
        (np.full(4, 2.0), None),
        (np.full((2, 2), 2.0), np.array([0, 2, 4])),
        (np.full(4, 2.0), np.array([0])),
        (np.full(4, 2.0), np.array([0, 1, 4])),
        (np.full(4, 2.0), np.array([0, 2, 5])),
        (np.full(4, 2.0), np.array([0, 4, 2, 4])),
    ],
)
def test_markets_without_outcomes_and_places_that_do_not_fit_are_refused(odds, starts):
    with pytest.raises(ValueError, match=r"odds are|starts"):
        fair_chances(odds, starts=starts)


def test_the_worst_case_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        worst_case(np.array([[2.0, 2.0]]), [])


def test_the_overround_is_what_the_prices_cost_above_one():
    np.testing.assert_allclose(overrounds(np.array([[1.9, 1.9], [2.1, 2.1]])), [1 / 19, -1 / 21])


def test_a_search_that_does_not_end_is_an_error_and_no_answer(monkeypatch):
    monkeypatch.setattr("engine.margin.power", lambda *_: 1)
    with pytest.raises(Broken, match="did not end"):
        fair_chances(np.array([[2.0, 2.0, 3.0]]), Method.POWER)


@pytest.mark.parametrize(
    ("kernel", "plain", "prepared"),
    [
        (roots.shin, roots._shin_plain, lambda pi: pi),
        (roots.power, roots._power_plain, np.log),
        (roots.odds_ratio, roots._ratio_plain, lambda pi: 1.0 / pi - 1.0),
    ],
)
@settings(max_examples=30, deadline=None)
@given(markets=st.lists(books(), min_size=1, max_size=4))
def test_numpy_gives_what_the_compiled_loops_give(kernel, plain, prepared, markets):
    values = prepared(1.0 / np.concatenate(markets))
    bounds = np.cumsum([0, *map(len, markets)])
    compiled, other = np.empty_like(values), np.empty_like(values)
    assert kernel(values, bounds, compiled) == plain(values, bounds, other) == 0
    np.testing.assert_allclose(compiled, other, rtol=0, atol=1e-14)
