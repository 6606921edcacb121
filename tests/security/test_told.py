"""What is refused and what breaks is in the log, with its name and its trace."""

import logging
from types import SimpleNamespace

from reflex_base.event import Event

from arb_app import arb_app as composed
from arb_app import runtime
from arb_app.gate import Gate
from arb_app.runtime import Runtime


def visitor():
    router = SimpleNamespace(
        headers=SimpleNamespace(cookie=""),
        session=SimpleNamespace(session_id="here"),
        url=SimpleNamespace(path="/"),
    )
    return SimpleNamespace(router=router)


async def test_an_event_that_is_refused_is_in_the_log_by_its_name(clock, caplog):
    runtime.install(Runtime(clock, None))
    update = await Gate().preprocess(None, visitor(), Event(name="no.such.event"))
    assert update is not None
    (line,) = [each for each in caplog.records if each.getMessage() == "event refused"]
    assert (line.levelno, line.event_name) == (logging.WARNING, "no.such.event")


def test_an_error_that_nobody_expected_is_in_the_log_with_its_trace_and_counted(caplog):
    count = composed.FAILED.labels("ZeroDivisionError")._value
    before = count.get()
    try:
        1 / 0  # noqa: B018 - it is to fail
    except ZeroDivisionError as e:
        composed._failed(e)
    (line,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert line.exc_info[0] is ZeroDivisionError
    assert count.get() == before + 1
