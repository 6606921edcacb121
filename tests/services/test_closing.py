"""Closing: at once nobody is in, for some days one may come back, and then nothing is left."""

import asyncio
from dataclasses import replace

import pytest

from domain.breaks import Length
from domain.errors import NotAllowed, ProofNeeded, Refused, Unavailable
from domain.letters import LetterKind
from domain.preferences import Preferences
from jobs.upkeep import Upkeep
from services import audit_check, audit_look, breaks, closing, members, preferences, support
from services.access import ANONYMOUS, OPERATOR, Role
from services.audit_look import Filter
from services.closing import GRACE
from services.sessions import Closed, Throttled
from services.work import begin
from store.anchors import AnchorFile
from store.keys import KeyRing
from store.tables import METADATA, OWNERS
from tests.accounts import ANN, BOB, OTHER, PASSWORD, CheapPasswords, an_attempt, open_account
from tests.services.lives import audited, behind, enters, letters, proved, written

pytestmark = pytest.mark.usefixtures("emptied")
OVERSIGHTS = ("accounts", "mail", "support")


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
async def ann(resources, clock):
    return proved(await open_account(resources), clock)


@pytest.fixture
def close(resources, ann):
    """Return a function by which a member closes their account."""

    async def closing_(who=ann, typed=ANN):
        async with begin(resources, who) as work:
            return await closing.close(work, typed, written=written)

    return closing_


@pytest.fixture
def come_back(resources):
    async def coming(email=ANN, password=PASSWORD):
        async with begin(resources, ANONYMOUS) as work:
            return await closing.come_back(
                work, an_attempt(email, password), passwords=CheapPasswords(), written=written
            )

    return coming


@pytest.fixture
def upkeep(database, cache, clock):
    return Upkeep(
        database=database, cache=cache, clock=clock, sources=[], healths=list, retention_days=90
    )


async def furnish(resources, member):
    """Give a member a row in every table that can have one of theirs."""
    async with begin(resources, member) as work:
        await preferences.keep(work, Preferences())
        await breaks.take(work, Length.YEAR)
        await breaks.limit(work, remind_min=15, daily_min=30, firm=True)
        await support.give(work, 24, "the board is empty")
    helper = await open_account(resources, BOB, Role.SUPPORT)
    async with begin(resources, helper) as work:
        await support.look(work, member.user_id)
    await enters(resources, member.name)


def naming(owner, member):
    """Return in which tables of members a row is of the member, or says their address."""
    found = set()
    with owner.transaction():
        owner.execute("select set_config('app.subject', %s, true)", [str(member.user_id)])
        for oversight in OVERSIGHTS:
            owner.execute("select set_config('app.oversight', %s, true)", [oversight])
            for name, column in OWNERS.items():
                asked = f"select 1 from {name} t where {column} = %s or t::text like %s"
                about = f"%{member.name}%"
                if owner.execute(asked, [member.user_id, about]).fetchone():
                    found.add(name)
    return found


async def test_who_closes_is_out_at_once_and_told_so(close, ann, resources, clock, owner):
    token = await enters(resources, ANN)
    assert await close() == clock.now() + GRACE
    assert await behind(resources, token) == ANONYMOUS
    with pytest.raises(Closed):
        await enters(resources, ANN)
    assert await enters(resources, ANN, OTHER) is None
    assert [(kind, to) for kind, to, _ in await letters(resources)] == [(LetterKind.CLOSED, ANN)]
    assert ("account.close", {"sessions_ended": 1}) in audited(owner, ann)


@pytest.mark.parametrize("act", [closing.close, closing.erase])
async def test_nobody_leaves_without_a_proof_or_for_another(resources, ann, act):
    more = {"written": written} if act is closing.close else {}
    for who, typed, error in (
        (replace(ann, proved_at=None), ANN, ProofNeeded),
        (ANONYMOUS, ANN, NotAllowed),
        (ann, BOB, Refused),
        (ann, "", Refused),
    ):
        with pytest.raises(error):
            async with begin(resources, who) as work:
                await act(work, typed, **more)
    assert await enters(resources, ANN)


async def test_of_two_closings_at_once_one_is_done(close, resources):
    done = await asyncio.gather(close(), close(), return_exceptions=True)
    assert sum(isinstance(each, Refused) for each in done) == 1
    assert len(await letters(resources)) == 1


async def test_who_comes_back_signs_in_as_ever(close, come_back, resources, clock, ann):
    await close()
    assert not await come_back(password=OTHER)
    assert not await come_back(email=BOB)
    clock.advance(GRACE.total_seconds() - 1)
    assert await come_back()
    assert (await behind(resources, await enters(resources, ANN))).user_id == ann.user_id
    assert (await letters(resources))[0][0] == LetterKind.CAME_BACK
    assert not await come_back()


async def test_guessing_passwords_of_closed_accounts_is_throttled(close, come_back):
    await close()
    for _ in range(5):
        assert not await come_back(password=OTHER)
    with pytest.raises(Throttled):
        await come_back()


async def test_the_last_owner_stays(resources, clock, close):
    owner = proved(await open_account(resources, BOB, Role.OWNER), clock)
    with pytest.raises(Refused, match="last owner"):
        await close(owner, BOB)
    with pytest.raises(Refused, match="last owner"):
        async with begin(resources, owner) as work:
            await closing.erase(work, BOB)


async def test_of_two_owners_who_leave_at_once_one_stays(resources, clock, close):
    both = [proved(await open_account(resources, email, Role.OWNER), clock)
            for email in (BOB, "c@example.com")]  # fmt: skip
    leaving = (close(each, each.name) for each in both)
    done = await asyncio.gather(*leaving, return_exceptions=True)
    assert sum(isinstance(each, Refused | Unavailable) for each in done) == 1


async def test_what_was_closed_for_long_is_erased_and_the_audit_is_clean(
    close, come_back, ann, resources, clock, upkeep, owner, tmp_path
):
    await furnish(resources, ann)
    await close()
    assert naming(owner, ann) >= {"accounts", "letters", "support_grants", "support_looks"}
    clock.advance(GRACE.total_seconds() - 1)
    await upkeep.forget_members()
    assert "accounts" in naming(owner, ann)
    clock.advance(1)
    await upkeep.forget_members()
    assert naming(owner, ann) == set()
    assert not await come_back()
    assert await enters(resources, ANN) is None
    noted = audited(owner, ann)
    assert noted[-1] == ("account.erase", {})
    async with begin(resources, OPERATOR) as work:
        report = await audit_check.verify(work, AnchorFile(tmp_path / "anchors"), [])
    assert (report.clean, report.broken) == (True, None)


async def test_who_is_erased_at_once_is_gone_with_everything(ann, resources, owner):
    await furnish(resources, ann)
    with_rows = naming(owner, ann)
    assert with_rows >= {"accounts", "sessions", "member_settings", "member_limits"}
    async with begin(resources, ann) as work:
        await closing.erase(work, ANN)
    assert naming(owner, ann) == set()
    assert await enters(resources, BOB)


async def test_an_account_that_is_not_closed_cannot_be_erased_by_any_statement(
    ann, resources, database, owner
):
    from store import accounts

    async with database.begin() as db:
        await accounts.oversee(db)
        assert not await accounts.erase(db, ann.user_id)
    async with database.begin() as db:
        assert not await accounts.erase(db, ann.user_id)
    assert "accounts" in naming(owner, ann)


async def test_nobody_erases_a_closed_account_of_another(ann, close, resources, database):
    from store import accounts

    await close()
    other = await open_account(resources, BOB)
    async with database.begin(subject=other.user_id) as db:
        assert not await accounts.erase(db, ann.user_id)


def test_every_table_of_members_goes_with_the_account():
    pointing = {
        table.name
        for table in METADATA.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "accounts" and key.ondelete == "CASCADE"
    }
    assert pointing | {"accounts"} == OWNERS.keys()


async def test_nothing_that_is_for_good_holds_an_address(
    close, come_back, ann, resources, owner, clock
):
    await furnish(resources, ann)
    admin = await open_account(resources, "root@example.com", Role.OWNER)
    async with begin(resources, proved(admin, clock)) as work:
        await audit_look.begin_export(work, Filter(about=ANN))
        await members.exported(work, members.filtered({"text": ANN}))
    await close()
    await come_back()
    (before,) = owner.execute("select count(*) from audit").fetchone()
    assert before > 10
    assert owner.execute("select details from audit where details::text ~ '@'").fetchall() == []
