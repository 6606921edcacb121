"""Questions to test with, and what the independent clerk says of each of them."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from domain.markets import Outcome
from engine.settlement.contests import HalfTimeFullTime
from engine.settlement.kinds import Part
from engine.settlement.questions import (
    BothScore,
    CorrectScore,
    DoubleChance,
    EuropeanHandicap,
    Handicap,
    OddEven,
    Total,
    Winner,
)
from engine.settlement.selections import Selection
from tests.engine.oracle import settle

TEAMS = (Outcome.HOME, Outcome.AWAY)


def selections(*questions, rulebook=0):
    """Every pick of the questions, backed."""
    return tuple(
        Selection(question, pick, rulebook=rulebook)
        for question in questions
        for pick in question.picks
    )


def returned(question, pick, scores, *, level="void"):
    """What the clerk gives back, as a function of the odds; `scores` maps a part to its score."""
    if isinstance(question, HalfTimeFullTime):
        return settle.half_time_full_time(pick, scores[Part.FIRST_HALF], scores[Part.REGULATION])
    score = scores[question.part]
    match question:
        case Winner(ways=2):
            return settle.two_way(pick, *score, level=level)
        case Total(line=line, team=team):
            counted = {None: sum(score), Outcome.HOME: score[0], Outcome.AWAY: score[1]}[team]
            return settle.total(pick, line, counted)
        case Handicap(line=line):
            return settle.handicap(pick, line, *score)
        case EuropeanHandicap(line=line):
            return settle.european_handicap(pick, line, *score)
        case CorrectScore(listed=listed):
            return settle.correct_score(pick, listed, *score)
    return PLAIN[type(question)](pick, *score)


PLAIN = {
    Winner: settle.winner,
    DoubleChance: settle.double_chance,
    BothScore: settle.both_score,
    OddEven: settle.odd_even,
}


def profits(selections, scores, odds=3, **rules):
    """The clerk's profit on a unit of cash at risk, one a selection."""
    sides = {"back": settle.back, "lay": settle.lay}
    return [
        float(sides[one.side](returned(one.question, one.pick, scores, **rules), odds))
        for one in selections
    ]


def paid(template, selections, odds=3.0):
    """What a template says of the same, shape (states, selections)."""
    net = [odds - 1 if one.side == "back" else 1 / (odds - 1) for one in selections]
    bets = template.bets(np.array(net), range(len(selections)))
    return bets.net * bets.win - bets.lose


def rows(table):
    """The distinct rows of a table."""
    return {tuple(row) for row in np.round(np.asarray(table), 9).tolist()}


def quarters(low, high):
    return st.integers(low * 4, high * 4).map(lambda quarter: quarter / 4)


def questions(part=Part.REGULATION, statistic="score", largest=6):
    """Any question about one score."""
    asked = {"part": part}
    whole = st.integers(-largest // 2, largest // 2).map(float)
    score = st.tuples(st.integers(0, 4), st.integers(0, 4))
    return st.one_of(
        st.builds(Winner, ways=st.sampled_from([2, 3]), part=st.just(part)),
        st.just(DoubleChance(**asked)),
        st.builds(Handicap, line=quarters(-largest // 2, largest // 2), part=st.just(part)),
        st.builds(EuropeanHandicap, line=whole, part=st.just(part)),
        st.builds(
            Total,
            line=quarters(0, largest),
            team=st.sampled_from([None, *TEAMS]),
            part=st.just(part),
        ),
        st.just(BothScore(**asked)),
        st.just(OddEven(**asked)),
        st.builds(
            CorrectScore,
            listed=st.lists(score, min_size=1, max_size=6, unique=True).map(tuple),
            part=st.just(part),
        ),
    )


def full_time_markets():
    """The football markets of one match that are about full time, 138 selections."""
    yield from (Winner(), DoubleChance())
    yield from (Handicap(line=quarter / 4) for quarter in range(-8, 9))
    yield from (Total(line=quarter / 4) for quarter in range(2, 23))
    yield from (Total(line=line, team=team) for line in (0.5, 1.5, 2.5) for team in TEAMS)
    yield from (EuropeanHandicap(line=line) for line in (-2.0, -1.0, 1.0, 2.0))
    yield from (BothScore(), OddEven())


GRID = CorrectScore(listed=tuple(product(range(5), range(5))))
