import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.offers import Offers

prices = st.sampled_from([0.0, 0.01, 0.5, 0.9, 0.9, 1.1, 9.0])
writes = st.lists(st.tuples(st.integers(0, 8), prices), max_size=12)
ROW_OF = np.array([0, 0, 0, 1, 2, 2, 4, 4, 4])


@settings(max_examples=300, deadline=None)
@given(st.lists(writes, max_size=6))
def test_the_best_of_each_row_is_that_of_a_full_scan(batches):
    offers, kept = Offers(ROW_OF), np.zeros(9)
    for batch in batches:
        before = offers.best.copy()
        slots, net = np.array([s for s, _ in batch], int), np.array([p for _, p in batch], float)
        changed = offers.update(slots, net)
        for slot, price in batch:
            kept[slot] = price
        expected = [kept[row == ROW_OF].max(initial=0.0) for row in range(5)]
        assert offers.best.tolist() == expected
        assert set(np.flatnonzero(before != offers.best)) <= set(changed)
        assert changed.tolist() == sorted(set(changed))
        for row, slot in enumerate(offers.best_slot):
            assert (slot == -1) == (expected[row] == 0.0)
            assert slot == -1 or (ROW_OF[slot], kept[slot]) == (row, expected[row])


@pytest.mark.parametrize(
    ("slot", "net"), [(0, np.nan), (0, np.inf), (0, -1.0), (9, 1.0), (-1, 1.0)]
)
def test_what_is_no_offer_is_refused_and_nothing_is_written(slot, net):
    offers = Offers(ROW_OF)
    with pytest.raises(ValueError, match=r"slot|net odds"):
        offers.update(np.array([1, slot]), np.array([2.0, net]))
    assert not offers.best.any()


@pytest.mark.parametrize("row_of", [[1, 0], [-1, 0]])
def test_slots_out_of_order_are_refused(row_of):
    with pytest.raises(ValueError, match="ordered"):
        Offers(np.array(row_of))


def test_no_slots_are_no_rows():
    offers = Offers(np.empty(0, int))
    assert len(offers.best) == 0
