"""Matching in the worker: a source's event gets one of our ids before its prices are held."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from types import MappingProxyType
from typing import Any

import msgspec

from domain.markets import Event, Market, MarketKind, Outcome, Period, Side, swapped
from domain.matching import Link, Proposal, Verdict
from domain.quotes import Quote, Reading
from engine.matching.assign import Decision, decide
from engine.matching.contests import Contest, contest, turned
from engine.matching.orientation import Chances, Sides, sides
from engine.matching.roster import Known, Roster
from engine.matching.score import FEATURES
from kit.ids import stable

FORGET_AFTER = timedelta(hours=36)
SENSELESS = "market_cannot_be_reversed"

replace = msgspec.structs.replace
ChancesOf = Callable[[str], Chances | None]


@dataclass(slots=True)
class Admitted:
    """A reading under our ids, and what is to be stored: new links and pairs put to a person."""

    reading: Reading
    links: list[Link] = field(default_factory=list[Link])
    proposals: list[Proposal] = field(default_factory=list[Proposal])


class Matcher:
    """Knows which of our events each source's is; one writer.

    Args:
        chances_of: The chances of both sides of an event of ours by the prices held, if there are
            any; they tell whether a source lists the sides the other way round.
    """

    def __init__(self, chances_of: ChancesOf = lambda _canonical_id: None) -> None:
        self._chances_of = chances_of
        self._roster = Roster()
        self._links: dict[str, Link] = {}
        self._ours: dict[str, Event] = {}
        self._founders: dict[str, str] = {}
        self._heard_at: dict[str, datetime] = {}
        self._parted: set[tuple[str, str]] = set()

    def __len__(self) -> int:
        return len(self._ours)

    @classmethod
    def stored(
        cls,
        links: Iterable[Link],
        parted: Iterable[tuple[str, str]],
        now: datetime,
        chances_of: ChancesOf = lambda _canonical_id: None,
    ) -> "Matcher":
        """Return one that knows what is stored, as after a restart or a person's change."""
        matcher = cls(chances_of)
        matcher._parted.update(parted)
        matcher.recall(links, now)
        return matcher

    @property
    def links(self) -> Mapping[str, Link]:
        """What each source's event is linked to, by the id of the source's event."""
        return MappingProxyType(self._links)

    def recall(self, links: Iterable[Link], now: datetime) -> None:
        """Take in links that are stored, so that their events are not judged anew."""
        for link in links:
            self._take(link, now)

    def founder(self, canonical_id: str) -> str | None:
        """Return the source that our event is described by, None if it is none of ours."""
        founder = self._founders.get(canonical_id)
        return None if founder is None else self._links[founder].source

    def canonical_id(self, event_id: str) -> str | None:
        """Return our id of a source's event, or None if it was never heard of."""
        link = self._links.get(event_id)
        return None if link is None else link.canonical_id

    def admit(self, reading: Reading) -> Admitted:
        """Return a reading under our ids; events never heard of are matched first.

        Events whose names or start have changed keep their id, and are found by the new ones.
        """
        admitted = Admitted(reading)
        new = [event for event in reading.events if event.id not in self._links]
        if new:
            self._match(list({event.id: event for event in new}.values()), reading, admitted)
        for event in reading.events:
            link = self._links[event.id]
            if link.event != event:
                admitted.links.append(self._take(replace(link, event=event), reading.arrived_at))
            self._heard_at[link.canonical_id] = reading.arrived_at
        admitted.reading = self._translated(reading)
        return admitted

    def retire(self, now: datetime) -> None:
        """Forget events that no source has named for long; stored links bring them back."""
        silent = [id_ for id_, at in self._heard_at.items() if now - at > FORGET_AFTER]
        if not silent:
            return
        gone = set(silent)
        for link in [link for link in self._links.values() if link.canonical_id in gone]:
            self._roster.remove(link.canonical_id, link.event.id)
            del self._links[link.event.id]
        for canonical_id in silent:
            del self._heard_at[canonical_id]
            del self._ours[canonical_id], self._founders[canonical_id]

    def _match(self, events: list[Event], reading: Reading, admitted: Admitted) -> None:
        contests = [contest(event, reading.source) for event in events]
        told = chances(reading.quotes)
        for event, found in zip(
            events, decide(contests, self._roster, barred=self._is_parted), strict=True
        ):
            why = found.why + self._by_prices(event, found, told, reading.as_of)
            join = found.verdict is Verdict.JOIN and not why
            own = stable("canonical", event.id)
            link = Link(
                event=event,
                source=reading.source,
                canonical_id=str(found.known) if join else own,
                reversed=join and found.likeness is not None and found.likeness.reversed,
                chance=found.likeness.chance if join and found.likeness is not None else None,
                evidence=_evidence(found, why) if join else {},
            )
            admitted.links.append(self._take(link, reading.arrived_at))
            if found.known is not None and found.likeness is not None and not join:
                admitted.proposals.append(_proposal(event.id, found, why))

    def _by_prices(
        self, event: Event, found: Decision, told: Mapping[str, Chances], as_of: datetime
    ) -> tuple[str, ...]:
        """Return what prices say against a join before the start: nothing, if they say nothing."""
        in_play = event.starts_at is None or event.starts_at <= as_of
        if found.known is None or found.likeness is None or in_play:
            return ()
        held, mine = self._chances_of(found.known), told.get(event.id)
        if held is None or mine is None:
            return ()
        if found.likeness.reversed:
            mine = Chances(mine.away, mine.home)
        answer = sides(held, mine)
        return {
            Sides.REVERSED: ("prices_reversed",),
            Sides.NEITHER: ("prices_far_apart",),
        }.get(answer, ())

    def _is_parted(self, new: Contest, known: Known) -> bool:
        return (new.id, known.id) in self._parted

    def _take(self, link: Link, now: datetime) -> Link:
        earlier = self._links.get(link.event.id)
        if earlier is not None:
            self._roster.remove(earlier.canonical_id, earlier.event.id)
        self._links[link.event.id] = link
        told = contest(link.event, link.source)
        self._roster.add(link.canonical_id, turned(told) if link.reversed else told)
        self._heard_at.setdefault(link.canonical_id, now)
        founder = self._founders.setdefault(link.canonical_id, link.event.id)
        if founder == link.event.id:
            self._ours[link.canonical_id] = _ours(link)
        return link

    def _translated(self, reading: Reading) -> Reading:
        """Return a reading under our ids; a reversed market that makes no sense is counted."""
        known: dict[tuple[int, Outcome], tuple[Market, Outcome] | None] = {}
        quotes, senseless = list[Quote](), 0
        for quote in reading.quotes:
            place = id(quote.market), quote.outcome
            if place not in known:
                known[place] = self._bet(quote)
            if (bet := known[place]) is None:
                senseless += 1
            else:
                quotes.append(replace(quote, market=bet[0], outcome=bet[1]))
        rejected = reading.rejected
        if senseless:
            rejected = {**rejected, SENSELESS: rejected.get(SENSELESS, 0) + senseless}
        events = {self._links[event.id].canonical_id: None for event in reading.events}
        ours = [self._ours[id_] for id_ in events]
        return replace(reading, events=ours, quotes=quotes, rejected=rejected)

    def _bet(self, quote: Quote) -> tuple[Market, Outcome] | None:
        """Return what a quote is a price of under our ids; None if it cannot be turned round."""
        market, outcome = quote.market, quote.outcome
        link = self._links.get(market.event_id)
        if link is None:  # its event was never described: the holdings count it
            return market, outcome
        try:
            if link.reversed:
                market, outcome = swapped(market, outcome)
        except ValueError:
            return None
        return replace(market, event_id=link.canonical_id), outcome


def chances(quotes: Iterable[Quote]) -> dict[str, Chances]:
    """Return both sides' chances without margin by event: the median over books that price all.

    Of full-time winner markets only; a lay is no price to win.
    """
    books: defaultdict[tuple[Market, str], dict[Outcome, float]] = defaultdict(dict)
    for quote in quotes:
        market = quote.market
        winner = market.kind is MarketKind.WINNER and market.period in _WHOLE
        if winner and quote.side is Side.BACK and 1.0 < quote.odds < float("inf"):
            books[market, quote.book][quote.outcome] = quote.odds
    told: defaultdict[str, list[Chances]] = defaultdict(list)
    for (market, _), odds in books.items():
        if odds.keys() == set(market.outcomes):
            total = sum(1.0 / price for price in odds.values())
            home, away = 1.0 / odds[Outcome.HOME] / total, 1.0 / odds[Outcome.AWAY] / total
            told[market.event_id].append(Chances(home, away))
    return {
        event_id: Chances(median(c.home for c in some), median(c.away for c in some))
        for event_id, some in told.items()
    }


_WHOLE = frozenset({Period.FULL_TIME, Period.FULL_TIME_INCL_OVERTIME})


def _ours(link: Link) -> Event:
    """Return our event as the source that founded it lists it, home side first as we do."""
    event = replace(link.event, id=link.canonical_id)
    return replace(event, home=event.away, away=event.home) if link.reversed else event


def _evidence(found: Decision, why: tuple[str, ...]) -> dict[str, Any]:
    likeness = found.likeness
    if likeness is None:
        return {}
    return {
        "features": dict(zip(FEATURES, likeness.features, strict=True)),
        "minutes_apart": likeness.minutes,
        "rival_chance": found.rival,
        "why": list(why),
    }


def _proposal(event_id: str, found: Decision, why: tuple[str, ...]) -> Proposal:
    if found.likeness is None or found.known is None:
        raise ValueError("a decision without a candidate proposes nothing")
    return Proposal(
        event_id=event_id,
        canonical_id=found.known,
        reversed=found.likeness.reversed,
        chance=found.likeness.chance,
        evidence=_evidence(found, why),
    )
