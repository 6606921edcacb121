"""Answers of single books and pages, from recordings; every vendor's answers are recognised."""

import json
from collections import Counter

import pytest

from domain.markets import MarketKind, Period, Statistic
from feeds.balldontlie import Balldontlie
from feeds.base import Basis, FeedDrifted
from feeds.bet90 import Bet90
from feeds.kambi import Kambi
from feeds.oddsjam import OddsJam
from feeds.oddsportal import OddsPortal
from feeds.recordings import readings, recognise
from feeds.registry import FEEDS
from feeds.sbtech import SbTech
from tests.feeds.samples import RECORDINGS, prices, read, recording

VENDORS = [
    *(
        "altenar",
        "api_football",
        "balldontlie",
        "bet90",
        "betcenter",
        "betradar_uof",
        "betsapi",
        "eurobet",
        "kambi",
    ),
    *("meridian", "odds_api_io", "oddsjam", "oddsportal", "optic_odds", "optic_odds_stream"),
    *("pinnacle_guest", "prop_line", "ps3838", "sbtech", "sharp_api", "sportmonks"),
    *("sportradar_odds", "sports_game_odds", "the_rundown", "the_rundown_stream"),
]


@pytest.mark.parametrize("name", VENDORS)
def test_a_recording_is_recognised_and_read(name):
    for path in sorted((RECORDINGS / name).iterdir()):
        assert recognise(path) == name
        assert sum(len(reading.quotes) for reading in readings(path)) > 0


def test_what_is_only_read_from_recordings_is_never_asked():
    asked = {name for name in VENDORS if FEEDS[name].manifest.hosts}
    only = [FEEDS[name].manifest for name in VENDORS if name not in asked]
    assert len(only) == 11
    assert {(m.basis, m.needs_credential) for m in only} == {(Basis.RECORDED, False)}


def test_balldontlie_gives_each_side_its_own_line():
    reading = read(Balldontlie(), recording("balldontlie/odds.json"))
    assert len(reading.quotes) == 8
    for outcome in ("home", "away"):
        found = prices(reading)["book_one", "handicap", 3.5, outcome, "back", 1.909091]
        assert found == 1
    assert prices(reading)["book_two", "winner", None, "home", "back", 2.4] == 1
    assert {q.market.period for q in reading.quotes} == {Period.FULL_TIME_INCL_OVERTIME}


def test_a_player_who_is_only_a_number_is_nobody():
    row = {"game_id": 1, "vendor": "b", "player_id": 4, "prop_type": "points", "line_value": "3.5"}
    sides = {"type": "over_under", "over_odds": 115, "under_odds": -160}
    milestone = {"type": "milestone", "odds": 107}
    reading = read(Balldontlie(), {"data": [row | {"market": one} for one in (sides, milestone)]})
    assert (reading.quotes, reading.rejected) == ([], {"subject_missing": 3})


def test_bet90_is_read_from_the_tags_of_its_table():
    reading = read(Bet90(), recording("bet90/table.json"))
    assert [(e.home, e.away, e.league) for e in reading.events] == [
        ("Gulls", "Foxes & Sons", "Coast / League é"),
        ("Otters", "Terns", "Coast / League é"),
    ]
    assert [q.odds for q in reading.quotes] == [2.55, 3.5, 2.4, 1.2, 7.0, 12.0]
    assert prices(reading)["bet90", "winner", None, "draw", "back", 3.5] == 1


@pytest.mark.parametrize(
    ("whole", "damaged", "reason", "left"),
    [
        ('<span class="">Terns</span>', "", "event_malformed", 3),
        ("12,00", "twelve", "not_a_number", 5),
        ('data-outcomeid="2" id="112"', 'data-outcomeid="9" id="112"', "unknown_outcome", 5),
        ('"10" data-islive="false"', '"9" data-islive="false"', "market_unsupported", 0),
        ('data-sportid="1"', 'data-sportid="77"', "unknown_sport", 0),
    ],
)
def test_what_bet90_s_page_lacks_costs_what_it_is_about_and_no_more(whole, damaged, reason, left):
    page = json.loads(recording("bet90/table.json"))["events"]
    assert whole in page
    reading = read(Bet90(), {"events": page.replace(whole, damaged)})
    assert len(reading.quotes) == left
    assert reading.rejected == {reason: 6 - left}


def test_a_page_without_a_table_is_none_of_bet90_s():
    with pytest.raises(FeedDrifted):
        read(Bet90(), {"events": "<div></div>"})


def test_kambi_counts_in_thousandths():
    reading = read(Kambi(), recording("kambi/betoffers.json"))
    assert prices(reading)["kambi", "winner", None, "home", "back", 8.8] == 1
    assert prices(reading)["kambi", "handicap", 0.5, "home", "back", 1.93] == 1
    assert [(e.home, e.away) for e in reading.events] == [("Gulls", "Foxes")]


def test_sbtech_is_read_unrounded():
    reading = read(SbTech(), recording("sbtech/markets.json"))
    assert {q.odds for q in reading.quotes if q.outcome == "home"} == {1.86956522}


def test_a_future_is_a_question_a_runner():
    reading = read(OddsJam(), recording("oddsjam/futures.json"))
    assert {(q.market.kind, q.market.subject, q.outcome.value) for q in reading.quotes} == {
        (MarketKind.OUTRIGHT, name, "yes") for name in ("Gulls", "Foxes", "Otters")
    }
    lined = prices(read(OddsJam(), recording("oddsjam/odds.json")))
    assert lined["betmgm", "handicap", -2.5, "away", "back", round(21 / 11, 6)] == 1


def test_a_draw_that_includes_overtime_is_no_market():
    row = {"1": "2.1", "X": "15", "2": "1.8", "bookmaker_name": "b", "period": "FullIncludingOT"}
    match = {
        "match_link": "https://www.oddsportal.com/basketball/a/b/",
        "home_team": "Gulls",
        "away_team": "Foxes",
        "1x2_market": [row],
    }
    assert read(OddsPortal(), [match]).rejected == {"market_unsupported": 3}
    two = {**match, "1x2_market": [], "home_away_market": [{k: row[k] for k in row if k != "X"}]}
    (home, _) = read(OddsPortal(), [two]).quotes
    assert home.market.period is Period.FULL_TIME_INCL_OVERTIME


def test_games_and_sets_of_a_tennis_match_are_what_their_field_says():
    def total(field):
        row = {"odds_over": "1.9", "odds_under": "1.9", "bookmaker_name": "b", "period": "FullTime"}
        match = {
            "match_link": "https://www.oddsportal.com/tennis/a/b/",
            "home_team": "Gull A.",
            "away_team": "Fox B.",
            field: [{**row, "submarket_name": "Over/Under +22.5"}],
        }
        (quote, _) = read(OddsPortal(), [match]).quotes
        return quote.market.statistic, quote.market.line

    assert total("over_under_games_22_5_market") == (Statistic.GAMES, 22.5)
    assert total("over_under_sets_2_5_market") == (Statistic.SETS, 22.5)


RECORDED = {
    "be_books_pdmuinck/altenar.json": ("altenar", 10, {}),
    "be_books_pdmuinck/bet90.json": ("bet90", 54, {}),
    "be_books_pdmuinck/betcenter.json": ("betcenter", 6, {"market_unsupported": 2}),
    "be_books_pdmuinck/kambi.json": ("kambi", 7, {}),
    "be_books_pdmuinck/ladbrokes.json": ("eurobet", 7, {"duplicate": 7}),
    "be_books_pdmuinck/meridian.json": ("meridian", 5, {"duplicate": 5}),
    "be_books_pdmuinck/pinnacle.json": ("pinnacle_guest", 5, {}),
    "be_books_pdmuinck/sbtech.json": ("sbtech", 5, {}),
    "betsapi/1xbet_event.json": ("betsapi", 0, {"market_unsupported": 216}),
    "betsapi/bet365_event.soccer.json": ("betsapi", 0, {"market_unsupported": 71}),
    "betsapi/bet365_prematch_odds.json": (
        "betsapi",
        213,
        {"market_unsupported": 128, "duplicate": 12},
    ),
    "betsapi/event_odds_summary.json": ("betsapi", 173, {"not_a_number": 1}),
    "betsapi/sbobet_event.json": ("betsapi", 14, {}),
    "oddsjam/tests/TestData/GetFutureOddsResponse.json": ("oddsjam", 4, {}),
    "oddsjam/tests/TestData/GetOddsResponse.json": ("oddsjam", 3, {}),
    "wnba_ostepan8/balldontlie_odds.json": ("balldontlie", 24, {}),
    "wnba_ostepan8/balldontlie_player_prop_odds.json": ("balldontlie", 0, {"subject_missing": 6}),
}


@pytest.mark.recorded
@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded_answers_are_recognised_and_read(recorded_dir, name):
    feed, quotes, rejected = RECORDED[name]
    path = recorded_dir / "providers" / name
    assert recognise(path) == feed
    got = list(readings(path))
    assert sum(len(reading.quotes) for reading in got) == quotes
    assert sum((Counter(reading.rejected) for reading in got), Counter()) == rejected


@pytest.mark.recorded
def test_every_recorded_page_of_oddsportal_is_read(recorded_dir):
    pages = [
        path
        for path in sorted((recorded_dir / "providers/oddsportal_oddsharvester").rglob("*.json"))
        if path.name not in {"metadata.json", "live_listing.json"}
    ]
    quotes, rejected = 0, Counter[str]()
    for path in pages:
        assert recognise(path) == "oddsportal"
        for reading in readings(path):
            quotes += len(reading.quotes)
            rejected.update(reading.rejected)
    assert (len(pages), quotes) == (24, 664)
    assert rejected == {"market_unsupported": 36}
