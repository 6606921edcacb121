"""What is kept of a member, for them to take away: every table says what of it they are given."""

from typing import Any
from uuid import UUID

from domain.errors import NotAllowed
from kit.ids import stable
from services.access import Permission
from services.sessions import Throttled
from services.work import Work
from store import audit, members
from store.throttle import Allowance

Taken = dict[str, list[dict[str, Any]]]


async def everything(work: Work) -> Taken:
    """Return everything that is kept of the member, a list of rows by the name of each table.

    `audit` is what they did themselves; entries about them by others name those others.

    Raises:
        ProofNeeded: It was not proved lately that it is the member.
        Throttled: They took it away a few times lately.
        Unavailable: PostgreSQL or Valkey cannot be asked.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    member = _member(work)
    often = Allowance(stable("member export", str(member)), burst=4, every_s=900.0)
    if wait_s := await work.cache.spend([often], now=work.clock.now()):
        raise Throttled(wait_s)
    kept = await members.kept_of(work.db, member)
    kept["audit"] = await members.noted_of(work.db, str(member))
    rows = sum(map(len, kept.values()))
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="account.export",
        subject=str(member),
        details={"rows": rows},
    )
    return kept


def _member(work: Work) -> UUID:
    if work.subject.user_id is None:
        raise NotAllowed("nobody is signed in")
    return work.subject.user_id
