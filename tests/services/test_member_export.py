"""Export: a member is given all that is kept of them, and nothing of anybody else."""

from dataclasses import replace

import pytest

from domain.errors import NotAllowed, ProofNeeded
from domain.preferences import Preferences
from services import member_export, preferences, support
from services.access import ANONYMOUS
from services.sessions import Throttled
from services.work import begin
from store.tables import EXPORTS, OWNERS
from tests.accounts import ANN, BOB, open_account
from tests.services.lives import audited, enters, proved

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
async def ann(resources, clock):
    return proved(await open_account(resources), clock)


async def taken(resources, who):
    async with begin(resources, who) as work:
        return await member_export.everything(work)


async def test_a_member_is_given_every_table_that_has_rows_of_theirs(resources, ann, owner):
    await open_account(resources, BOB)
    for email in (ANN, BOB):
        await enters(resources, email)
    async with begin(resources, ann) as work:
        await preferences.keep(work, Preferences())
        await support.give(work, 1, "look")
    kept = await taken(resources, ann)
    assert kept.keys() == {*OWNERS, "audit"}
    assert [row["email"] for row in kept["accounts"]] == [ANN]
    assert {
        name: len(kept[name]) for name in ("sessions", "member_settings", "support_grants")
    } == (dict.fromkeys(("sessions", "member_settings", "support_grants"), 1))
    assert {row["action"] for row in kept["audit"]} == {"sign_in", "support.grant"}
    for name, rows in kept.items():
        told = set(EXPORTS.get(name, "at, action, details").split(", "))
        assert all(row.keys() == told for row in rows)
    assert BOB not in repr(kept)
    assert "argon2" not in repr(kept)
    rows = sum(map(len, kept.values()))
    assert audited(owner, ann)[-1] == ("account.export", {"rows": rows})


async def test_it_needs_a_proof_and_somebody_who_is_signed_in(resources, ann):
    for who, error in ((replace(ann, proved_at=None), ProofNeeded), (ANONYMOUS, NotAllowed)):
        with pytest.raises(error):
            await taken(resources, who)


async def test_it_is_given_a_few_times_and_then_later(resources, ann, clock):
    for _ in range(4):
        await taken(resources, ann)
    with pytest.raises(Throttled) as refused:
        await taken(resources, ann)
    clock.advance(refused.value.retry_after_s)
    await taken(resources, proved(ann, clock))
