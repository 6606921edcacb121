"""Credentials: what is set for a source goes to it, and to no other."""

import pytest

from feeds.registry import FEEDS
from feeds.transport_secrets import NoCredential, parts_of
from jobs.credentials import credentials, misspelt, settings_of
from kit.settings import Settings

KEYED = sorted(name for name, feed in FEEDS.items() if feed.manifest.needs_credential)


@pytest.mark.parametrize("name", KEYED)
def test_a_source_is_whole_with_the_settings_that_it_names_and_no_other_is(monkeypatch, name):
    manifest = FEEDS[name].manifest
    for setting in settings_of(manifest):
        monkeypatch.setenv(setting, "s3cret")
    given = Settings()
    assert set(parts_of(manifest, credentials(given, name)).values()) == {"s3cret"}
    for other in set(KEYED) - {name}:
        with pytest.raises(NoCredential, match=f"{other}: no credential"):
            parts_of(FEEDS[other].manifest, credentials(given, other))


def test_of_a_credential_in_parts_the_one_that_lacks_is_named(monkeypatch):
    monkeypatch.setenv("DUTCHBOOK_CREDENTIAL_BETDAQ_USERNAME", "bob")
    with pytest.raises(NoCredential, match="betdaq: its credential lacks password"):
        parts_of(FEEDS["betdaq"].manifest, credentials(Settings(), "betdaq"))


def test_the_older_name_of_a_key_still_counts_behind_the_newer(monkeypatch):
    monkeypatch.setenv("DUTCHBOOK_ODDS_API_KEY", "old")
    assert credentials(Settings(), "the_odds_api") == {"key": "old"}
    monkeypatch.setenv("DUTCHBOOK_CREDENTIAL_THE_ODDS_API", "new")
    assert credentials(Settings(), "the_odds_api") == {"key": "new"}


def test_a_source_without_a_credential_is_given_none():
    assert credentials(Settings(odds_api_key="s3cret"), "kalshi") is None


def test_a_file_gives_what_the_variable_does_not_and_no_name_of_it_is_misspelt(
    monkeypatch, tmp_path
):
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.setenv("DUTCHBOOK_CREDENTIAL_BETSAPI_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("DUTCHBOOK_CREDENTIAL_BETDAQ_PASSWORD_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("DUTCHBOOK_CREDENTIAL_BETSAPPI_FILE", "x")
    assert credentials(Settings(), "betsapi") == {"key": "from-a-file"}
    assert credentials(Settings(), "betdaq") is None
    assert misspelt(Settings()) == ["DUTCHBOOK_CREDENTIAL_BETSAPPI_FILE"]
    monkeypatch.setenv("DUTCHBOOK_CREDENTIAL_BETSAPI", "itself")
    assert credentials(Settings(), "betsapi") == {"key": "itself"}
