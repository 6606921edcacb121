"""Clock, ids and retry."""

from datetime import UTC, datetime
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from kit.clock import ManualClock, SystemClock, epoch_ms, from_epoch_ms
from kit.ids import fresh, stable
from kit.retry import backoff

NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)


def test_the_system_clock_is_aware_and_never_goes_back():
    clock = SystemClock()
    first, second = clock.monotonic(), clock.monotonic()
    assert clock.now().utcoffset().total_seconds() == 0
    assert second >= first


def test_a_manual_clock_moves_when_told_and_not_before():
    clock = ManualClock(NOON)
    assert clock.now() == NOON
    clock.advance(1.5)
    assert (epoch_ms(clock.now()) - epoch_ms(NOON), clock.monotonic()) == (1500, 1.5)


@given(st.integers(0, 4_102_444_800_000))
def test_milliseconds_come_back_as_they_went(ms):
    assert epoch_ms(from_epoch_ms(ms)) == ms


PARTS = st.lists(
    st.text(st.characters(exclude_characters="\x1f"), max_size=5), min_size=1, max_size=4
)


@given(PARTS, PARTS)
def test_stable_ids_are_equal_only_for_equal_parts(one, other):
    assert (stable(*one) == stable(*other)) == (one == other)


def test_fresh_ids_differ():
    assert len({fresh() for _ in range(1000)}) == 1000


@given(st.floats(0.01, 5), st.floats(5, 100))
def test_waits_stay_under_their_ceiling(first, most):
    waits = list(islice(backoff(first_s=first, most_s=most), 12))
    assert all(0 <= wait <= min(most, first * 2**i) for i, wait in enumerate(waits))
