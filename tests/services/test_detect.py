from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Market, MarketKind, Period, Side
from domain.opportunities import GateCode
from domain.quotes import Origin
from engine.gates import DEFAULT_GATES, NO_GATES
from engine.odds import back_net, lay_net
from kit.ids import stable
from services.books import twins
from services.detect import Detector
from tests.services.prices import (
    AWAY,
    CROSSING,
    DRAW,
    GAME,
    HOME,
    NOW,
    THREE_WAY,
    WINNER,
    quote,
    reading,
    seconds,
)


def found(*quotes, gates=None, event=GAME, **rest):
    """Return what a detector finds in one reading."""
    detector = Detector(gates, **rest) if gates else Detector(**rest)
    changes = detector.absorb(reading(*quotes, events=[event]))
    return detector.judge(changes.markets, NOW)


def codes(opportunity):
    return [refusal.code for refusal in opportunity.refusals]


def test_the_example_of_the_contract_is_accepted_as_it_stands_there():
    (got,) = found(
        quote("betrivers", AWAY, 1.5494505495, age_s=64),
        quote("williamhill_us", HOME, 2.85, age_s=22),
    )
    assert got.accepted
    assert (got.in_play, got.as_of, got.source, got.origin) == (False, NOW, "test", Origin.LIVE)
    assert got.roi == pytest.approx(0.00374, abs=1e-5)
    assert [(leg.book, leg.outcome, leg.age_s) for leg in got.legs] == [
        ("betrivers", AWAY, 64.0),
        ("williamhill_us", HOME, 22.0),
    ]
    assert [round(leg.share, 4) for leg in got.legs] == [0.6478, 0.3522]
    assert (got.proof.states, got.proof.worst_roi) == (2, pytest.approx(got.roi))
    assert [(e.state, round(e.worst_roi, 4)) for e in got.proof.unprotected] == [
        ("abandoned at one book only", -0.6478)
    ]
    parts = ("game", "winner", "full_time_incl_overtime", None, "arbitrage")
    assert got.key == stable(*parts)


@pytest.mark.parametrize(
    ("quotes", "event", "code"),
    [
        ((quote("a", HOME, 2.1, age_s=121), quote("b", AWAY, 2.1, age_s=100)), GAME, "leg_too_old"),
        ((quote("a", HOME, 2.1, age_s=None), quote("b", AWAY, 2.1)), GAME, "leg_age_unknown"),
        ((quote("a", HOME, 2.1, age_s=-6), quote("b", AWAY, 2.1)), GAME, "leg_from_future"),
        ((quote("a", HOME, 2.1, age_s=71), quote("b", AWAY, 2.1)), GAME, "legs_apart"),
        (CROSSING, msgspec.structs.replace(GAME, starts_at=NOW), "in_play"),
        (CROSSING, msgspec.structs.replace(GAME, starts_at=None), "start_unknown"),
        (
            (quote("a", HOME, 2.1), quote("a", AWAY, 2.0), quote("b", AWAY, 2.1)),
            GAME,
            "book_overround_below_zero",
        ),
        (
            (quote("a", HOME, 4.0), *(quote(b, HOME, 2.0) for b in "bcd"), quote("e", AWAY, 1.5)),
            GAME,
            "way_out_price",
        ),
        ((quote("a", HOME, 2.001), quote("b", AWAY, 2.001)), GAME, "below_min_roi"),
    ],
)
def test_each_gate_refuses_what_it_is_there_for(quotes, event, code):
    (got,) = found(*quotes, event=event, min_roi=0.001)
    assert code in codes(got)
    (let_through,) = found(*quotes, event=event, gates=NO_GATES)
    assert let_through.accepted


def test_a_stale_price_does_not_hide_a_true_arbitrage():
    refused, accepted = found(
        quote("stale", HOME, 2.5, age_s=500), quote("a", HOME, 2.1), quote("b", AWAY, 2.1)
    )
    assert (codes(refused), accepted.accepted) == (["leg_too_old", "legs_apart"], True)
    assert refused.key == accepted.key
    assert {leg.book for leg in accepted.legs} == {"a", "b"}


def test_legs_that_changed_together_are_preferred_to_better_ones_that_did_not():
    refused, accepted = found(
        quote("early", HOME, 2.3, age_s=100),
        quote("late", HOME, 2.1, age_s=20),
        quote("b", AWAY, 2.1, age_s=5),
    )
    assert codes(refused) == ["legs_apart"]
    assert {leg.book for leg in accepted.legs} == {"late", "b"}


def wavering(book, *, away=1.9, gates=DEFAULT_GATES):
    """Return a detector to which a book told two prices in turn, for three minutes each."""
    detector = Detector(gates)
    for minute in range(300):
        odds = 2.0 if minute % 6 < 3 else 2.02
        told = [quote(book, HOME, odds), quote("b", AWAY, away), quote("b", HOME, 1.9)]
        confirmed = NOW - seconds(60 * (300 - minute))
        told = [msgspec.structs.replace(each, changed_at=confirmed) for each in told]
        detector.absorb(reading(*told, at=confirmed))
    return detector


def test_a_book_that_wavers_is_refused_and_does_not_hide_a_true_arbitrage():
    crossing = (quote("a", HOME, 2.2), quote("b", AWAY, 2.1), quote("c", HOME, 2.1))
    detector = wavering("a")
    changes = detector.absorb(reading(*crossing))
    refused, accepted = detector.judge(changes.markets, NOW)
    assert codes(refused) == ["wavering_book"]
    assert "of the prices of a 33% went back" in refused.refusals[0].detail
    assert {leg.book for leg in accepted.legs} == {"b", "c"}
    steady, opened = wavering("d"), wavering("a", gates=NO_GATES)
    for other in (steady, opened):
        changes = other.absorb(reading(*crossing))
        (found_,) = other.judge(changes.markets, NOW)
        assert {leg.book for leg in found_.legs} == {"a", "b"}
        assert found_.accepted


def test_a_recording_that_begins_anew_knows_of_no_wavering():
    detector = wavering("a")
    detector.forget("test")
    changes = detector.absorb(reading(*CROSSING))
    (got,) = detector.judge(changes.markets, NOW)
    assert got.accepted


def test_brands_of_one_house_are_refused_and_do_not_hide_what_others_pay():
    at_one_house = (quote("lowvig", HOME, 2.2), quote("betonlineag", AWAY, 2.2))
    (alone,) = found(*at_one_house)
    assert codes(alone) == ["one_house"]
    assert "lowvig and betonlineag" in alone.refusals[0].detail
    (opened,) = found(*at_one_house, gates=NO_GATES)
    assert opened.accepted
    refused, accepted = found(*at_one_house, quote("a", AWAY, 2.1), quote("a", HOME, 1.9))
    assert codes(refused) == ["one_house"]
    assert {(leg.book, leg.odds) for leg in accepted.legs} == {("lowvig", 2.2), ("a", 2.1)}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["lowvig", "betonlineag", "a", "b"]),
            st.sampled_from([HOME, DRAW, AWAY]),
            st.integers(28, 36),
        ),
        min_size=3,
        max_size=12,
        unique_by=lambda told: told[:2],
    )
)
def test_what_is_left_beside_a_house_is_the_best_of_every_combination(told):
    quotes = [quote(book, on, tenths / 10, market=THREE_WAY) for book, on, tenths in told]
    opened = replace(NO_GATES, least_roi=1e-9, opened=NO_GATES.opened - {GateCode.ONE_HOUSE})
    got = [one for one in found(*quotes, gates=opened) if one.accepted]
    offers = [[(q.book, q.odds) for q in quotes if q.outcome is on] for on in (HOME, DRAW, AWAY)]
    elsewhere = [
        1 / sum(1 / odds for _, odds in legs) - 1
        for legs in product(*offers)
        if len({"house" if book in twins("lowvig") else book for book, _ in legs}) > 1
    ]
    best = max(elsewhere, default=0.0)
    if all(len({leg.book for leg in one.legs}) > 1 for one in got):
        assert [one.roi for one in got] == pytest.approx([best] if best > 1e-9 else [], abs=1e-12)


def test_without_gates_the_crossing_of_the_best_prices_is_all_there_is():
    (got,) = found(quote("stale", HOME, 2.5, age_s=500), *CROSSING, gates=NO_GATES)
    assert {leg.book for leg in got.legs} == {"stale", "b"}


def test_faulty_legs_are_not_replaced_where_the_event_itself_is_refused():
    started = msgspec.structs.replace(GAME, starts_at=NOW - seconds(1))
    (got,) = found(quote("stale", HOME, 2.5, age_s=500), *CROSSING, event=started)
    assert GateCode.IN_PLAY in codes(got)


def test_an_opportunity_ages_with_our_clock():
    detector = Detector()
    detector.absorb(reading(*CROSSING))
    (fresh,) = detector.judge([WINNER], NOW + seconds(110))
    assert fresh.accepted
    assert [leg.age_s for leg in fresh.legs] == [120.0, 120.0]
    (stale,) = detector.judge([WINNER], NOW + seconds(111))
    assert codes(stale) == ["leg_too_old"]


def test_a_recording_is_judged_by_its_own_clock():
    detector = Detector()
    arrived = NOW + timedelta(days=30)
    detector.absorb(reading(*CROSSING, arrived_at=arrived, origin=Origin.REPLAY))
    (got,) = detector.judge([WINNER], arrived + seconds(5))
    assert (got.accepted, got.as_of) == (True, NOW + seconds(5))


def test_alone_two_markets_that_differ_in_ways_line_or_period_are_never_paired():
    totals = [
        Market(event_id="game", kind=MarketKind.TOTAL, period=Period.FULL_TIME, line=line)
        for line in (2.5, 3.5)
    ]
    assert found(
        quote("a", HOME, 5.0),
        quote("b", DRAW, 5.0, market=THREE_WAY),
        quote("b", AWAY, 5.0, market=THREE_WAY),
        quote("c", totals[0].outcomes[0], 5.0, market=totals[0]),
        quote("d", totals[1].outcomes[1], 5.0, market=totals[1]),
        joint=False,
    ) == []  # fmt: skip


def test_two_ways_and_three_ways_have_keys_of_their_own():
    full_time = msgspec.structs.replace(WINNER, period=Period.FULL_TIME)
    three = [
        quote(b, o, 3.5, market=THREE_WAY) for b, o in zip("abc", (HOME, DRAW, AWAY), strict=True)
    ]
    two = [quote(b, o, 2.1, market=full_time) for b, o in zip("ab", (HOME, AWAY), strict=True)]
    got = found(*three, *two, joint=False)
    assert len({opportunity.key for opportunity in got}) == 2


def test_backing_and_laying_the_same_outcome_cross_after_commission():
    lay = quote("exchange", HOME, 2.0, side=Side.LAY, commission=0.05)
    (got,) = found(quote("a", HOME, 2.2), lay)
    back_leg, lay_leg = sorted(got.legs, key=lambda leg: leg.side)
    assert (lay_leg.side, lay_leg.odds, lay_leg.commission) == (Side.LAY, 2.0, 0.05)
    nets = back_net(2.2, 0.0), lay_net(2.0, 0.05)
    assert got.roi == pytest.approx(1 / (1 / nets[0] + 1 / nets[1]) - 1)
    assert back_leg.share * nets[0] == pytest.approx(lay_leg.share * nets[1])
    assert found(quote("a", HOME, 2.05), lay) == []


def test_a_back_price_that_came_before_the_first_lay_is_paired_with_it():
    detector = Detector()
    detector.absorb(reading(quote("a", HOME, 2.2, market=THREE_WAY), complete=False))
    lay = quote("exchange", HOME, 2.0, side=Side.LAY, market=THREE_WAY)
    detector.absorb(reading(lay, complete=False))
    (got,) = detector.judge([THREE_WAY], NOW)
    assert (got.proof.states, got.proof.worst_roi) == (2, pytest.approx(got.roi))


def test_what_a_complete_reading_no_longer_names_is_withdrawn():
    detector = Detector()
    detector.absorb(reading(*CROSSING))
    assert detector.judge([WINNER], NOW)
    changes = detector.absorb(reading(CROSSING[0], at=NOW + seconds(1)))
    assert (changes.withdrawn, changes.markets) == ([CROSSING[1].price], {WINNER})
    assert detector.crossing == {WINNER}
    assert detector.judge(changes.markets, NOW) == []
    assert detector.crossing == set()


def test_a_partial_reading_withdraws_nothing():
    detector = Detector()
    detector.absorb(reading(CROSSING[0]))
    assert detector.absorb(reading(CROSSING[1], complete=False)).withdrawn == []
    assert detector.judge([WINNER], NOW)


def test_one_scope_does_not_withdraw_the_prices_of_another():
    detector = Detector()
    detector.absorb(reading(CROSSING[0], scope="us"))
    detector.absorb(reading(CROSSING[1], scope="eu"))
    assert detector.judge([WINNER], NOW)
    assert detector.absorb(reading(scope="eu")).withdrawn == [CROSSING[1].price]


def test_only_what_differs_is_a_change_but_what_is_confirmed_is_judged_again():
    detector = Detector()
    assert detector.absorb(reading(*CROSSING)).changed == list(CROSSING)
    again = detector.absorb(reading(*CROSSING))
    assert (again.changed, again.markets) == ([], set())
    later = [msgspec.structs.replace(q, changed_at=NOW) for q in CROSSING]
    confirmed = detector.absorb(reading(*later))
    assert (confirmed.changed, confirmed.markets) == ([], {WINNER})
    assert [leg.age_s for leg in detector.judge([WINNER], NOW)[0].legs] == [0.0, 0.0]


def test_a_price_older_than_the_one_held_is_dropped_and_counted():
    detector = Detector()
    detector.absorb(reading(*CROSSING))
    changes = detector.absorb(reading(quote("a", HOME, 9.0, age_s=11), CROSSING[1]))
    assert (dict(changes.rejected), changes.changed) == ({"out_of_order": 1}, [])
    assert changes.withdrawn == []
    assert max(leg.odds for leg in detector.judge([WINNER], NOW)[0].legs) == 2.1


def test_a_reading_older_than_the_last_of_its_scope_is_dropped_and_counted():
    detector = Detector()
    detector.absorb(reading(*CROSSING))
    changes = detector.absorb(reading(at=NOW - seconds(1)))
    assert (dict(changes.rejected), changes.withdrawn) == ({"reading_out_of_order": 1}, [])


def test_a_reading_from_the_future_does_not_shut_out_those_after_it():
    detector = Detector()
    ahead = reading(*CROSSING, at=NOW + timedelta(days=365), arrived_at=NOW)
    assert dict(detector.absorb(ahead).rejected) == {"reading_from_future": 1}
    assert len(detector.absorb(reading(*CROSSING)).changed) == 2


def test_a_price_from_the_future_is_counted_and_gives_way_to_the_next():
    detector = Detector()
    changes = detector.absorb(reading(quote("a", HOME, 9.0, age_s=-86_400), CROSSING[1]))
    assert dict(changes.rejected) == {"changed_in_future": 1}
    assert codes(detector.judge([WINNER], NOW)[0]) == ["leg_from_future", "legs_apart"]
    assert detector.absorb(reading(*CROSSING)).rejected.total() == 0
    assert detector.judge([WINNER], NOW)[0].accepted


def test_of_two_prices_for_one_place_the_newer_is_held_and_the_other_counted():
    older, newer = quote("a", HOME, 5.0, age_s=20), quote("a", HOME, 2.1, age_s=10)
    for both in ([older, newer], [newer, older]):
        detector = Detector()
        changes = detector.absorb(reading(*both, CROSSING[1]))
        assert (changes.changed[0], changes.rejected["duplicate"]) == (newer, 1)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (quote("a", HOME, 1.0), "odds_not_above_one"),
        (quote("a", HOME, float("nan")), "odds_not_above_one"),
        (quote("a", HOME, float("inf")), "odds_not_above_one"),
        (quote("a", HOME, 2.0, commission=1.0), "commission_invalid"),
        (quote("a", DRAW, 2.0), "outcome_unknown"),
        (
            quote("a", HOME, 2.0, market=msgspec.structs.replace(WINNER, event_id="?")),
            "event_unknown",
        ),
    ],
)
def test_what_cannot_be_a_price_is_counted_and_the_rest_kept(bad, reason):
    changes = Detector().absorb(reading(bad, *CROSSING))
    assert dict(changes.rejected) == {reason: 1}
    assert changes.changed == list(CROSSING)


def test_a_day_of_events_that_come_and_go_leaves_nothing_behind():
    detector = Detector()
    for day in range(200):
        event = msgspec.structs.replace(GAME, id=f"game{day}")
        market = msgspec.structs.replace(WINNER, event_id=event.id)
        two = [msgspec.structs.replace(q, market=market) for q in CROSSING]
        at = NOW + seconds(day)
        detector.absorb(reading(*two, at=at, events=[event]))
        assert detector.judge([market], at)
    assert (len(detector._holdings), len(detector._holdings._events)) == (1, 1)
    assert detector._holdings.store.rows <= 4


def test_a_silent_scope_is_forgotten_with_its_prices():
    detector = Detector()
    detector.absorb(reading(*CROSSING))
    detector.retire(NOW + timedelta(hours=1))
    assert detector.judge([WINNER], NOW)
    detector.retire(NOW + timedelta(hours=1, seconds=1))
    assert detector.crossing == {WINNER}
    assert detector.judge([WINNER], NOW) == []
    assert len(detector._holdings) == 0


def test_an_event_long_over_is_forgotten_once_nobody_quotes_it():
    started = msgspec.structs.replace(GAME, starts_at=NOW - timedelta(hours=13))
    detector = Detector()
    detector.absorb(reading(*CROSSING, complete=False, events=[started]))
    at = NOW + timedelta(minutes=59)
    detector.absorb(reading(complete=False, at=at, events=[]))
    detector.retire(at)
    assert detector.judge([WINNER], at)
    at += timedelta(minutes=2)
    detector.absorb(reading(complete=False, at=at, events=[]))
    detector.retire(at)
    assert detector.judge([WINNER], at) == []


books = st.sampled_from("abcd")
milli = st.integers(1_010, 6_000)


@given(st.lists(st.tuples(books, st.sampled_from([HOME, DRAW, AWAY]), milli), max_size=20))
def test_what_crosses_is_what_exact_fractions_say(prices):
    latest = {(book, outcome): odds for book, outcome, odds in prices}
    quotes = [
        quote(book, outcome, odds / 1000, market=THREE_WAY)
        for (book, outcome), odds in latest.items()
    ]
    got = found(*quotes, gates=replace(NO_GATES, least_roi=1e-9))
    best = {
        outcome: max((odds for (_, o), odds in latest.items() if o is outcome), default=None)
        for outcome in (HOME, DRAW, AWAY)
    }
    if None in best.values():
        assert got == []
        return
    exact = sum(Fraction(1000, odds) for odds in best.values())
    assert [o.accepted for o in got].count(True) == (1 / exact - 1 >= Fraction(1, 10**9))
    for opportunity in got:
        assert opportunity.roi == pytest.approx(float(1 / exact - 1), abs=1e-12)
        returns = [leg.share * leg.odds for leg in opportunity.legs]
        assert returns == pytest.approx([1 + opportunity.roi] * 3)
