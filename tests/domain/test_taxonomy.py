"""The taxonomy: what goes together, what is the same bet, and what each sport is."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import (
    NUMBERED,
    SUBJECTS,
    Market,
    MarketKind,
    Outcome,
    Period,
    Statistic,
    complement,
    flaw,
    swapped,
)
from domain.sports import SPORTS, Level, sport_called
from domain.taxonomy import page, samples

PAGE = Path(__file__).resolve().parents[2] / "docs/taxonomy.md"


def test_the_page_is_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m domain.taxonomy"


def sound(kind):
    line = st.integers(-40, 40).map(lambda quarter: quarter / 4)
    subject = st.none() if kind not in SUBJECTS else st.from_regex(SUBJECTS[kind], fullmatch=True)
    return st.builds(
        Market,
        event_id=st.just("e"),
        kind=st.just(kind),
        period=st.sampled_from(Period),
        statistic=st.sampled_from(Statistic),
        line=line if kind in NUMBERED else st.none(),
        ways=st.just(2) if kind is not MarketKind.WINNER else st.sampled_from([2, 3]),
        subject=subject,
    )


MARKETS = st.sampled_from(MarketKind).flatmap(sound)


@given(MARKETS, st.data())
def test_the_same_bet_said_the_other_way_round_twice_is_the_same_again(market, data):
    outcome = data.draw(st.sampled_from(market.outcomes))
    other, exchanged = swapped(market, outcome)
    assert swapped(other, exchanged) == (market, outcome)
    assert flaw(other) is None
    assert exchanged in other.outcomes


@given(st.sampled_from([outcome for outcome in Outcome if outcome is not Outcome.DRAW]))
def test_a_complement_is_another_outcome_whose_complement_it_is(outcome):
    assert complement(outcome) is not outcome
    assert complement(complement(outcome)) is outcome


@pytest.mark.parametrize("kind", MarketKind)
def test_the_outcomes_of_two_ways_are_complements(kind):
    one, other = next(samples(kind)).outcomes
    assert complement(one) is other


def test_a_draw_has_no_complement():
    with pytest.raises(ValueError, match="one of three"):
        complement(Outcome.DRAW)


def of(kind, line=None, subject=None, ways=2):
    kind = MarketKind(kind)
    return Market(
        event_id="e", kind=kind, period=Period.FULL_TIME, line=line, subject=subject, ways=ways
    )


@pytest.mark.parametrize(
    ("market", "outcome", "other", "exchanged"),
    [
        (of("winner", ways=3), "draw", of("winner", ways=3), "draw"),
        (of("handicap", -1.5), "home", of("handicap", 1.5), "away"),
        (of("handicap", 0.0), "away", of("handicap", 0.0), "home"),
        (of("total", 2.5), "over", of("total", 2.5), "over"),
        (of("team_total", 1.5, "home"), "under", of("team_total", 1.5, "away"), "under"),
        (of("double_chance", subject="1X"), "yes", of("double_chance", subject="X2"), "yes"),
        (of("double_chance", subject="12"), "no", of("double_chance", subject="12"), "no"),
        (of("correct_score", subject="10-2"), "yes", of("correct_score", subject="2-10"), "yes"),
        (
            of("half_time_full_time", subject="home/away"), "yes",
            of("half_time_full_time", subject="away/home"), "yes",
        ),
        (
            of("method_of_victory", subject="draw decision"), "no",
            of("method_of_victory", subject="draw decision"), "no",
        ),
        (
            of("outright", subject="home counties"), "yes",
            of("outright", subject="home counties"), "yes",
        ),
    ],
)  # fmt: skip
def test_the_sides_are_exchanged_wherever_they_are_named(market, outcome, other, exchanged):
    assert swapped(market, Outcome(outcome)) == (other, Outcome(exchanged))
    assert str(swapped(market, Outcome(outcome))[0].line) == str(other.line)


@pytest.mark.parametrize(
    ("market", "field"),
    [
        (of("winner", line=1.0), "line"),
        (of("total"), "line"),
        (of("handicap", line=0.5, ways=3), "line"),
        (of("total", line=2.5, ways=3), "ways"),
        (of("winner", ways=4), "ways"),
        (of("winner", subject="home"), "subject"),
        (of("double_chance", subject="X1"), "subject"),
        (of("double_chance"), "subject"),
        (of("correct_score", subject="02-1"), "subject"),
        (of("player_total", line=1.5, subject=" "), "subject"),
    ],
)
def test_what_does_not_go_together_is_named(market, field):
    assert flaw(market) == field
    with pytest.raises(ValueError, match=f"the {field} of a"):
        swapped(market, Outcome.HOME)


def test_a_yes_or_no_may_be_about_something_or_just_the_event():
    assert flaw(of("yes_no")) is flaw(of("yes_no", subject="rain")) is None


def test_there_are_sports_enough_and_each_name_means_one():
    assert len(SPORTS) >= 47
    for sport in SPORTS.values():
        for name in (sport.name, *sport.aliases):
            assert sport_called(name) is sport


@pytest.mark.parametrize("sport", SPORTS.values(), ids=SPORTS)
def test_a_sport_is_consistent(sport):
    assert re.fullmatch(r"[a-z0-9_]+", sport.name)
    assert sport.ways == (3 if sport.period is Period.FULL_TIME and sport.can_be_drawn
                          and sport.level is Level.USUAL else 2)  # fmt: skip
    assert sport.period in (Period.FULL_TIME, Period.FULL_TIME_INCL_OVERTIME)
    if sport.level is Level.NEVER:
        assert sport.level_at_end is Level.NEVER


@pytest.mark.parametrize(
    ("said", "name"),
    [("Ice Hockey", "ice_hockey"), ("UFC", "mma"), ("CS:GO", "counter_strike"),
     ("Aussie Rules", "australian_rules"), ("soccer", "soccer")],
)  # fmt: skip
def test_a_sport_is_known_by_what_sources_call_it(said, name):
    assert sport_called(said) is SPORTS[name]


@pytest.mark.parametrize("said", ["football", "hockey", "rugby", "", "quidditch"])
def test_a_name_of_two_sports_or_none_is_not_guessed(said):
    assert sport_called(said) is None
