"""Names: one form for many spellings, and marks of who plays kept apart from it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.alike import alike
from engine.matching.leagues import league
from engine.matching.names import YOUTH, Squad, fold, name


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Bayern München", ("bayern", "munich")),
        ("1. FC Köln", ("1", "fc", "cologne")),
        ("Динамо Москва", ("dynamo", "moscow")),
        ("Q.P.R.", ("queens", "park", "rangers")),
        ("Nott'm Forest", ("nottingham", "forest")),
        ("St. Johnstone", ("saint", "johnstone")),
        ("Côte d'Ivoire", ("ivory", "coast")),
        ("Wolves FC", ("wolverhampton", "wanderers", "fc")),
    ],
)
def test_a_name_is_folded_and_written_out(written, words):
    assert name(written).words == words


@pytest.mark.parametrize(
    ("written", "squad"),
    [
        ("Chelsea", Squad()),
        ("Chelsea (W)", Squad(women=True)),
        ("Chelsea W", Squad(women=True)),
        ("Chelsea Ladies", Squad(women=True)),
        ("Barcelona Femenino", Squad(women=True)),
        ("Chelsea U21", Squad(age=21)),
        ("Chelsea Under-21s", Squad(age=21)),
        ("Flamengo Sub-20", Squad(age=20)),
        ("Perth Glory (Youth)", Squad(age=YOUTH)),
        ("Villarreal B", Squad(reserve=2)),
        ("Villarreal II", Squad(reserve=2)),
        ("Jong Ajax", Squad(reserve=2)),
        ("Real Madrid Castilla", Squad(reserve=2)),
        ("Banfield Res.", Squad(reserve=2)),
        ("Chelsea W U19", Squad(women=True, age=19)),
        ("Arsenal (Corners)", Squad(other=True)),
        ("Arsenal SRL", Squad(other=True)),
    ],
)
def test_the_squad_is_told_by_marks(written, squad):
    assert name(written).squad == squad


def test_an_initial_of_a_person_is_no_mark():
    assert name("Wang W.", "tennis").squad == Squad()
    assert name("Smith B", "darts").squad == Squad()


def test_games_of_a_doubleheader_are_told_apart():
    assert [name(f"Boston Red Sox {mark}", "baseball").game for mark in ("(Game 2)", "G1", "")] == [
        2,
        1,
        0,
    ]


def test_st_is_a_state_in_american_sports_unless_it_comes_first():
    assert name("Ohio St", "basketball").words == ("ohio", "state")
    assert name("St. Louis Blues", "ice_hockey").words == ("saint", "louis", "blues")


@pytest.mark.parametrize(
    ("text", "region", "squad"),
    [
        ("England - Premier League", "england", Squad()),
        ("england_premier_league", "england", Squad()),
        ("WNBA", "usa", Squad(women=True)),
        ("UEFA Youth League", "", Squad(age=YOUTH)),
        ("Czech Republic Championship U21", "czechia", Squad(age=21)),
        ("Super League", "", Squad()),
    ],
)
def test_a_league_says_where_and_who(text, region, squad):
    found = league(text)
    assert (found.region, found.squad) == (region, squad)


@given(st.text(max_size=60))
def test_any_text_is_a_name_of_printable_ascii_words(text):
    found = name(text)
    assert found.words
    assert all(word.isascii() and word == word.lower() for word in found.words)
    assert found.weight >= 0.99
    assert alike(found, found).shared == 1.0


clubs = st.sampled_from(
    [
        "Malmö FF",
        "Beşiktaş",
        "Nott'm Forest",
        "Bodø/Glimt",
        "Real Sociedad",
        "Crvena Zvezda",
        "Łódź",
    ]
)


@given(clubs)
def test_accents_case_and_composition_do_not_matter(club):
    for other in (club.upper(), unicodedata.normalize("NFD", club), f"  {club} ", fold(club)):
        assert alike(name(club), name(other)).shared == 1.0


words = st.lists(
    st.text("abcdefghijklmnoprstuv", min_size=3, max_size=9), min_size=1, max_size=4, unique=True
)


@given(words, st.randoms(use_true_random=False))
def test_the_order_of_words_does_not_matter(several, chance):
    shuffled = several.copy()
    chance.shuffle(shuffled)
    assert alike(name(" ".join(several)), name(" ".join(shuffled))).shared > 0.99


@given(words, words)
def test_likeness_stays_in_bounds(one, other):
    found = alike(name(" ".join(one)), name(" ".join(other)))
    assert 0.0 <= found.shared <= 1.0
    assert 0.0 <= found.covered <= 1.0
    assert found.contradiction >= 0.0


@pytest.mark.parametrize(
    ("one", "other", "sport"),
    [
        ("Washington", "Washington State", "american_football"),
        ("Michigan", "Central Michigan", "american_football"),
        ("Virginia", "Virginia Tech", "basketball"),
        ("Miami", "Miami (OH)", "american_football"),
        ("Melbourne", "North Melbourne", "australian_rules"),
    ],
)
def test_a_word_that_makes_another_school_keeps_names_apart(one, other, sport):
    assert alike(name(one, sport), name(other, sport)).apart


def test_what_one_name_leaves_out_does_not_contradict_but_another_word_does():
    assert alike(name("Newcastle"), name("Newcastle Utd")).contradiction == 0.0
    assert alike(name("Man City"), name("Man Utd")).contradiction == pytest.approx(0.5)
    assert alike(name("Real Madrid"), name("Atletico Madrid")).contradiction == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("one", "other"), [("Austria", "Australia"), ("Niger", "Nigeria"), ("Slovakia", "Slovenia")]
)
def test_nations_of_like_spelling_are_not_alike(one, other):
    assert alike(name(one), name(other)).shared == 0.0
