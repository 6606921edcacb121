"""Recordings of different sources read as one world: equal events are found by their names."""

import json

import pytest

from domain.errors import Refused
from engine.gates import DEFAULT_GATES, NO_GATES
from services.scan import Scan

AT = "2030-01-05T14:30:00Z"
CHANGED = "2030-01-05T14:29:40Z"
FOOTBALL = "Div,Date,Time,HomeTeam,AwayTeam,B365H,B365D,B365A,B365CH,B365CD,B365CA\n"


def vendor(path, home="Wolverhampton Wanderers", away="Brighton and Hove Albion", prices=None):
    """Write an answer of The Odds API: one match, one book, three ways to end."""
    prices = prices or {home: 3.4, "Draw": 3.3, away: 1.9}
    outcomes = [{"name": name, "price": price} for name, price in prices.items()]
    market = {"key": "h2h", "last_update": CHANGED, "outcomes": outcomes}
    book = {"key": "alpha", "title": "Alpha", "last_update": CHANGED, "markets": [market]}
    event = {
        "id": "v1",
        "sport_key": "soccer_epl",
        "sport_title": "EPL",
        "commence_time": "2030-01-05T15:00:00Z",
        "home_team": home,
        "away_team": away,
        "bookmakers": [book],
    }
    answer = {"fetched_at": AT, "sport_file": "odds/soccer_epl.json", "response": [event]}
    path.write_text(json.dumps(answer))
    return path


def ours(path, home="Wolves", away="Brighton", odds=2.6):
    """Write native quotes: what another book pays for the away side."""
    event = {
        "source_id": "n1",
        "sport": "soccer",
        "league": "england_premier_league",
        "home": home,
        "away": away,
        "starts_at": "2030-01-05T15:00:00Z",
    }
    line = {
        "event": event,
        "book": "beta",
        "market": "winner",
        "period": "full_time",
        "ways": 3,
        "outcome": "away",
        "odds": odds,
        "changed_at": CHANGED,
        "seen_at": AT,
    }
    path.write_text(json.dumps(line) + "\n")
    return path


def football(path, home="Wolves", away="Brighton"):
    """Write a season of one match; the opening prices of its book are as high as can be."""
    path.write_text(FOOTBALL + f"E0,05/01/2030,15:00,{home},{away},9,9,9,3.0,3.2,2.6\n")
    return path


def test_a_crossing_between_two_sources_names_is_found(tmp_path):
    files = [vendor(tmp_path / "a.json"), ours(tmp_path / "b.jsonl")]
    apart, together = Scan(files), Scan(files, together=True)
    assert list(apart) == []
    (found,) = together
    assert found.accepted
    assert (found.event.home, found.event.away) == (
        "Wolverhampton Wanderers",
        "Brighton and Hove Albion",
    )
    assert {leg.book: leg.source for leg in found.legs} == {"alpha": "replay:a", "beta": "replay:b"}
    assert found.roi == pytest.approx(1 / (1 / 3.4 + 1 / 3.3 + 1 / 2.6) - 1)
    assert (together.joined, together.doubtful) == (1, 0)
    assert [tally.quotes for tally in together.tallies.values()] == [3, 1]


def test_the_order_of_the_files_does_not_matter(tmp_path):
    files = [ours(tmp_path / "b.jsonl"), vendor(tmp_path / "a.json")]
    (found,) = Scan(files, together=True)
    assert {leg.source for leg in found.legs} == {"replay:a", "replay:b"}


def test_other_squads_of_the_same_clubs_do_not_cross(tmp_path):
    files = [
        vendor(tmp_path / "a.json"),
        ours(tmp_path / "b.jsonl", "Wolves Women", "Brighton Women"),
    ]
    scan = Scan(files, together=True, gates=NO_GATES)
    assert list(scan) == []
    assert (scan.joined, scan.doubtful) == (0, 0)
    assert [tally.quotes for tally in scan.tallies.values()] == [3, 1]


def test_of_a_season_the_closing_prices_count_and_the_opening_ones_do_not(tmp_path):
    files = [vendor(tmp_path / "a.json"), football(tmp_path / "season.csv")]
    scan = Scan(files, together=True, gates=NO_GATES)
    (found,) = scan
    assert {(leg.book, leg.odds) for leg in found.legs} == {
        ("alpha", 3.4),
        ("alpha", 3.3),
        ("bet365", 2.6),
    }
    (judged,) = Scan(files, together=True, gates=DEFAULT_GATES)
    assert "leg_age_unknown" in {refusal.code for refusal in judged.refusals}


def test_two_recordings_of_one_name_are_refused(tmp_path):
    (tmp_path / "other").mkdir()
    files = [vendor(tmp_path / "a.json"), vendor(tmp_path / "other" / "a.json")]
    with pytest.raises(Refused, match="two recordings are both called replay:a"):
        list(Scan(files, together=True))
