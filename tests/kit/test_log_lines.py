"""A log line is one object, whatever is said in it."""

import json
import logging

import pytest

from kit import log

FORGED = 'x\n{"event": "signed in", "level": "info"}\r\n\x1b[2K\u2028"}'


@pytest.fixture(autouse=True)
def _untouched_root():
    root = logging.getLogger()
    kept = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = kept


@pytest.mark.parametrize("place", ["event", "name", "key"])
def test_a_line_is_one_object_whatever_it_says(capsys, place):
    log.set_up(as_json=True)
    fields = {"key": {FORGED: 1}, "name": {"said": FORGED}, "event": {}}[place]
    logging.getLogger("shop").warning(FORGED if place == "event" else "happened", extra=fields)
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    told = json.loads(written)
    assert (told["level"], told["logger"]) == ("warning", "shop")
    assert FORGED in {told["event"], told.get("said"), *told}
