"""Outcomes: sides by word, by number and by name; propositions by what they name."""

import pytest

from domain.markets import MarketKind, Outcome
from feeds.outcomes import is_draw, placed
from feeds.prices import NoPrice
from feeds.reasons import Reason

K = MarketKind


@pytest.mark.parametrize(
    ("kind", "label", "outcome", "subject"),
    [
        (K.WINNER, "Gulls", Outcome.HOME, None),
        (K.WINNER, "2", Outcome.AWAY, None),
        (K.WINNER, "Tie", Outcome.DRAW, None),
        (K.HANDICAP, "away", Outcome.AWAY, None),
        (K.TOTAL, "Over", Outcome.OVER, None),
        (K.BOTH_TEAMS_TO_SCORE, "NO", Outcome.NO, None),
        (K.ODD_EVEN, "even", Outcome.EVEN, None),
        (K.DOUBLE_CHANCE, "x2", Outcome.YES, "X2"),
        (K.DOUBLE_CHANCE, "X or Foxes", Outcome.YES, "X2"),
        (K.DOUBLE_CHANCE, "Home/Away", Outcome.YES, "12"),
        (K.CORRECT_SCORE, "2:1", Outcome.YES, "2-1"),
        (K.HALF_TIME_FULL_TIME, "Gulls - Draw", Outcome.YES, "home/draw"),
        (K.TO_QUALIFY, "1", Outcome.YES, "home"),
    ],
)
def test_a_label_is_placed_by_the_question(kind, label, outcome, subject):
    assert placed(kind, label, "Gulls", "Foxes") == (outcome, subject)


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (K.WINNER, "Otters"),
        (K.WINNER, ""),
        (K.TOTAL, "home"),
        (K.DOUBLE_CHANCE, "11"),
        (K.DOUBLE_CHANCE, "Gulls or Gulls"),
        (K.CORRECT_SCORE, "Any other"),
        (K.CORRECT_SCORE, "\u0662-\u0661"),
        (K.HALF_TIME_FULL_TIME, "Gulls"),
    ],
)
def test_a_label_of_another_question_is_unknown(kind, label):
    with pytest.raises(NoPrice) as refused:
        placed(kind, label, "Gulls", "Foxes")
    assert refused.value.reason == Reason.UNKNOWN_OUTCOME


def test_a_team_whose_name_holds_the_word_or_is_still_found():
    assert placed(K.DOUBLE_CHANCE, "Win or Bust or X", "Win or Bust", "Foxes")[1] == "1X"


def test_the_draw_is_known_by_its_label():
    assert is_draw("X")
    assert is_draw("draw")
    assert not is_draw("home")
    assert not is_draw(None)
