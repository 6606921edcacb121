"""Bets in several markets, judged together: against every scoreline, settled by other code."""

from datetime import timedelta
from itertools import product
from unittest import mock

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.opportunities import GateCode
from engine.gates import DEFAULT_GATES, NO_GATES
from services import slates
from services.detect import Detector
from services.holdings import Holdings
from services.scan import Scan
from tests.services.portfolios import leg, settled_at
from tests.services.prices import NOW, quote, reading, seconds

MATCH = Event(
    id="match", source_id="match", sport="soccer", league="league", home="Lions", away="Bears",
    starts_at=NOW + timedelta(days=1),
)  # fmt: skip
HOME, DRAW, AWAY, OVER, UNDER = map(Outcome, ("home", "draw", "away", "over", "under"))
SCORES = list(product(range(10), range(10)))
CLOSE = 1e-7


def market(kind, line=None):
    ways = 3 if kind is MarketKind.WINNER else 2
    return Market(event_id="match", kind=kind, period=Period.FULL_TIME, line=line, ways=ways)


WINNER = market(MarketKind.WINNER)
DRAW_NO_BET = market(MarketKind.HANDICAP, 0.0)
HALF_UP = market(MarketKind.HANDICAP, -0.5)
MARKETS = [
    WINNER,
    *(market(MarketKind.HANDICAP, line) for line in (-1.0, -0.75, -0.25, 0.0, 0.5)),
    *(market(MarketKind.TOTAL, line) for line in (1.5, 2.0, 2.25, 2.5)),
]
# Away with half a goal more wins unless home does.
ACROSS = (
    quote("a", HOME, 2.3, market=WINNER),
    quote("b", AWAY, 1.85, market=HALF_UP),
    quote("c", AWAY, 1.90, market=market(MarketKind.HANDICAP, 0.0)),
)


def judge(*quotes, gates=DEFAULT_GATES, detector=None, **rest):
    detector = detector or Detector(gates, **rest)
    changes = detector.absorb(reading(*quotes, events=[MATCH]))
    return detector.judge(changes.markets, NOW)


def codes(found):
    return [refusal.code for refusal in found.refusals]


def profit_at(legs, home, away):
    """Return what legs bring at a score, and the cash that settles, as shares of all of it."""
    profit = settled = 0.0
    for one in legs:
        won, lost = (float(part) for part in settled_at(one, home, away))
        kept = 1 - one.commission
        gain = kept / (one.odds - 1) if one.side is Side.LAY else (one.odds - 1) * kept
        profit += one.share * (gain * won - lost)
        settled += one.share * (won + lost)
    return profit, settled


def best_of_all(quotes):
    """Return the most that stakes on any quotes bring for certain, by a programme over scores."""
    legs = [msgspec.structs.replace(leg_of(one), share=1.0) for one in quotes]
    payoff = np.array([[profit_at([leg], h, a)[0] for leg in legs] for h, a in SCORES])
    width = len(legs)
    found = linprog(
        np.r_[np.zeros(width), -1.0],
        A_ub=np.c_[-payoff, np.ones(len(SCORES))],
        b_ub=np.zeros(len(SCORES)),
        A_eq=[np.r_[np.ones(width), 0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * width + [(None, None)],
    )
    return -found.fun


def leg_of(one):
    made = leg(one.market.kind, one.outcome, one.odds, line=one.market.line)
    return msgspec.structs.replace(
        made, market=one.market, side=one.side, commission=one.commission, book=one.book
    )


prices = st.integers(105, 900).map(lambda cents: cents / 100)
offers = st.builds(
    lambda of, place, book, odds, laid, commission: quote(
        book, of.outcomes[place % len(of.outcomes)], odds, market=of,
        side=Side.LAY if laid and of is WINNER else Side.BACK, commission=commission,
    ),
    st.sampled_from(MARKETS), st.integers(0, 2), st.sampled_from("abc"), prices,
    st.booleans(), st.sampled_from([0.0, 0.02, 0.05]),
)  # fmt: skip
boards = st.lists(offers, min_size=1, max_size=14, unique_by=lambda one: one.price)


@pytest.mark.slow
@given(boards)
@settings(max_examples=300)
def test_what_is_found_is_kept_at_every_score_and_what_is_kept_at_every_score_is_found(quotes):
    found = judge(*quotes, gates=NO_GATES)
    for opportunity in found:
        for home, away in SCORES:
            profit, settled = profit_at(opportunity.legs, home, away)
            assert profit >= opportunity.roi * settled - CLOSE
    if best_of_all(quotes) > 1e-4:
        assert found


@pytest.mark.slow
@pytest.mark.parametrize("most_unused", [0, 100_000])
@given(st.lists(boards, min_size=2, max_size=5))
@settings(max_examples=100)
def test_a_detector_that_saw_prices_come_and_go_says_what_a_new_one_says(most_unused, pictures):
    lived = Detector(NO_GATES)
    for n, quotes in enumerate(pictures):
        # Each picture is whole, so that what it does not name is withdrawn.
        changes = lived.absorb(reading(*quotes, events=[MATCH], at=NOW + seconds(n)))
        with mock.patch.object(slates, "_MOST_UNUSED", most_unused):
            got = lived.judge({*changes.markets, *(one.market for one in quotes)}, NOW + seconds(n))
        new = judge(*quotes, gates=NO_GATES)
        assert {one.key: pytest.approx(one.roi, abs=CLOSE) for one in new} == {
            one.key: one.roi for one in got
        }


def test_forms_of_bets_that_nobody_offers_any_more_are_let_go(monkeypatch):
    monkeypatch.setattr(slates, "_MOST_UNUSED", 0)
    holdings = Holdings()
    watched = slates.Slates(holdings)
    sizes = []
    for n in range(20):
        # A new line each time: the event is laid out anew, and the form before it has no use.
        lined = quote("b", AWAY, 1.85, market=market(MarketKind.HANDICAP, -0.5 - n))
        told = reading(ACROSS[0], lined, events=[MATCH], at=NOW + seconds(n))
        holdings.absorb(told)
        watched.crossing([MATCH.id])
        sizes.append(watched.forms)
    assert max(sizes[1:]) == 2


def test_bets_in_two_markets_that_cover_every_ending_are_one_opportunity():
    (found,) = judge(*ACROSS)
    assert found.accepted
    assert found.joint
    assert {(leg.book, leg.market.kind, leg.outcome) for leg in found.legs} == {
        ("a", MarketKind.WINNER, HOME),
        ("b", MarketKind.HANDICAP, AWAY),
    }
    assert found.roi == pytest.approx(1 / (1 / 2.3 + 1 / 1.85) - 1)
    assert (found.proof.states, found.proof.worst_roi) == (2, pytest.approx(found.roi))


def test_each_market_alone_shows_nothing_of_it():
    assert judge(*ACROSS, joint=False) == []


def test_what_one_market_offers_is_not_repeated_as_several():
    alone = (quote("a", HOME, 2.2, market=DRAW_NO_BET), quote("b", AWAY, 2.2, market=DRAW_NO_BET))
    beside = (quote("c", DRAW, 3.4, market=WINNER), quote("c", OVER, 1.8, market=MARKETS[-1]))
    found = judge(*alone, *beside)
    assert [one.joint for one in found] == [False]


def test_a_stale_leg_is_refused_and_the_next_best_price_takes_its_place():
    stale = quote("d", HOME, 2.4, market=WINNER, age_s=600)
    refused, accepted = judge(*ACROSS, stale)
    assert codes(refused) == [GateCode.LEG_TOO_OLD, GateCode.LEGS_APART]
    assert (accepted.accepted, accepted.joint, accepted.key) == (True, True, refused.key)
    assert accepted.roi < refused.roi


def test_legs_that_changed_apart_give_way_to_the_best_that_changed_together():
    early = (quote("a", HOME, 2.3, market=WINNER, age_s=100),)
    late = (quote("b", AWAY, 1.85, market=HALF_UP, age_s=10),)
    late_too = (quote("c", HOME, 2.25, market=WINNER, age_s=20),)
    refused, accepted = judge(*early, *late, *late_too)
    assert codes(refused) == [GateCode.LEGS_APART]
    assert {leg.book for leg in accepted.legs} == {"b", "c"}


def test_legs_that_are_all_at_one_book_are_its_fault():
    at_one = (quote("a", HOME, 2.3, market=WINNER), quote("a", AWAY, 1.85, market=HALF_UP))
    (found,) = judge(*at_one)
    assert codes(found) == [GateCode.BOOK_BELOW_ZERO]


def test_legs_that_are_all_at_one_house_give_way_to_the_best_at_two():
    at_one_house = (
        quote("lowvig", HOME, 2.4, market=WINNER),
        quote("betonlineag", AWAY, 1.85, market=HALF_UP),
    )
    (found,) = judge(*at_one_house)
    assert codes(found) == [GateCode.ONE_HOUSE]
    refused, accepted = judge(*at_one_house, quote("a", AWAY, 1.8, market=HALF_UP))
    assert codes(refused) == [GateCode.ONE_HOUSE]
    assert (accepted.accepted, accepted.joint) == (True, True)
    assert {leg.book for leg in accepted.legs} == {"lowvig", "a"}
    (opened,) = judge(*at_one_house, gates=NO_GATES)
    assert opened.accepted


def test_a_leg_at_a_book_that_wavers_gives_way_to_the_next_best_price():
    detector = Detector()
    for minute in range(300):
        at = NOW - seconds(60 * (300 - minute))
        told = quote("a", HOME, 2.1 if minute % 6 < 3 else 2.11, market=WINNER)
        told = msgspec.structs.replace(told, changed_at=at)
        detector.absorb(reading(told, events=[MATCH], at=at))
    refused, accepted = judge(*ACROSS, quote("d", HOME, 2.25, market=WINNER), detector=detector)
    assert codes(refused) == [GateCode.WAVERING_BOOK]
    assert (accepted.accepted, accepted.joint, accepted.key) == (True, True, refused.key)
    assert "a" not in {leg.book for leg in accepted.legs}


def test_a_price_that_contradicts_the_books_other_lines_is_refused():
    totals = [market(MarketKind.TOTAL, line) for line in (1.5, 2.5, 3.5)]
    ladder = [
        quote("a", OVER, odds, market=of) for odds, of in zip((1.3, 9.0, 3.1), totals, strict=True)
    ]
    (found,) = judge(*ladder, quote("b", UNDER, 1.8, market=totals[1]))
    assert GateCode.OFF_LADDER in codes(found)


def test_in_play_nothing_across_markets_is_accepted():
    begun = msgspec.structs.replace(MATCH, starts_at=NOW - timedelta(minutes=5))
    detector = Detector()
    changes = detector.absorb(reading(*ACROSS, events=[begun]))
    (found,) = detector.judge(changes.markets, NOW)
    assert codes(found)[0] is GateCode.IN_PLAY


def test_prices_that_are_withdrawn_end_it():
    detector = Detector()
    assert judge(*ACROSS, detector=detector)
    changes = detector.absorb(reading(*ACROSS[1:], events=[MATCH], at=NOW + seconds(1)))
    assert detector.judge(changes.markets, NOW + seconds(1)) == []


def test_a_question_that_nothing_settles_leaves_the_rest_of_the_event_alone():
    unknown = Market(
        event_id="match", kind=MarketKind.HANDICAP, period=Period.FULL_TIME, line=0.3, ways=2
    )
    detector = Detector()
    (found,) = judge(*ACROSS, quote("a", HOME, 1.9, market=unknown), detector=detector)
    assert found.joint
    assert detector.unsettled == 2


@pytest.mark.recorded
def test_the_markets_of_real_matches_together_hold_more_than_each_alone(recorded_dir):
    path = recorded_dir / "football_data" / "2324" / "E0.csv"
    together, alone = (
        {(one.event.id, one.key) for one in Scan([path], gates=NO_GATES, joint=joint)}
        for joint in (True, False)
    )
    assert alone < together
    events = [{event for event, _ in found} for found in (together, alone)]
    assert events[1] < events[0]
