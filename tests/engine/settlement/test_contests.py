from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Outcome, Side, Statistic
from engine.settlement.contests import EachWay, Field, GoesTheDistance, Method, Race, YesNo
from engine.settlement.kinds import How, StateKind
from engine.settlement.questions import Handicap, Total, Winner
from engine.settlement.races import Orders, settled_in
from engine.settlement.rules import UNKNOWN, Level, NonRunner, RuleSet
from engine.settlement.selections import Selection, families
from engine.settlement.template import template_for
from tests.engine.oracle import settle
from tests.engine.settlement.asked import paid, rows, selections

FIVE = Field(runners=5)
EACH_WAY = EachWay(field=FIVE, places=3, fraction=0.2)


def test_every_finish_of_a_race_is_paid_as_a_clerk_would():
    bets = selections(Race(field=FIVE), Race(field=FIVE, places=3), EACH_WAY)
    template = template_for(bets, "horse_racing")
    clerk = []
    for finish in permutations(range(5)):
        place = {runner: finish.index(runner) for runner in range(5)}
        returned = [
            *(settle.result(place[runner] < 1) for runner in range(5)),
            *(settle.result(place[runner] < 3) for runner in range(5)),
            *(settle.each_way(place[r] < 1, place[r] < 3, "0.2") for r in range(5)),
        ]
        clerk.append([float(settle.back(each, 3)) for each in returned])
    assert rows(clerk) == rows(paid(template, bets))
    assert template.states == 5 * 6


def orders(ahead, level, withdrawn=-1):
    return Orders(np.array([ahead]), np.array([level]), np.array([withdrawn]))


@pytest.mark.parametrize(
    ("ahead", "level", "places", "left", "tied"),
    [
        ([0, 0, 2, 3, 4], [2, 2, 1, 1, 1], 1, 1, 2),
        ([0, 0, 0, 3, 4], [3, 3, 3, 1, 1], 1, 1, 3),
        ([0, 0, 0, 0, 4], [4, 4, 4, 4, 1], 3, 3, 4),
    ],
)
def test_a_dead_heat_pays_the_part_of_the_places_that_is_left(ahead, level, places, left, tied):
    bets = selections(Race(field=FIVE, places=places))[:1]
    win, lose = settled_in(orders(ahead, level), bets, (UNKNOWN,))
    assert win[0, 0] == pytest.approx(left / tied)
    assert lose[0, 0] == pytest.approx(1 - left / tied)
    clerk = float(settle.back(settle.dead_heat(left, tied), 3))
    assert 2.0 * win[0, 0] - lose[0, 0] == pytest.approx(clerk)


def test_a_dead_heat_is_the_mean_of_the_orders_that_would_break_it():
    bets = selections(Race(field=FIVE), EACH_WAY)
    bets += tuple(Selection(bet.question, bet.pick, Side.LAY) for bet in bets)
    tied = settled_in(orders([0, 1, 1, 1, 4], [1, 3, 3, 3, 1]), bets, (UNKNOWN,))
    broken = [
        settled_in(orders([0, *order, 4], [1] * 5), bets, (UNKNOWN,))
        for order in permutations((1, 2, 3))
    ]
    for part in (0, 1):
        mean = np.mean([each[part] for each in broken], axis=0)
        np.testing.assert_allclose(tied[part], mean, atol=1e-12)


@given(st.sampled_from(NonRunner), st.floats(0.0, 0.9))
def test_a_withdrawn_runner_is_void_and_reduces_what_winners_win(rule, deduction):
    field = Field(runners=3, deductions=(deduction,) * 3)
    bets = selections(Race(field=field))
    win, lose = settled_in(
        orders([0, 1, 3], [1, 1, 1], 2), bets, (RuleSet(non_runner=frozenset({rule})),)
    )
    left = deduction if rule is NonRunner.REDUCED else 0.0
    clerk = float(settle.back(settle.rule_4(won=True, deduction=left), 5))
    assert 4.0 * win[0, 0] - lose[0, 0] == pytest.approx(clerk)
    assert (win[0, 1], lose[0, 1]) == (0.0, 1.0)
    assert (win[0, 2], lose[0, 2]) == (0.0, 1.0 if rule is NonRunner.STAND else 0.0)


def test_non_runners_are_rule_states_of_races_that_have_deductions():
    field = Field(runners=4, deductions=(0.25, 0.2, 0.1, 0.05))
    template = template_for(selections(Race(field=field)), "horse_racing")
    assert np.bincount(template.kind).tolist() == [4, 4 * 3]
    assert template.win[template.kind == StateKind.RULE].max() == pytest.approx(0.95)
    assert template_for(selections(Race(field=FIVE)), "politics").states == 5


def test_somebody_else_may_win_where_the_listed_ones_are_not_all():
    field = Field(runners=3, exhaustive=False)
    bets = selections(Race(field=field))
    template = template_for(bets, "politics")
    assert (paid(template, bets) < 0).all(axis=1).sum() == 1
    assert str(template.representatives[-1]) == "another one wins"


def test_no_on_one_of_many_is_a_lay_of_yes():
    bets = selections(YesNo())
    bets += (Selection(YesNo(), Outcome.YES, Side.LAY),)
    template = template_for(bets, "politics")
    assert template.shape_of.tolist() == [0, 1, 1]
    assert [StateKind(kind).name for kind in template.kind] == ["CORE", "CORE", "VOID"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (lambda: Field(runners=10_000), "10000 runners; there may be 2 to 1000"),
        (lambda: Field(runners=1), "1 runners"),
        (lambda: Field(runners=3, deductions=(0.1,)), "one deduction a runner"),
        (lambda: Field(runners=2, deductions=(0.1, float("nan"))), "part of the winnings"),
        (lambda: Race(field=FIVE, places=5), "leave nothing open"),
        (lambda: EachWay(field=FIVE, places=2, fraction=float("nan")), "part of the odds"),
    ],
)
def test_races_that_make_no_sense_are_refused_by_name(asked, sentence):
    with pytest.raises(ValueError, match=sentence):
        asked()


def test_too_many_ways_to_fill_the_places_are_refused_by_name():
    bets = selections(Race(field=Field(runners=100), places=5))
    with pytest.raises(ValueError, match="more than 50000 ways"):
        template_for(bets, "horse_racing")


def test_a_thousand_outcomes_are_settled():
    template = template_for(selections(Race(field=Field(runners=1000))), "golf")
    assert (template.states, template.shapes) == (1000, 1000)


def level(rule):
    return RuleSet(level=frozenset({rule}))


def test_a_draw_voids_a_two_way_fight_or_loses_it_by_the_books_rule():
    bets = [Selection(Winner(ways=2), Outcome.HOME, rulebook=book) for book in range(3)]
    template = template_for(tuple(bets), "mma", (level(Level.VOID), level(Level.LOST), UNKNOWN))
    drawn = template.representatives.index(
        next(e for e in template.representatives if e.note == "draw")
    )
    assert paid(template, bets)[drawn].tolist() == [0.0, -1.0, -1.0]
    assert template.kind[drawn] == StateKind.RULE


def test_the_draw_is_core_where_it_can_be_bet_on():
    template = template_for(selections(Winner()), "boxing", rule_states=False)
    assert set(template.kind) == {StateKind.CORE}
    assert template.states == 3


def test_methods_winners_and_the_distance_go_together():
    bets = selections(Winner(ways=2), Method(), GoesTheDistance())
    template = template_for(bets, "mma", (level(Level.VOID),))
    assert template.states == 6 + 1 + 1
    by_decision = bets.index(Selection(Method(), (Outcome.HOME, How.DECISION)))
    (place,) = np.flatnonzero(template.win[:, template.shape_of[by_decision]])
    assert str(template.representatives[place]) == "home by decision"
    assert paid(template, bets)[place].tolist()[:2] == [2.0, -1.0]


def test_rounds_of_a_fight_are_settled_apart_and_points_not_at_all():
    rounds = Total(statistic=Statistic.ROUNDS, line=2.5)
    bets = selections(Winner(ways=2), rounds)
    assert families(bets, "mma") == [(0, 1), (2, 3)]
    with pytest.raises(ValueError, match="a fight does not settle"):
        template_for(selections(Handicap(line=1.5)), "mma")
