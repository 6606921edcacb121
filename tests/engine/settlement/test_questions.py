import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Outcome, Side
from engine.settlement.codes import shares
from engine.settlement.kinds import Pair, Part
from engine.settlement.questions import (
    CorrectScore,
    EuropeanHandicap,
    Handicap,
    Scores,
    Total,
    Winner,
)
from engine.settlement.rules import Level, RuleSet, tables
from engine.settlement.selections import Selection
from tests.engine.oracle import settle
from tests.engine.settlement.asked import questions, returned

COUNTS = st.integers(0, 12)
ODDS = st.integers(105, 2_000).map(lambda cents: cents / 100)


@given(questions(), st.data(), COUNTS, COUNTS, ODDS, st.sampled_from(Level))
def test_every_bet_is_paid_as_a_clerk_would_pay_it(question, data, home, away, odds, level):
    pick = data.draw(st.sampled_from(question.picks))
    codes = question.codes(pick, Scores(np.array([home]), np.array([away])))
    known = tables(RuleSet(level=frozenset({level})))
    given_back = returned(question, pick, {Part.REGULATION: (home, away)}, level=level.value)
    for side, table, net in (
        (settle.back, known.back, odds - 1),
        (settle.lay, known.lay, 1 / (odds - 1)),
    ):
        win, lose = shares(table[codes])
        assert net * win[0] - lose[0] == pytest.approx(float(side(given_back, str(odds))))


@given(questions(), st.data(), COUNTS, COUNTS)
def test_shares_are_none_half_or_all(question, data, home, away):
    pick = data.draw(st.sampled_from(question.picks))
    codes = question.codes(pick, Scores(np.array([home]), np.array([away])))
    win, lose = shares(tables(RuleSet(level=frozenset({Level.VOID}))).back[codes])
    assert {win[0], lose[0]} <= {0.0, 0.5, 1.0}
    assert win[0] + lose[0] <= 1.0


def test_a_quarter_line_is_half_won_next_to_it():
    at = Scores(np.array([0, 1, 2, 3]), np.zeros(4, np.int64))
    win, lose = shares(Total(line=1.75).codes(Outcome.OVER, at))
    assert win.tolist() == [0.0, 0.0, 0.5, 1.0]
    assert lose.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_what_the_market_does_not_list_is_any_other_score():
    question = CorrectScore(listed=((0, 0), (1, 0)))
    at = Scores(np.array([0, 1, 2, 0]), np.array([0, 0, 2, 3]))
    others = [pick for pick in question.picks if not isinstance(pick, tuple)]
    won = [shares(question.codes(pick, at))[0].tolist() for pick in others]
    assert won == [[0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize("line", [float("nan"), float("inf"), -float("inf"), 0.3, 1e9])
@pytest.mark.parametrize("market", [Handicap, EuropeanHandicap, Total])
def test_absurd_lines_are_refused_by_name(market, line):
    with pytest.raises(ValueError, match=r"multiple of 0\.25 and at most 1000"):
        market(line=line)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (lambda: Total(line=-0.5), "cannot be below 0"),
        (lambda: Total(line=2.5, team=Outcome.DRAW), "home or away"),
        (lambda: EuropeanHandicap(line=0.5), "whole number"),
        (lambda: Winner(ways=4), "one of 2 or 3"),
        (lambda: CorrectScore(listed=()), "at least one"),
        (lambda: CorrectScore(listed=((1, 0), (1, 0))), "once"),
        (lambda: CorrectScore(listed=((-1, 0),)), "two counts from 0"),
        (lambda: Selection(Winner(ways=2), Outcome.DRAW), "no pick draw"),
        (lambda: RuleSet(level=frozenset()), "none is given for level"),
    ],
)
def test_markets_that_make_no_sense_are_refused_by_name(asked, sentence):
    with pytest.raises(ValueError, match=sentence):
        asked()


def test_a_pick_given_as_plain_text_is_the_same_pick():
    plain = Selection(Winner(), "draw", "lay")
    assert plain == Selection(Winner(), Outcome.DRAW, Side.LAY)
    assert plain.pick is Outcome.DRAW
    assert Pair("1X") is Pair.HOME_OR_DRAW
