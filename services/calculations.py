"""What was calculated with, put on record as keyed hashes: which inputs, never the amounts.

A page that stays open plans its stakes anew every second, so each reader's different inputs are
gathered and written once a minute; inputs that were on record a moment ago are not written again.
"""

import hashlib
import hmac
from collections import OrderedDict
from typing import Final

import msgspec

from services.access import DELIVERY
from services.work import Resources, begin
from store.audit import Entry, record_all
from store.keys import KeyRing, NoKeys

CALCULATED: Final = "calculate"
EVERYBODY: Final = "everybody"
"""Stands for all readers of a page that asks nobody who they are."""
MOST_HASHES: Final = 60
MOST_ENTRIES: Final = 5_000
MOST_REMEMBERED: Final = 50_000
_PURPOSE: Final = b"dutchbook calculation 1"


class Tally(msgspec.Struct):
    """What one reader calculated with about one thing since it was last written."""

    hashes: list[bytes] = msgspec.field(default_factory=list[bytes])
    more: int = 0


class Calculations:
    """A web process's ledger of calculations; what is lost when it is killed is its last minute."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._known: OrderedDict[tuple[str, str, bytes], None] = OrderedDict()

    def note(self, actor: str, about: str, inputs: object) -> None:
        """Take in a calculation of `actor`; `inputs` is anything that JSON can say."""
        digest = hashlib.sha256(msgspec.json.encode(inputs, enc_hook=str)).digest()
        seen = (actor, about, digest)
        if seen in self._known:
            self._known.move_to_end(seen)
            return
        self._known[seen] = None
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        tally = self._tally(actor, about)
        if len(tally.hashes) < MOST_HASHES:
            tally.hashes.append(digest)
        else:
            tally.more += 1

    async def write(self, resources: Resources) -> None:
        """Put everything taken in on record, in one statement.

        Raises:
            Unavailable: It could not be; then it is kept for the next time.
        """
        if not self._tallies:
            return
        taken, self._tallies = self._tallies, {}
        try:
            async with begin(resources, DELIVERY) as work:
                entries = [_entry(*who, tally, work.keys) for who, tally in taken.items()]
                await record_all(work.db, entries)
        except BaseException:
            self._give_back(taken)
            raise

    def _tally(self, actor: str, about: str) -> Tally:
        full = len(self._tallies) >= MOST_ENTRIES and (actor, about) not in self._tallies
        return self._tallies.setdefault((EVERYBODY, "") if full else (actor, about), Tally())

    def _give_back(self, taken: dict[tuple[str, str], Tally]) -> None:
        for who, tally in taken.items():
            later = self._tallies.get(who, Tally())
            hashes = tally.hashes + later.hashes
            over = max(0, len(hashes) - MOST_HASHES)
            self._tallies[who] = Tally(hashes[:MOST_HASHES], tally.more + later.more + over)


def _entry(actor: str, about: str, tally: Tally, keys: KeyRing) -> Entry:
    """Return the entry of a tally; its hashes tell nothing to whoever lacks the master key."""
    try:
        key_id, key = keys.newest()
    except NoKeys:
        key_id, key = "", b""
    own = hmac.digest(key, _PURPOSE, "sha256")
    hashes = [hmac.digest(own, digest, "sha256").hex() for digest in tally.hashes]
    details = {"inputs": hashes, "more": tally.more, "key": key_id}
    return Entry(actor=actor, action=CALCULATED, subject=about, details=details)
