"""What the tests of the store share."""

import pytest

from store.embedded import free_port as a_free_port


@pytest.fixture
def free_port():
    """A port of the loopback that nobody listens on."""
    return a_free_port()
