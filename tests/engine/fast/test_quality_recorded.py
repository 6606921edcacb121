"""Palpable errors as they were recorded, and how few sound prices are taken for one."""

import numpy as np
import pytest

from engine.peers import distance_to_others
from engine.quality import clone_groups, if_void, logits, mirrored, one_a_group, way_out
from engine.sheet import Sheet
from feeds.recordings import readings

CUP = "worldcup_2026-06-20_72snaps.jsonl.xz"
BASEBALL = "mlb_2026-08-07_168snaps.jsonl.xz"


def tables(path):
    """Yield (reading, event, market, table of prices, names of books) of every market."""
    for reading in readings(path):
        events = {event.id: event for event in reading.events}
        by_market = {}
        for quote in reading.quotes:
            prices = by_market.setdefault(quote.market, {})
            prices[quote.outcome, quote.book] = quote.odds
        for market, prices in by_market.items():
            books = sorted({book for _, book in prices})
            table = [[prices.get((o, book), 0.0) for book in books] for o in market.outcomes]
            yield reading, events[market.event_id], market, np.array(table), books


@pytest.fixture(scope="module")
def cup(recorded_dir):
    return list(tables(recorded_dir / "odds_stream" / CUP))


def the_one(found):
    (one,) = found
    return one


def best_legs(table):
    best = table.max(axis=1)
    shares = (1 / best) / (1 / best).sum()
    payoff = np.diag(best) - 1.0
    return table.argmax(axis=1), payoff, shares, float((1 / best).sum())


def test_another_matchs_prices_at_two_sister_books_are_way_out(cup):
    """Spain at 3.57 where nine books say 1.09: the three-way sum is 0.4041, hours before."""
    table, books = the_one(
        (table, books)
        for reading, event, market, table, books in cup
        if (event.home, market.ways) == ("Spain", 3)
        and int(reading.as_of.timestamp()) == 1781969439
    )
    columns, payoff, shares, cost = best_legs(table)
    assert cost == pytest.approx(0.404106, abs=1e-6)
    sheet = Sheet(table, np.ones(table.shape, np.int64), 2, None)
    distance = distance_to_others(sheet, 3)
    of_legs = distance[np.arange(3), columns]
    found = way_out(of_legs, payoff, shares, most=0.45)
    assert [books[at] for at in columns[found.generous]] == ["betonlineag"]
    assert not found.mean.any()
    assert found.if_void[0] == pytest.approx(-shares[1:].sum() + 0, abs=1e-12)
    assert not mirrored(table, min_others=3, most=0.45).any()
    out = {books[at] for at in np.flatnonzero((np.abs(distance) > 0.45).any(axis=0))}
    assert out == {"betonlineag", "lowvig"}


def test_a_spread_that_two_books_sell_at_fifteen_and_one_at_evens_is_way_out(recorded_dir):
    """A sum of 0.6221 in play: betrivers still shows what the others left long ago.

    Of three books each has two others only, which is why both legs stand out.
    """
    table, books = the_one(
        (table, books)
        for reading, event, market, table, books in tables(recorded_dir / "odds_stream" / BASEBALL)
        if (event.home, market.kind, market.line) == ("Philadelphia Phillies", "handicap", 1.5)
        and int(reading.as_of.timestamp()) == 1786161329
    )
    columns, payoff, shares, cost = best_legs(table)
    assert cost == pytest.approx(0.622142, abs=1e-6)
    sheet = Sheet(table, np.ones(table.shape, np.int64), 2, None)
    distance = distance_to_others(sheet, 2)[np.arange(2), columns]
    found = way_out(distance, payoff, shares, most=0.45)
    assert found.generous.all()
    assert np.abs(distance).argmax() == 0
    assert books[columns[0]] == "betrivers"
    assert found.if_void[0] == pytest.approx(-shares[1])
    assert np.isnan(distance_to_others(sheet, 3)).all()


def test_no_sound_price_before_the_start_is_taken_for_a_mirrored_one(cup):
    before = [row for row in cup if row[0].as_of < row[1].starts_at]
    assert len(before) > 2000
    assert sum(mirrored(table, min_others=3, most=0.45).any() for *_, table, _ in before) == 0


def test_any_book_that_exchanges_the_sides_of_a_clear_favourite_is_found(cup):
    exchanged = 0
    for reading, event, market, table, _ in cup:
        if market.ways != 3 or reading.as_of >= event.starts_at or event.home == "Spain":
            continue
        apart = np.nanmedian(logits(table[0])) - np.nanmedian(logits(table[-1]))
        full = (table > 0).all(axis=0)
        if abs(apart) < 1.5 or full.sum() < 4:
            continue
        book = int(np.flatnonzero(full)[exchanged % full.sum()])
        swapped = table.copy()
        swapped[:, book] = swapped[::-1, book]
        assert np.flatnonzero(mirrored(swapped, min_others=3, most=0.45)).tolist() == [book]
        exchanged += 1
    assert exchanged > 200


def test_the_two_brands_of_one_house_are_the_only_clones(cup):
    names = sorted({book for *_, books in cup for book in books})
    said = np.full((len(cup), len(names)), np.nan)
    for row, (reading, event, _, table, books) in enumerate(cup):
        if reading.as_of >= event.starts_at:
            continue
        with np.errstate(divide="ignore"):
            implied = 1 / table
        chance = implied[0] / implied.sum(axis=0)
        known = np.isfinite(chance)
        places = [
            names.index(book) for book, is_known in zip(books, known, strict=True) if is_known
        ]
        said[row, places] = np.log(chance[known] / (1 - chance[known]))
    group = clone_groups(said, close=0.01, min_shared=30, min_share=0.8)
    sisters = [name for name, of in zip(names, group, strict=True) if (group == of).sum() > 1]
    assert sisters == ["betonlineag", "lowvig"]
    assert one_a_group(np.ones((1, len(names))), group).sum() == len(names) - 1


def test_a_void_costs_every_recorded_crossing_all_but_that_leg(cup):
    for *_, table, _ in cup:
        if not (best := table.max(axis=1)).all() or (1 / best).sum() >= 1:
            continue
        _, payoff, shares, _ = best_legs(table)
        assert if_void(payoff, shares) == pytest.approx(shares - 1)
