"""A kept service is started again, after pauses that grow while it fails and not after."""

from datetime import UTC, datetime

from cli.steps import Steps
from cli.supervisor import Kept
from domain.errors import Unavailable
from kit.clock import ManualClock


class Fragile:
    """A service that breaks when told, and starts only when it may."""

    def __init__(self):
        self.running = True
        self.may_start = True

    def alive(self):
        return self.running

    def start(self):
        if not self.may_start:
            raise Unavailable("the disk is full")
        self.running = True


def kept(*pauses):
    service = Fragile()
    return service, Kept("web", service, lambda: iter(pauses))


def test_one_that_runs_is_left_alone():
    _, web = kept(1.0)
    assert web.tend(0.0) is None


def test_one_that_ends_is_started_again_after_its_pause_and_not_before():
    service, web = kept(2.0)
    service.running = False
    assert web.tend(100.0) == "web has ended; it is started again in 2.0 s"
    assert web.tend(101.9) is None
    assert not service.running
    assert web.tend(102.0) == "web runs again"
    assert service.running


def test_one_that_does_not_start_says_why_and_waits_longer():
    service, web = kept(1.0, 4.0)
    service.running = service.may_start = False
    web.tend(0.0)
    told = web.tend(1.0)
    assert told == "web does not start (the disk is full); it is started again in 4.0 s"
    assert web.tend(4.9) is None
    service.may_start = True
    assert web.tend(5.0) == "web runs again"


def test_pauses_begin_anew_only_after_a_steady_minute():
    service, web = kept(1.0, 8.0)

    def end_at(now):
        service.running = False
        return web.tend(now), web.tend(now + 8.0)

    assert "in 1.0 s" in end_at(0.0)[0]
    assert web.tend(20.0) is None
    assert "in 8.0 s" in end_at(20.0)[0]
    assert web.tend(100.0) is None
    assert "in 1.0 s" in end_at(100.0)[0]


def test_steps_show_the_seconds_that_they_took(capsys):
    clock = ManualClock(datetime(2026, 7, 21, tzinfo=UTC))
    steps = Steps(clock)
    with steps.step("PostgreSQL"):
        clock.advance(1.25)
    clock.advance(1.0)
    assert capsys.readouterr().out == "  PostgreSQL     1.2 s\n"
    assert steps.elapsed_s == 2.25
