from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.markets import Outcome, Side, Statistic
from engine.odds import from_fractional, lay_net
from engine.settlement.contests import HalfTimeFullTime, YesNo
from engine.settlement.kinds import Pair, Part, Rest, StateKind
from engine.settlement.questions import (
    CorrectScore,
    DoubleChance,
    Handicap,
    Scores,
    Total,
    Winner,
    draw_no_bet,
)
from engine.settlement.rules import UNKNOWN, Abandoned, Level, RuleSet
from engine.settlement.selections import Selection, families
from engine.settlement.template import MOST_SELECTIONS, template_for
from tests.engine.settlement.asked import (
    GRID,
    full_time_markets,
    paid,
    profits,
    questions,
    rows,
    selections,
)

VOID_LEVEL = RuleSet(level=frozenset({Level.VOID}), abandoned=frozenset({Abandoned.VOID}))
STANDING = RuleSet(level=frozenset({Level.VOID}), abandoned=frozenset({Abandoned.DECIDED_STAND}))
UP_TO_45 = list(product(range(46), range(46)))
SOME = st.lists(questions(), min_size=1, max_size=7)


def at(home, away):
    return {Part.REGULATION: (home, away)}


def scores_of(ending):
    return {Part(part): (home, away) for part, home, away in ending.scores}


@settings(max_examples=80, deadline=None)
@given(SOME)
def test_the_lattice_holds_all_that_45_goals_a_side_can_do(asked):
    bets = selections(*asked)
    template = template_for(bets, "soccer", (VOID_LEVEL,), rule_states=False)
    home, away = np.array(UP_TO_45).T
    codes = [bet.question.codes(bet.pick, Scores(home, away)) for bet in bets]
    assert template.states == len(np.unique(np.array(codes), axis=1).T)


@settings(max_examples=60, deadline=None)
@given(SOME)
def test_states_are_exactly_what_a_clerk_pays_over_all_scorelines(asked):
    bets = selections(*asked)
    bets += tuple(Selection(bet.question, bet.pick, Side.LAY) for bet in bets[:5])
    template = template_for(bets, "soccer", (VOID_LEVEL,), rule_states=False)
    clerk = [profits(bets, at(*score)) for score in product(range(13), range(13))]
    assert rows(paid(template, bets)) == rows(clerk)


@given(SOME)
def test_a_representative_is_settled_as_its_state(asked):
    bets = selections(*asked)
    template = template_for(bets, "soccer", (VOID_LEVEL,), rule_states=False)
    clerk = [profits(bets, scores_of(ending)) for ending in template.representatives]
    np.testing.assert_allclose(paid(template, bets), clerk)


@settings(max_examples=40, deadline=None)
@given(st.lists(questions(largest=3), min_size=1, max_size=4))
def test_a_match_broken_off_leaves_only_bets_that_nothing_could_have_changed(asked):
    bets = selections(*asked)
    template = template_for(bets, "soccer", (STANDING,))
    clerk = []
    for home, away in product(range(6), range(6)):
        later = product(range(home, home + 14), range(away, away + 14))
        ends = np.array([profits(bets, at(*score)) for score in later])
        clerk.append(np.where(np.ptp(ends, axis=0) == 0, ends[0], 0.0))
    played = [profits(bets, at(*score)) for score in product(range(13), range(13))]
    assert rows(paid(template, bets)) >= rows(clerk)
    assert rows(paid(template, bets)) <= rows([*clerk, *played])


def in_halves(part):
    return questions(part=part, largest=2)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(in_halves(Part.FIRST_HALF), min_size=1, max_size=2),
    st.lists(in_halves(Part.SECOND_HALF), max_size=2),
    st.lists(in_halves(Part.REGULATION), max_size=2),
)
def test_halves_and_full_time_are_what_a_clerk_pays(first, second, both):
    bets = selections(HalfTimeFullTime(), *first, *second, *both)
    template = template_for(bets, "soccer", (VOID_LEVEL,), rule_states=False)
    clerk = [
        profits(
            bets,
            {
                Part.FIRST_HALF: (h1, a1),
                Part.SECOND_HALF: (h2, a2),
                Part.REGULATION: (h1 + h2, a1 + a2),
            },
        )
        for h1, a1, h2, a2 in product(range(5), repeat=4)
    ]
    assert rows(clerk) <= rows(paid(template, bets))
    own = [profits(bets, scores_of(ending)) for ending in template.representatives]
    np.testing.assert_allclose(paid(template, bets), own)


def test_a_match_broken_off_in_the_second_half_has_settled_the_first():
    bets = selections(Winner(part=Part.FIRST_HALF), HalfTimeFullTime())
    template = template_for(bets, "soccer", (STANDING,))
    broken = [
        place
        for place, ending in enumerate(template.representatives)
        if ending.note == "broken off" and template.kind[place] == StateKind.RULE
    ]
    settled = paid(template, bets)[broken]
    assert sorted(map(tuple, settled[:, :3].tolist())) == [
        (-1.0, -1.0, 2.0),
        (-1.0, 2.0, -1.0),
        (2.0, -1.0, -1.0),
    ]
    assert ((settled[:, 3:] == -1.0).sum(axis=1) == 6).all()
    assert ((settled[:, 3:] == 0.0).sum(axis=1) == 3).all()


def test_the_football_markets_of_a_match_come_to_48_states_and_125_shapes():
    listed = [rest for rest in Rest if rest is not Rest.ANY]
    grid = [bet for bet in selections(GRID) if bet.pick not in listed]
    bets = (*selections(*full_time_markets(), draw_no_bet()), *grid)
    template = template_for(bets, "soccer", rule_states=False)
    assert (len(bets), template.states, template.shapes) == (138, 48, 125)
    assert set(template.kind) == {StateKind.CORE}


def test_winners_and_handicaps_come_to_7_states_and_36_shapes():
    winners = [
        question
        for question in full_time_markets()
        if not isinstance(question, Total | CorrectScore)
    ][:19]
    template = template_for(selections(*winners, draw_no_bet()), "soccer", rule_states=False)
    assert (len(template.shape_of), template.states, template.shapes) == (42, 7, 36)


@pytest.mark.parametrize(
    ("laid", "backed"), [(from_fractional("21/1"), "1.0476"), (Fraction(21), "1.0500")]
)
def test_laying_the_away_side_is_backing_home_or_draw(laid, backed):
    bets = (
        Selection(Winner(), Outcome.AWAY, Side.LAY),
        Selection(DoubleChance(), Pair.HOME_OR_DRAW),
    )
    template = template_for(bets, "soccer")
    assert template.shapes == 1
    assert f"{float(lay_net(laid, Fraction(0))):.4f}" == backed


@given(questions(), st.data())
def test_a_lay_wins_what_its_back_loses(question, data):
    pick = data.draw(st.sampled_from(question.picks))
    bets = tuple(Selection(question, pick, side) for side in Side)
    template = template_for(bets, "soccer", (VOID_LEVEL,))
    back, lay = template.shape_of
    np.testing.assert_array_equal(template.win[:, back], template.lose[:, lay])
    np.testing.assert_array_equal(template.lose[:, back], template.win[:, lay])


def test_a_middle_has_four_states_with_two_pushes():
    bets = (
        Selection(Handicap(line=-2.0), Outcome.HOME),
        Selection(Handicap(line=-3.0), Outcome.AWAY),
    )
    template = template_for(bets, "soccer", rule_states=False)
    back = template.bets(np.array([0.90, 1.25]), [0, 1])
    settled = (back.net * back.win - back.lose).tolist()
    assert sorted(settled) == [[-1.0, 1.25], [0.0, 1.25], [0.9, -1.0], [0.9, 0.0]]
    stakes = np.array([1.25 + 1, 0.90 + 1]) / (1.25 + 0.90 + 2)
    assert sorted(np.array(settled) @ stakes) == pytest.approx(
        [stakes[0] * 0.9 - stakes[1], 0.0301204819, 0.4879518072, 0.5722891566], abs=1e-9
    )


def test_two_way_bets_that_push_together_leave_a_void_state():
    template = template_for(selections(draw_no_bet()), "soccer", rule_states=False)
    assert [StateKind(kind).name for kind in template.kind] == ["CORE", "CORE", "VOID"]


def test_an_unknown_rule_is_the_worst_of_all_rules():
    every = [RuleSet(level=frozenset({level})) for level in Level]
    bets = [
        Selection(Winner(ways=2), Outcome.HOME, side, rulebook)
        for side in Side
        for rulebook in range(len(every) + 1)
    ]
    template = template_for((*bets, *selections(Winner())), "soccer", (*every, UNKNOWN))
    shares = paid(template, bets)
    backs, lays = shares[:, :4], shares[:, 4:]
    np.testing.assert_array_equal(backs[:, 3], backs[:, :3].min(axis=1))
    assert (lays[:, 3] <= lays[:, :3].min(axis=1)).all()
    assert len(rows(backs[:, :3].T)) == 3


def test_the_answer_is_kept_and_cannot_be_changed():
    bets = selections(Winner())
    template = template_for(bets, "soccer")
    assert template_for(tuple(bets), "soccer") is template
    with pytest.raises(ValueError, match="read-only"):
        template.win[0, 0] = 2.0


def test_what_belongs_to_different_families_is_settled_apart():
    corners = Total(line=9.5, statistic=Statistic.CORNERS)
    bets = selections(Winner(), corners, Total(line=2.5), YesNo(about="a penalty"))
    apart = families(bets, "soccer")
    assert apart == [(0, 1, 2, 5, 6), (3, 4), (7, 8)]
    with pytest.raises(ValueError, match="divide them by families"):
        template_for(bets, "soccer")
    assert [template_for(tuple(bets[i] for i in f), "soccer").shapes for f in apart] == [5, 2, 2]


def test_halves_whose_lines_are_too_large_are_settled_apart():
    points = [Total(line=110.5, part=part) for part in (Part.FIRST_HALF, Part.REGULATION)]
    assert len(families(selections(*points), "soccer")) == 2
    assert len(families(selections(Total(line=1.5, part=Part.FIRST_HALF), Winner()), "soccer")) == 1


@pytest.mark.parametrize(
    ("bets", "sentence"),
    [
        ((), "0 selections"),
        (selections(Winner()) * (MOST_SELECTIONS // 3 + 1), "there may be 1 to 5000"),
        (selections(Winner(), rulebook=1), "not among the rules"),
        (selections(Total(line=900.0), Handicap(line=900.0)), "too large for so many"),
        (selections(HalfTimeFullTime(), Total(line=60.5)), "halves and full time"),
    ],
)
def test_what_cannot_be_listed_is_refused_by_name(bets, sentence):
    with pytest.raises(ValueError, match=sentence):
        template_for(tuple(bets), "soccer")


def test_lines_that_contradict_each_other_are_only_bets_that_differ():
    bets = selections(*(Total(line=line) for line in (0.0, 2.5, 2.5, 5.25)), Handicap(line=-40.0))
    template = template_for(bets, "soccer", rule_states=False)
    assert template.shapes == 8
    assert (template.win + template.lose <= 1.0).all()
