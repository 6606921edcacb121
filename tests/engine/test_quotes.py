import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.quotes import NO_BOOK, QuoteStore, best_of_rows

prices = st.sampled_from([0.0, 1.01, 1.5, 2.0, 2.0000001, 3.5, 50.0])
writes = st.lists(st.tuples(st.integers(0), st.integers(0), prices, st.integers(0, 9)), max_size=30)


def store_of(*markets, books=3):
    store = QuoteStore(rows=1, books=1)
    for _ in range(books):
        store.add_book()
    return store, [store.add_market(ways) for ways in markets]


def write(store, *cells):
    rows, books, odds, ms = (np.array(column) for column in zip(*cells, strict=True))
    return store.apply(rows, books, odds.astype(float), ms).tolist()


class AnySequence(RuleBasedStateMachine):
    """Whatever is done to a store, what it keeps equals what a full rescan finds."""

    @initialize()
    def start(self):
        self.store = QuoteStore(rows=1, books=1)
        self.markets: dict[int, int] = {}
        self.books = 0

    @rule()
    def a_book_joins(self):
        self.store.add_book()
        self.books += 1

    @rule(ways=st.integers(2, 4))
    def a_market_opens(self, ways):
        market = self.store.add_market(ways)
        assert market not in self.markets
        self.markets[market] = ways

    @rule(data=st.data())
    def a_market_closes(self, data):
        if self.markets:
            market = data.draw(st.sampled_from(sorted(self.markets)))
            self.store.remove_market(market)
            del self.markets[market]

    @rule(changes=writes)
    def prices_arrive(self, changes):
        rows = [
            row
            for market in self.markets
            for row in range(*self.store.rows_of(market).indices(10**9))
        ]
        if not rows or not self.books or not changes:
            return
        before = self.store.inverse_sum.copy()
        cells = [(rows[r % len(rows)], b % self.books, odds, ms) for r, b, odds, ms in changes]
        dirty = write(self.store, *cells)
        moved = np.flatnonzero(before != self.store.inverse_sum[: len(before)])
        assert set(moved) <= set(dirty)

    @rule(book=st.integers(0))
    def a_book_drops_out(self, book):
        if self.books:
            self.store.drop_book(book % self.books)
            assert not self.store.price[:, book % self.books].any()

    @rule(before_ms=st.integers(0, 10))
    def time_passes(self, before_ms):
        self.store.expire(before_ms)
        live = self.store.price > 0
        assert (self.store.changed_ms[live] >= before_ms).all()

    @invariant()
    def what_is_kept_is_what_a_rescan_finds(self):
        if hasattr(self, "store"):
            assert self.store.audit().tolist() == []
            assert self.store.rows <= 4 * 60


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_an_audit_notices_a_figure_that_was_tampered_with():
    store, (market,) = store_of(2)
    write(store, (0, 0, 2.0, 1), (1, 0, 2.0, 1))
    store.best[0] = 3.0
    assert store.audit().tolist() == [market]


def test_the_best_book_follows_the_best_price():
    store, _ = store_of(2)
    write(store, (0, 0, 2.0, 1), (0, 1, 2.5, 1))
    assert store.best_book[0] == 1
    write(store, (0, 1, 1.5, 2))
    assert (store.best[0], store.best_book[0]) == (2.0, 0)
    write(store, (0, 0, 0.0, 3), (0, 1, 0.0, 3))
    assert (store.best[0], store.best_book[0]) == (0.0, NO_BOOK)


def test_only_markets_whose_best_changed_are_dirty():
    store, (first, second) = store_of(2, 3)
    assert write(store, (0, 0, 2.0, 1), (2, 0, 2.0, 1)) == [first, second]
    assert write(store, (0, 1, 1.9, 2)) == []
    assert write(store, (0, 0, 2.0, 3)) == []


def test_the_last_of_a_repeated_cell_stands():
    store, _ = store_of(2)
    write(store, (0, 0, 9.0, 1), (0, 0, 2.0, 2))
    assert (store.best[0], store.changed_ms[0, 0]) == (2.0, 2)


def test_a_market_costs_the_sum_of_its_inverse_best_prices_once_all_are_there():
    store, (market,) = store_of(3)
    write(store, (0, 0, 3.0, 1), (1, 1, 4.0, 1))
    assert store.inverse_sum[market] == np.inf
    write(store, (2, 2, 2.0, 1))
    assert store.inverse_sum[market] == pytest.approx(1 / 3 + 1 / 4 + 1 / 2)


def test_rows_given_back_are_used_again():
    store, (market,) = store_of(2)
    for _ in range(100):
        store.remove_market(market)
        market = store.add_market(2)
    assert store.rows == 2


@pytest.mark.parametrize("price", [-1.0, np.nan])
def test_what_is_no_price_is_refused_and_nothing_is_written(price):
    store, _ = store_of(2)
    with pytest.raises(ValueError, match="numbers"):
        write(store, (0, 0, 2.0, 1), (1, 0, price, 1))
    assert not store.price.any()


@given(st.integers(0, 2000), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_the_best_of_rows_is_numpys(rows, books, seed):
    price = np.random.default_rng(seed).uniform(0, 9, (rows, books))
    assert (best_of_rows(price) == price.max(axis=1, initial=0)).all()
