"""Chromium is taken as given, else found; one that does not run is not taken."""

import os
import sys

import pytest

from cli.chromium import provide_chromium
from domain.errors import Unavailable


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return the only folder in which programs are found; Playwright can install nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DUTCHBOOK_CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    return tmp_path


def program(path, code=0):
    path.write_text(f"#!{sys.executable}\nraise SystemExit({code})\n")
    path.chmod(0o755)
    return str(path)


def test_the_one_that_is_given_comes_first(place, monkeypatch):
    program(place / "chromium")
    given = program(place / "mine")
    monkeypatch.setenv("DUTCHBOOK_CHROMIUM", given)
    assert provide_chromium() == given


def test_the_systems_is_found_and_a_broken_one_passed_over(place):
    program(place / "chromium", code=127)
    chrome = program(place / "google-chrome")
    assert provide_chromium() == chrome


@pytest.mark.slow
def test_where_none_can_be_had_it_is_said_what_to_do(place):
    with pytest.raises(Unavailable, match="apt-get install chromium"):
        provide_chromium()
    assert "DUTCHBOOK_CHROMIUM" not in os.environ
