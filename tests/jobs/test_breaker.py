"""The breaker: whatever happens in whatever order, an open one lets nothing through."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.breaker import FIRST_OPEN_S, MOST_FAILURES, MOST_OPEN_S, Breaker, BreakerState

steps = st.lists(
    st.tuples(st.sampled_from(["failed", "succeeded"]), st.floats(0, 2000)), max_size=60
)


def lived(happened):
    """Yield the breaker and the instant after each of what happened to who waits as told."""
    breaker, now_s = Breaker(), 0.0
    for what, later_s in happened:
        now_s += later_s + breaker.wait_s(now_s + later_s)
        breaker = breaker.failed(now_s) if what == "failed" else breaker.succeeded()
        yield what, breaker, now_s


@given(steps)
def test_it_is_open_exactly_as_long_as_it_says(happened):
    for _, breaker, now_s in lived(happened):
        wait_s = breaker.wait_s(now_s)
        assert (breaker.state(now_s) is BreakerState.OPEN) == (wait_s > 0)
        assert breaker.state(now_s + wait_s) is not BreakerState.OPEN
        assert wait_s == 0 or FIRST_OPEN_S <= wait_s <= MOST_OPEN_S


@given(steps)
def test_a_success_closes_it_whatever_was_before(happened):
    for what, breaker, now_s in lived(happened):
        if what == "succeeded":
            assert breaker.state(now_s) is BreakerState.CLOSED


@given(steps)
def test_it_opens_at_that_many_failures_in_a_row_and_never_before(happened):
    row = 0
    for what, breaker, now_s in lived(happened):
        row = row + 1 if what == "failed" else 0
        assert (breaker.state(now_s) is BreakerState.OPEN) == (row >= MOST_FAILURES)


@given(st.integers(MOST_FAILURES, 40))
def test_it_stays_open_longer_each_time_up_to_a_bound(failures):
    waits = [b.wait_s(now) for _, b, now in lived([("failed", 0.0)] * failures)]
    opened = waits[MOST_FAILURES - 1 :]
    assert opened == sorted(opened)
    assert opened[0] == FIRST_OPEN_S
    assert opened[-1] <= MOST_OPEN_S


def test_after_its_time_it_is_half_open_and_one_failure_opens_it_again():
    breaker = Breaker()
    for _ in range(MOST_FAILURES):
        breaker = breaker.failed(100.0)
    assert breaker.state(100.0 + FIRST_OPEN_S) is BreakerState.HALF_OPEN
    again = breaker.failed(100.0 + FIRST_OPEN_S)
    assert again.wait_s(100.0 + FIRST_OPEN_S) == 2 * FIRST_OPEN_S
