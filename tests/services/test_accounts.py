"""Accounts: made, given roles and passwords by those who may, and by nobody else."""

import itertools

import pytest
import sqlalchemy as sa

from domain.errors import NotAllowed, NotFound, Refused
from services import accounts, sessions
from services.access import ANONYMOUS, OPERATOR, PERMISSIONS_OF, Permission, Role
from services.work import begin
from tests.accounts import ANN, BOB, OTHER, PASSWORD, CheapPasswords, an_attempt, open_account

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def passwords():
    return CheapPasswords()


@pytest.fixture
def enter(resources, passwords):
    """Return a function that signs somebody in and returns their token, or None."""

    async def entering(*told, **more):
        async with begin(resources, ANONYMOUS) as work:
            granted = await sessions.sign_in(work, an_attempt(*told, **more), passwords=passwords)
        return granted and granted.token

    return entering


async def resumed(resources, token):
    async with begin(resources, ANONYMOUS) as work:
        return await sessions.resume(work, token)


async def audited(resources, subject):
    async with begin(resources, ANONYMOUS) as work:
        rows = await work.db.execute(
            sa.text("select action, actor, details from audit where subject = :s order by id"),
            {"s": str(subject.user_id)},
        )
        return [tuple(row) for row in rows]


async def test_an_account_is_made_under_one_spelling_and_audited(resources):
    ann = await open_account(resources, "  Ann@EXAMPLE.com ", Role.OWNER)
    assert ann.name == ANN
    assert await audited(resources, ann) == [("account.create", "operator", {"role": "owner"})]


@pytest.mark.parametrize("again", [ANN, "ANN@example.com"])
async def test_an_address_has_one_account(resources, again):
    await open_account(resources)
    with pytest.raises(Refused, match="has an account already"):
        await open_account(resources, again)


@pytest.mark.parametrize(
    "email", ["", "ann", "@example.com", "ann@", "ann@localhost", "a b@example.com",
              "ann@example..com", "ann@example.com\nBcc: x@y.z", "a" * 250 + "@example.com"],
)  # fmt: skip
async def test_what_is_no_address_is_refused(resources, email):
    with pytest.raises(Refused, match="no e-mail address"):
        await open_account(resources, email)


async def test_a_password_that_will_not_do_makes_no_account(resources):
    with pytest.raises(Refused, match="easy to guess"):
        await open_account(resources, password="password1234")
    async with begin(resources, OPERATOR) as work:
        assert await accounts.listed(work) == []


async def test_accounts_are_listed_the_eldest_first(resources):
    await open_account(resources)
    await open_account(resources, BOB, Role.ANALYST)
    async with begin(resources, OPERATOR) as work:
        rows = await accounts.listed(work)
    assert [(row.email, row.role) for row in rows] == [(ANN, "member"), (BOB, "analyst")]
    assert not any("argon2" in repr(row) for row in rows)


async def test_another_role_ends_every_session_and_counts_at_the_next(resources, enter):
    ann = await open_account(resources)
    token = await enter()
    async with begin(resources, OPERATOR) as work:
        assert await accounts.change_role(work, ANN, Role.ADMIN) == 1
        assert await accounts.change_role(work, ANN, Role.ADMIN) == 0
    assert await resumed(resources, token) == ANONYMOUS
    assert (await resumed(resources, await enter())).may(Permission.MANAGE_SOURCES)
    told = {"was": "member", "role": "admin", "sessions_ended": 1}
    assert ("account.role", "operator", told) in await audited(resources, ann)


async def test_nobody_gives_or_touches_a_role_above_their_own(resources, passwords):
    admin = await open_account(resources, ANN, Role.ADMIN)
    await open_account(resources, BOB, Role.OWNER)
    async with begin(resources, admin) as work:
        with pytest.raises(NotAllowed, match="above yours"):
            await accounts.change_role(work, ANN, Role.OWNER)
        with pytest.raises(NotAllowed, match="above yours"):
            await accounts.change_role(work, BOB, Role.MEMBER)
        with pytest.raises(NotAllowed, match="above yours"):
            await accounts.replace_password(work, BOB, OTHER, passwords=passwords)
        with pytest.raises(NotAllowed, match="above yours"):
            await accounts.create(
                work, "c@example.com", PASSWORD, role=Role.OWNER, passwords=passwords
            )
        await accounts.create(work, "c@example.com", PASSWORD, role=Role.ADMIN, passwords=passwords)


async def test_the_last_owner_stays_one(resources):
    await open_account(resources, ANN, Role.OWNER)
    async with begin(resources, OPERATOR) as work:
        with pytest.raises(Refused, match="last owner"):
            await accounts.change_role(work, ANN, Role.MEMBER)
    await open_account(resources, BOB, Role.OWNER)
    async with begin(resources, OPERATOR) as work:
        await accounts.change_role(work, ANN, Role.MEMBER)


async def test_ones_own_password_is_changed_and_ones_other_sessions_end(
    resources, passwords, enter
):
    ann = await open_account(resources)
    mine, stolen = await enter(), await enter()
    kept = sessions.hash_of(mine)
    async with begin(resources, ann) as work:
        change = accounts.change_password
        ended = await change(work, PASSWORD, OTHER, token_hash=kept, passwords=passwords)
    assert ended == 1
    assert (await resumed(resources, mine)).user_id == ann.user_id
    assert await resumed(resources, stolen) == ANONYMOUS
    assert await enter() is None
    assert await enter(password=OTHER)
    acts = [action for action, _, _ in await audited(resources, ann)]
    assert "account.password_change" in acts


@pytest.mark.parametrize(
    ("current", "new", "error"),
    [(OTHER, "nine brass umbrellas", NotAllowed), (PASSWORD, "short", Refused)],
)
async def test_a_change_that_will_not_do_leaves_the_password(
    resources, passwords, enter, current, new, error
):
    ann = await open_account(resources)
    with pytest.raises(error):
        async with begin(resources, ann) as work:
            await accounts.change_password(work, current, new, token_hash="", passwords=passwords)
    assert await enter()


async def test_an_operator_replaces_a_password_and_ends_every_session(resources, passwords, enter):
    await open_account(resources)
    token = await enter()
    async with begin(resources, OPERATOR) as work:
        assert await accounts.replace_password(work, ANN, OTHER, passwords=passwords) == 1
    assert await resumed(resources, token) == ANONYMOUS
    assert await enter() is None
    assert await enter(password=OTHER)


async def test_an_address_without_an_account_is_not_found(resources, passwords):
    async with begin(resources, OPERATOR) as work:
        with pytest.raises(NotFound):
            await accounts.change_role(work, BOB, Role.ADMIN)
        with pytest.raises(NotFound):
            await accounts.replace_password(work, BOB, OTHER, passwords=passwords)


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.SUPPORT, Role.ANALYST])
async def test_whoever_does_not_manage_accounts_may_do_nothing_to_them(resources, passwords, role):
    subject = ANONYMOUS if role is None else await open_account(resources, ANN, role)
    async with begin(resources, subject) as work:
        for attempt in (
            accounts.create(work, BOB, PASSWORD, role=Role.MEMBER, passwords=passwords),
            accounts.listed(work),
            accounts.change_role(work, ANN, Role.OWNER),
            accounts.replace_password(work, ANN, OTHER, passwords=passwords),
        ):
            with pytest.raises(NotAllowed):
                await attempt


def test_a_higher_role_may_all_that_a_lower_one_may():
    rising = [PERMISSIONS_OF[role] for role in (Role.MEMBER, Role.ANALYST, Role.ADMIN, Role.OWNER)]
    assert all(low <= high for low, high in itertools.pairwise(rising))
    assert PERMISSIONS_OF.keys() == set(Role)
    seeing = {Permission.VIEW_ADMIN, Permission.VIEW_MEMBERS}
    assert PERMISSIONS_OF[Role.SUPPORT] - PERMISSIONS_OF[Role.MEMBER] == seeing
    assert not {p for p in PERMISSIONS_OF[Role.MEMBER] if p.name.startswith("MANAGE")}
