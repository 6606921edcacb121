from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.markets import Outcome, Statistic
from engine.settlement.kinds import Part, StateKind
from engine.settlement.questions import DoubleChance, Handicap, Total, Winner
from engine.settlement.rules import Abandoned, Level, Pitchers, RuleSet, Shortened
from engine.settlement.selections import Selection, families
from engine.settlement.template import template_for
from tests.engine.settlement.asked import paid, profits, questions, rows, selections

OT = Part.WITH_OVERTIME
MONEYLINE = Winner(part=OT, ways=2)
VOID_LEVEL = RuleSet(level=frozenset({Level.VOID}), abandoned=frozenset({Abandoned.VOID}))


def played(most, follow):
    for home, away in product(range(most), range(most)):
        finals = follow(home) if home == away else [(home, away)]
        for final in finals:
            yield {Part.REGULATION: (home, away), OT: final}


def sudden_death(score):
    return [(score + 1, score), (score, score + 1)]


def any_points(score, *, level):
    return [
        (score + home, score + away)
        for home, away in product(range(9), range(9))
        if level or home != away
    ]


def in_both():
    small = (st.lists(questions(part=part, largest=4), max_size=3) for part in (Part.REGULATION,))
    return st.tuples(*small, st.lists(questions(part=OT, largest=4), min_size=1, max_size=3))


@pytest.mark.parametrize(
    ("sport", "follow"),
    [
        ("ice_hockey", sudden_death),
        ("basketball", lambda score: any_points(score, level=False)),
        ("american_football", lambda score: any_points(score, level=True)),
    ],
)
@settings(max_examples=25, deadline=None)
@given(asked=in_both())
def test_regulation_and_overtime_are_what_a_clerk_pays(sport, follow, asked):
    regulation, final = asked
    bets = selections(Winner(), *regulation, MONEYLINE, *final)
    template = template_for(bets, sport, (VOID_LEVEL,), rule_states=False)
    clerk = [profits(bets, scores) for scores in played(10, follow)]
    assert rows(clerk) <= rows(paid(template, bets))
    own = [
        profits(bets, {Part(part): (home, away) for part, home, away in ending.scores})
        for ending in template.representatives
    ]
    np.testing.assert_allclose(paid(template, bets), own)


def test_hockey_moneyline_against_regulation_loses_when_away_wins_in_overtime():
    bets = (Selection(MONEYLINE, Outcome.HOME), Selection(Winner(), Outcome.AWAY))
    template = template_for(bets, "ice_hockey", rule_states=False)
    made = template.bets(np.array([1.05, 1.10]), [0, 1])
    result = (made.net * made.win - made.lose) @ np.array([1 / 2.05, 1 / 2.10])
    told = dict(zip(map(str, template.representatives), result, strict=True))
    cost = 1 / 2.05 + 1 / 2.10
    assert cost == pytest.approx(1 / 1.0373, abs=1e-4)
    assert told["0-0 regulation, 0-1 with_overtime"] == pytest.approx(-cost)
    assert sum(result < 0) == 1


def test_a_hockey_match_has_four_ways_to_end_with_and_without_overtime():
    template = template_for(selections(MONEYLINE, Winner()), "ice_hockey", rule_states=False)
    assert template.states == 4


def test_overtime_in_hockey_adds_one_goal():
    bets = (
        Selection(Winner(), Outcome.DRAW),
        Selection(Handicap(part=OT, line=-1.5), Outcome.HOME),
        Selection(Total(part=OT, line=1.5), Outcome.UNDER),
        Selection(Total(line=1.5), Outcome.UNDER),
    )
    template = template_for(bets, "ice_hockey", rule_states=False)
    settled = rows(paid(template, bets))
    assert {row[1:] for row in settled if row[0] > 0} == {(-1.0, 2.0, 2.0), (-1.0, -1.0, -1.0)}


def test_the_rare_tie_of_american_football_is_a_rule_state_until_it_can_be_bet_on():
    spread = Handicap(part=OT, line=-0.5)
    template = template_for(selections(MONEYLINE, spread), "american_football", rule_states=False)
    told = dict(zip(map(str, template.representatives), template.kind, strict=True))
    assert told["0-0 with_overtime"] == StateKind.RULE
    three_way = selections(MONEYLINE, spread, Winner(part=OT))
    template = template_for(three_way, "american_football", rule_states=False)
    assert set(template.kind) == {StateKind.CORE}


def test_basketball_never_ends_level():
    template = template_for(selections(MONEYLINE), "basketball", rule_states=False)
    assert template.states == 2


@pytest.mark.parametrize("part", [Part.REGULATION, OT])
def test_only_rules_say_what_a_level_end_of_an_unknown_sport_is(part):
    moneyline = selections(Winner(part=part, ways=2))
    template = template_for(moneyline, "quidditch", rule_states=False)
    assert sorted(template.kind) == [StateKind.CORE, StateKind.CORE, StateKind.RULE]


@pytest.mark.parametrize("sport", ["quidditch", "cricket", "snooker"])
@pytest.mark.parametrize("drawn", [Winner(), DoubleChance()])
def test_the_draw_is_core_in_every_sport_where_it_can_be_bet_on(sport, drawn):
    bets = selections(Winner(ways=2), drawn)
    template = template_for(bets, sport, rule_states=False)
    assert template.states == 3
    assert set(template.kind) == {StateKind.CORE}


@pytest.mark.parametrize(
    "sport",
    ["volleyball", "beach_volleyball", "table_tennis", "badminton", "squash", "padel", "darts",
     "snooker", "esports", "softball", "curling", "ice_hockey"],
)  # fmt: skip
def test_a_two_way_winner_needs_no_rule_where_nobody_can_draw(sport):
    template = template_for(selections(MONEYLINE), sport, rule_states=False)
    assert template.kind.tolist() == [StateKind.CORE] * 2


@pytest.mark.parametrize("sport", ["volleyball", "esports", "tennis"])
def test_a_set_and_a_map_have_a_winner(sport):
    for part in (Part.SECOND_SET, Part.SECOND_MAP):
        template = template_for(selections(Winner(part=part, ways=2)), sport, rule_states=False)
        assert template.kind.tolist() == [StateKind.CORE] * 2


def test_a_count_that_is_no_score_may_be_level_in_every_sport_and_overtime_may_follow():
    for sport in ("basketball", "ice_hockey", "volleyball"):
        more = Winner(part=OT, statistic=Statistic.SHOTS)
        assert template_for(selections(more), sport, rule_states=False).states == 3
    before = Total(statistic=Statistic.REBOUNDS, line=80.5)
    after = Total(part=OT, statistic=Statistic.REBOUNDS, line=80.5)
    assert families(selections(before, after), "basketball") == [(0, 1), (2, 3)]


def baseball(**rules):
    known = {
        "level": Level.VOID,
        "abandoned": Abandoned.VOID,
        "pitchers": Pitchers.ACTION,
        "shortened": Shortened.VOID,
    } | rules
    return RuleSet(**{subject: frozenset({rule}) for subject, rule in known.items()})


def states_of(template, note):
    return [i for i, ending in enumerate(template.representatives) if note in ending.note]


RUN_LINE = (
    Selection(MONEYLINE, Outcome.HOME),
    Selection(Handicap(part=OT, line=-1.5), Outcome.HOME),
    Selection(Total(part=OT, line=8.5), Outcome.OVER),
    Selection(Total(part=OT, line=8.5), Outcome.UNDER),
)


def test_a_game_called_after_five_innings_settles_the_winner_but_no_run_line():
    template = template_for(RUN_LINE, "baseball", (baseball(),))
    called = states_of(template, "called early")
    assert rows(paid(template, RUN_LINE)[called]) == {(2.0, 0, 0, 0), (-1.0, 0, 0, 0)}


def test_where_decided_bets_stand_a_called_game_pays_the_over_that_was_reached():
    rules = baseball(shortened=Shortened.DECIDED_STAND)
    template = template_for(RUN_LINE, "baseball", (rules,))
    called = rows(paid(template, RUN_LINE)[states_of(template, "called early")])
    assert called == {(sign, 0, *total) for sign in (2.0, -1.0) for total in ((0, 0), (2.0, -1.0))}


def test_listed_pitchers_void_what_action_lets_stand():
    both = [Selection(MONEYLINE, Outcome.HOME, rulebook=book) for book in (0, 1)]
    rules = (baseball(), baseball(pitchers=Pitchers.LISTED))
    template = template_for(tuple(both), "baseball", rules)
    changed = rows(paid(template, both)[states_of(template, "pitcher")])
    assert changed == {(2.0, 0.0), (-1.0, 0.0)}


def test_pitchers_do_not_matter_before_rules_are_asked_about():
    template = template_for(RUN_LINE, "baseball", (baseball(),), rule_states=False)
    assert not states_of(template, "pitcher")
