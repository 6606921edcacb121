import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quotes import NO_BOOK, QuoteStore

prices = st.sampled_from([0.0, -0.0, 1.01, 1.5, 2.0, 2.0000001, 3.5, 50.0, 1e308])
cells = st.tuples(st.integers(0, 99), st.integers(0, 99), prices, st.integers(0, 9))
batches = st.lists(st.lists(cells, min_size=1, max_size=25), max_size=8)
KEPT = ("price", "changed_ms", "best", "best_book", "inverse_sum")


def pair(ways, books):
    stores = QuoteStore(rows=1, books=1), QuoteStore(rows=1, books=1, compiled=True)
    for store in stores:
        for _ in range(books):
            store.add_book()
        for way in ways:
            store.add_market(way)
    return stores


def columns(cells):
    rows, books, odds, ms = (np.array(column) for column in zip(*cells, strict=True))
    return rows, books, odds.astype(float), ms


@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.integers(1, 19), batches)
@settings(max_examples=150, deadline=None)
def test_compiled_loops_and_numpy_keep_the_same_to_the_bit(ways, books, batches):
    plain, compiled = pair(ways, books)
    for batch in batches:
        sent = columns([(r % sum(ways), b % books, odds, ms) for r, b, odds, ms in batch])
        assert plain.apply(*sent).tolist() == compiled.apply(*sent).tolist()
        for name in KEPT:
            assert getattr(plain, name).tobytes() == getattr(compiled, name).tobytes(), name
    for one, other in zip(plain.scan(), compiled.scan(), strict=True):
        assert one.tobytes() == other.tobytes()
    assert plain.audit().tolist() == compiled.audit().tolist() == []


@given(st.lists(st.lists(prices, min_size=3, max_size=3), min_size=4, max_size=4))
@settings(deadline=None)
def test_a_scan_finds_exactly_the_markets_whose_best_prices_cost_less_than_one(table):
    for store in pair([2, 2], 3):
        rows, books = (grid.ravel() for grid in np.indices((4, 3)))
        store.apply(rows, books, np.array(table).ravel(), np.ones(12, np.int64))
        best = [max(row) for row in table]
        costs = [
            sum(1 / odds if odds else np.inf for odds in best[first : first + 2])
            for first in (0, 2)
        ]
        assert store.scan().crossing.tolist() == [n for n, cost in enumerate(costs) if cost < 1]


@pytest.mark.parametrize("compiled", [False, True])
def test_of_equal_best_prices_the_lowest_column_holds_whatever_came_first(compiled):
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        store = pair([2], 3)[compiled]
        for book in order:
            store.apply(*columns([(0, book, 2.0, 1)]))
        assert store.best_book[0] == 0
        store.apply(*columns([(0, 0, 0.0, 2)]))
        assert (store.best[0], store.best_book[0]) == (2.0, 1)
        store.apply(*columns([(0, 1, 1.5, 3), (0, 2, 0.0, 3), (0, 1, 0.0, 4)]))
        assert (store.best[0], store.best_book[0]) == (0.0, NO_BOOK)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ((0, 0, np.inf, 1), "finite"),
        ((0, 0, np.nan, 1), "finite"),
        ((0, 0, -1.0, 1), "0 or more"),
        ((2, 0, 2.0, 1), "no such row: there are 2"),
        ((-1, 0, 2.0, 1), "no such row"),
        ((0, 3, 2.0, 1), "no such book: there are 3"),
        ((0, -1, 2.0, 1), "no such book"),
    ],
)
def test_what_is_no_price_or_has_no_place_is_refused_and_nothing_is_written(
    compiled, cell, sentence
):
    store = pair([2], 3)[compiled]
    with pytest.raises(ValueError, match=sentence):
        store.apply(*columns([(0, 0, 2.0, 1), cell]))
    assert not store.price.any()


def test_columns_of_different_length_are_refused():
    store, _ = pair([2], 3)
    with pytest.raises(ValueError, match="one length"):
        store.apply(np.array([0, 1]), np.array([0]), np.array([2.0]), np.array([1]))


def test_a_market_without_outcomes_is_refused():
    with pytest.raises(ValueError, match="one outcome"):
        QuoteStore().add_market(0)


def test_a_store_grows_without_touching_what_it_holds():
    for store in pair([2] * 40, 30):
        sent = columns([(row, row % 30, 1.5 + row, row) for row in range(80)])
        store.apply(*sent)
        for _ in range(50):
            store.add_book()
            store.add_market(3)
        assert (store.price[sent[0], sent[1]] == sent[2]).all()
        assert (store.changed_ms[sent[0], sent[1]] == sent[3]).all()
        assert store.price.sum() == sent[2].sum()
        assert store.audit().tolist() == []


def run(program, **environment):
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DUTCHBOOK_NO_NUMBA": "0", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


SOME_WORK = """
import sys, numpy as np
from engine import kernels, quotes
store = quotes.QuoteStore(compiled={compiled})
store.add_book(), store.add_market(2)
changed = store.apply(np.array([0, 1]), np.array([0, 0]), np.array([2.1, 2.2]), np.array([1, 1]))
found = store.scan().crossing.tolist(), changed.tolist(), store.inverse_sum[0].hex()
"""


def test_importing_the_engine_and_a_little_work_load_no_compiler():
    program = SOME_WORK.format(compiled=False) + "print('numba' in sys.modules)"
    assert run(program) == "False"


def test_without_numba_the_answers_are_the_same():
    program = SOME_WORK.format(compiled=True) + "print(found, 'numba' in sys.modules)"
    with_numba = run(program).rsplit(" ", 1)
    without = run(program, DUTCHBOOK_NO_NUMBA="1").rsplit(" ", 1)
    assert with_numba[0] == without[0]
    assert (with_numba[1], without[1]) == ("True", "False")


def test_a_second_start_compiles_nothing():
    program = SOME_WORK.format(compiled=True) + (
        "kinds = kernels.apply.chosen().stats, kernels.scan.chosen().stats\n"
        "print([(len(kind.cache_hits), len(kind.cache_misses)) for kind in kinds])"
    )
    run(program)
    assert run(program) == "[(1, 0), (1, 0)]"
