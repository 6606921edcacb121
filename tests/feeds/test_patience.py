"""Patience: a fast source that is asked often is given up soon, a slow one never too soon."""

from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Basis, Manifest
from feeds.patience import Patience

MOST_S = 10.0


def manifest(interval_s, name="vendor"):
    return Manifest(
        name=name, title="V", basis=Basis.DOCUMENTED, sports=frozenset(), markets=frozenset(),
        min_interval_s=interval_s,
    )  # fmt: skip


def test_a_source_that_was_never_heard_is_waited_for_longest():
    assert Patience(MOST_S).silence_s(manifest(1.0)) == MOST_S


def test_a_fast_source_is_given_up_after_a_third_of_its_interval():
    patience = Patience(MOST_S)
    for interval_s, waited_s in ((1.0, 3.0), (15.0, 5.0), (60.0, MOST_S)):
        patience.answered(manifest(interval_s), 0.2)
        assert patience.silence_s(manifest(interval_s)) == waited_s


def test_a_source_that_was_slow_once_is_waited_for_until_it_has_been_fast_for_long():
    patience, fast = Patience(MOST_S), 0
    patience.answered(manifest(1.0), 2.0)
    assert patience.silence_s(manifest(1.0)) == 8.0
    while patience.silence_s(manifest(1.0)) > 3.0:
        patience.answered(manifest(1.0), 0.1)
        fast += 1
    assert fast >= 10


def test_after_a_silence_it_is_waited_for_longest_and_others_are_not():
    patience = Patience(MOST_S)
    for name in ("vendor", "other"):
        patience.answered(manifest(1.0, name), 0.1)
    patience.forget(manifest(1.0))
    assert patience.silence_s(manifest(1.0)) == MOST_S
    assert patience.silence_s(manifest(1.0, "other")) == 3.0


@given(st.lists(st.floats(0, MOST_S), min_size=1), st.floats(0.1, 1000))
def test_whoever_takes_no_longer_than_before_is_waited_for(took, interval_s):
    patience = Patience(MOST_S)
    for took_s in took:
        patience.answered(manifest(interval_s), took_s)
        assert took_s <= patience.silence_s(manifest(interval_s)) <= MOST_S
