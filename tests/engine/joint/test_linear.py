import numpy as np
import pytest

from domain.errors import Broken
from engine.linear import bound, minimum

ONE = np.ones(1)


def test_a_minimum_comes_with_the_prices_that_prove_it():
    found = minimum(np.array([2.0, 3.0]), np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([4.0, 1.0]))
    assert found.at == pytest.approx([3, 1])
    assert found.prices == pytest.approx([2, 1])
    assert (found.cost, found.bound) == pytest.approx((9, 9))


def test_a_cap_counts_in_the_bound():
    found = minimum(np.array([1.0, 5.0]), np.ones((1, 2)), np.array([3.0]), np.array([2.0, 9.0]))
    assert found.at == pytest.approx([2, 1])
    assert found.bound == pytest.approx(7)


@pytest.mark.parametrize(
    ("cost", "rows", "least"), [(ONE, np.zeros((1, 1)), ONE), (-ONE, np.ones((1, 1)), ONE)]
)
def test_no_optimum_is_an_error_and_never_an_answer(cost, rows, least):
    with pytest.raises(Broken, match="HiGHS"):
        minimum(cost, rows, least)


def test_prices_under_which_a_column_gains_without_end_prove_nothing():
    free = np.array([np.inf])
    assert bound(ONE, np.ones((1, 1)), ONE, free, 2 * ONE) == -np.inf
    assert bound(ONE, np.ones((1, 1)), ONE, free, ONE + 1e-12) == pytest.approx(1.0)
