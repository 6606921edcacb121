"""What an admin sees of matches before acting: pairs with prices, events by name."""

from collections.abc import Collection
from dataclasses import dataclass
from statistics import median
from typing import Final

from domain.markets import Market, MarketKind, Outcome, Period
from domain.matching import Link
from services import matching_review as review
from services.access import Permission
from services.matching_review import Doubt
from services.work import Work
from store import history
from store import matching as stored

MOST_FOUND: Final = 20
MOST_MARKETS: Final = 50
MOST_PRICES: Final = 200
SHORTEST, LONGEST = 2, 100
_WHOLE: Final = frozenset({Period.FULL_TIME, Period.FULL_TIME_INCL_OVERTIME})


@dataclass(frozen=True, slots=True)
class Priced:
    """The last prices of one outcome of the winner market: the median of so many books."""

    outcome: Outcome
    odds: float
    books: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A doubt with the last prices of both events, each as far as any book prices its winner."""

    doubt: Doubt
    event_prices: list[Priced]
    other_prices: list[Priced]


@dataclass(frozen=True, slots=True)
class Queue:
    """Some of the pairs that wait for an answer, and how many wait in all."""

    pairs: list[Pair]
    total: int


async def queue(
    work: Work,
    *,
    limit: int,
    offset: int = 0,
    skipped: Collection[tuple[str, str]] = frozenset(),
) -> Queue:
    """Return pairs that wait for an answer, the most likely first, with prices side by side.

    `skipped` are pairs of a source's event and one of ours that are not looked at.
    """
    work.subject.require(Permission.MANAGE_MATCHING)
    total = await stored.count_open(work.db)
    waiting = await review.doubts(work, limit=limit + len(skipped), offset=offset)
    doubts = [one for one in waiting if pair_of(one) not in skipped]
    pairs: list[Pair] = []
    for doubt in doubts[:limit]:
        mine = await _prices(work, doubt.event.canonical_id)
        pairs.append(Pair(doubt, mine, await _prices(work, doubt.proposal.canonical_id)))
    return Queue(pairs, total)


def pair_of(doubt: Doubt) -> tuple[str, str]:
    """Return what a doubt is about: a source's event, and one of ours."""
    return doubt.proposal.event_id, doubt.proposal.canonical_id


async def named(work: Work, text: str) -> list[Link]:
    """Return the links of at most `MOST_FOUND` events of ours that some source's words find.

    A side, a league, or the id of an event; the words of at least two characters, as they stand.
    """
    work.subject.require(Permission.MANAGE_MATCHING)
    wanted = " ".join(text.split())[:LONGEST]
    if len(wanted) < SHORTEST:
        return []
    return await stored.links_named(work.db, wanted, most=MOST_FOUND)


async def _prices(work: Work, canonical_id: str) -> list[Priced]:
    found = await history.event_with_markets(work.db, canonical_id, most=MOST_MARKETS)
    markets = found[1] if found else {}
    winner = next(((key, of) for key, of in markets.items() if _is_winner(of)), None)
    if winner is None:
        return []
    priced: list[Priced] = []
    for outcome in winner[1].outcomes:
        lines = await history.moves(work.db, winner[0], outcome, stretches=1, most=MOST_PRICES)
        last = [odds for line in lines if (odds := line.points[-1][1]) is not None]
        if last:
            priced.append(Priced(outcome, median(last), len(last)))
    return priced


def _is_winner(market: Market) -> bool:
    return market.kind is MarketKind.WINNER and market.period in _WHOLE
