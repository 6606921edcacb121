"""Middles, value bets and low holds: found by figures that a person can check, and never locks."""

import msgspec
import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from domain.markets import Market, MarketKind, Outcome, Period, Statistic
from domain.opportunities import GateCode, Kind, Opportunity
from domain.sports import SPORTS
from engine.margin import Method, fair_chances
from services.bars import ENTER
from services.detect import Detector
from services.endings import payoffs, settlement
from services.middles import LINED
from tests.services.prices import AWAY, DRAW, GAME, HOME, NOW, THREE_WAY, quote, reading, seconds

OVER, UNDER = Outcome.OVER, Outcome.UNDER
HOUSES = "abcd"
odds = st.floats(1.2, 6.0)


def total(line, **rest):
    return Market(
        event_id="game", kind=MarketKind.TOTAL, period=Period.FULL_TIME_INCL_OVERTIME, line=line,
        **rest,
    )  # fmt: skip


def handicap(line):
    return msgspec.structs.replace(total(line), kind=MarketKind.HANDICAP)


def both(book, market, *prices, **rest):
    """Return a book's price of every outcome of a market."""
    asked = zip(market.outcomes, prices, strict=True)
    return [quote(book, outcome, price, market=market, **rest) for outcome, price in asked]


def seen(*quotes, shown=(), at=NOW, events=(GAME,)):
    """Return the prospects of the game by kind: all that was found, refused or not."""
    detector = Detector()
    detector.absorb(reading(*quotes, events=events))
    found = detector.prospects(detector.pieces("game"), shown, at)
    return {kind: [one for one in found if one.kind is kind] for kind in Kind}


def only(found, kind):
    (one,) = [one for one in found[kind] if one.accepted]
    return one


def four(market, *prices):
    return [price for book in HOUSES for price in both(book, market, *prices)]


def value_of(price, *, rest=(1.95, 1.95), **how):
    """Return what is found where four houses ask the same and a fifth pays more on one side."""
    fifth = [quote("e", HOME, price, **how), quote("e", AWAY, 1.80)]
    return seen(*four(quote("a", HOME, 2.0).market, *rest), *fifth)[Kind.VALUE]


# Value


def test_a_value_bet_is_worth_what_it_pays_at_the_chance_that_the_others_say():
    (found,) = value_of(2.06)
    assert found.accepted
    assert (found.value.by, found.value.books, found.value.method) == ("", 4, "shin")
    assert found.value.chance == pytest.approx(0.5)
    assert found.value.fair_odds == pytest.approx(2.0)
    assert found.value.ev == pytest.approx(0.5 * 2.06 - 1)
    assert found.roi == found.value.ev
    assert found.value.kelly == pytest.approx(0.03 / 1.06)
    assert [leg.book for leg in found.legs] == ["e"]


def test_a_value_bet_proves_no_more_than_that_all_may_be_lost():
    (found,) = value_of(2.06)
    assert found.proof.worst_roi == -1.0
    assert found.legs[0].share == 1.0


@given(home=odds, drawn=st.floats(2.5, 9.0), margin=st.floats(1.01, 1.08))
def test_the_fair_price_is_the_consistent_books_own_without_its_margin(home, drawn, margin):
    raw = np.array([1 / home, 1 / drawn, 0.5])
    prices = raw.sum() / (raw * margin)
    assume(prices.min() > 1.05)
    fair = fair_chances(prices[np.newaxis, :], Method.SHIN)[0]
    generous = quote("e", DRAW, float(1.03 / fair[1]), market=THREE_WAY)
    found = seen(*four(THREE_WAY, *prices.tolist()), generous)[Kind.VALUE]
    for one in found:
        assert one.legs[0].outcome is DRAW
        assert one.value.chance == pytest.approx(fair[1], rel=1e-6)
        assert one.value.ev == pytest.approx(0.03, abs=1e-6)
    event(f"found {len(found)}")


def test_the_house_of_the_bet_has_no_say_in_what_is_fair():
    alone = seen(*both("a", total(8.5), 2.4, 1.6), *both("b", total(8.5), 1.95, 1.95))
    assert alone[Kind.VALUE] == []
    enough = four(total(8.5), 1.95, 1.95)
    assert seen(*enough, *both("e", total(8.5), 2.06, 1.80))[Kind.VALUE] != []
    assert seen(*enough[:4], *both("e", total(8.5), 2.06, 1.80))[Kind.VALUE] == []


def test_brands_of_one_house_are_one_voice():
    voices = [*both("betonlineag", total(8.5), 1.95, 1.95), *both("lowvig", total(8.5), 1.95, 1.95)]
    generous = quote("e", OVER, 2.06, market=total(8.5))
    third = both("a", total(8.5), 1.95, 1.95)
    assert seen(*voices, *third, generous)[Kind.VALUE] == []
    (found,) = seen(*voices, *third, *both("b", total(8.5), 1.95, 1.95), generous)[Kind.VALUE]
    assert found.value.books == 3


def test_a_sharp_book_is_believed_before_the_median_and_named():
    market = total(8.5)
    sharp = both("pinnacle", market, 1.90, 2.04)
    generous = quote("e", OVER, 2.02, market=market)
    (found,) = seen(*four(market, 1.98, 1.90), *sharp, generous)[Kind.VALUE]
    believed = fair_chances(np.array([[1.90, 2.04]]), Method.SHIN)[0, 0]
    assert found.value.by == "pinnacle"
    assert found.value.chance == pytest.approx(believed)


def test_a_sharp_book_is_not_judged_by_those_that_follow_it():
    market = total(8.5)
    quotes = [*four(market, 1.95, 1.95), *both("pinnacle", market, 2.06, 1.84)]
    (found,) = seen(*quotes)[Kind.VALUE]
    assert (found.legs[0].outcome, found.value.by) == (UNDER, "pinnacle")


def test_what_is_barely_above_the_fair_price_is_no_value_bet_but_stays_one():
    assert value_of(2.015) == []
    (one,) = value_of(2.06)
    quotes = [*four(one.market, 1.95, 1.95), quote("e", HOME, 2.015), quote("e", AWAY, 1.80)]
    assert [each.key for each in seen(*quotes, shown={one.key})[Kind.VALUE]] == [one.key]


def test_a_price_too_good_to_be_true_is_refused_with_figures():
    market = total(8.5)
    quotes = [*four(market, 2.0, 1.80), quote("e", OVER, 2.48, market=market)]
    (found,) = seen(*quotes)[Kind.VALUE]
    assert GateCode.WAY_OUT in {refusal.code for refusal in found.refusals}
    assert "times the fair odds" in " ".join(refusal.detail for refusal in found.refusals)


def test_a_value_bet_may_be_a_quarter_of_an_hour_old_and_no_older():
    (young,) = value_of(2.06, age_s=899)
    (old,) = value_of(2.06, age_s=901)
    assert young.accepted
    assert [refusal.code for refusal in old.refusals] == [GateCode.LEG_TOO_OLD]


def test_nothing_is_a_prospect_once_the_event_has_begun():
    begun = msgspec.structs.replace(GAME, starts_at=NOW - seconds(60))
    quotes = [*four(total(8.5), 1.95, 1.95), quote("e", OVER, 2.06, market=total(8.5))]
    found = seen(*quotes, events=(begun,))
    assert [one for kind in found.values() for one in kind if one.accepted] == []
    assert GateCode.IN_PLAY in {refusal.code for refusal in found[Kind.VALUE][0].refusals}


def test_where_the_best_price_is_at_fault_the_next_one_counts():
    market = total(8.5)
    stale = quote("e", OVER, 2.10, market=market, age_s=2_000)
    quotes = [*four(market, 1.95, 1.95), stale, quote("f", OVER, 2.06, market=market)]
    first, second = seen(*quotes)[Kind.VALUE]
    assert ([leg.book for leg in first.legs], first.accepted) == (["e"], False)
    assert ([leg.book for leg in second.legs], second.accepted) == (["f"], True)


# Low hold


def test_a_market_that_costs_less_than_one_per_cent_is_a_low_hold_and_says_what_it_costs():
    market = total(8.5)
    found = only(
        seen(*both("a", market, 2.02, 1.80), *both("b", market, 1.85, 1.97)), Kind.LOW_HOLD
    )
    assert found.roi == pytest.approx(1 / (1 / 2.02 + 1 / 1.97) - 1)
    assert found.proof.worst_roi == pytest.approx(found.roi)
    assert -ENTER.most_hold <= found.roi < 0


@pytest.mark.parametrize("second", [1.94, 2.05])
def test_what_costs_more_and_what_costs_nothing_is_none(second):
    market = total(8.5)
    quotes = [*both("a", market, 2.02, 1.80), *both("b", market, 1.85, second)]
    assert seen(*quotes)[Kind.LOW_HOLD] == []


def test_prices_that_changed_far_apart_are_no_low_hold():
    market = total(8.5)
    quotes = [*both("a", market, 2.02, 1.80), *both("b", market, 1.85, 1.97, age_s=100)]
    (found,) = seen(*quotes)[Kind.LOW_HOLD]
    assert [refusal.code for refusal in found.refusals] == [GateCode.LEGS_APART]


# Middles


def test_minus_2_at_190_against_plus_3_at_225_wins_in_four_endings():
    found = seen(*both("a", handicap(-2.0), 1.90, 1.90), *both("b", handicap(-3.0), 1.60, 2.25))
    one = only(found, Kind.MIDDLE)
    assert {(leg.book, leg.outcome, leg.market.line) for leg in one.legs} == {
        ("a", HOME, -2.0),
        ("b", AWAY, -3.0),
    }
    assert (one.middle.low, one.middle.high, one.middle.polish) == (2.0, 3.0, False)
    assert one.middle.outside == pytest.approx(0.0301, abs=5e-5)
    assert one.middle.hit_roi == pytest.approx(0.5723, abs=5e-5)
    assert one.roi == one.proof.worst_roi == pytest.approx(one.middle.outside)
    assert (one.middle.chance, one.middle.expected, one.middle.needed) == (None, None, None)


lines = st.integers(6, 24).map(lambda n: n / 2)


@given(low=lines, gap=st.integers(1, 8), over=st.floats(1.7, 2.3), under=st.floats(1.7, 2.3))
def test_what_a_middle_promises_at_worst_is_what_the_engine_settles(low, gap, over, under):
    high = low + gap / 2
    found = seen(*both("a", total(low), over, 1.5), *both("b", total(high), 1.5, under))
    for one in found[Kind.MIDDLE]:
        settled = settlement(one.legs, "basketball")
        returns = payoffs(settled, one.legs)[: settled.binding]
        assert one.roi == pytest.approx(float(returns.min()))
        assert one.middle.outside == pytest.approx(float(returns.min()))
        assert one.middle.hit_roi == pytest.approx(float(returns.max()))
        assert sum(leg.share for leg in one.legs) == pytest.approx(1.0)


def ladder_of(book, *, low=(1.85, 1.97), high=(2.06, 1.78)):
    return [*both(book, total(8.5), *low), *both(book, total(9.5), *high)]


def test_the_chance_comes_from_houses_that_quote_both_lines_each_by_itself():
    houses = [price for book in "abc" for price in ladder_of(book)]
    legs = [quote("x", OVER, 2.0, market=total(8.5)), quote("y", UNDER, 1.98, market=total(9.5))]
    one = only(seen(*houses, *legs), Kind.MIDDLE)
    fair = fair_chances(np.array([[1.85, 1.97], [2.06, 1.78]]), Method.SHIN)[:, 0]
    assert one.middle.books == 3
    assert one.middle.chance == pytest.approx(fair[0] - fair[1])
    lands, misses = one.middle.hit_roi, one.middle.outside
    chance = one.middle.chance
    assert one.middle.expected == pytest.approx(chance * lands + (1 - chance) * misses)
    assert one.middle.needed == pytest.approx(-misses / (lands - misses))
    assert one.roi == pytest.approx(misses)


def test_lines_of_different_houses_are_never_subtracted():
    apart = [
        *(price for book in "abc" for price in both(book, total(8.5), 1.85, 1.97)),
        *(price for book in "def" for price in both(book, total(9.5), 2.02, 1.82)),
        quote("x", OVER, 1.99, market=total(8.5)),
        quote("y", UNDER, 2.0, market=total(9.5)),
    ]
    one = only(seen(*apart), Kind.MIDDLE)
    assert (one.middle.chance, one.middle.expected, one.middle.books) == (None, None, 0)
    assert one.middle.needed > 0.0


def test_a_polish_middle_is_told_apart_and_only_shown_where_its_chance_is_known():
    cross = [quote("x", OVER, 2.24, market=total(9.5)), quote("y", UNDER, 2.04, market=total(8.5))]
    houses = [p for b in "abc" for p in ladder_of(b, low=(1.90, 1.92), high=(2.02, 1.81))]
    one = only(seen(*houses, *cross), Kind.MIDDLE)
    assert one.middle.polish
    assert (one.middle.low, one.middle.high, one.middle.hit_roi) == (9.0, 9.0, -1.0)
    assert one.roi == one.proof.worst_roi == -1.0
    assert one.middle.outside > 0.0
    assert one.middle.chance < one.middle.needed
    assert not [one for one in seen(*cross)[Kind.MIDDLE] if one.accepted]


def test_both_legs_at_one_house_are_no_middle():
    quotes = [*both("a", total(8.5), 2.0, 1.80), *both("a", total(9.5), 1.80, 2.0)]
    assert seen(*quotes)[Kind.MIDDLE] == []


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(total(9.5), statistic=Statistic.CORNERS),
        msgspec.structs.replace(total(9.5), period=Period.FIRST_HALF),
        msgspec.structs.replace(total(9.5), kind=MarketKind.TEAM_TOTAL, subject="home"),
    ],
)
def test_lines_of_different_questions_are_no_middle(other):
    quotes = [*both("a", total(8.5), 2.0, 1.80), *both("b", other, 1.80, 2.0)]
    assert seen(*quotes)[Kind.MIDDLE] == []


def test_totals_of_a_player_make_middles_as_well():
    points = {"kind": MarketKind.PLAYER_TOTAL, "statistic": Statistic.POINTS, "subject": "A Ray"}
    low, high = (msgspec.structs.replace(total(line), **points) for line in (20.5, 22.5))
    one = only(seen(*both("a", low, 2.0, 1.80), *both("b", high, 1.80, 2.0)), Kind.MIDDLE)
    assert (one.middle.low, one.middle.high) == (21.0, 22.0)


SUBJECTS = {MarketKind.TEAM_TOTAL: "home", MarketKind.PLAYER_TOTAL: "A Ray"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(LINED))
def test_no_question_of_any_sport_stops_the_search(kind):
    counted = [(sport, Statistic.SCORE) for sport in SPORTS]
    for sport, statistic in [*counted, *(("basketball", each) for each in Statistic)]:
        low, high, odd = (
            Market(
                event_id="game", kind=kind, period=Period.FULL_TIME, subject=SUBJECTS.get(kind),
                line=line, statistic=statistic,
            )
            for line in ((-2.5, -3.5, -3.3) if kind is MarketKind.HANDICAP else (2.5, 3.5, 3.3))
        )  # fmt: skip
        quotes = [
            *both("a", low, 2.0, 1.80),
            *both("b", high, 1.80, 2.0),
            *both("c", odd, 2.0, 2.0),
        ]
        found = seen(*quotes, events=(msgspec.structs.replace(GAME, sport=sport),))
        assert all(one.proof.worst_roi <= 1e-9 for kind in found.values() for one in kind)


def test_an_old_leg_is_refused_with_its_reason():
    quotes = [*both("a", total(8.5), 2.0, 1.80), *both("b", total(9.5), 1.80, 2.0, age_s=500)]
    (found,) = seen(*quotes)[Kind.MIDDLE]
    assert GateCode.LEG_TOO_OLD in {refusal.code for refusal in found.refusals}


# Beside arbitrage


def test_no_prospect_is_ever_among_the_arbitrages():
    detector = Detector()
    quotes = [*four(total(8.5), 1.95, 1.95), quote("e", OVER, 2.04, market=total(8.5))]
    changes = detector.absorb(reading(*quotes))
    assert detector.judge(changes.markets, NOW) == []
    assert detector.prospects(detector.pieces("game"), (), NOW) != []


def test_an_event_that_nobody_quotes_has_no_prospects():
    assert Detector().pieces("game") == []


def test_a_piece_that_is_no_longer_held_holds_nothing():
    detector = Detector()
    detector.absorb(reading(*both("a", total(8.5), 2.02, 1.80), *both("b", total(8.5), 1.85, 1.97)))
    pieces = detector.pieces("game")
    detector.forget("test")
    assert len(pieces) == 1
    assert detector.prospects(pieces, (), NOW) == []


def test_a_message_from_before_there_were_kinds_is_an_arbitrage():
    (found,) = value_of(2.06)
    told = msgspec.to_builtins(found)
    for name in ("kind", "middle", "value"):
        del told[name]
    assert msgspec.convert(told, Opportunity).kind is Kind.ARBITRAGE
