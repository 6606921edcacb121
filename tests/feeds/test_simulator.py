"""The simulated world: the same again from a seed, stamped, plausible, and never at rest."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from domain.quotes import Origin, encode_reading
from feeds.sim_prices import on_grid
from feeds.simulator import Simulator

NOON = datetime(2026, 7, 21, 12, 0, tzinfo=UTC)


def run(seed: int, steps: int, *, seconds: float = 45, **size: int):
    world = Simulator(seed, started_at=NOON, **size)
    return [world.step(NOON + timedelta(seconds=seconds * n)) for n in range(steps)]


@pytest.fixture(scope="module")
def hours():
    """Five hours of the usual world, as a page at thirty times the speed would show them."""
    return run(7, 400)


def before_the_start(reading):
    """Return the quotes of events that have not started, by market."""
    coming = {e.id for e in reading.events if e.starts_at > reading.as_of}
    markets = defaultdict(list)
    for quote in reading.quotes:
        if quote.market.event_id in coming:
            markets[quote.market].append(quote)
    return markets


def crossing(reading, *, fresh_s: float = 120, apart_s: float = 60, least_sum: float = 0.9):
    """Return the markets whose fresh best prices cross, as a gate would let them through."""
    found = set()
    for market, quotes in before_the_start(reading).items():
        best = {}
        for quote in quotes:
            if quote.outcome not in best or quote.odds > best[quote.outcome].odds:
                best[quote.outcome] = quote
        ages = [(reading.as_of - q.changed_at).total_seconds() for q in best.values()]
        fresh = max(ages) <= fresh_s and max(ages) - min(ages) <= apart_s
        cost = sum(1 / q.odds for q in best.values())
        if len(best) == market.ways and fresh and least_sum < cost < 1:
            found.add(market)
    return found


def test_the_same_seed_and_steps_give_the_same_world():
    assert list(map(encode_reading, run(3, 20))) == list(map(encode_reading, run(3, 20)))
    assert encode_reading(run(3, 2)[1]) != encode_reading(run(4, 2)[1])


def test_everything_in_it_is_stamped_and_plainly_invented(hours):
    for reading in hours[::50]:
        assert (reading.origin, reading.source) == (Origin.SIMULATED, "simulator")
        assert {q.book.split("-")[0] for q in reading.quotes} == {"sim"}
        assert {e.league for e in reading.events} == {"simulated_league"}


def test_a_reading_is_the_whole_world_at_its_instant(hours):
    for reading in hours[::50]:
        assert reading.complete
        assert len(reading.events) == 60
        assert {q.market.event_id for q in reading.quotes} <= {e.id for e in reading.events}
        assert all(q.changed_at <= reading.as_of for q in reading.quotes)
        assert all(1 < q.odds <= 10_000 for q in reading.quotes)


def test_no_price_is_there_twice(hours):
    for reading in hours[::100]:
        assert max(Counter(q.price for q in reading.quotes).values()) == 1


def test_ages_are_as_recorded(hours):
    ages = [
        (r.as_of - q.changed_at).total_seconds()
        for r in hours[10::40]
        for quotes in before_the_start(r).values()
        for q in quotes
    ]
    assert np.median(ages) == pytest.approx(36, abs=6)
    assert np.percentile(ages, 90) == pytest.approx(95, abs=15)


@pytest.mark.slow
def test_one_price_in_nine_moves_within_a_quarter_of_an_hour(hours):
    moved = []
    for before, after in zip(hours[::20], hours[20::20], strict=False):
        old = {q.price: q.odds for q in before.quotes}
        for quotes in before_the_start(after).values():
            moved += [old[q.price] != q.odds for q in quotes if q.price in old]
    assert np.mean(moved) == pytest.approx(0.11, abs=0.03)


@pytest.mark.slow
def test_few_markets_cross_but_there_is_nearly_always_one_to_see(hours):
    seen = [len(crossing(reading)) for reading in hours]
    markets = np.mean([len(before_the_start(reading)) for reading in hours])
    assert 0.002 < np.mean(seen) / markets < 0.04
    assert np.mean(np.array(seen) > 0) > 0.95


def test_crossings_come_and_go(hours):
    lives = [crossing(reading) for reading in hours]
    assert len(set().union(*lives)) > 30
    gone = [len(before - after) for before, after in pairwise(lives)]
    assert sum(gone) > 30


def test_margins_are_above_zero_at_every_book(hours):
    reading = hours[-1]
    books = defaultdict(dict)
    for market, quotes in before_the_start(reading).items():
        for quote in quotes:
            books[quote.book, market][quote.outcome] = quote.odds
    costs = [sum(1 / odds for odds in page.values()) for page in books.values()]
    assert np.mean(np.array(costs) > 1) > 0.99


def test_books_go_missing_and_come_back(hours):
    shown = [{(q.book, q.market.event_id) for q in r.quotes} for r in hours]
    assert any(before - after for before, after in pairwise(shown))
    assert any(after - before for before, after in pairwise(shown))


def test_games_start_end_and_others_take_their_places():
    days = run(5, 48, seconds=3600, events=8, books=4)
    assert any(e.starts_at <= reading.as_of for reading in days for e in reading.events)
    assert not {e.id for e in days[0].events} & {e.id for e in days[-1].events}
    for reading in days:
        assert len({e.id for e in reading.events}) == 8
        assert all(reading.as_of - e.starts_at < timedelta(hours=3) for e in reading.events)


def test_time_runs_forward_only():
    world = Simulator(1, started_at=NOON, events=2, books=2)
    world.step(NOON + timedelta(minutes=1))
    with pytest.raises(ValueError, match="backwards"):
        world.step(NOON)


def test_prices_are_on_the_american_grid():
    odds = on_grid(np.array([1.3, 1.909, 2.0, 2.43, 7.77]), np.array(5.0))
    american = np.where(odds >= 2, (odds - 1) * 100, 100 / (odds - 1))
    np.testing.assert_allclose(american / 5, np.round(american / 5))
