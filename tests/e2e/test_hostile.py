"""The security of the channel: hostile programs get nothing, and bring nothing down."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from domain.plans import PlanName
from kit.clock import ManualClock, SystemClock
from kit.ids import fresh
from services import accounts, sessions
from services.access import ANONYMOUS, OPERATOR, Role
from services.work import Resources, begin
from tests.accounts import CheapPasswords, an_attempt, open_account, signed_in
from tests.e2e.conftest import Web, until
from tests.e2e.test_plans import OPPORTUNITY_STATE, SECRETS, secret_row
from tests.facts import some_refusals
from tests.hostile.attacks import ATTACKS
from tests.hostile.judge import Breach, Target
from tests.hostile.run import MB, attacked, watched
from tests.hostile.wire import HYDRATE, opened

LONG_AGO = ManualClock(datetime.now(UTC) - timedelta(days=400))
MOST_SILENCE_S = 15.0
MOST_GROWTH_MB = 150.0


@pytest.fixture(scope="module")
async def besieged(environment, whole_stage):
    """A web process of its own, which shows visitors the least."""
    web = Web(environment | {"DUTCHBOOK_VISITOR_PLAN": "anonymous"})
    await web.start()
    yield web
    web.end()


@pytest.fixture(scope="module")
async def resources(database, whole_stage):
    return Resources(database, whole_stage.worker.cache, SystemClock())


@pytest.fixture(scope="module")
async def people(resources):
    """Cookies: of a member of the least plan, of an enterprise, and of sessions that are over."""
    cookies = {}
    for who, plan in (
        ("free", PlanName.FREE),
        ("enterprise", PlanName.ENTERPRISE),
        ("signed out", PlanName.ENTERPRISE),
        ("expired", PlanName.ENTERPRISE),
        ("locked", PlanName.ENTERPRISE),
        ("reset", PlanName.ENTERPRISE),
    ):
        email = f"{fresh()}@example.com"
        await open_account(resources, email, Role.OWNER if who == "reset" else Role.MEMBER)
        async with begin(resources, OPERATOR) as work:
            await accounts.change_plan(work, email, plan)
        token = await (long_ago if who == "expired" else signed_in)(resources, email)
        await _end(resources, who, email, token)
        cookies[who] = f"dutchbook={token}"
    return cookies


async def long_ago(resources, email):
    """Sign somebody in so long ago, and from an address of their own, that it is over."""
    async with begin(replace(resources, clock=LONG_AGO), ANONYMOUS) as work:
        attempt = an_attempt(email, address="198.51.100.77")
        granted = await sessions.sign_in(work, attempt, passwords=CheapPasswords())
    return granted.token


async def _end(resources, who, email, token):
    if who == "signed out":
        async with begin(resources, ANONYMOUS) as work:
            subject = await sessions.resume(work, token)
        async with begin(resources, subject) as work:
            await sessions.sign_out(work, token)
    elif who == "reset":
        async with begin(resources, OPERATOR) as work:
            await accounts.replace_password(
                work, email, "nine patient windmills", passwords=CheapPasswords()
            )
    elif who == "locked":
        async with begin(resources, OPERATOR) as work:
            (account,) = [each for each in await accounts.listed(work) if each.email == email]
            account.state = "locked"


@pytest.fixture
async def target(stage, heartbeat, besieged, people):
    """The product with a board whose names and odds the least plans may not know."""
    await stage.worker.publish(secret_row())
    await stage.worker.refuse(some_refusals())
    cookies = {"a visitor": "", "a member": people["free"]}
    old = [people[who] for who in ("signed out", "expired", "locked", "reset")]
    return Target(besieged.url, cookies, SECRETS, old)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
async def test_an_attack_gets_nothing_and_nobody_notices(target, besieged, attack):
    web = psutil.Process(besieged.process.pid)
    before = web.memory_info().rss / MB
    async with watched(target, most_silence_s=MOST_SILENCE_S) as witness:
        outcome = await attacked(target, witness, attack, web)
        assert outcome.breach == ""
        assert witness.messages > 0
    assert web.memory_info().rss / MB - before < MOST_GROWTH_MB
    assert besieged.process.poll() is None


async def test_the_judge_knows_a_breach_when_it_sees_one(stage, target, people):
    async with opened(target.url, cookie=people["enterprise"]) as wire:
        await wire.fire("reflex___state____state.arb_app___state___board____board_state.join")
        await wire.until('"snapshot"', "2.618")
        with pytest.raises(Breach):
            target.judge(wire.said, "an enterprise's board")


async def gathered(url, cookie, token):
    """Open a page as its member does, and close the tab; return what its memory holds of them."""
    async with opened(url, cookie=cookie, token=token) as wire:
        said = await wire.until('"email_rx_state_":"', "@example.com")
        return re.search(r"[0-9a-f]{24}@example\.com", said)[0]


async def told_again(url, cookie, token):
    """Come back with the token of a tab; return the socket with all that it was told.

    Until the server has noticed that the tab was closed, its token is not to be had.
    """
    for _ in range(100):
        async with opened(url, cookie=cookie, token=token) as wire:
            await wire.fire(HYDRATE, path="/status")
            await wire.fire(f"{OPPORTUNITY_STATE}.type_total", {"typed": "100"})
            await wire.answered()
            if not any("new_token" in text for text in wire.said):
                return wire
    raise TimeoutError


async def test_an_old_client_token_is_worth_nothing_without_its_cookie(target, people):
    token, enterprise = fresh(), people["enterprise"]
    email = await gathered(target.url, enterprise, token)
    again = await told_again(target.url, enterprise, token)
    assert any(email in text for text in again.said)
    for cookie in ("", people["free"], people["signed out"]):
        token = fresh()
        assert await gathered(target.url, enterprise, token) == email
        stranger = await told_again(target.url, cookie, token)
        target.judge(stranger.said, "somebody else with the token of a tab")
        assert not any(email in text for text in stranger.said)


async def test_what_is_refused_is_counted(target, besieged):
    async with opened(target.url) as wire:
        await wire.fire("reflex___state____state.setvar", {"var_name": "x", "value": 1})
        await wire.fire(HYDRATE, {"vars": {"no.such.var": 1}})
        await wire.raw.send("9nonsense")
        await wire.answered()

    async def counted():
        lines = (await besieged.get("/metrics")).text.splitlines()
        kinds = ("events_refused_total{", "events_odd_total ", "packets_odd_total ")
        found = {
            kind: float(line.split()[-1])
            for line in lines
            for kind in kinds
            if line.startswith(f"dutchbook_{kind}")
        }
        return found.keys() == set(kinds) and all(found.values())

    await until(counted)
