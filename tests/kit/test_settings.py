"""Settings: read from the environment, checked, never printed whole."""

import pytest
from pydantic import ValidationError

from kit.settings import Settings


def test_the_two_servers_keep_their_usual_names(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:s3cret@db/x")
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@cache/0")
    found = Settings()
    assert found.database_url.get_secret_value() == "postgresql://app:s3cret@db/x"
    assert found.redis_url.get_secret_value() == "redis://:s3cret@cache/0"


def test_printing_them_shows_no_secret(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:s3cret@db/x")
    monkeypatch.setenv("DUTCHBOOK_ODDS_API_KEY", "s3cret")
    assert "s3cret" not in repr(Settings()) + str(Settings()) + Settings().model_dump_json()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DUTCHBOOK_PORT", "0"),
        ("DUTCHBOOK_PORT", "http"),
        ("DUTCHBOOK_RETENTION_DAYS", "0"),
        ("DUTCHBOOK_NAMESPACE", "a:b"),
        ("DUTCHBOOK_LOG_LEVEL", "LOUD"),
        ("DUTCHBOOK_REGION", "Belgium"),
    ],
)
def test_a_wrong_value_is_refused_by_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("DUTCHBOOK_").lower()):
        Settings()


def test_credentials_are_found_by_their_prefix_and_never_shown(monkeypatch):
    monkeypatch.setenv("DUTCHBOOK_CREDENTIAL_BETDAQ_PASSWORD", "s3cret")
    monkeypatch.setenv("DUTCHBOOK_CREDENTIAL_BETSAPI", "")
    given = Settings()
    assert list(given.credentials) == ["betdaq_password"]
    assert "s3cret" not in repr(given) + str(given) + given.model_dump_json()


def test_every_setting_says_what_it_is():
    assert [n for n, f in Settings.model_fields.items() if not f.description] == []
