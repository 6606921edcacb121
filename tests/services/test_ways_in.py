"""What a way in holds against whoever tries something clever."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.letters import Letter
from kit.clock import ManualClock
from services import accounts, joining, post, security, sessions
from services.access import ANONYMOUS, OPERATOR
from services.joining import Told
from services.passwords import require_good
from services.security import Change
from services.work import begin
from store.keys import KeyRing
from tests.accounts import (
    ANN,
    HERE,
    OTHER,
    PASSWORD,
    CheapPasswords,
    an_attempt,
    open_account,
    signed_in,
)
from tests.facts import NOON

LONG_AGO = ManualClock(NOON - timedelta(days=4_000))
QUOTES = ["ann@example.com' or '1'='1", "'; drop table accounts; --", "%", "ann@example.com\\'"]


@pytest.mark.parametrize("password", ["dutchbook2026", "DutchBook!!!!", "ann@example.com"])
def test_our_name_and_ones_own_address_are_no_passwords(password):
    with pytest.raises(Refused, match="guess"):
        require_good(password, email=ANN)


def written(kind, code):
    return Letter(subject=str(kind), text=code, html="")


async def register(resources, password):
    async with begin(resources, ANONYMOUS) as work:
        told = Told(HERE, ANN, password=password)
        await joining.register(work, told, passwords=CheapPasswords(), written=written)


async def reset(resources, password):
    await open_account(resources)
    async with begin(resources, ANONYMOUS) as work:
        await joining.forgot(work, Told(HERE, ANN), written=written)
    async with begin(resources, OPERATOR) as work:
        (letter,) = await post.outbox(work, readable=True)
    async with begin(resources, ANONYMOUS) as work:
        told = Told(HERE, code=letter.letter.text, password=password)
        await joining.reset(work, told, passwords=CheapPasswords(), written=written)


async def change(resources, password):
    await open_account(resources)
    async with begin(resources, ANONYMOUS) as work:
        ann = await sessions.resume(work, await signed_in(resources))
    async with begin(resources, ann) as work:
        change = Change(PASSWORD, password, HERE)
        await security.change_password(work, change, passwords=CheapPasswords(), written=written)


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize("chosen_by", [register, reset, change], ids=lambda each: each.__name__)
async def test_wherever_a_password_is_chosen_ones_address_is_none(resources, chosen_by):
    resources = replace(resources, keys=KeyRing().renewed())
    with pytest.raises(Refused, match="guess"):
        await chosen_by(resources, "ann.example.com")


@pytest.mark.usefixtures("emptied")
@pytest.mark.parametrize("chosen_by", [register, reset, change], ids=lambda each: each.__name__)
async def test_wherever_a_password_is_chosen_unrelated_words_will_do(resources, chosen_by):
    await chosen_by(replace(resources, keys=KeyRing().renewed()), OTHER)


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
