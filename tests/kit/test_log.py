"""Logs: facts with fields, and never a secret."""

import json
import logging

import pytest

from kit import log


@pytest.fixture(autouse=True)
def _untouched_root():
    root = logging.getLogger()
    kept = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = kept


def lines_of(capsys, fields):
    log.set_up(as_json=True)
    logging.getLogger("shop").warning("happened", extra=fields)
    return json.loads(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("fields", "secret"),
    [
        ({"api_key": "s3cret"}, "s3cret"),
        ({"Authorization": "Bearer s3cret"}, "s3cret"),
        ({"reset_token": "s3cret"}, "s3cret"),
        ({"where": "postgresql://app:s3cret@db:5432/x"}, "s3cret"),
        ({"where": "redis://:s3cret@cache:6379/0"}, "s3cret"),
        ({"asked": "https://odds.example/v4?apiKey=s3cret&regions=us"}, "s3cret"),
    ],
)
def test_a_secret_never_reaches_the_line(capsys, fields, secret):
    assert secret not in json.dumps(lines_of(capsys, fields))


def test_what_is_no_secret_stays_readable(capsys):
    line = lines_of(capsys, {"key": "baseball_mlb", "where": "https://odds.example/v4?regions=us"})
    assert (line["key"], line["where"]) == ("baseball_mlb", "https://odds.example/v4?regions=us")
    assert (line["event"], line["level"], line["logger"]) == ("happened", "warning", "shop")


def test_a_line_says_when_in_utc(capsys):
    assert lines_of(capsys, {})["timestamp"].endswith("Z")
