"""One reader's window on one opportunity."""

import asyncio
import logging
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
import reflex as rx

from arb_app.gate import allow, may, subject_of
from arb_app.runtime import current
from arb_app.state import opportunity_proof as proof
from arb_app.state import opportunity_shown as shown
from arb_app.state.breaks import BreaksState
from arb_app.state.presence import present
from domain.board import RefusedRow
from domain.errors import Broken, NotFound, Refused, Unavailable
from domain.money import Money
from domain.opportunities import Leg, Opportunity
from domain.plans import EVERYTHING, View
from services import board, stakes
from services.access import Permission, Subject
from services.board import Life
from services.status import BOARD_FRESH_S
from services.work import begin

log = logging.getLogger(__name__)

PAUSE_S: Final = 1.0
CURRENCY: Final = "USD"
SMALLEST, LARGEST = Money.of("1", CURRENCY), Money.of("1000000", CURRENCY)
CENT_MINOR, DOLLAR_MINOR = 1, 100
_LIFE_ID: Final = re.compile(r"[0-9a-f]{24}")
_AMOUNT: Final = re.compile(r"([0-9]{1,7}|[0-9]{1,3}(,[0-9]{3}){1,2})(\.[0-9]{1,2})?")
_NOTHING: Final = proof.Drawn([], [], proof.Scale())


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the services brought."""

    life: Life
    near: list[RefusedRow]
    now: datetime
    view: View = EVERYTHING


@dataclass(frozen=True, slots=True)
class Asked:
    """What stakes depend on: the legs without their ages, the total, the step."""

    found: Opportunity = field(compare=False)
    legs: tuple[Leg, ...]
    total: Money
    step_minor: int


class OpportunityState(rx.State):
    """The figures in view, as text; the reader's own are the total and how to round."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    masked: rx.Field[bool] = rx.field(default=False)
    head: rx.Field[shown.Head] = rx.field(default_factory=shown.Head)
    legs: rx.Field[list[shown.LegLine]] = rx.field(default_factory=list)
    slip: rx.Field[shown.Slip] = rx.field(default_factory=shown.Slip)
    played: rx.Field[list[proof.EndingLine]] = rx.field(default_factory=list)
    ruled: rx.Field[list[proof.EndingLine]] = rx.field(default_factory=list)
    played_bars: rx.Field[list[proof.Bar]] = rx.field(default_factory=list)
    ruled_bars: rx.Field[list[proof.Bar]] = rx.field(default_factory=list)
    played_scale: rx.Field[proof.Scale] = rx.field(default_factory=proof.Scale)
    ruled_scale: rx.Field[proof.Scale] = rx.field(default_factory=proof.Scale)
    fold: rx.Field[str] = rx.field("")
    every: rx.Field[bool] = rx.field(default=False)
    refusals: rx.Field[list[shown.RefusalLine]] = rx.field(default_factory=list)
    near: rx.Field[list[shown.RefusalLine]] = rx.field(default_factory=list)
    margins: rx.Field[list[shown.MarginLine]] = rx.field(default_factory=list)
    total: rx.Field[str] = rx.field("1000")
    total_wrong: rx.Field[bool] = rx.field(default=False)
    whole: rx.Field[bool] = rx.field(default=False)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VIEW_OPPORTUNITY)
    async def open(self) -> Any:
        """Follow the opportunity that the address names until the reader leaves the page.

        Whoever may look no more is told why.
        """
        async with self:
            life_id = life_id_of(self.router.url.path)
            self._start("loading" if life_id else "missing")
        while life_id and present(self) and await may(self, Permission.VIEW_OPPORTUNITY):
            look = await self._planned(await look_at(await subject_of(self), life_id))
            async with self:
                self._take(look)
            if isinstance(look, NotFound):
                return None
            await asyncio.sleep(PAUSE_S)
        return BreaksState.look if present(self) else None

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def type_total(self, typed: Any) -> None:
        """Plan the stakes for another total, or say what is wrong with it."""
        total = total_of(typed)
        self.total_wrong = total is None
        if total is not None:
            self.total = f"{total.amount:f}"
            await self._again()

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def round_stakes(self, whole: Any) -> None:
        """Round the stakes to whole dollars, or to the cent."""
        if isinstance(whole, bool):
            self.whole = whole
            await self._again()

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    async def unfold(self, every: Any) -> None:
        """Show every ending, or only the worst of them."""
        if isinstance(every, bool):
            self.every = every
            await self._again()

    async def _again(self) -> None:
        if life_id := life_id_of(self.router.url.path):
            self._take(await self._planned(await look_at(await subject_of(self), life_id)))

    async def _planned(
        self, look: "Look | NotFound | Unavailable"
    ) -> "Look | NotFound | Unavailable":
        """Make the plan that `_take` will ask for, beside the loop: a solver may take a while."""
        if not isinstance(look, Look) or look.view.plan.mask_books:
            return look
        try:
            await asyncio.to_thread(_plan, self._asked(look.life.row.opportunity))
        except Broken as e:
            log.exception("stakes not planned")
            return Unavailable(str(e))
        return look

    def _start(self, phase: str) -> None:
        self.phase, self.late = phase, False

    def _take(self, look: "Look | NotFound | Unavailable") -> None:
        """Copy a look into the vars; figures once shown stay when the services are away."""
        if isinstance(look, NotFound):
            self.phase = "missing"
        elif isinstance(look, Unavailable):
            self.late = self.phase == "found"
            self.phase = "found" if self.late else "away"
        else:
            self.phase, self.late = "found", _is_late(look)
            self._show(look)

    def _asked(self, found: Opportunity) -> Asked:
        legs = tuple(
            msgspec.structs.replace(leg, changed_at=None, age_s=None) for leg in found.legs
        )
        step_minor = DOLLAR_MINOR if self.whole else CENT_MINOR
        return Asked(found, legs, Money.of(self.total, CURRENCY), step_minor)

    def _show(self, look: Look) -> None:
        life, now, masked = look.life, look.now, look.view.plan.mask_books
        found = life.row.opportunity
        plan = None if masked else _plan(self._asked(found))
        figures = {
            "masked": masked,
            "head": shown.head(life, now, look.view),
            "legs": shown.masked_legs(life) if masked else shown.legs(life, plan, now),
            "slip": shown.slip(plan),
            "refusals": shown.own_refusals(life, look.near),
            "margins": [] if masked else shown.margin_lines(found),
            "near": shown.near_misses(life, look.near),
        }
        if plan is not None:
            figures |= self._proven(proof.played(found, plan), proof.ruled(found, plan))
        elif masked:
            figures |= self._proven(_NOTHING, _NOTHING)
        for name, value in figures.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _proven(self, played: proof.Drawn, ruled: proof.Drawn) -> dict[str, object]:
        most = proof.MOST_BARS if self.every else proof.FOLDED
        return {
            "played": played.lines[:most],
            "ruled": ruled.lines[:most],
            "played_bars": played.bars,
            "ruled_bars": ruled.bars,
            "played_scale": played.scale,
            "ruled_scale": ruled.scale,
            "fold": proof.fold(played, ruled, every=self.every),
        }


@lru_cache(maxsize=256)
def _plan(asked: Asked) -> stakes.StakePlan | None:
    """Return the stakes, or nothing staked if none fit; None where nobody can settle the legs.

    Small returns take a long search, so it is kept.
    """
    try:
        return stakes.plan(asked.found, asked.total, step_minor=asked.step_minor)
    except Refused:
        pass
    try:
        return stakes.unplaced(asked.found, CURRENCY)
    except Refused:
        return None


def life_id_of(path: object) -> str | None:
    """Return the opportunity that an address names; None for anything but an id of ours.

    Examples:
        >>> life_id_of("/board/0123456789abcdef01234567"), life_id_of("/board/../x")
        ('0123456789abcdef01234567', None)
    """
    last = path.rstrip("/").rpartition("/")[2] if isinstance(path, str) else ""
    return last if _LIFE_ID.fullmatch(last) else None


def total_of(typed: object) -> Money | None:
    """Return the total that was typed; None if it is no amount from 1 to 1,000,000.

    Examples:
        >>> total_of(" $1,250.50 "), total_of("0.99"), total_of("1e5"), total_of([100])
        (Money(minor=125050, currency='USD'), None, None, None)
    """
    text = typed.strip().removeprefix("$").strip() if isinstance(typed, str) else ""
    if not _AMOUNT.fullmatch(text):
        return None
    total = Money.of(text.replace(",", ""), CURRENCY)
    return total if SMALLEST <= total <= LARGEST else None


def _is_late(look: Look) -> bool:
    """Whether a living opportunity has not been looked at for longer than a board stays fresh."""
    unseen_s = (look.now - look.life.last_seen_at).total_seconds()
    return look.life.gone_at is None and unseen_s > BOARD_FRESH_S


async def look_at(subject: Subject, life_id: str) -> Look | NotFound | Unavailable:
    """Return what the services say of a life, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            life = await board.opportunity(work, life_id)
            refusals = await board.refusals(work)
            near = refusals.rows if refusals else []
            return Look(life, near, work.clock.now(), subject.view)
    except Unavailable as e:
        return e
    except Refused as e:
        return NotFound(str(e))
