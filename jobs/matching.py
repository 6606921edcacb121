"""Matching in the worker: live readings get our ids, in step with the links that are stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from domain.markets import Event
from domain.matching import Link
from domain.quotes import Origin, Reading
from services.matching import Admitted, ChancesOf, Matcher
from store import matching as stored
from store.db import Session

RECENT = timedelta(days=2)


class Matching:
    """The matcher of one detector.

    Only live readings are matched. A recording keeps the ids that its file gives, and so does the
    simulator: each is a world of its own, and two recordings of one game never mix.
    """

    def __init__(self, chances_of: ChancesOf) -> None:
        self._chances_of = chances_of
        self._matcher = Matcher(chances_of)
        self._action = 0

    async def restore(self, db: Session, now: datetime) -> None:
        """Take up the links of events of late; older ones come back when they are named again."""
        self._action = await stored.last_action(db)
        links = await stored.links_since(db, now - RECENT)
        self._matcher = Matcher.stored(links, await stored.parted(db), now, self._chances_of)

    async def obey(self, db: Session, now: datetime) -> list[Link]:
        """Take up what persons did since the last time; return the links that moved, as before."""
        action = await stored.last_action(db)
        if action == self._action:
            return []
        before = self._matcher.links
        links = await stored.links_alongside(db, before)
        self._matcher = Matcher.stored(links, await stored.parted(db), now, self._chances_of)
        self._action = action
        now_linked = {link.event.id: _place(link) for link in links}
        return [link for id_, link in before.items() if now_linked.get(id_) != _place(link)]

    async def recall(self, db: Session, readings: Iterable[Reading], now: datetime) -> None:
        """Look up events that are named again after a long silence, or after a restart."""
        if unknown := self.unknown(readings):
            self._matcher.recall(await stored.links_alongside(db, unknown), now)

    def unknown(self, readings: Iterable[Reading]) -> set[str]:
        """Return the ids of events in live readings that no link is known of."""
        return {
            event.id
            for reading in readings
            if reading.origin is Origin.LIVE
            for event in reading.events
            if event.id not in self._matcher.links
        }

    def admit(self, reading: Reading) -> Admitted:
        """Return a reading under our ids, or as it is if it is not live."""
        if reading.origin is not Origin.LIVE:
            return Admitted(reading)
        return self._matcher.admit(reading)

    def described_by(self, event: Event, reading: Reading) -> str:
        """Return the source whose description of an event of a reading is ours."""
        return self._matcher.founder(event.id) or reading.source

    def retire(self, now: datetime) -> None:
        """Forget events that no source has named for long."""
        self._matcher.retire(now)


async def keep(db: Session, admitted: Sequence[Admitted]) -> None:
    """Store new links, then what is put to a person about them."""
    await stored.save_links(db, [link for one in admitted for link in one.links])
    await stored.save_proposals(db, [pair for one in admitted for pair in one.proposals])


def _place(link: Link) -> tuple[str, bool]:
    return link.canonical_id, link.reversed
