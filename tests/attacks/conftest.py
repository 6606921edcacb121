"""Two members with a row in every table that holds what is members'."""

from uuid import UUID

import pytest

from tests.attacks.rows import everything_of, settle

ANN, BOB = UUID(int=101), UUID(int=102)


@pytest.fixture
def settled(owner, emptied):
    """Both have everything; what the second has is looked at again in the end."""
    for each in (ANN, BOB):
        settle(owner, each)
    before = everything_of(owner, BOB)
    yield
    assert everything_of(owner, BOB) == before
