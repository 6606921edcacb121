"""Every kind of quoted market against a clerk who reads the market and nothing of the engine."""

from itertools import product

import numpy as np
import pytest

from domain.markets import Market, MarketKind, Outcome, Period, Side, Statistic
from engine.settlement.kinds import StateKind
from engine.settlement.quoted import selection
from engine.settlement.selections import families
from engine.settlement.template import template_for
from tests.engine.oracle import settle
from tests.engine.settlement.asked import rows

FULL = Period.FULL_TIME
ODDS = 3
ENDS = list(product(range(6), range(6)))
HALVES = [
    (first, (first[0] + more[0], first[1] + more[1]))
    for first, more in product(product(range(4), range(4)), product(range(4), range(4)))
]
FIGHTS = [*product(("home", "away"), ("knockout", "submission", "decision")), ("draw", "decision")]


def market(kind, subject=None, line=None, **changes):
    return Market(
        event_id="e", kind=MarketKind(kind), period=FULL, subject=subject, line=line, **changes
    )


def every_outcome(*markets, sport="soccer", sides=(Side.BACK, Side.LAY)):
    quoted = [(each, o, side) for each in markets for o in each.outcomes for side in sides]
    return quoted, tuple(selection(*bet, sport) for bet in quoted)


def paid(bets, template):
    """Profit on a unit of cash at risk: back at odds 3 nets 2, who lays has 1/2."""
    net = np.array([ODDS - 1 if side is Side.BACK else 1 / (ODDS - 1) for _, _, side in bets])
    made = template.bets(net, range(len(bets)))
    return made.net * made.win - made.lose


def returned(asked, outcome, home, away):
    """What the clerk gives back after a score, by reading the market's own words."""
    won = {
        "both_teams_to_score": lambda: home > 0 and away > 0,
        "correct_score": lambda: asked.subject == f"{home}-{away}",
        "double_chance": lambda: (
            ("1" if home > away else "X" if home == away else "2") in asked.subject
        ),
    }
    counted = {"home": home, "away": away, None: home + away}
    match asked.kind:
        case MarketKind.WINNER if asked.ways == 3:
            return settle.winner(outcome, home, away)
        case MarketKind.HANDICAP if asked.ways == 3:
            return settle.european_handicap(outcome, asked.line, home, away)
        case MarketKind.WINNER | MarketKind.DRAW_NO_BET:
            return settle.two_way(outcome, home, away, level="void")
        case MarketKind.HANDICAP:
            return settle.handicap(outcome, asked.line, home, away)
        case MarketKind.TOTAL | MarketKind.TEAM_TOTAL:
            return settle.total(outcome, asked.line, counted[asked.subject])
        case MarketKind.PLAYER_TOTAL:
            return settle.total(outcome, asked.line, home + away)
        case MarketKind.ODD_EVEN:
            return settle.odd_even(outcome, home, away)
        case kind:
            return settle.result(won[kind]() == (outcome == "yes"))


def profit(bet, given_back):
    pays = settle.back if bet[2] is Side.BACK else settle.lay
    return float(pays(given_back, ODDS))


COUNTED = [
    market("winner", ways=3),
    market("draw_no_bet"),
    market("handicap", line=-0.75),
    market("handicap", line=1.0),
    market("handicap", line=-1.0, ways=3),
    market("total", line=2.25),
    market("team_total", "home", line=1.5),
    market("team_total", "away", line=2.0),
    market("odd_even"),
    market("both_teams_to_score"),
    *(market("double_chance", subject) for subject in ("1X", "12", "X2")),
    *(market("correct_score", subject) for subject in ("0-0", "2-1", "1-2", "3-3")),
]
STATISTICS = [Statistic.SCORE, Statistic.CORNERS]


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("asked", COUNTED, ids=lambda each: f"{each.kind} {each.subject}")
def test_every_price_is_paid_as_a_clerk_pays_it_after_every_score(asked, statistic):
    bets, selections = every_outcome(
        Market(**{f: getattr(asked, f) for f in asked.__struct_fields__} | {"statistic": statistic})
    )
    template = template_for(selections, "soccer", rule_states=False)
    clerk = [[profit(bet, returned(bet[0], bet[1], *score)) for bet in bets] for score in ENDS]
    assert rows(clerk) == rows(paid(bets, template))


def test_all_of_them_at_once_are_paid_as_a_clerk_pays_them():
    bets, selections = every_outcome(*COUNTED)
    template = template_for(selections, "soccer", rule_states=False)
    clerk = [
        [profit(bet, returned(bet[0], bet[1], *score)) for bet in bets]
        for score in product(range(8), range(8))
    ]
    assert rows(clerk) <= rows(paid(bets, template))
    own = [
        [profit(bet, returned(bet[0], bet[1], *ending.scores[0][1:])) for bet in bets]
        for ending in template.representatives
    ]
    np.testing.assert_allclose(paid(bets, template), own)


def test_a_players_total_is_paid_by_the_players_own_count_and_by_nobody_elses():
    one = market("player_total", "A. Wilson", line=2.5, statistic=Statistic.POINTS)
    other = market("player_total", "B. Stewart", line=2.5, statistic=Statistic.POINTS)
    both = market("total", line=2.5, statistic=Statistic.POINTS)
    bets, selections = every_outcome(one, sport="basketball")
    template = template_for(selections, "basketball", rule_states=False)
    clerk = [[profit(bet, returned(bet[0], bet[1], n, 0)) for bet in bets] for n in range(9)]
    assert rows(clerk) == rows(paid(bets, template))
    _, mixed = every_outcome(one, other, both, sport="basketball", sides=(Side.BACK,))
    assert families(mixed, "basketball") == [(0, 1), (2, 3), (4, 5)]


def test_half_time_and_full_time_are_paid_as_a_clerk_pays_them():
    nine = [f"{a}/{b}" for a, b in product(("home", "draw", "away"), repeat=2)]
    bets, selections = every_outcome(*(market("half_time_full_time", each) for each in nine))
    template = template_for(selections, "soccer", rule_states=False)

    def who(score):
        return "home" if score[0] > score[1] else "draw" if score[0] == score[1] else "away"

    clerk = [
        [
            profit(bet, settle.result((bet[0].subject == f"{who(early)}/{who(late)}") is yes))
            for bet in bets
            for yes in [bet[1] is Outcome.YES]
        ]
        for early, late in HALVES
    ]
    assert rows(clerk) == rows(paid(bets, template))
    assert template.states == 9


def test_methods_the_distance_and_the_draw_no_bet_of_a_fight_are_paid_as_a_clerk_pays_them():
    quoted = [*(market("method_of_victory", f"{who} {how}") for who, how in FIGHTS)]
    quoted += [market("goes_the_distance"), market("draw_no_bet")]
    bets, selections = every_outcome(*quoted, sport="boxing")
    template = template_for(selections, "boxing", rule_states=False)

    def fought(bet, who, how):
        asked, outcome, _ = bet
        if asked.kind is MarketKind.DRAW_NO_BET:
            level = who == "draw"
            return (lambda _: settle.ONE) if level else settle.result(outcome == who)
        said = {MarketKind.METHOD_OF_VICTORY: asked.subject == f"{who} {how}"}
        truth = said.get(asked.kind, how == "decision")
        return settle.result(truth is (outcome is Outcome.YES))

    clerk = [[profit(bet, fought(bet, *fight)) for bet in bets] for fight in FIGHTS]
    assert rows(clerk) == rows(paid(bets, template))


ALONE = [
    market("yes_no", "rain"),
    market("outright", "Gulls"),
    market("to_qualify", "home"),
    market("to_qualify", "away"),
    market("player_yes_no", "A. Wilson", statistic=Statistic.GOALS),
]


@pytest.mark.parametrize("asked", [*COUNTED, *ALONE], ids=lambda each: f"{each.kind}")
def test_exactly_one_outcome_wins_or_stakes_come_back(asked):
    bets, selections = every_outcome(asked, sides=(Side.BACK,))
    template = template_for(selections, "soccer", rule_states=False)
    core = template.kind == StateKind.CORE
    shapes = template.shape_of
    win, lose = template.win[:, shapes], template.lose[:, shapes]
    if len(bets) == 2:
        np.testing.assert_array_equal(win[:, 0], lose[:, 1])
        np.testing.assert_array_equal(lose[:, 0], win[:, 1])
    else:
        assert (win[core].sum(axis=1) == 1).all()
    assert set(win[core].sum(axis=1)) <= {0.5, 1.0}


@pytest.mark.parametrize("asked", [*COUNTED, *ALONE], ids=lambda each: f"{each.kind}")
def test_a_lay_has_the_opposite_shares_of_its_back(asked):
    bets, selections = every_outcome(asked)
    template = template_for(selections, "soccer")
    core = template.kind != StateKind.RULE
    for back in range(0, len(bets), 2):
        of_back, of_lay = template.shape_of[back], template.shape_of[back + 1]
        win, lose = template.win[core], template.lose[core]
        np.testing.assert_array_equal(win[:, of_back], lose[:, of_lay])
        np.testing.assert_array_equal(lose[:, of_back], win[:, of_lay])


def test_one_of_two_sides_goes_on():
    home, away = market("to_qualify", "home"), market("to_qualify", "away")
    bets, selections = every_outcome(home, away, sides=(Side.BACK,))
    assert [o for _, o, _ in bets] == ["yes", "no", "yes", "no"]
    shapes = template_for(selections, "soccer", rule_states=False).shape_of
    assert shapes[0] == shapes[3] != shapes[1] == shapes[2]


def test_what_is_not_known_to_hang_together_is_settled_apart():
    _, selections = every_outcome(*ALONE, market("both_teams_to_score"), sides=(Side.BACK,))
    assert families(selections, "soccer") == [(0, 1), (2, 3), (4, 5, 6, 7), (8, 9), (10, 11)]


def test_the_score_by_its_own_name_is_the_score():
    for sport, name in (("soccer", "goals"), ("basketball", "points"), ("volleyball", "sets")):
        plain = market("handicap", line=-1.5) if sport != "volleyball" else market("winner")
        said = market(plain.kind, line=plain.line, statistic=Statistic(name))
        assert selection(plain, Outcome.HOME, Side.BACK, sport) == selection(
            said, Outcome.HOME, Side.BACK, sport
        )


def test_points_of_a_set_are_not_mixed_with_the_sets_of_the_match():
    _, bets = every_outcome(
        market("winner"), market("total", line=183.5), sport="volleyball", sides=(Side.BACK,)
    )
    assert families(bets, "volleyball") == [(0, 1), (2, 3)]
    whole = market("winner")
    to_the_end = Market(event_id="e", kind=whole.kind, period=Period.FULL_TIME_INCL_OVERTIME)
    _, bets = every_outcome(whole, to_the_end, sport="volleyball", sides=(Side.BACK,))
    assert bets[:2] == bets[2:]


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("sport", ["soccer", "basketball", "tennis", "esports", "quidditch"])
def test_a_winner_and_a_total_of_every_period_are_settled(period, sport):
    for kind, line in (("winner", None), ("total", 12.5)):
        quoted = Market(event_id="e", kind=MarketKind(kind), period=period, line=line)
        bets, selections = every_outcome(quoted, sport=sport)
        template = template_for(selections, sport, rule_states=False)
        assert template.win[template.kind == StateKind.CORE].any(axis=0).all()
        assert len(bets) == 4


@pytest.mark.parametrize(
    ("asked", "outcome", "sport", "sentence"),
    [
        (market("winner", "home"), "home", "soccer", "no winner is about home"),
        (market("team_total", line=1.5), "over", "soccer", "no team_total is about None"),
        (market("correct_score", "2:1"), "yes", "soccer", "no correct_score is about 2:1"),
        (market("half_time_full_time", "1/X"), "yes", "soccer", "is about 1/X"),
        (market("correct_score", "2-1", line=1.0), "yes", "soccer", "has 2 ways and line 1"),
        (market("goes_the_distance"), "yes", "soccer", "soccer is no fight"),
        (market("method_of_victory", "home knockout"), "yes", "soccer", "is no fight"),
        (market("double_chance", "1X"), "yes", "tennis", "tennis has no draw"),
        (market("double_chance", "1X"), "home", "soccer", "no outcome home"),
        (market("correct_score", "2-1"), "yes", "mma", "does not settle"),
        (
            Market(event_id="e", kind=MarketKind.HALF_TIME_FULL_TIME, subject="home/home",
                   period=Period.FULL_TIME_INCL_OVERTIME),
            "yes", "basketball", "of full_time_incl_overtime cannot be settled",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(asked, outcome, sport, sentence):
    with pytest.raises(ValueError, match=sentence):
        template_for((selection(asked, Outcome(outcome), Side.BACK, sport),), sport)
