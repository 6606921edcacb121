"""Reliability, told of invented prices and of recorded ones."""

from datetime import timedelta

import pytest

from domain.sources import ReliabilityPart
from feeds.recordings import readings
from services.detect import Detector
from services.reliability import HALF_LIFE_S, WEIGHTS, Reliability
from tests.services.prices import AWAY, GAME, HOME, NOW, quote, reading, seconds

MINUTE = timedelta(minutes=1)
BOOKS = "abcd"


def priced(odds, *, at=NOW, source="test", **rest):
    """Return a reading of a home and an away price of each book, confirmed just now."""
    age_s = (NOW - at).total_seconds()
    quotes = [
        quote(book, outcome, price, age_s=age_s)
        for book, price in odds.items()
        for outcome in (HOME, AWAY)
    ]
    return reading(*quotes, at=at, source=source, **rest)


def told(detector, now):
    """Return what is told of the one source, and of its books by name."""
    (found,) = detector.reliability(now)
    return found.whole, {book.name: book for book in found.books}


def test_the_weights_are_those_of_a_mean():
    assert set(WEIGHTS) == set(ReliabilityPart)
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)


def test_nothing_heard_is_nothing_told():
    assert Detector().reliability(NOW) == []


def test_a_score_is_the_weighted_mean_of_the_parts_beside_it():
    detector = Detector()
    detector.absorb(priced({"a": 1.9, "b": 1.9, "c": 1.9, "d": 2.9}))
    whole, books = told(detector, NOW)
    for standing in (whole, *books.values()):
        mean = sum(WEIGHTS[part] * standing.parts[part] for part in WEIGHTS)
        assert standing.score == pytest.approx(mean)
    assert books["d"].parts[ReliabilityPart.CLOSENESS] == pytest.approx(1 / 4)
    assert books["d"].parts[ReliabilityPart.SOUNDNESS] == pytest.approx(1 / 4)
    assert books["a"].parts[ReliabilityPart.CLOSENESS] == pytest.approx(3 / 4)
    assert books["d"].score < min(books[name].score for name in "abc") < whole.score + 0.2
    assert (whole.prices, books["a"].prices) == (8, 2)


def test_old_prices_are_not_fresh_and_their_age_is_told():
    detector = Detector()
    detector.absorb(reading(quote("a", HOME, 2.1, age_s=600), quote("b", HOME, 2.1, age_s=30)))
    _, books = told(detector, NOW)
    assert books["a"].parts[ReliabilityPart.FRESHNESS] == pytest.approx(1 / 3)
    assert books["b"].parts[ReliabilityPart.FRESHNESS] == pytest.approx(2 / 3)
    assert (books["a"].age_s, books["b"].age_s) == (600.0, 30.0)


def test_a_price_that_vanishes_while_others_stay_is_missed():
    detector = Detector()
    detector.absorb(priced(dict.fromkeys(BOOKS, 1.9)))
    detector.reliability(NOW)
    detector.absorb(priced(dict.fromkeys("abc", 1.9), at=NOW + MINUTE))
    _, books = told(detector, NOW + MINUTE)
    assert books["d"].parts[ReliabilityPart.COMPLETENESS] == pytest.approx(1 / 4, abs=0.01)
    assert books["a"].parts[ReliabilityPart.COMPLETENESS] == pytest.approx(3 / 4, abs=0.01)
    assert books["d"].age_s is None


def test_a_best_price_that_is_taken_back_is_unsteady():
    detector = Detector()
    detector.absorb(priced({"a": 1.9, "b": 1.9, "c": 1.9, "d": 2.1}))
    detector.reliability(NOW)
    detector.absorb(priced(dict.fromkeys(BOOKS, 1.9), at=NOW + MINUTE))
    _, books = told(detector, NOW + MINUTE)
    assert books["d"].parts[ReliabilityPart.STEADINESS] == pytest.approx(1 / 4)
    assert books["a"].parts[ReliabilityPart.STEADINESS] == pytest.approx(1 / 2)


def test_the_book_that_follows_late_is_told_from_those_that_lead():
    detector, at = Detector(), NOW
    for turn in range(40):
        ahead, behind = (1.8 + 0.1 * (step // 2 % 2) for step in (turn, turn - 1))
        detector.absorb(priced({"a": ahead, "b": ahead, "c": ahead, "d": behind}, at=at))
        _, books = told(detector, at)
        at += MINUTE
    assert books["a"].lag_s == pytest.approx(0.0, abs=1e-6)
    assert books["d"].lag_s is None or books["d"].lag_s > 60


def test_a_book_is_silent_on_events_that_it_named_before():
    detector = Detector()
    detector.absorb(priced(dict.fromkeys(BOOKS, 1.9)))
    whole, _ = told(detector, NOW + timedelta(minutes=5))
    assert (whole.events, whole.silent) == (1, 0)
    detector.absorb(priced({"a": 1.9}, at=NOW + timedelta(minutes=5)))
    _, books = told(detector, NOW + timedelta(minutes=5, seconds=1))
    assert (books["a"].silent, books["b"].silent) == (0, 1)


def test_sources_are_told_apart_and_events_in_play_left_out():
    detector = Detector()
    detector.absorb(priced({"a": 1.9}, source="one"))
    detector.absorb(priced({"b": 1.9}, source="two"))
    assert [each.whole.name for each in detector.reliability(NOW)] == ["one", "two"]
    after = GAME.starts_at + seconds(1)
    assert [each.whole.prices for each in detector.reliability(after)] == [0, 0]


def test_what_was_seen_long_ago_weighs_less():
    reliability, detector = Reliability(), Detector()
    detector.absorb(priced({"a": 1.9}))
    reliability.look(detector._holdings, NOW)
    (first,) = reliability.of_all()
    detector.forget("test")
    reliability.look(detector._holdings, NOW + timedelta(seconds=HALF_LIFE_S))
    (later,) = reliability.of_all()
    assert first.whole.parts[ReliabilityPart.FRESHNESS] == pytest.approx(3 / 4)
    assert later.whole.parts[ReliabilityPart.FRESHNESS] == pytest.approx(2 / 3)


@pytest.mark.parametrize("window", ["mlb_2026-08-04_216snaps"])
def test_recorded_books_are_told_apart_by_how_they_follow_and_how_fresh_they_are(
    recorded_dir, window
):
    detector = Detector(joint=False)
    for one in readings(recorded_dir / "odds_stream" / f"{window}.jsonl.xz"):
        detector.absorb(one)
        whole, books = told(detector, one.arrived_at)
    assert 0.9 < whole.score < 1.0
    assert books["lowvig"].lag_s < books["draftkings"].lag_s < books["betrivers"].lag_s
    assert min(books.values(), key=lambda b: b.parts[ReliabilityPart.FRESHNESS]).name == (
        "williamhill_us"
    )
    assert min(books.values(), key=lambda b: b.parts[ReliabilityPart.CLOSENESS]).name == (
        "betrivers"
    )
