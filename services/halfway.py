"""Half-way: the password was right, and a factor, or a code from the mailbox, is still to come."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from domain.errors import Refused, Unavailable
from domain.factors import Kind
from domain.letters import LetterKind
from kit.ids import digits, secret, stable
from services import post
from services.access import Permission
from services.post import Written
from services.work import Work
from store import steps
from store.tables import AccountRow, StepRow
from store.throttle import Allowance

STEP_LASTS: Final = timedelta(minutes=5)
"""How long the second step of signing in may take."""
CODE_DIGITS: Final = 8
WRONG_ANSWERS: Final = 5
"""How many wrong answers within an hour their member is told of."""
LETTERS_AT_ONCE: Final = 3
"""How many letters there are of that at once, and then one in eight hours."""


@dataclass(frozen=True, slots=True)
class Halfway:
    """The password was right and one of `kinds` is to follow; the token is kept nowhere else."""

    token: str = field(repr=False)
    ends_at: datetime
    kinds: tuple[Kind, ...]


class Throttled(Refused):
    """Too many attempts; the same is heard again after `retry_after_s` seconds."""

    code = "throttled"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"too many attempts: try again in {retry_after_s:.0f} seconds")
        self.retry_after_s = retry_after_s


async def begin(
    work: Work,
    account: AccountRow,
    kinds: tuple[Kind, ...],
    written: Written | None,
    *,
    odd: bool,
) -> Halfway:
    """Keep that the password was right, and return what is asked for now.

    Args:
        work: It acts as the member.
        account: The member's.
        kinds: What they have set up.
        written: Writes letters.
        odd: Whether a code is sent by letter, since there is no factor to ask for.

    Raises:
        Throttled: Too many codes were sent already.
        Unavailable: Letters cannot be written.
    """
    work.subject.require(Permission.SIGN_IN)
    now, token = work.clock.now(), secret()
    code = await _sent(work, account, written) if odd else ""
    step = StepRow(
        id=uuid4(),
        user_id=account.id,
        token_hash=hash_of(token),
        why="odd" if odd else "factor",
        code_hash=hash_of(f"{token}.{code}") if odd else "",
        made_at=now,
        ends_at=now + STEP_LASTS,
    )
    await steps.forget_over(work.db, now)
    await steps.add(work.db, step)
    return Halfway(token, step.ends_at, kinds or (Kind.LETTER,))


async def _sent(work: Work, account: AccountRow, written: Written | None) -> str:
    """Return a code that is on its way to the member's mailbox."""
    often = Allowance(stable("step letter", account.id), burst=5, every_s=300.0)
    if wait_s := await work.cache.spend([often], now=work.clock.now()):
        raise Throttled(wait_s)
    if written is None:
        raise Unavailable("the code cannot be sent: nobody writes letters here")
    code = digits(CODE_DIGITS)
    letter = written(LetterKind.STEP_CODE, code)
    await post.post(work, LetterKind.STEP_CODE, account.email, letter, user_id=account.id)
    return code


async def failed(work: Work, account: AccountRow, written: Written) -> None:
    """Count a wrong answer of one past the password, and write to the member of every fifth.

    It counts whatever was asked for, at every half-way sign-in and in every session. How many wrong
    answers there may be is bounded elsewhere; here it is how many letters.

    Raises:
        Unavailable: They cannot be counted.
    """
    work.subject.require(Permission.SIGN_IN)
    now = work.clock.now()
    wrong = Allowance(stable("wrong answer", account.id), WRONG_ANSWERS - 1, every_s=900.0)
    if not await work.cache.spend([wrong], now=now):
        return
    await work.cache.restore([wrong])
    told = Allowance(stable("wrong answers told", account.id), LETTERS_AT_ONCE, every_s=28_800.0)
    if not await work.cache.spend([told], now=now):
        await tell(work, account, LetterKind.STOPPED, written)


async def tell(work: Work, account: AccountRow, kind: LetterKind, written: Written | None) -> None:
    """Write to a member about what happened; where letters cannot be sealed it is in the log."""
    work.subject.require(Permission.SIGN_IN)
    if written is not None and post.tellable(work.keys, kind):
        await post.post(work, kind, account.email, written(kind, ""), user_id=account.id)


def hash_of(token: str) -> str:
    """Return what is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
