from itertools import product

import numpy as np
import pytest

from domain.markets import Outcome, Statistic
from engine.settlement.kinds import Part, StateKind
from engine.settlement.questions import (
    BothScore,
    CorrectScore,
    Handicap,
    OddEven,
    Total,
    Winner,
)
from engine.settlement.rackets import begun_sets, ends, to_come
from engine.settlement.rules import UNKNOWN, Abandoned, Retired, RuleSet
from engine.settlement.selections import Selection
from engine.settlement.template import template_for
from tests.engine.oracle import settle
from tests.engine.settlement.asked import paid, rows, selections

MATCH = Winner(ways=2)
GAMES = Statistic.GAMES
SET_BETTING = CorrectScore(statistic=Statistic.SETS, listed=((2, 0), (2, 1), (1, 2), (0, 2)))
SCORES = [(6, lost) for lost in range(5)] + [(7, 5), (7, 6)]
SCORES += [(lost, won) for won, lost in SCORES]


def retiring(rule):
    return RuleSet(retired=frozenset({rule}), abandoned=frozenset({Abandoned.DECIDED_STAND}))


def told(template, note):
    return [i for i, ending in enumerate(template.representatives) if note in str(ending)]


def best_of_three():
    """Every match of two sets to win, as its list of sets; the last may be a match tie-break."""
    for one, two in product(SCORES, SCORES):
        if (one[0] > one[1]) == (two[0] > two[1]):
            yield [one, two]
        else:
            yield from ([one, two, three] for three in [*SCORES, (1, 0), (0, 1)])


def test_every_match_of_three_sets_is_paid_as_a_clerk_would():
    bets = (
        *selections(MATCH, Handicap(statistic=GAMES, line=-3.5), OddEven(statistic=GAMES)),
        *selections(Total(statistic=GAMES, line=21.0)),
        *selections(Total(statistic=GAMES, line=12.5, team=Outcome.HOME)),
        *selections(Winner(part=Part.FIRST_SET, ways=2)),
        *[Selection(SET_BETTING, score) for score in SET_BETTING.listed],
    )
    template = template_for(bets, "tennis_best_of_3", rule_states=False)
    clerk = []
    for sets in best_of_three():
        won = (sum(home > away for home, away in sets), sum(home < away for home, away in sets))
        home, away = (sum(each) for each in zip(*sets, strict=True))
        returned = [
            *(settle.winner(pick, *won) for pick in ("home", "away")),
            *(settle.handicap(pick, "-3.5", home, away) for pick in ("home", "away")),
            *(settle.odd_even(pick, home, away) for pick in ("odd", "even")),
            *(settle.total(pick, "21", home + away) for pick in ("over", "under")),
            *(settle.total(pick, "12.5", home) for pick in ("over", "under")),
            *(settle.winner(pick, *sets[0]) for pick in ("home", "away")),
            *(settle.correct_score(pick, (), *won) for pick in SET_BETTING.listed),
        ]
        clerk.append([float(settle.back(each, 3)) for each in returned])
    assert rows(clerk) == rows(paid(template, bets))


@pytest.mark.parametrize(
    ("rule", "first_set", "later"),
    [
        (Retired.BALL_SERVED, 2.0, 2.0),
        (Retired.ONE_SET, 0.0, 2.0),
        (Retired.COMPLETED, 0.0, 0.0),
    ],
)
def test_who_advances_wins_a_retired_match_from_the_stage_the_book_asks_for(rule, first_set, later):
    # A book of each rule keeps the states apart.
    bets = [Selection(MATCH, Outcome.HOME, rulebook=book) for book in range(4)]
    rules = (retiring(rule), *(retiring(each) for each in Retired))
    template = template_for(tuple(bets), "tennis", rules)
    result = paid(template, bets)[:, 0]
    assert result[told(template, "in the first set, home")].tolist() == [first_set]
    assert result[told(template, "after the first set, home")].tolist() == [later]
    assert result[told(template, "walkover")].tolist() == [0.0]


def test_a_retirement_breaks_an_arbitrage_between_one_ball_and_one_set():
    bets = (
        Selection(MATCH, Outcome.HOME, rulebook=0),
        Selection(MATCH, Outcome.AWAY, rulebook=1),
    )
    rules = (retiring(Retired.BALL_SERVED), retiring(Retired.ONE_SET))
    template = template_for(bets, "tennis", rules)
    stakes = np.array([500.0, 500.0])
    result = paid(template, bets, 2.1) @ stakes
    core = template.kind == StateKind.CORE
    np.testing.assert_allclose(result[core], 50.0)
    assert result[~core].min() == -500.0
    assert str(template.representatives[int(result.argmin())]).endswith("away advances")


def test_an_unknown_retirement_rule_is_the_worst_of_all():
    bets = [Selection(MATCH, Outcome.HOME, rulebook=book) for book in range(4)]
    template = template_for(tuple(bets), "tennis", (*(retiring(each) for each in Retired), UNKNOWN))
    result = paid(template, bets)
    np.testing.assert_array_equal(result[:, 3], result[:, :3].min(axis=1))


def test_at_four_all_the_over_of_nine_and_a_half_games_is_decided():
    over = Selection(Total(part=Part.FIRST_SET, statistic=GAMES, line=9.5), Outcome.OVER)
    assert min(sum(end) for end in ends((0, 0), 2, (4, 4))) == 10
    bets = (over, Selection(MATCH, Outcome.HOME))
    template = template_for(bets, "tennis_best_of_3", (retiring(Retired.COMPLETED),))
    rule_states = [i for i in told(template, "retired") if template.win[i].any()]
    assert rows(paid(template, bets)[rule_states]) == {(2.0, 0.0)}
    assert "retired in the first set" in str(template.representatives[rule_states[0]])


def test_what_is_to_come_is_the_least_and_most_of_all_that_can_be_played():
    spans = to_come((0, 0), 2)
    matches = [(sum(h for h, _ in sets), sum(a for _, a in sets)) for sets in best_of_three()]
    games = np.array([(h + a, h - a, h, a) for h, a in matches])
    assert spans.least == tuple(games.min(axis=0))
    assert spans.most == tuple(games.max(axis=0))


def test_sets_are_begun_only_at_scores_that_play_leads_through():
    assert (6, 6) in begun_sets()
    assert (6, 5) in begun_sets()
    assert not {(6, 4), (7, 5), (6, 0), (7, 6)} & set(begun_sets())
    assert len(begun_sets()) == 39


def test_questions_that_games_do_not_answer_are_refused_by_name():
    bets = selections(BothScore(statistic=GAMES))
    with pytest.raises(ValueError, match="games do not settle"):
        template_for(bets, "tennis")


def test_odd_or_even_games_are_decided_early_only_in_the_last_tie_break():
    # A book that asks for the whole match keeps the retirement apart from matches that are over.
    bets = (*selections(OddEven(statistic=GAMES)), Selection(MATCH, Outcome.HOME))
    template = template_for(bets, "tennis_best_of_3", (retiring(Retired.COMPLETED),))
    decided = [
        ending
        for ending, win in zip(template.representatives, template.win, strict=True)
        if "retired" in ending.note and win.any()
    ]
    assert len(decided) == 2
    for ending in decided:
        (_, *sets), (_, *games) = ending.scores
        assert sets == [1, 1]
        assert sum(games) >= 12 + 12
