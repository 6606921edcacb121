from dataclasses import dataclass

import pytest

from arb_app import runtime
from arb_app.runtime import Runtime


@dataclass
class NoBoard:
    """A board that nobody watches."""

    def join(self, session_id, *_):
        raise AssertionError(session_id)

    leave = join


@pytest.fixture
def running(resources, clock):
    """The process as it is once PostgreSQL and Valkey could be opened."""
    runtime.install(Runtime(clock, NoBoard(), resources))


@pytest.fixture
def starting(clock):
    """The process while PostgreSQL or Valkey cannot be reached."""
    runtime.install(Runtime(clock, NoBoard()))
