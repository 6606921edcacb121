"""Checking the audit: its chain link by link, against what was signed outside the database."""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from domain.errors import Refused
from services.access import Permission
from services.work import Work
from store import audit_chain as chain
from store.anchors import Anchor, AnchorBroken, AnchorFile
from store.audit_chain import FIRST, VERSION, Head, Link
from store.db import Session

ANCHORED = "audit.anchor"
CHECKED = "audit.verify"


class Fault(StrEnum):
    """What can be wrong with the audit."""

    CHANGED = "changed"
    """A link does not seal what its entry says."""
    GONE = "gone"
    """A link's entry is not there."""
    GAP = "gap"
    """A link is not there, or there is one too many."""
    ORDER = "order"
    """A link does not follow the one before it."""
    LOOSE = "loose"
    """An entry was put in that no link seals."""
    CUT = "cut"
    """The end that an anchor knows is not there."""
    REWRITTEN = "rewritten"
    """The chain holds, but is another than the one that was anchored."""
    ANCHORS = "anchors"
    """The file of anchors was changed or cut, or is signed with a key that is not ours."""


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The first broken place: a link by its number, an entry by its id, where they are known."""

    fault: Fault
    said: str
    seq: int | None = None
    entry: int | None = None


class Anchors(msgspec.Struct, frozen=True, kw_only=True):
    """How many anchors were checked, and the last of them."""

    count: int = 0
    seq: int | None = None
    at: datetime | None = None
    key: str | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a check: all that is figures was seen before anything broken."""

    clean: bool
    rows: int
    seq: int
    head: str
    anchors: Anchors
    broken: Broken | None = None


class Found(Exception):
    """Ends a check at the first broken place."""

    def __init__(
        self, fault: Fault, said: str, seq: int | None = None, entry: int | None = None
    ) -> None:
        super().__init__(said)
        self.broken = Broken(fault=fault, said=said, seq=seq, entry=entry)


async def verify(
    work: Work, anchors: AnchorFile, trusted: Collection[bytes], *, whole: bool = True
) -> Report:
    """Check all of the audit, holding a few hundred entries at a time.

    Args:
        work: Its transaction, in which nothing was asked yet; its subject must hold VIEW_AUDIT.
        anchors: The heads that were signed.
        trusted: The public keys whose signatures count.
        whole: Whether the file must hold every anchor that the audit says was made with these keys;
            an older copy of the file does not.

    Raises:
        NotAllowed: The subject may not.
        Refused: The anchors cannot be read.
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_AUDIT)
    await chain.still(work.db)
    return await checked(work.db, anchors, trusted, whole=whole)


async def checked(
    db: Session, anchors: AnchorFile, trusted: Collection[bytes], *, whole: bool = True
) -> Report:
    """Check all of the audit as a transaction sees it: see `verify`."""
    seen, broken = _Seen(), None
    try:
        # As many anchors as there are before the tables are looked at: no later head is missed.
        seen.begin(anchors.anchors(trusted))
        async for some in chain.links(db):
            for link in some:
                seen.take(link, trusted)
            await asyncio.sleep(0)
        seen.end(await chain.counts(db))
        if whole:
            seen.require_recorded(anchors)
    except Found as found:
        broken = found.broken
    head = seen.head or Head(0, FIRST)
    return Report(
        clean=broken is None,
        rows=seen.rows,
        seq=head.seq,
        head=head.hash.hex(),
        anchors=seen.anchors,
        broken=broken,
    )


@dataclass(slots=True)
class _Seen:
    """What a check has seen so far: the last good link, and the next anchor to come by."""

    rows: int = 0
    head: Head | None = None
    anchors: Anchors = field(default_factory=Anchors)
    recorded: int = 0
    _left: Iterator[Anchor] = field(default_factory=lambda: iter(()))
    _next: Anchor | None = None

    def begin(self, anchors: Iterator[Anchor]) -> None:
        self._left = anchors
        self._turn()

    def take(self, link: Link, trusted: Collection[bytes]) -> None:
        _require_following(link, self.head)
        fields = [each for each in link.fields if each is not None]
        if len(fields) < len(link.fields):
            raise Found(
                Fault.GONE, f"entry {link.entry} of link {link.seq} is gone", link.seq, link.entry
            )
        if link.version != VERSION or link.hash != chain.sealed(
            link.seq, link.previous, link.entry, fields
        ):
            said = f"entry {link.entry}, or link {link.seq} that seals it, was changed"
            raise Found(Fault.CHANGED, said, link.seq, link.entry)
        self._compare(link)
        if link.action == ANCHORED and link.details:
            self.recorded = max(self.recorded, _line_of(link.details, trusted))
        self.rows, self.head = self.rows + 1, Head(link.seq, link.hash)

    def end(self, counts: chain.Counts) -> None:
        """Look for what no walk along the links comes by."""
        if self._next is not None:
            seq, line = self._next.seq, self._next.line
            said = f"the chain was cut: it ends before link {seq}, which anchor {line} names"
            raise Found(Fault.CUT, said, seq)
        if counts.loose is not None:
            said = f"entry {counts.loose} was put in: no link seals it"
            raise Found(Fault.LOOSE, said, entry=counts.loose)
        if not self.rows == counts.links == counts.entries:
            said = (
                f"there are {counts.links} links of {counts.entries} entries, {self.rows} in order"
            )
            raise Found(Fault.GAP, said)

    def require_recorded(self, anchors: AnchorFile) -> None:
        """Find out whether every anchor that was recorded is still in the file."""
        try:
            last = anchors.last()
        except Refused as e:
            raise Found(Fault.ANCHORS, str(e)) from e
        if (line := last.line if last else 0) < self.recorded:
            said = f"the file ends after anchor {line}, but anchor {self.recorded} was written"
            raise Found(Fault.ANCHORS, said)

    def _compare(self, link: Link) -> None:
        while self._next is not None and self._next.seq <= link.seq:
            if (self._next.seq, self._next.hash) != (link.seq, link.hash.hex()):
                said = f"link {link.seq} is not the one that anchor {self._next.line} signs"
                raise Found(Fault.REWRITTEN, said, link.seq, link.entry)
            self._turn()

    def _turn(self) -> None:
        """Go on to the next anchor."""
        try:
            self._next = next(self._left, None)
        except AnchorBroken as e:
            self._next = None
            raise Found(Fault.ANCHORS, str(e)) from e
        if at := self._next:
            self.anchors = Anchors(count=at.line, seq=at.seq, at=at.at, key=at.key)


def _require_following(link: Link, before: Head | None) -> None:
    seq, previous = (before.seq + 1, before.hash) if before else (1, FIRST)
    if link.seq != seq:
        missing = f"link {seq} is missing" if link.seq > seq else f"link {link.seq} is one too many"
        raise Found(Fault.GAP, missing, min(seq, link.seq))
    if link.previous != previous:
        said = f"link {seq} does not follow the one before it"
        raise Found(Fault.ORDER, said, seq, link.entry)


def _line_of(details: str, trusted: Collection[bytes]) -> int:
    """Return which anchor an entry records, 0 if it was made with somebody else's key."""
    found = _RECORD.decode(details)
    return found.line if found.public in trusted else 0


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What the audit says of an anchor; the hash is hexadecimal."""

    line: int = 0
    seq: int = 0
    hash: str = ""
    key: str = ""
    public: bytes = b""


_RECORD = msgspec.json.Decoder(Recorded)
