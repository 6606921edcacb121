"""The roster: what is followed, and what is refused by name."""

from pathlib import Path

import pytest

from domain.errors import Refused
from domain.quotes import Origin
from feeds.transport import Transport
from jobs.roster import Asked, credentials, roster
from kit.clock import SystemClock
from kit.settings import Settings

CLOCK = SystemClock()
LINE = '{"fetched_at":"2030-01-01T12:00:00Z","response":[{"sport_key":"basketball_nba"}]}\n'


def names(asked, **given):
    transport = Transport(credential=lambda _: None, clock=CLOCK)
    return [source.name for source in roster(Settings(**given), transport, CLOCK, asked)]


def test_a_fresh_install_follows_what_needs_no_key_and_the_simulator():
    assert names(Asked()) == ["kalshi", "simulator"]


def test_with_a_key_nothing_is_simulated():
    assert names(Asked(), odds_api_key="s3cret") == ["kalshi", "the_odds_api"]


def test_what_is_named_is_followed_alone_and_once():
    assert names(Asked(names=["simulator", "simulator"])) == ["simulator"]


@pytest.mark.parametrize("name", ["nobody", "the_odds_api", ""])
def test_a_source_that_is_not_there_is_refused_with_those_that_are(name):
    with pytest.raises(Refused, match="kalshi, simulator"):
        names(Asked(names=[name]))


def test_a_recording_is_followed_alone(tmp_path):
    (tmp_path / "a_day.jsonl").write_text(LINE)
    assert names(Asked(replay=[tmp_path / "a_day.jsonl"], names=["kalshi"])) == ["replay:a_day"]


def test_a_folder_is_all_its_recordings_and_nothing_else(tmp_path):
    for name in ("b.jsonl", "a.jsonl"):
        (tmp_path / name).write_text(LINE)
    (tmp_path / "notes.txt").write_text("nothing to see")
    assert names(Asked(replay=[tmp_path])) == ["replay:a", "replay:b"]


@pytest.mark.parametrize("asked", [{"speed": 0}, {"speed": -1}])
def test_time_does_not_stand_still_or_run_back(tmp_path, asked):
    (tmp_path / "a.jsonl").write_text(LINE)
    with pytest.raises(Refused, match="--speed"):
        names(Asked(replay=[tmp_path], **asked))


@pytest.mark.parametrize("content", [{}, {"notes.txt": "nothing to see"}])
def test_a_folder_without_recordings_is_refused(tmp_path, content):
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Refused, match="no file in"):
        names(Asked(replay=[tmp_path]))


def test_two_recordings_of_one_name_are_refused(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "day.jsonl").write_text(LINE)
    with pytest.raises(Refused, match="both called replay:day"):
        names(Asked(replay=[tmp_path / "one", tmp_path / "two"]))


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(Refused):
        names(Asked(replay=[Path("no-such-file.jsonl")]))


def test_a_key_goes_to_its_own_source_only():
    given = Settings(odds_api_key="s3cret")
    assert (credentials(given, "the_odds_api"), credentials(given, "kalshi")) == ("s3cret", None)


def test_the_simulator_says_what_it_is():
    transport = Transport(credential=lambda _: None, clock=CLOCK)
    (found,) = roster(Settings(), transport, CLOCK, Asked(names=["simulator"]))
    assert found.origin is Origin.SIMULATED
