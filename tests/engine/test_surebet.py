import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.surebet import surebets

tables = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=5)


@given(arrays(np.float64, tables, elements=st.floats(1.01, 1_000)))
def test_every_leg_returns_the_same_and_the_shares_are_everything(odds):
    found = surebets(odds)
    returns = found.shares * odds
    np.testing.assert_allclose(returns, returns[:, :1].repeat(odds.shape[1], axis=1))
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(returns[:, 0], 1.0 + found.roi)


def test_a_market_without_one_of_its_prices_is_never_found():
    assert not surebets(np.array([[5.0, np.nan]])).found[0]


def test_an_outcome_that_does_not_exist_costs_nothing():
    found = surebets(np.array([[2.1, 2.1, np.inf]]))
    assert found.found[0]
    assert found.shares[0].tolist() == [0.5, 0.5, 0.0]


def test_the_least_edge_is_exclusive():
    odds = np.array([[2.2, 2.2]])
    edge = float(surebets(odds).roi[0])
    assert not surebets(odds, min_edge=edge).found[0]
    assert surebets(odds, min_edge=np.nextafter(edge, 0)).found[0]


@pytest.mark.parametrize("odds", [[[1.0, 3.0]], [2.0, 2.0]])
def test_prices_of_one_and_flat_tables_are_refused(odds):
    with pytest.raises(ValueError, match="two dimensions"):
        surebets(np.array(odds))
