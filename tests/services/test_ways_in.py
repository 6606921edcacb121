"""What a way in holds against whoever tries something clever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Refused
from kit.clock import ManualClock
from services import accounts, sessions
from services.access import ANONYMOUS, OPERATOR
from services.passwords import require_good
from services.work import begin
from tests.accounts import ANN, CheapPasswords, an_attempt, open_account
from tests.facts import NOON

LONG_AGO = ManualClock(NOON - timedelta(days=4_000))
QUOTES = ["ann@example.com' or '1'='1", "'; drop table accounts; --", "%", "ann@example.com\\'"]


@pytest.mark.parametrize("password", ["dutchbook2026", "DutchBook!!!!", "ann@example.com"])
def test_our_name_and_ones_own_address_are_no_passwords(password):
    with pytest.raises(Refused, match="guess"):
        require_good(password, email=ANN)


@pytest.mark.usefixtures("emptied")
async def test_a_password_does_not_age(resources):
    await open_account(replace(resources, clock=LONG_AGO))
    async with begin(resources, ANONYMOUS) as work:
        assert await sessions.sign_in(work, an_attempt(), passwords=CheapPasswords())


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize("said", QUOTES)
async def test_a_quote_in_a_value_stays_a_value(resources, said):
    await open_account(resources)
    async with begin(resources, ANONYMOUS) as work:
        attempt = an_attempt(said)
        assert await sessions.sign_in(work, attempt, passwords=CheapPasswords()) is None
    async with begin(resources, OPERATOR) as work:
        assert [each.email for each in await accounts.listed(work)] == [ANN]
