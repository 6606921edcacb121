"""Decisions: the same event is joined, another never is, and what is doubtful is asked."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.matching_labels import names, typed_pairs
from domain.markets import Event
from domain.matching import Verdict
from engine.matching.assign import decide
from engine.matching.contests import contest
from engine.matching.names import Squad, name
from engine.matching.roster import Roster
from engine.matching.score import likeness
from tests.facts import NOON

PAIRS = typed_pairs()
CLUBS = sorted(
    spelling
    for spelling in {spelling for spellings in names().values() for spelling in spellings}
    if name(spelling).squad == Squad()
)


def listed(home, away, *, source="one", minutes=0, sport="soccer", league="", number=0):
    starts_at = None if minutes is None else NOON + timedelta(minutes=minutes)
    event = Event(
        id=f"{source}-{number}-{home}-{away}",
        source_id="",
        sport=sport,
        league=league,
        home=home,
        away=away,
        starts_at=starts_at,
    )
    return contest(event, source)


def knowing(*contests):
    roster = Roster()
    for number, one in enumerate(contests):
        roster.add(f"ours-{number}", one)
    return roster


def decided(new, *known):
    return decide([new], knowing(*known))[0]


@pytest.mark.parametrize("pair", [p for p in PAIRS if not p.same], ids=lambda pair: pair.why)
def test_no_hard_pair_of_two_contests_is_joined(pair):
    assert decided(pair.other, pair.one).verdict is not Verdict.JOIN
    assert decided(pair.one, pair.other).verdict is not Verdict.JOIN


def test_nearly_all_hard_pairs_of_one_contest_are_joined_and_none_is_taken_for_new():
    same = [pair for pair in PAIRS if pair.same]
    verdicts = [decided(pair.other, pair.one).verdict for pair in same]
    assert verdicts.count(Verdict.JOIN) >= 0.97 * len(same)
    assert Verdict.NEW not in verdicts


clubs = st.sampled_from(CLUBS)
marks = st.sampled_from(
    [" W", " (W)", " Women", " Ladies", " U19", " U21", " II", " B", " Reserves"]
)


@given(clubs, clubs, marks, st.integers(-30, 30))
def test_another_squad_of_the_same_clubs_is_never_joined(home, away, mark, minutes):
    first = listed(home, away)
    other = listed(home + mark, away + mark, source="two", minutes=minutes)
    assert decided(other, first).verdict is not Verdict.JOIN
    assert decided(first, other).verdict is not Verdict.JOIN


@given(
    clubs, clubs, st.sampled_from([("U19", "U21"), ("Women", "U21"), ("W U19", "W"), ("B", "W")])
)
def test_two_squads_of_the_same_clubs_are_never_joined(home, away, two):
    one, other = (listed(f"{home} {m}", f"{away} {m}", source=m) for m in two)
    assert decided(other, one).verdict is not Verdict.JOIN


@given(clubs, clubs, st.sampled_from(["upper", "fc", "minutes", "league"]))
def test_the_same_names_are_joined_whatever_surrounds_them(home, away, change):
    known = listed(home, away, league="England - Premier League")
    changed = {
        "upper": listed(home.upper(), away.upper(), source="two"),
        "fc": listed(f"FC {home}", f"{away} FC", source="two"),
        "minutes": listed(home, away, source="two", minutes=7),
        "league": listed(home, away, source="two", league="epl"),
    }[change]
    if home != away:
        assert decided(changed, known).known == "ours-0"


def test_reversed_sides_are_joined_as_such():
    found = decided(
        listed("Aston Villa", "Brighton", source="two"),
        listed("Brighton and Hove Albion", "Aston Villa"),
    )
    assert found.verdict is Verdict.JOIN
    assert found.likeness.reversed


def test_games_of_a_doubleheader_find_their_own_and_a_start_between_them_is_asked():
    sides, sport = ("New York Yankees", "Boston Red Sox"), "baseball"
    known = [listed(*sides, minutes=m, sport=sport, number=m) for m in (0, 210)]
    both = [listed(*sides, source="two", minutes=m, sport=sport, number=m) for m in (4, 208)]
    found = decide(both, knowing(*known))
    assert [(one.verdict, one.known) for one in found] == [
        (Verdict.JOIN, "ours-0"),
        (Verdict.JOIN, "ours-1"),
    ]
    between = listed(*sides, source="two", minutes=105, sport=sport)
    assert decided(between, *known).verdict is Verdict.ASK


def test_two_events_of_a_source_are_never_one_of_ours():
    twice = [listed("Leeds", "Hull", source="two", number=n) for n in (1, 2)]
    found = decide(twice, knowing(listed("Leeds United", "Hull City")))
    assert [one.verdict for one in found] == [Verdict.ASK, Verdict.ASK]
    assert all("rivals" in one.why for one in found)


def test_a_source_that_has_the_event_already_is_asked_about_another_of_the_same_names():
    found = decided(listed("Leeds", "Hull", number=2), listed("Leeds", "Hull", number=1))
    assert (found.verdict, found.why) == (Verdict.ASK, ("source_has_it",))


def test_a_name_that_a_source_uses_for_another_club_is_not_taken_for_a_short_form():
    known = listed("Dundee", "Rangers"), listed("Dundee United", "Hibernian", minutes=6000)
    found = decided(listed("Dundee United", "Cove Rangers", source="two"), *known)
    assert found.verdict is not Verdict.JOIN
    alone = decided(listed("Dundee United", "Rangers", source="two"), known[0])
    assert alone.verdict is Verdict.JOIN


@pytest.mark.parametrize(
    ("minutes", "verdict", "why"),
    [
        (10, Verdict.JOIN, ()),
        (300, Verdict.ASK, "start_drifted"),
        (None, Verdict.ASK, "start_unknown"),
        (3 * 24 * 60, Verdict.NEW, ()),
    ],
)
def test_a_start_that_has_drifted_far_is_asked_and_another_day_is_another_event(
    minutes, verdict, why
):
    found = decided(listed("Leeds", "Hull", source="two", minutes=minutes), listed("Leeds", "Hull"))
    assert found.verdict is verdict
    assert not why or why in found.why


def test_races_are_never_joined_unasked():
    found = decided(
        listed("Premier League", "The Field", source="two"), listed("Premier League", "the field")
    )
    assert (found.verdict, "a_race" in found.why) == (Verdict.ASK, True)


def test_tennis_is_tennis_however_many_sets_it_is_played_over():
    one = listed("Djokovic N.", "Sinner J.", sport="tennis_best_of_5")
    other = listed("Novak Djokovic", "Jannik Sinner", source="two", sport="tennis")
    assert decided(other, one).verdict is Verdict.JOIN


def test_a_parted_pair_is_not_raised_again():
    new, known = listed("Leeds", "Hull", source="two"), listed("Leeds", "Hull")
    found = decide([new], knowing(known), barred=lambda _new, ours: ours.id == "ours-0")
    assert found[0].verdict is Verdict.NEW


def test_one_side_of_an_unknown_name_is_asked_not_joined():
    found = decided(listed("The Hatters", "Hull", source="two"), listed("Luton", "Hull"))
    assert found.verdict is Verdict.ASK
    assert "a_side_unlike" in found.why


def test_what_has_left_the_roster_is_found_no_more():
    first, second = listed("Leeds", "Hull"), listed("Leeds United", "Hull City", source="two")
    roster = knowing(first)
    roster.add("ours-0", second)
    new = listed("Leeds Utd", "Hull", source="three")
    assert decide([new], roster)[0].known == "ours-0"
    roster.remove("ours-0", first.id)
    assert decide([new], roster)[0].known == "ours-0"
    roster.remove("ours-0", second.id)
    assert decide([new], roster)[0].verdict is Verdict.NEW
    assert not roster.known


def test_a_join_needs_both_sides_whichever_is_compared_first():
    one, other = listed("Leeds", "Hull"), listed("Hull", "Leeds", source="two")
    assert likeness(one, other).chance == pytest.approx(likeness(other, one).chance)
