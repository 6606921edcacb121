"""One reader's window on what stands beside an opportunity: past prices, and other books."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from string import ascii_uppercase
from typing import Final

import reflex as rx

from arb_app import format as as_text
from arb_app import words
from arb_app.gate import allow, is_of
from arb_app.runtime import current
from arb_app.state.history_drawn import Frame, path
from arb_app.state.opportunity import Look, OpportunityState, life_id_of, look_at
from arb_app.state.window import looks
from arb_app.words import say
from domain.errors import NotFound, NotInPlan, Refused, Unavailable
from domain.markets import Side
from domain.opportunities import Leg, Opportunity
from services import beside
from services.access import Permission, Subject
from services.beside import Beside, Point, Rival
from services.work import begin

PAUSE_S: Final = 15.0
RETRY_S: Final = 1.0


@dataclass(frozen=True)
class PastLine:
    """How one leg's price moved at its book: its path, its figures, and all of it in words."""

    key: str = ""
    letter: str = ""
    bet: str = ""
    book: str = ""
    path: str = ""
    low: str = ""
    high: str = ""
    now: str = ""
    told: str = ""


@dataclass(frozen=True)
class RivalLine:
    """Another book's price of a leg; `bet` stands on the first line of each leg."""

    key: str = ""
    letter: str = ""
    bet: str = ""
    book: str = ""
    odds: str = ""
    less: str = ""
    since: str = ""
    roi: str = ""
    tone: str = ""
    own: bool = False


class BesideState(rx.State):
    """What is drawn and listed, as text."""

    past: rx.Field[list[PastLine]] = rx.field(default_factory=list)
    rivals: rx.Field[list[RivalLine]] = rx.field(default_factory=list)
    told: rx.Field[str] = rx.field("")

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VIEW_OPPORTUNITY)
    async def follow(self) -> None:
        """Follow the prices beside the opportunity that the address names."""
        async with self:
            life_id = life_id_of(self.router.url.path)
            self._show(None, [])
        async for subject in looks(self, permission=Permission.VIEW_OPPORTUNITY):
            if not life_id:
                break
            look = await look_at(subject, life_id)
            found = await beside_of(subject, look)
            async with self:
                if not await is_of(self, subject):
                    return
                if isinstance(look, Look) and isinstance(found, list):
                    self._show(look, found)
                    main = await self.get_state(OpportunityState)
                    main.apart = [each.apart for each in found]
                    main.lags_s = [each.lag_s for each in found]
            if isinstance(look, NotFound) or isinstance(found, Refused):
                return
            await asyncio.sleep(RETRY_S if isinstance(found, Unavailable) else PAUSE_S)

    def _show(self, look: Look | None, found: Sequence[Beside]) -> None:
        legs = look.life.row.opportunity if look else None
        self.past = past_lines(legs, found) if legs else []
        self.rivals = rival_lines(legs, found, _seen_at(look)) if legs and look else []
        self.told = _told(found)


async def beside_of(
    subject: Subject, look: Look | NotFound | Unavailable
) -> list[Beside] | NotInPlan | Unavailable:
    """Return what stands beside what was looked at, or why nobody tells."""
    if not isinstance(look, Look):
        return Unavailable("there is nothing to look beside")
    found = look.life.row.opportunity
    until = found.as_of if look.life.gone_at else None
    try:
        async with begin(current().resources, subject) as work:
            return await beside.beside(work, found, until=until)
    except (NotInPlan, Unavailable) as e:
        return e


def past_lines(found: Opportunity, asides: Sequence[Beside]) -> list[PastLine]:
    """Return how each leg's price moved, for those of which a price is kept."""
    return list(_past_lines(found, asides))


def rival_lines(found: Opportunity, asides: Sequence[Beside], seen_at: datetime) -> list[RivalLine]:
    """Return each leg with the best other books after it; `seen_at` is the prices' own clock."""
    return list(_rival_lines(found, asides, seen_at))


def _past_lines(found: Opportunity, asides: Sequence[Beside]) -> Iterator[PastLine]:
    for letter, leg, aside in zip(ascii_uppercase, found.legs, asides, strict=False):
        frame = _frame(aside.points, found.as_of)
        if frame is None:
            continue
        offered = [odds for _, odds in aside.points if odds is not None]
        low, high = as_text.odds(min(offered)), as_text.odds(max(offered))
        first = as_text.odds(offered[0])
        span = as_text.age((frame.until - frame.since).total_seconds())
        book, now = words.book(leg.book), as_text.odds(leg.odds)
        told = say("beside.past.told", book=book, first=first, now=now, low=low, high=high,
                   span=span, count=len(aside.points))  # fmt: skip
        yield PastLine(
            key=f"{letter} {leg.book}",
            letter=letter,
            bet=words.leg(leg, found.event),
            book=book,
            path=path(aside.points, frame),
            low=low,
            high=high,
            now=now,
            told=told,
        )


def _frame(points: Sequence[Point], until: datetime) -> Frame | None:
    offered = [odds for _, odds in points if odds is not None]
    if not offered:
        return None
    since, until = points[0][0], max(until, points[-1][0])
    low, high = min(offered), max(offered)
    room = (high - low) * 0.12 or 0.02 * low
    span = max(until - since, timedelta(minutes=1))
    return Frame(since, since + span, low - room, high + room)


def _rival_lines(
    found: Opportunity, asides: Sequence[Beside], seen_at: datetime
) -> Iterator[RivalLine]:
    for letter, leg, aside in zip(ascii_uppercase, found.legs, asides, strict=False):
        yield RivalLine(
            key=f"{letter} own",
            letter=letter,
            bet=words.leg(leg, found.event),
            book=words.book(leg.book),
            odds=as_text.odds(leg.odds),
            less=say("beside.taken"),
            since=_age(leg.changed_at, seen_at),
            roi=as_text.percent(found.roi),
            tone="good" if found.roi > 0 else "",
            own=True,
        )
        for rival in aside.rivals:
            yield _rival(letter, leg, rival, seen_at)


def _rival(letter: str, leg: Leg, rival: Rival, seen_at: datetime) -> RivalLine:
    return RivalLine(
        key=f"{letter} {rival.book}",
        letter=letter,
        book=words.book(rival.book),
        odds=as_text.odds(rival.odds),
        less=_less(leg, rival),
        since=_age(rival.since, seen_at),
        roi=as_text.percent(rival.roi),
        tone="good" if rival.roi > 0 else "bad" if rival.roi < 0 else "",
    )


def _less(leg: Leg, rival: Rival) -> str:
    less = as_text.percent(rival.odds / leg.odds - 1.0)
    better = rival.odds < leg.odds if leg.side is Side.LAY else rival.odds > leg.odds
    return say("beside.held", less=less) if better else less


def _age(since: datetime | None, seen_at: datetime) -> str:
    return as_text.age(None if since is None else (seen_at - since).total_seconds())


def _seen_at(look: Look) -> datetime:
    """Return what the clock of the prices says now: in a replay it is not ours."""
    row = look.life.row
    since = timedelta(0) if look.life.gone_at else look.now - row.arrived_at
    return row.opportunity.as_of + since


def _told(asides: Sequence[Beside]) -> str:
    if not asides:
        return ""
    return say("beside.told", count=sum(aside.books for aside in asides), legs=len(asides))
