"""Payloads: what a page could have sent passes, and nothing else reaches a handler."""

import json
import math

import pytest
import reflex as rx
from hypothesis import given
from hypothesis import strategies as st
from reflex_base.event import Event

from arb_app.gate import FRAMEWORK
from arb_app.payloads import (
    DEEPEST,
    LARGEST_NUMBER,
    LONGEST_TEXT,
    MOST_PARTS,
    ODD,
    Payloads,
    fits,
    is_ordinary,
    suits_reflex,
)
from tests.hostile.arguments import FORGED


class CountingState(rx.State):
    """A state with one handler, and one var kept in the browser."""

    kept: str = rx.LocalStorage("")
    shown: str = ""

    @rx.event
    def turn_to(self, page: int, way: str = "up") -> None:
        """Do nothing."""


OURS = CountingState.get_full_name()
HYDRATE = "reflex___state____state.hydrate_and_load"
plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("abc é", max_size=20)


def deep(levels):
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


def passes(name, payload):
    with pytest.raises(StopIteration) as decided:
        Payloads().preprocess(None, None, Event(name=name, payload=payload)).send(None)
    return decided.value.value is None


anything = st.recursive(
    plain | st.floats() | st.text(st.characters(), max_size=5) | st.integers(),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=3)
    ),
)


@given(anything)
def test_what_is_ordinary_reads_the_same_when_it_comes_back(value):
    if is_ordinary(value):
        assert json.loads(json.dumps(value, allow_nan=False).encode()) == value


@given(st.lists(plain | st.floats(-1e15, 1e15), max_size=50))
def test_text_numbers_and_lists_of_them_are_ordinary(values):
    assert is_ordinary({"form": {"rows": values}})


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        LARGEST_NUMBER + 1,
        -LARGEST_NUMBER - 1,
        "a\0b",
        "\ud800",
        "x" * (LONGEST_TEXT + 1),
        deep(DEEPEST + 1),
        [None] * (MOST_PARTS + 1),
        {"key\0": 1},
        {"a": {"b": math.nan}},
        object(),
        b"bytes",
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_no_page_sends_is_not_ordinary(value):
    assert not is_ordinary(value)


@pytest.mark.parametrize(
    "value",
    ["x" * LONGEST_TEXT, LARGEST_NUMBER, deep(DEEPEST), "\u202eodd\U0001f600", [None] * 1_000],
    ids=lambda value: repr(value)[:20],
)
def test_the_bounds_themselves_are_ordinary(value):
    assert is_ordinary(value)


@pytest.mark.parametrize("payload", [{"page": 2}, {"page": [1]}, {"page": 2, "way": "down"}])
def test_a_payload_with_the_arguments_of_the_handler_passes(payload):
    assert passes(f"{OURS}.turn_to", payload)


@pytest.mark.parametrize(
    "payload",
    [{}, {"way": "up"}, {"page": math.inf}, [], "text", None, *FORGED],
    ids=lambda payload: str(payload)[:30],
)
def test_a_payload_that_does_not_fit_is_refused_and_counted(payload):
    before = ODD._value.get()
    assert not passes(f"{OURS}.turn_to", payload)
    assert ODD._value.get() == before + 1


def test_a_name_that_nobody_registered_is_left_to_the_gate():
    assert passes("os.system", {"command": "true"})


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"vars": None, "hashes": None},
        {"vars": {}, "hashes": ["a1", "b2"]},
        {"vars": {f"{OURS}.kept_rx_state_": 1}},
    ],
    ids=str,
)
def test_what_reflex_itself_sends_passes(payload):
    assert passes(HYDRATE, payload)


@pytest.mark.parametrize(
    "payload",
    [
        {"vars": {f"{OURS}.shown_rx_state_": "x"}},
        {"vars": {f"{OURS}.kept.__class__": "x"}},
        {"vars": {"no.such.state": "x"}},
        {"vars": {"": "x"}},
        {"vars": "text"},
        {"vars": [1]},
        {"hashes": {"a": 1}},
        {"hashes": [None]},
        {"value": "yes"},
    ],
    ids=str,
)
def test_reflexs_own_events_reach_no_var_of_ours(payload):
    assert not suits_reflex(payload)
    assert not passes(HYDRATE, payload)


def test_every_event_of_reflex_that_passes_the_gate_is_looked_at():
    assert {name.rpartition(".")[2] for name in FRAMEWORK} == {
        "hydrate",
        "hydrate_and_load",
        "set_is_hydrated",
        "on_load_internal",
        "update_vars_internal",
    }


def test_a_handler_without_arguments_takes_none():
    def leave(self): ...

    assert fits(leave, {})
    assert not fits(leave, {"room": "all"})
