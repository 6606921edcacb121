"""What the tests of the command line share."""

import pytest

from tests.cli.houses import house


@pytest.fixture
def live(tmp_path):
    """Yield a house that is up."""
    with house(tmp_path / "data") as running:
        running.hear("Ctrl-C stops it")
        yield running
