"""Post: letters are sealed into an outbox in the transaction that has something to say."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec

from domain.errors import Unavailable
from domain.letters import Letter, LetterKind, Visit
from domain.preferences import Preferences
from services.access import Permission
from services.work import Work
from store import mail as stored
from store.keys import KeyMissing, KeyRing, KeysAway, NoKeys
from store.sealed import Place, SealBroken, seal, unseal
from store.tables import LetterRow

log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=7)

Written = Callable[[LetterKind, str], Letter]
"""Writes a letter of a kind; the text is the code that it carries, or ""."""

Told = Callable[[LetterKind, Visit, Preferences | None], Letter]
"""Writes a letter about a visit, as a member has chosen to be written to; None: they never did."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter of the outbox as an admin sees it; what it says only where nobody carries letters.

    There is a mail server, or there is none and the outbox is where letters are read.
    """

    kind: str
    address: str = field(repr=False)
    written_at: datetime
    sent_at: datetime | None
    tries: int
    failed: str
    letter: Letter | None = field(repr=False)


async def post(
    work: Work, kind: LetterKind, address: str, letter: Letter, *, user_id: UUID | None = None
) -> None:
    """Put a letter into the outbox, to be sent as soon as the transaction has ended well.

    Raises:
        Unavailable: There is no key to seal it with, or not just now.
    """
    work.subject.require(Permission.SIGN_IN)
    now, number = work.clock.now(), uuid4()
    if not sealable(work.keys):
        raise Unavailable("letters cannot be sealed: there is no key file")
    row = LetterRow(
        id=number,
        user_id=user_id,
        kind=kind,
        address=address,
        sealed=seal(work.keys, _place(number), msgspec.json.encode(letter).decode()),
        written_at=now,
        due_at=now,
    )
    await stored.post(work.db, row)


def sealable(keys: KeyRing) -> bool:
    """Return whether there is a key to seal letters with; raise `KeysAway` if not just now."""
    try:
        keys.newest()
    except NoKeys:
        return False
    return True


def tellable(keys: KeyRing, kind: LetterKind) -> bool:
    """Return whether a letter about what has happened already can be sealed; if not it is logged.

    What happens goes on for that: somebody arrives, or is kept out. What a member changes is not
    changed unless they are told of it: there `post` raises.
    """
    try:
        return sealable(keys)
    except KeysAway as e:
        log.warning("letter not written", extra={"kind": kind.value, "why": str(e)})
        return False


def opened(keys: KeyRing, row: LetterRow) -> Letter:
    """Return what a letter says; raise `SealBroken` or `KeyMissing` if it cannot be opened."""
    return msgspec.json.decode(unseal(keys, _place(row.id), row.sealed), type=Letter)


async def outbox(work: Work, *, readable: bool, limit: int = 50) -> list[Kept]:
    """Return the letters written last, the newest first.

    Args:
        work: Its subject manages accounts.
        readable: Whether what is not sent may be read: only where no mail server is known.
        limit: How many at most.

    Raises:
        NotAllowed: The subject may not.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    await stored.oversee(work.db)
    rows = await stored.newest(work.db, limit=limit)
    return [_kept(work.keys, row, readable=readable and row.sent_at is None) for row in rows]


def _kept(keys: KeyRing, row: LetterRow, *, readable: bool) -> Kept:
    try:
        letter = opened(keys, row) if readable else None
    except (SealBroken, KeyMissing, KeysAway):
        letter = None
    return Kept(row.kind, row.address, row.written_at, row.sent_at, row.tries, row.failed, letter)


def _place(number: UUID) -> Place:
    return Place("letters", "sealed", str(number))
