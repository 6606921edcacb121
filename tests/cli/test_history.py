"""`./arb history`: days as files, and days let go; without an address it says which is missing."""

from datetime import date

import pytest

from cli.main import main
from kit.settings import settings
from store.history import quote_days
from store.odds import ensure_quote_days


@pytest.fixture
def addressed(servers, monkeypatch):
    """The settings of an operator who sourced the servers' addresses."""
    monkeypatch.setenv("DATABASE_URL", servers.database_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", servers.owner_url)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("addressed")
def test_a_day_is_written_to_a_file(tmp_path, capsys):
    file = tmp_path / "day.parquet"
    assert main(["history", "export", "2001-01-01", str(file)]) == 0
    assert file.read_bytes().startswith(b"PAR1")
    assert "0 prices of 2001-01-01" in capsys.readouterr().out


@pytest.mark.usefixtures("addressed", "emptied")
async def test_days_before_one_are_dropped(database, capsys):
    async with database.begin() as db:
        await ensure_quote_days(db, [date(2001, 1, 1), date(2001, 1, 2)])
    assert main(["history", "drop", "2001-01-02"]) == 0
    assert "1 days dropped: quotes_20010101" in capsys.readouterr().out
    async with database.begin() as db:
        assert date(2001, 1, 2) in await quote_days(db)


@pytest.mark.parametrize("arguments", [["drop", "2001-01-01"], ["export", "2001-01-01", "x"]])
def test_without_an_address_it_says_which_is_missing(arguments, monkeypatch, capsys):
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    assert main(["history", *arguments]) == 2
    settings.cache_clear()
    assert "set DATABASE_" in capsys.readouterr().err


def test_a_day_that_is_none_is_wrong_use(capsys):
    assert main(["history", "drop", "2001-02-30"]) == 2
    assert "2001-02-30" in capsys.readouterr().err
