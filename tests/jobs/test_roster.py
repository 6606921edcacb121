"""The roster: what is followed, and what is refused by name."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from domain.errors import Refused
from domain.quotes import Origin
from domain.sources import SourceHealth, SourceState
from feeds.base import Quota, Wire
from feeds.kalshi import Kalshi
from feeds.registry import FEEDS
from feeds.transport import NoCredential, Transport
from jobs.credentials import credentials
from jobs.listened import Listened
from jobs.polled import Polled
from jobs.roster import Around, Asked, roster
from kit.clock import SystemClock
from kit.settings import Settings

CLOCK = SystemClock()
LINE = '{"fetched_at":"2030-01-01T12:00:00Z","response":[{"sport_key":"basketball_nba"}]}\n'


# What can be followed at all: the rest of the registry reads files only.
VENDORS = sorted(name for name, feed in FEEDS.items() if feed.manifest.hosts)


def sources(asked, around=None, **given):
    settings = Settings(**given)
    transport = Transport(credential=partial(credentials, settings), clock=CLOCK)
    return roster(settings, transport, CLOCK, asked, around)


def names(asked, **given):
    return [source.name for source in sources(asked, **given)]


def test_a_fresh_install_follows_every_vendor_and_the_simulator():
    assert names(Asked()) == [*VENDORS, "simulator"]
    assert {"kalshi", "the_odds_api"} <= set(VENDORS)


def test_who_lacks_a_key_is_off_and_who_needs_none_is_not():
    found = {source.name: source for source in sources(Asked())}
    with pytest.raises(NoCredential, match="the_odds_api: no credential"):
        found["the_odds_api"].check()
    found["kalshi"].check()


def test_with_a_key_nothing_is_simulated():
    assert names(Asked(), odds_api_key="s3cret") == VENDORS


def test_every_vendor_is_followed_the_way_that_its_wire_is():
    wires = {
        (type(source), source.feed.manifest.wire is Wire.REST)
        for source in sources(Asked())
        if source.name != "simulator"
    }
    assert wires == {(Polled, True), (Listened, False)}


def test_a_stream_knows_its_markets_from_what_is_polled_beside_it():
    found = {source.name: source for source in sources(Asked())}
    polled, stream = found["betfair"].feed, found["betfair_stream"].feed
    assert stream.catalogues is polled.catalogues


def test_a_source_that_lacks_its_key_says_which_setting_gives_it():
    found = {source.name: source.facts.needs for source in sources(Asked())}
    assert found["the_odds_api"] == ("DUTCHBOOK_CREDENTIAL_THE_ODDS_API",)
    assert found["matchbook"] == (
        "DUTCHBOOK_CREDENTIAL_MATCHBOOK_PASSWORD",
        "DUTCHBOOK_CREDENTIAL_MATCHBOOK_USERNAME",
    )
    assert found["kalshi"] == found["simulator"] == ()


def test_where_we_are_and_what_is_nearly_an_arbitrage_reaches_every_vendor():
    around = Around(region="BE", near=lambda: frozenset({"event"}))
    (found,) = sources(Asked(names=["kalshi"]), around)
    assert (found.region, found.near()) == ("BE", {"event"})


def test_what_was_left_of_a_quota_is_remembered(monkeypatch):
    class Counted(Kalshi):
        manifest = replace(Kalshi.manifest, quota=Quota(credits=500))

    monkeypatch.setitem(FEEDS, "kalshi", Counted)
    health = SourceHealth(
        name="kalshi", title="Kalshi", origin=Origin.LIVE, state=SourceState.HEALTHY,
        quota_left=17, quota_ends_at=CLOCK.now() + timedelta(days=3),
    )  # fmt: skip
    (found,) = sources(Asked(names=["kalshi"]), Around(remembered={"kalshi": health}))
    assert (found.budget.left, found.budget.ends_at) == (17, health.quota_ends_at)
    assert (found.facts.quota_left, found.facts.quota_ends_at) == (17, health.quota_ends_at)
    (fresh,) = sources(Asked(names=["kalshi"]))
    assert fresh.budget is None


def test_what_is_named_is_followed_alone_and_once():
    assert names(Asked(names=["simulator", "simulator"])) == ["simulator"]


@pytest.mark.parametrize("name", ["nobody", "the_odds_api", ""])
def test_a_source_that_is_not_there_is_refused_with_those_that_are(name):
    with pytest.raises(Refused, match=r"there are: .*kalshi, .*simulator"):
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


def test_the_simulator_says_what_it_is():
    transport = Transport(credential=lambda _: None, clock=CLOCK)
    (found,) = roster(Settings(), transport, CLOCK, Asked(names=["simulator"]))
    assert found.origin is Origin.SIMULATED
