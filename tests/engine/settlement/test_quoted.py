import numpy as np
import pytest

from domain.markets import Market, MarketKind, Outcome, Period, Side, Statistic
from engine.settlement.kinds import Part
from engine.settlement.questions import EuropeanHandicap, Handicap, Total, Winner
from engine.settlement.quoted import question, selection
from engine.settlement.selections import Selection
from engine.settlement.template import template_for

FULL, WHOLE = Period.FULL_TIME, Period.FULL_TIME_INCL_OVERTIME


def market(kind, period=FULL, line=None, ways=2):
    return Market(event_id="e", kind=kind, period=period, line=line, ways=ways)


@pytest.mark.parametrize(
    ("sport", "quoted", "asked"),
    [
        ("soccer", market(MarketKind.WINNER, ways=3), Winner()),
        ("soccer", market(MarketKind.HANDICAP, line=-0.75), Handicap(line=-0.75)),
        ("soccer", market(MarketKind.HANDICAP, line=1.0, ways=3), EuropeanHandicap(line=1.0)),
        (
            "basketball",
            market(MarketKind.WINNER, WHOLE),
            Winner(part=Part.WITH_OVERTIME, ways=2),
        ),
        (
            "ice_hockey",
            market(MarketKind.TOTAL, WHOLE, 5.5),
            Total(part=Part.WITH_OVERTIME, line=5.5),
        ),
        ("tennis", market(MarketKind.WINNER), Winner(ways=2)),
        (
            "tennis",
            market(MarketKind.TOTAL, line=21.5),
            Total(statistic=Statistic.GAMES, line=21.5),
        ),
        ("mma", market(MarketKind.TOTAL, line=2.5), Total(statistic=Statistic.ROUNDS, line=2.5)),
    ],
)
def test_a_quoted_market_asks_what_its_sport_means_by_it(sport, quoted, asked):
    assert question(quoted, sport) == asked


def test_every_outcome_of_a_quoted_market_can_be_settled():
    for kind, line in (
        (MarketKind.WINNER, None),
        (MarketKind.TOTAL, 2.5),
        (MarketKind.YES_NO, None),
    ):
        quoted = market(kind, line=line)
        bets = tuple(
            selection(quoted, outcome, side, "soccer")
            for outcome in quoted.outcomes
            for side in Side
        )
        assert template_for(bets, "soccer").shapes in (2, 4)


def test_markets_of_one_match_are_settled_together():
    bets = (
        selection(market(MarketKind.WINNER, ways=3), Outcome.HOME, Side.BACK, "soccer"),
        selection(market(MarketKind.TOTAL, line=2.5), Outcome.OVER, Side.BACK, "soccer"),
        selection(market(MarketKind.HANDICAP, line=-0.5), Outcome.AWAY, Side.BACK, "soccer"),
    )
    template = template_for(bets, "soccer", rule_states=False)
    home, _, away = template.shape_of
    np.testing.assert_array_equal(template.win[:, home], template.lose[:, away])
    assert bets[0] == Selection(Winner(), Outcome.HOME)


@pytest.mark.parametrize(
    "quoted",
    [
        market(MarketKind.WINNER, line=1.0),
        market(MarketKind.TOTAL),
        market(MarketKind.TOTAL, line=2.5, ways=3),
        market(MarketKind.YES_NO, line=0.5),
    ],
)
def test_a_market_whose_line_and_ways_do_not_fit_is_refused_by_name(quoted):
    with pytest.raises(ValueError, match=f"no {quoted.kind} has"):
        question(quoted, "soccer")


def test_a_line_that_is_no_number_is_refused_by_name():
    with pytest.raises(ValueError, match="a line is a multiple"):
        question(market(MarketKind.TOTAL, line=float("nan")), "soccer")
