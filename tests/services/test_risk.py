"""Risk at the door: what is odd is kept and judged, a block is told, and honest ways stay open."""

from dataclasses import replace
from datetime import timedelta

import pytest

from arb_app.letters import told
from domain.errors import NotAllowed
from domain.letters import LetterKind
from kit.ids import secret
from kit.settings import settings
from services import post, risk, risk_look, sessions
from services.access import ANONYMOUS, OPERATOR, Permission
from services.places import of_file
from services.risk import Arrival
from services.risk_look import Filter, filtered
from services.risk_rules import MOST_ACCOUNTS, MOST_FAILURES, Reason, Verdict
from services.work import begin
from store import accounts as stored
from store.keys import KeyRing
from tests.accounts import (
    ANN,
    BOB,
    ELSEWHERE,
    HERE,
    OTHER,
    CheapPasswords,
    an_attempt,
    open_account,
)
from tests.factors import written

pytestmark = pytest.mark.usefixtures("emptied")

KEYS = KeyRing().renewed()
EVERY = Filter()
LIST = "192.0.2.0,192.0.2.255,ES\n198.51.100.0,198.51.100.255,NZ\n"


@pytest.fixture(autouse=True)
def configured(monkeypatch, tmp_path):
    """A list of two countries, and the thresholds as they come."""
    (tmp_path / "countries.csv").write_text(LIST)
    monkeypatch.setenv("DUTCHBOOK_COUNTRIES_FILE", str(tmp_path / "countries.csv"))
    for name in ("STEP_UP", "BLOCK"):
        monkeypatch.delenv(f"DUTCHBOOK_RISK_{name}", raising=False)
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()
    of_file.cache_clear()


@pytest.fixture
def sealed(resources):
    return replace(resources, keys=KEYS)


@pytest.fixture
def enter(sealed):
    """Return a function that tries to sign somebody in; None: nobody was let in."""

    async def entering(device="", *, email=ANN, **more):
        attempt = an_attempt(email, device=device, told=told, **more)
        async with begin(sealed, ANONYMOUS) as work:
            return await sessions.sign_in(
                work, attempt, passwords=CheapPasswords(), written=written
            )

    return entering


@pytest.fixture
def found(sealed):
    """Return a function that says what was odd, the latest first."""

    async def finding(asked=EVERY):
        async with begin(sealed, OPERATOR) as work:
            return (await risk_look.events(work, asked, limit=50)).events

    return finding


@pytest.fixture
def actions(owner):
    """Return a function that names the acts on record since the test began."""
    (begun,) = owner.execute("select coalesce(max(id), 0) from audit").fetchone()
    return lambda: [
        a for (a,) in owner.execute("select action from audit where id > %s order by id", (begun,))
    ]


async def test_the_first_sign_in_ever_is_not_odd(sealed, enter, found):
    await open_account(sealed)
    assert await enter(secret(), address=ELSEWHERE)
    assert await found() == []


async def test_the_same_device_from_the_same_place_is_not_odd(sealed, enter, found, clock):
    await open_account(sealed)
    device = secret()
    for _ in range(3):
        assert await enter(device)
        clock.advance(3600)
    assert await found() == []


async def test_an_unknown_device_is_kept_with_its_reasons_and_let_in(sealed, enter, found, actions):
    ann = await open_account(sealed)
    await enter(secret())
    assert await enter(secret(), agent="Firefox Linux")
    (odd,) = await found()
    assert odd.user_id == ann.user_id
    assert (odd.verdict, odd.reasons) == (Verdict.ALLOW, [Reason.UNKNOWN_DEVICE])
    assert (odd.network, odd.country, odd.agent) == ("192.0.2.0/24", "ES", "Firefox on Linux")
    assert not [each for each in actions() if each.startswith("sign_in.")]


async def test_an_unknown_device_from_a_new_network_is_asked_for_more(
    sealed, enter, found, actions
):
    await open_account(sealed)
    await enter(secret())
    assert await enter(secret(), address="203.0.113.7")
    (odd,) = await found()
    assert odd.verdict == Verdict.STEP_UP
    assert set(odd.reasons) == {Reason.UNKNOWN_DEVICE, Reason.NEW_NETWORK}
    assert "sign_in.step_up" in actions()


async def test_who_would_have_flown_too_fast_is_told_so_by_name(sealed, enter, found, clock):
    await open_account(sealed)
    device = secret()
    await enter(device)
    clock.advance(3600)
    await enter(device, address=ELSEWHERE)
    (odd,) = await found()
    assert Reason.IMPOSSIBLE_TRAVEL in odd.reasons
    clock.advance(timedelta(days=2).total_seconds())
    await enter(device)
    assert len(await found()) == 1


async def guessed(enter, times, address=ELSEWHERE):
    for _ in range(times):
        assert await enter(password=OTHER, address=address) is None


async def test_a_thief_after_guesses_from_the_other_side_is_blocked_and_the_member_told(
    sealed, enter, found, actions
):
    await open_account(sealed)
    await enter(secret())
    await guessed(enter, MOST_FAILURES)
    await guessed(enter, 1, "198.51.100.8")
    assert await enter(secret(), address="198.51.100.10") is None
    (odd,) = await found()
    assert odd.verdict == Verdict.BLOCK
    assert odd.score >= 0.9
    assert actions()[-1] == "sign_in.block"
    async with begin(sealed, OPERATOR) as work:
        (letter,) = await post.outbox(work, readable=True)
    assert letter.kind == LetterKind.BLOCKED
    assert "NZ, 198.51.100.0/24" in letter.letter.text
    assert await enter(secret(), address="198.51.100.11") is None
    async with begin(sealed, OPERATOR) as work:
        assert len(await post.outbox(work, readable=True)) == 1, "one letter an hour"


async def test_a_block_leaves_the_members_own_way_open_and_counts_anew_after_it(
    sealed, enter, found
):
    await open_account(sealed)
    device = secret()
    await enter(device)
    await guessed(enter, MOST_FAILURES)
    await guessed(enter, 1, "198.51.100.8")
    assert await enter(secret(), address="198.51.100.10") is None
    assert await enter(device)
    assert await enter(device)
    reasons = [each.reasons for each in await found()]
    assert [Reason.MANY_FAILURES] in reasons
    assert len(reasons) == 2


async def test_many_accounts_from_one_address_are_odd(sealed, enter, found):
    await open_account(sealed)
    for number in range(MOST_ACCOUNTS):
        assert await enter(email=f"{number}@example.com", password=OTHER) is None
    await enter()
    assert [each.reasons for each in await found()] == [[Reason.MANY_ACCOUNTS]]


async def test_the_operator_sets_the_thresholds(sealed, enter, configured, found):
    await open_account(sealed)
    await enter(secret())
    configured.setenv("DUTCHBOOK_RISK_BLOCK", "0.3")
    settings.cache_clear()
    assert await enter(secret()) is None
    assert [each.verdict for each in await found()] == [Verdict.BLOCK]


async def test_without_a_list_a_place_is_a_network_and_nobody_travels(
    sealed, enter, configured, found
):
    configured.delenv("DUTCHBOOK_COUNTRIES_FILE")
    settings.cache_clear()
    await open_account(sealed)
    device = secret()
    await enter(device)
    await enter(device, address=ELSEWHERE)
    (odd,) = await found()
    assert (odd.reasons, odd.country) == ([Reason.NEW_NETWORK], "")


async def test_the_verdict_itself_lets_nobody_in_who_may_not_sign_in(sealed, stranger):
    ann = await open_account(sealed)
    async with begin(sealed, ann) as work:
        account = await stored.own(work.db, ann.user_id)
    async with begin(sealed, stranger) as work:
        asked = (
            risk.of_sign_in(work, account, Arrival(HERE)),
            risk.refused(work, ANN, HERE),
            risk.begun(work, account),
        )
        for ask in asked:
            with pytest.raises(NotAllowed):
                await ask


async def test_odd_arrivals_are_found_by_verdict_reason_text_and_day(sealed, enter, found, clock):
    ann = await open_account(sealed)
    await enter(secret())
    await enter(secret(), address="203.0.113.7")
    clock.advance(timedelta(days=1).total_seconds())
    await enter(secret())
    today, before = clock.now().date(), clock.now().date() - timedelta(days=1)
    for asked, count in (
        ({}, 2), ({"verdict": "step_up"}, 1), ({"verdict": "allow"}, 1), ({"verdict": "x"}, 2),
        ({"reason": "new_network"}, 1), ({"reason": "long_away"}, 0), ({"reason": 7}, 2),
        ({"about": "203.0.113"}, 1), ({"about": str(ann.user_id)[:8]}, 2), ({"about": "%"}, 0),
        ({"since": f"{today}"}, 1), ({"until": f"{before}"}, 1), ({"until": "9999-12-31"}, 2),
    ):  # fmt: skip
        assert len(await found(filtered(asked))) == count, asked


async def test_a_member_sees_their_own_and_nobody_elses(sealed, enter):
    ann, bob = await open_account(sealed), await open_account(sealed, BOB)
    await enter(secret())
    await enter(secret())
    for subject, count in ((ann, 1), (bob, 0)):
        async with begin(sealed, subject) as work:
            assert len(await risk_look.own(work)) == count


async def test_taking_them_away_is_on_record(sealed, enter, actions):
    await open_account(sealed)
    await enter(secret())
    await enter(secret())
    async with begin(sealed, OPERATOR) as work:
        assert len(await risk_look.exported(work, Filter())) == 1
    assert actions()[-1] == "risk.export"


async def test_reading_of_risk_needs_the_permission(sealed, stranger):
    member = replace(stranger, permissions=frozenset(Permission) - {Permission.VIEW_AUDIT})
    async with begin(sealed, member) as work:
        for ask in (
            risk_look.standing(work),
            risk_look.events(work, Filter(), limit=1),
            risk_look.exported(work, Filter()),
        ):
            with pytest.raises(NotAllowed):
                await ask
