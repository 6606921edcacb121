"""Wavering: counted by the store's arrays as somebody would count it by hand."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quotes import QuoteStore
from engine.wavering import HALF_LIFE_S, Wavering

SPORTS = ["baseball", "soccer", "baseball"]
HOUR = 3600.0


class ByHand:
    """The same, told one price at a time: every price that stood, and every one that was heard."""

    def __init__(self):
        self.stood, self.heard, self.clock = {}, defaultdict(list), {}

    def tell(self, source, at_s, cell, price):
        row, book = cell
        self.clock[source] = max(at_s, self.clock.get(source, at_s))
        by, prices = self.stood.get(cell, (source, []))
        if by != source or not price or not prices:
            self.stood[cell] = source, [price] if price else []
            return
        kind = (SPORTS[row // 2], book)
        moved = price != prices[-1]
        back = moved and len(prices) > 1 and price == prices[-2]
        self.heard[source, kind].append((self.clock[source], moved, back))
        if moved:
            prices.append(price)

    def share(self, source, row, book, least):
        heard = self.heard[source, (SPORTS[row // 2], book)]
        weights = [0.5 ** ((self.clock[source] - at_s) / HALF_LIFE_S) for at_s, _, _ in heard]
        of_all = sum(weights)
        moved = sum(weight for weight, told in zip(weights, heard, strict=True) if told[1])
        back = sum(weight for weight, told in zip(weights, heard, strict=True) if told[2])
        margin = min(abs(of_all - least), abs(2 * moved - of_all))
        return back / of_all if of_all >= least and 2 * moved <= of_all else np.nan, margin


def written(store, wavering, source, at_s, cells):
    rows, books = (np.array(places, np.int64) for places in zip(*cells, strict=True))
    prices = np.array(list(cells.values()))
    wavering.note(source, at_s, rows, books, prices)
    store.apply(rows, books, prices, np.ones(len(rows), np.int64))


def world(books=3, **rest):
    """Return a small store, which has to grow for its markets and books, and what wavers in it."""
    store = QuoteStore(rows=2, books=1)
    wavering = Wavering(store, **rest)
    for sport in SPORTS:
        wavering.place(store.rows_of(store.add_market(2)), sport)
    for _ in range(books):
        store.add_book()
    return store, wavering


def readings(seed):
    """Yield forty readings, some late, of two sources that differ about few prices."""
    chance, at_s = np.random.default_rng(seed), 0.0
    for _ in range(40):
        at_s += chance.choice([60.0, 2 * HOUR, -600.0])
        count = chance.integers(1, 30)  # one by one if few, else at once
        rows, books = chance.integers(0, 6, count), chance.integers(0, 3, count)
        prices = chance.choice([0.0, *[1.9] * 3, *[2.1] * 3, *[2.0] * 14], count)
        cells = dict(zip(zip(rows.tolist(), books.tolist(), strict=True), prices, strict=True))
        yield str(chance.choice(["one", "one", "one", "two"])), at_s, cells


@given(st.integers(0, 2**32), st.sampled_from([0.5, 5.0]))
def test_what_went_back_is_counted_as_by_hand(seed, least):
    store, wavering = world(least=least)
    by_hand = ByHand()
    for source, at_s, prices in readings(seed):
        written(store, wavering, source, at_s, prices)
        for cell, price in prices.items():
            by_hand.tell(source, at_s, cell, price)
    got = wavering.of(slice(0, 6), np.arange(3))
    for (row, book), (source, prices) in by_hand.stood.items():
        share, margin = by_hand.share(source, row, book, least)
        if prices and margin > 1e-6:
            assert got[row, book] == pytest.approx(share, abs=1e-9, nan_ok=True)


def heard(wavering, store, prices, *, source="one", from_s=0.0, every_s=60.0):
    """Tell the price of one cell again and again, and return what is then known of it."""
    for number, price in enumerate(prices):
        written(store, wavering, source, from_s + number * every_s, {(0, 0): price})
    return wavering.of(slice(0, 1), np.array([0]))[0, 0]


STANDS_THEN_GOES_BACK = [2.0, 2.0, 2.1, 2.1]


def test_nothing_is_known_before_a_hundred_prices_were_heard():
    store, wavering = world()
    assert np.isnan(heard(wavering, store, [2.0] * 100, every_s=0.0))
    assert heard(wavering, store, [2.0], every_s=0.0) == 0.0


def test_a_price_that_comes_and_goes_wavers_and_one_that_goes_its_way_does_not():
    store, wavering = world()
    assert heard(wavering, store, STANDS_THEN_GOES_BACK * 50) == pytest.approx(0.49, abs=0.02)
    steady = np.repeat(np.linspace(2.0, 3.0, 100), 2)
    assert heard(*reversed(world()), steady) == 0.0


def test_what_is_told_only_when_it_changes_says_nothing_of_how_long_it_stood():
    store, wavering = world()
    assert np.isnan(heard(wavering, store, [2.0, 2.1] * 100))


def test_a_price_that_was_away_does_not_go_back_to_one_before_that():
    store, wavering = world()
    up, down = [2.0, 2.0, 2.1, 2.1], [2.1, 2.1, 2.0, 2.0]
    assert heard(wavering, store, [*up, 0.0, *down, 0.0] * 50) == 0.0


def test_two_sources_that_differ_about_a_book_do_not_waver():
    store, wavering = world()
    for number in range(200):
        source, price = (("one", 2.0), ("two", 2.1))[number % 2]
        written(store, wavering, source, number, {(0, 0): price, (0, 1): 2.0, (1, 1): 2.0})
    assert np.isnan(wavering.of(slice(0, 1), np.array([0])))


def test_a_book_that_heals_is_trusted_again():
    store, wavering = world()
    ill = heard(wavering, store, STANDS_THEN_GOES_BACK * 90)
    assert ill > 0.4
    halved = heard(wavering, store, [2.0] * 360, from_s=6 * HOUR)
    assert halved == pytest.approx(ill / 3, abs=0.02)
    assert heard(wavering, store, [2.0] * 360, from_s=18 * HOUR) < 0.1


def test_what_a_book_does_in_one_sport_says_nothing_of_another():
    store, wavering = world()
    for number, price in enumerate(STANDS_THEN_GOES_BACK * 50):
        written(store, wavering, "one", number, {(0, 0): price, (2, 0): 2.0, (4, 0): 2.0})
    shares = wavering.of(slice(0, 6), np.array([0]))[:, 0]
    assert shares[0] == shares[4] > 0.2
    assert shares[2] == 0.0


def test_a_source_that_is_forgotten_begins_anew_at_any_time():
    store, wavering = world()
    assert heard(wavering, store, STANDS_THEN_GOES_BACK * 50, from_s=1e6) > 0.4
    wavering.forget("one")
    wavering.forget("nobody")
    assert np.isnan(wavering.of(slice(0, 1), np.array([0])))
    assert heard(wavering, store, [2.0] * 150, from_s=0.0) == pytest.approx(0.0, abs=0.01)
