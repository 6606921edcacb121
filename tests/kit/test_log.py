"""Logs: facts with fields, and never a secret."""

import json
import logging

import pytest

from kit import log
from kit.log import Seldom


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


def test_a_text_that_a_stranger_may_have_sent_is_cut_in_the_middle(capsys):
    line = lines_of(capsys, {"said": "a" * 10_000 + "b" * 10_000})
    assert len(line["said"]) < 8_100
    assert line["said"].startswith("aaa")
    assert line["said"].endswith("bbb")
    assert "12000 characters left out" in line["said"]


def told(name="engineio.server", level=logging.WARNING):
    return logging.LogRecord(name, level, __file__, 1, "happened", None, None)


@pytest.fixture
def seldom(clock):
    return Seldom(["engineio", "arb_app.gate"], most=3, monotonic=clock.monotonic)


def test_only_some_lines_a_minute_are_written_of_what_strangers_provoke(seldom, clock):
    assert [seldom.filter(told()) for _ in range(5)] == [True, True, True, False, False]
    clock.advance(60)
    again = told()
    assert seldom.filter(again)
    assert again.left_out == 2


def test_other_loggers_and_other_levels_are_not_silenced_by_them(seldom):
    for _ in range(5):
        seldom.filter(told())
    assert seldom.filter(told(level=logging.ERROR))
    assert seldom.filter(told("arb_app.gate"))
    assert all(seldom.filter(told("engineioish")) for _ in range(9))
    assert all(seldom.filter(told("jobs.worker")) for _ in range(9))


def test_what_was_not_left_out_is_not_spoken_of(seldom, clock):
    seldom.filter(told())
    clock.advance(60)
    again = told()
    assert seldom.filter(again)
    assert not hasattr(again, "left_out")
