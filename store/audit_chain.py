"""The chain of the audit, as those read it who check it: link by link, with what each seals.

PostgreSQL makes a link when the transaction of an entry commits (migration 0014): its number, the
hash of the link before it, and SHA-256 over both and every field of the entry. Here the same hash
is computed anew, from the fields as text.
"""

import hashlib
from collections.abc import AsyncGenerator, Sequence

import msgspec
import sqlalchemy as sa

from store.db import Session

FIRST = bytes(32)
VERSION = 1
AT_ONCE = 500
_NAME = b"dutchbook.audit.1"
_BEFORE_ALL = -(2**63)

_LINKS = sa.text(
    "select c.seq, c.entry, c.version, c.previous, c.hash,"
    " round(extract(epoch from a.at) * 1000000)::text as at,"
    " a.actor, a.action, a.subject, a.details::text as details"
    " from audit_chain c left join audit a on a.id = c.entry"
    " where c.seq > :after order by c.seq limit :most"
)
_HEAD = sa.text("select seq, hash from audit_chain order by seq desc limit 1")
_COUNTS = sa.text("select (select count(*) from audit), (select count(*) from audit_chain)")
_LOOSE = sa.text(
    "select min(id) from audit a where not exists (select from audit_chain c where c.entry = a.id)"
)


class Head(msgspec.Struct, frozen=True):
    """The last link: its number and its hash."""

    seq: int
    hash: bytes


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link, and its entry as text: instant in microseconds since 1970, None where it is gone."""

    seq: int
    entry: int
    version: int
    previous: bytes
    hash: bytes
    at: str | None
    actor: str | None
    action: str | None
    subject: str | None
    details: str | None

    @property
    def fields(self) -> tuple[str | None, ...]:
        """The entry's fields, as they are sealed."""
        return self.at, self.actor, self.action, self.subject, self.details


class Counts(msgspec.Struct, frozen=True):
    """How many entries and links there are, and the first entry that no link seals."""

    entries: int
    links: int
    loose: int | None


def sealed(seq: int, previous: bytes, entry: int, fields: Sequence[str]) -> bytes:
    """Return the hash of a link: SHA-256 over its fields, each after its length in four bytes."""
    texts = (str(entry), *fields)
    parts = [_NAME, str(seq).encode(), previous, *(text.encode() for text in texts)]
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts)).digest()


async def still(db: Session) -> None:
    """Let a transaction that has read nothing yet see one state of all tables to its end."""
    await db.execute(sa.text("set transaction isolation level repeatable read, read only"))
    await db.execute(sa.text("set local statement_timeout = '10min'"))


async def head(db: Session) -> Head | None:
    """Return the last link, or None if there is none."""
    found = (await db.execute(_HEAD)).one_or_none()
    return None if found is None else Head(*found)


async def links(db: Session, *, after: int = _BEFORE_ALL) -> AsyncGenerator[Sequence[Link]]:
    """Yield all links in their order, at most `AT_ONCE` at a time."""
    while True:
        found = (await db.execute(_LINKS, {"after": after, "most": AT_ONCE})).mappings().all()
        if not found:
            return
        yield [Link(**row) for row in found]
        after = found[-1]["seq"]


async def counts(db: Session) -> Counts:
    """Return how many entries and links there are, and the first entry that is in no link."""
    entries, count = (await db.execute(_COUNTS)).one()
    return Counts(entries, count, (await db.execute(_LOOSE)).scalar_one())
