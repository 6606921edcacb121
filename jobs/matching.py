"""Matching in the worker: live readings get our ids, in step with the links that are stored."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from domain.markets import Event
from domain.matching import Link
from domain.quotes import Origin, Reading
from domain.shards import Forgotten
from services.matching import Admitted, ChancesOf, Matcher
from store import matching as stored
from store.db import Session
from store.match_actions import moved_since

RECENT = timedelta(days=2)
MOST_GONE = 1_000


class Matching:
    """The matcher of the router.

    Only live readings are matched. A recording keeps the ids that its file gives, and so does the
    simulator: each is a world of its own, and two recordings of one game never mix.
    """

    def __init__(self, chances_of: ChancesOf) -> None:
        self._chances_of = chances_of
        self._matcher = Matcher(chances_of)
        self._names: defaultdict[str, set[str]] = defaultdict(set)

    async def restore(self, db: Session, now: datetime) -> None:
        """Take up the links of events of late; older ones come back when they are named again."""
        await self._read(db, await stored.links_since(db, now - RECENT), now)

    async def obey(self, db: Session, now: datetime, action: int) -> tuple[int, list[Forgotten]]:
        """Take up what persons did after the action of that number.

        Returns:
            The number of the last action, and what left which event of ours.
        """
        last = await stored.last_action(db)
        if last == action:
            return action, []
        links = await stored.links_alongside(db, self._matcher.links)
        await self._read(db, links, now)
        return last, await moved_since(db, action)

    def names(self, canonical_ids: Iterable[str]) -> set[str]:
        """Return the ids by which sources call some of our events."""
        return {name for id_ in canonical_ids for name in self._names.get(id_, ())}

    async def _read(self, db: Session, links: Sequence[Link], now: datetime) -> None:
        self._matcher = Matcher.stored(links, await stored.parted(db), now, self._chances_of)
        self._names.clear()
        self._name(links)

    def _name(self, links: Iterable[Link]) -> None:
        for link in links:
            self._names[link.canonical_id].add(link.event.id)

    async def recall(self, db: Session, readings: Iterable[Reading], now: datetime) -> None:
        """Look up events that are named again after a long silence, or after a restart."""
        if unknown := self.unknown(readings):
            links = await stored.links_alongside(db, unknown)
            self._matcher.recall(links, now)
            self._name(links)

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
        admitted = self._matcher.admit(reading)
        self._name(admitted.links)
        return admitted

    def described_by(self, event: Event, reading: Reading) -> str:
        """Return the source whose description of an event of a reading is ours."""
        return self._matcher.founder(event.id) or reading.source

    def retire(self, now: datetime) -> None:
        """Forget events that no source has named for long."""
        self._matcher.retire(now)
        if len(self._names) > len(self._matcher) + MOST_GONE:
            known = self._matcher.links.keys()
            for id_ in [i for i, names in self._names.items() if known.isdisjoint(names)]:
                del self._names[id_]


async def keep(db: Session, admitted: Sequence[Admitted]) -> None:
    """Store new links, then what is put to a person about them."""
    await stored.save_links(db, [link for one in admitted for link in one.links])
    await stored.save_proposals(db, [pair for one in admitted for pair in one.proposals])
