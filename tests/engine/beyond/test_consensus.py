import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.consensus import log_pool, median_logit

BOTH = pytest.mark.parametrize("pooled", [log_pool, median_logit])
shapes = st.tuples(st.integers(1, 7), st.integers(2, 5))


@st.composite
def opinions(draw):
    """What several books think of one market."""
    raw = draw(arrays(np.float64, draw(shapes), elements=st.floats(0.02, 1.0)))
    return raw / raw.sum(axis=1, keepdims=True)


@BOTH
@settings(deadline=None)
@given(opinions())
def test_a_consensus_is_a_set_of_chances(pooled, chances):
    found = pooled(chances)
    assert abs(found.sum() - 1.0) <= 1e-12
    assert (found > 0.0).all()


@BOTH
@settings(deadline=None)
@given(opinions())
def test_what_all_agree_on_stands(pooled, chances):
    same = np.repeat(chances[:1], 4, axis=0)
    np.testing.assert_allclose(pooled(same), chances[0], rtol=0, atol=1e-12)


@BOTH
@settings(deadline=None)
@given(opinions(), st.integers(2, 9))
def test_however_many_brands_show_a_feed_it_is_one_opinion(pooled, chances, copies):
    books = len(chances)
    cloned = np.concatenate([chances, np.repeat(chances[:1], copies, axis=0)])
    groups = np.concatenate([np.arange(books), np.zeros(copies, np.int64)])
    np.testing.assert_allclose(pooled(cloned, groups), pooled(chances), rtol=0, atol=1e-12)


@BOTH
@settings(deadline=None)
@given(opinions())
def test_a_book_without_weight_or_without_a_price_says_nothing(pooled, chances):
    absent = np.concatenate([chances, np.full((1, chances.shape[1]), np.nan)])
    odd = np.concatenate([chances, chances[:1, ::-1]])
    weights = np.append(np.ones(len(chances)), 0.0)
    np.testing.assert_allclose(pooled(absent), pooled(chances), rtol=0, atol=1e-12)
    np.testing.assert_allclose(pooled(odd, weights=weights), pooled(chances), rtol=0, atol=1e-12)


@BOTH
@settings(deadline=None)
@given(opinions(), st.randoms())
def test_the_order_of_the_books_does_not_matter(pooled, chances, chance):
    order = list(range(len(chances)))
    chance.shuffle(order)
    np.testing.assert_allclose(pooled(chances[order]), pooled(chances), rtol=0, atol=1e-12)


@settings(deadline=None)
@given(opinions())
def test_the_log_pool_lies_between_the_most_extreme_log_ratios(chances):
    found = np.log(log_pool(chances))
    ratios = np.log(chances[:, 0]) - np.log(chances[:, 1])
    assert ratios.min() - 1e-9 <= found[0] - found[1] <= ratios.max() + 1e-9


def test_evidence_may_come_before_or_after_pooling():
    chances = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.6, 0.2, 0.2]])
    evidence, weights = np.array([0.7, 0.2, 0.4]), np.array([2.0, 1.0, 1.0])
    before = chances * evidence / (chances * evidence).sum(axis=1, keepdims=True)
    after = log_pool(chances, weights=weights) * evidence
    np.testing.assert_allclose(log_pool(before, weights=weights), after / after.sum())


@settings(deadline=None)
@given(st.floats(0.01, 0.99))
def test_less_than_half_of_the_books_cannot_move_the_median_past_the_rest(mad):
    chances = np.array([[0.50, 0.50], [0.52, 0.48], [0.51, 0.49], [mad, 1 - mad], [mad, 1 - mad]])
    assert 0.50 - 1e-12 <= median_logit(chances)[0] <= 0.52 + 1e-12


def test_many_markets_at_once_are_worked_out_one_by_one():
    chances = np.random.default_rng(5).dirichlet([3, 3, 3], (4, 6))
    groups = np.array([0, 0, 1, 2, 2, 3])
    for pooled in (log_pool, median_logit):
        whole = pooled(chances, groups)
        for market, found in zip(chances, whole, strict=True):
            np.testing.assert_allclose(pooled(market, groups), found, rtol=0, atol=1e-14)


@BOTH
def test_a_market_on_which_nobody_speaks_is_unknown_and_spoils_no_other(pooled):
    chances = np.array([[[0.5, 0.5], [0.6, 0.4]], [[np.nan, 0.5], [np.nan, np.nan]]])
    found = pooled(chances)
    assert np.isnan(found[1]).all()
    assert not np.isnan(found[0]).any()


@BOTH
@pytest.mark.parametrize(
    ("chances", "groups", "weights", "said"),
    [
        ([[0.5, 0.6]], None, None, "sum to 1"),
        ([[1.0, 0.0]], None, None, "above 0 and below 1"),
        ([[1.5, -0.5]], None, None, "above 0 and below 1"),
        ([0.5, 0.5], None, None, "books by at least two"),
        (np.zeros((0, 2)), None, None, "books by at least two"),
        ([[1.0]], None, None, "books by at least two"),
        ([[0.5, 0.5]], [0, 1], None, "one number a book"),
        ([[0.5, 0.5]], None, [-1.0], "0 or more"),
        ([[0.5, 0.5]], None, [np.nan], "0 or more"),
    ],
)
def test_opinions_that_are_none_are_refused_by_name(pooled, chances, groups, weights, said):
    with pytest.raises(ValueError, match=said):
        pooled(
            np.array(chances),
            None if groups is None else np.array(groups),
            None if weights is None else np.array(weights),
        )
