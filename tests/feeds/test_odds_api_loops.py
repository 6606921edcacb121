"""The loops over The Odds API's answers, run as plain Python that looks at every index."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event as Flag

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import odds_api_bytes, odds_api_loops, odds_api_memo, odds_api_rules
from feeds.text import instant
from feeds.the_odds_api import TheOddsApi
from kit.jit import Kernel
from tests.feeds.odds_api_answers import answers, outcome_of, plainly, written
from tests.feeds.samples import payload_of, recording


class Bounded:
    """An array that refuses every index outside of it, as compiled loops would not."""

    def __init__(self, array):
        self.array = array

    def __len__(self):
        return len(self.array)

    def inside(self, key):
        numbers = key if isinstance(key, tuple) else (key,)
        if not all(0 <= n < most for n, most in zip(numbers, self.array.shape, strict=False)):
            raise IndexError(f"{key} of {self.array.shape}")
        return key

    def __getitem__(self, key):
        found = self.array[self.inside(key)]
        return Bounded(found) if isinstance(found, np.ndarray) else found

    def __setitem__(self, key, value):
        self.array[self.inside(key)] = value


def bounded(value):
    if isinstance(value, tuple):
        return type(value)(*map(bounded, value))
    return Bounded(value) if isinstance(value, np.ndarray) else value


def kernels() -> Iterator[Kernel]:
    for module in (odds_api_bytes, odds_api_loops, odds_api_rules):
        yield from (kernel for kernel in vars(module).values() if isinstance(kernel, Kernel))


@contextmanager
def plain_loops() -> Iterator[None]:
    loaded = Flag()
    loaded.set()
    cut, judge = odds_api_loops.cut, odds_api_rules.judge
    with pytest.MonkeyPatch.context() as patch, np.errstate(over="ignore"):
        for kernel in kernels():
            patch.setattr(kernel, "_run", kernel._plain)
        patch.setattr(odds_api_loops, "cut", lambda *args: cut(*map(bounded, args)))
        patch.setattr(odds_api_rules, "judge", lambda *args: judge(*map(bounded, args)))
        patch.setattr(odds_api_memo, "_LOADED", loaded)
        yield


@given(
    st.lists(answers, min_size=1, max_size=2),
    st.randoms(use_true_random=False),
    st.sampled_from([0, 0.01, 0.1]),
)
@settings(max_examples=30, deadline=None)
def test_whatever_json_comes_nothing_outside_of_it_is_read(polls, chance, spoilt):
    feed = TheOddsApi()
    with plain_loops():
        for answer in polls:
            payload = payload_of(written(answer, chance, spoilt))
            assert outcome_of(feed.read, payload) == plainly(payload)
            assert outcome_of(feed.read, payload) == plainly(payload)


@pytest.mark.parametrize("name", ["decimal.json", "american.jsonl"])
def test_a_sound_answer_has_columns(name):
    body = recording(f"the_odds_api/{name}")
    payload = payload_of(body if name.endswith(".json") else body.splitlines()[0])
    with plain_loops():
        found = TheOddsApi().columns(payload)
    assert found is not None
    assert found.quotes()


def test_an_index_outside_of_an_answer_would_be_seen():
    with plain_loops(), pytest.raises(IndexError):
        odds_api_bytes.after_string(Bounded(np.frombuffer(b'"never ends', np.uint8)), 0)


@given(
    st.datetimes().map(lambda t: f"{t:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0"))
    | st.from_regex(
        r"(19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z", fullmatch=True
    )
)  # fmt: skip
def test_a_time_is_told_as_elsewhere_or_left_to_that(text):
    with plain_loops():
        told = odds_api_bytes.clock(np.frombuffer(f'"{text}"'.encode(), np.uint8), 0)
    at = instant(text)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert told == (-1 if at is None else (at - epoch) // timedelta(milliseconds=1))
