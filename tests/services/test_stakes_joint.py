import subprocess
import sys

import msgspec
import numpy as np
import pytest

from domain.errors import Refused
from domain.markets import MarketKind, Outcome, Period, Side
from domain.money import Money
from engine.bets import Bets
from engine.stakes import milp
from engine.stakes.bet import Book
from engine.stakes.goal import Goal
from engine.tiers import guarantee
from services.endings import net_odds, settlement
from services.stakes import EndingKind, Why, plan, turns
from tests.engine.stakes.slips import slip_of
from tests.engine.stakes.test_promise import market_of
from tests.services.portfolios import leg, opportunity_of

TOTAL = Money.of("1000")
DRAW = leg(MarketKind.WINNER, Outcome.DRAW, 3.9)
HOME = leg(MarketKind.HANDICAP, Outcome.HOME, 2.16, line=-0.25)
AWAY = leg(MarketKind.WINNER, Outcome.AWAY, 4.4)
LEGS = [HOME, DRAW, AWAY]


def planned(*legs, total=TOTAL, step=1):
    return plan(opportunity_of(list(legs or LEGS)), total, step_minor=step)


def of_kind(got, *kinds):
    return [ending for ending in got.endings if ending.kind in kinds]


def best(legs):
    """Return what legs guarantee."""
    settled = settlement(legs, "soccer")
    core = slice(settled.binding)
    net = np.array([net_odds(one) for one in legs])
    return guarantee(Bets(settled.win[core], settled.lose[core], net))


def value(legs):
    """Return what legs guarantee, as a share of the cash at risk that settles."""
    return best(legs).roi


def test_legs_in_several_markets_share_a_profit_that_no_score_takes_away():
    got = planned()
    assert got.locked
    assert got.at_risk_minor <= TOTAL.minor
    assert got.worst_profit_minor >= best(LEGS).worst.min() * TOTAL.minor - 1


def test_every_ending_says_how_it_settles_each_leg():
    shares = {ending.state: ending.legs for ending in of_kind(planned(), EndingKind.CORE)}
    assert shares == {
        "0-1 regulation": ((0.0, 1.0), (0.0, 1.0), (1.0, 0.0)),
        "1-0 regulation": ((1.0, 0.0), (0.0, 1.0), (0.0, 1.0)),
        "0-0 regulation": ((0.0, 0.5), (1.0, 0.0), (0.0, 1.0)),
    }


def test_a_quarter_line_is_staked_in_even_cents():
    got = planned(total=Money.of("997.31"))
    assert got.legs[0].stake_minor % 2 == 0
    assert got.locked


def test_stakes_keep_to_the_step_and_to_a_books_limit():
    limited = msgspec.structs.replace(DRAW, max_stake=50.0)
    got = planned(HOME, limited, AWAY, step=500)
    assert got.locked
    assert got.legs[1].stake_minor <= 5_000
    assert all(one.stake_minor % 500 == 0 for one in got.legs)
    assert got.at_risk_minor < planned(step=500).at_risk_minor


@pytest.mark.parametrize(("total", "step"), [("3", 100), ("1000", 40_000)])
def test_where_no_rounding_keeps_the_profit_nothing_is_staked_and_the_plan_says_so(total, step):
    got = planned(total=Money.of(total), step=step)
    assert not got.locked
    assert "larger total" in got.note
    assert [one.stake_minor for one in got.legs] == [0, 0, 0]


def test_what_rules_settle_is_told_in_money_but_not_promised():
    over = leg(MarketKind.TOTAL, Outcome.OVER, 2.1, line=2.5)
    under = leg(MarketKind.TOTAL, Outcome.UNDER, 2.1, line=2.5)
    got = planned(over, under, total=Money.of("100"))
    assert (got.locked, got.profits_minor) == (True, [500, 500])
    (broken,) = of_kind(got, EndingKind.RULE)
    assert "broken off" in broken.state
    assert broken.profit_minor == -5_000


def test_a_line_that_is_hit_exactly_gives_all_stakes_back():
    over = leg(MarketKind.TOTAL, Outcome.OVER, 2.1, line=3.0)
    under = leg(MarketKind.TOTAL, Outcome.UNDER, 2.1, line=3.0)
    got = planned(over, under)
    (hit,) = of_kind(got, EndingKind.VOID)
    assert (hit.profit_minor, sum(hit.scores[0][1:])) == (0, 3)
    assert (got.locked, got.worst_profit_minor) == (True, 0)


def test_legs_whose_settlement_is_not_known_are_refused_by_name():
    corners = leg(MarketKind.TOTAL, Outcome.OVER, 2.1, line=2.5)
    other = msgspec.structs.replace(corners.market, period=Period.THIRD_MAP)
    with pytest.raises(Refused, match="not known how these legs are settled"):
        planned(DRAW, msgspec.structs.replace(corners, market=other))


def test_odds_break_even_where_the_others_leave_no_profit():
    over = leg(MarketKind.TOTAL, Outcome.OVER, 2.2, line=2.5)
    under = leg(MarketKind.TOTAL, Outcome.UNDER, 2.0, line=2.5)
    got = planned(over, under)
    assert got.legs[0].break_even == pytest.approx(2.0)
    assert got.legs[1].break_even == pytest.approx(1 / (1 - 1 / 2.2))


@pytest.mark.parametrize("at", range(3))
def test_joint_odds_break_even_where_the_game_is_worth_nothing(at):
    worst = planned().legs[at].break_even
    assert 1 < worst < LEGS[at].odds
    for odds, gains in [(worst * 1.001, True), (worst * 0.999, False)]:
        legs = [*LEGS]
        legs[at] = msgspec.structs.replace(LEGS[at], odds=odds)
        assert (value(legs) > 0) == gains


def test_a_lay_breaks_even_at_longer_odds():
    back = leg(MarketKind.WINNER, Outcome.HOME, 3.5)
    lay = leg(MarketKind.WINNER, Outcome.HOME, 3.0, side=Side.LAY, commission=0.05)
    worst = planned(back, lay).legs[1].break_even
    assert worst > 3.0
    settles = [msgspec.structs.replace(lay, odds=worst * by) for by in (0.999, 1.001)]
    assert [value([back, each]) > 0 for each in settles] == [True, False]


def test_a_leg_whose_price_moves_is_placed_first_and_then_the_one_with_a_low_limit():
    limited = msgspec.structs.replace(AWAY, max_stake=200.0)
    got = planned(HOME, DRAW, limited)
    order = turns(got, [900.0, 20.0, None])
    assert [turn.leg for turn in order] == [1, 2, 0]
    assert [turn.reasons for turn in order] == [(Why.MOVING,), (Why.LOW_LIMIT,), ()]


def test_what_is_not_staked_has_no_turn():
    assert turns(planned(total=Money.of("3"), step=100), [1.0, 2.0, 3.0]) == []


def test_a_joint_plan_travels_as_json():
    got = planned()
    assert msgspec.json.decode(msgspec.json.encode(got), type=type(got)) == got


def test_solving_prints_nothing_on_standard_output(capfd):
    tickets, questions = market_of(0.04, np.random.default_rng(9))
    states = sorted(set(zip(*questions, strict=True)))
    slip = slip_of(tickets, states, books=(Book(step_minor=100),))
    sys.stdout.write("before\n")
    milp.solve(slip, Goal(total_minor=100_000_000), seconds=10)
    sys.stdout.write("after\n")
    assert capfd.readouterr().out == "before\nafter\n"


@pytest.mark.slow
def test_stakes_of_one_market_need_no_solver():
    asks = (
        "import sys; from tests.services.test_stakes_joint import *;"
        "print('scipy' in sys.modules);"
        "total = lambda o: leg(MarketKind.TOTAL, o, 2.1, line=2.5);"
        "planned(total(Outcome.OVER), total(Outcome.UNDER)); print('scipy' in sys.modules);"
        "planned(); print('scipy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False", "True"]
