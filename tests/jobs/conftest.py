"""What tests of the worker share."""

import pytest

from services.slates import load_solvers


@pytest.fixture(scope="session", autouse=True)
def solvers():
    """Compile the solvers beforehand: on a new machine a detector would take longer than a test."""
    load_solvers()
