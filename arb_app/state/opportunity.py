"""One reader's window on one opportunity."""

import asyncio
import logging
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
import reflex as rx

from arb_app import words
from arb_app.gate import allow, is_of, subject_of
from arb_app.runtime import calculated, current
from arb_app.state import opportunity_gates as gates
from arb_app.state import opportunity_proof as proof
from arb_app.state import opportunity_shown as shown
from arb_app.state import opportunity_steps as in_order
from arb_app.state import stake_drawn as drawn
from arb_app.state import stake_form as forms
from arb_app.state.breaks import BreaksState
from arb_app.state.opportunity_stakes import StakeFormState
from arb_app.state.presence import present
from arb_app.state.window import looks
from domain.board import RefusedRow
from domain.errors import Broken, NotFound, Refused, Unavailable
from domain.opportunities import Leg, Opportunity
from domain.plans import EVERYTHING, View
from services import board, stakes
from services.access import Permission, Subject
from services.board import Life
from services.margins import Apart
from services.status import BOARD_FRESH_S
from services.work import begin

log = logging.getLogger(__name__)

PAUSE_S: Final = 1.0
_LIFE_ID: Final = re.compile(r"[0-9a-f]{24}")
_NOTHING: Final = proof.Drawn([], [], proof.Scale())


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the services brought."""

    life: Life
    near: list[RefusedRow]
    now: datetime
    view: View = EVERYTHING
    asked: "Asked | None" = None
    """What stakes were planned for, if they were."""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What stakes depend on: the legs without their ages, and what is wished of them."""

    found: Opportunity = field(compare=False)
    legs: tuple[Leg, ...]
    wish: stakes.Wish


@dataclass(frozen=True, slots=True)
class Planned:
    """Stakes, or none where nobody can settle the legs; `nearest` locks where they do not."""

    plan: stakes.StakePlan | None
    nearest: stakes.StakePlan | None = None


class OpportunityState(StakeFormState, rx.State):
    """The figures in view, as text; the reader's own is the form."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    masked: rx.Field[bool] = rx.field(default=False)
    head: rx.Field[shown.Head] = rx.field(default_factory=shown.Head)
    steps: rx.Field[list[in_order.StepLine]] = rx.field(default_factory=list)
    slip: rx.Field[shown.Slip] = rx.field(default_factory=shown.Slip)
    played: rx.Field[list[proof.EndingLine]] = rx.field(default_factory=list)
    ruled: rx.Field[list[proof.EndingLine]] = rx.field(default_factory=list)
    played_bars: rx.Field[list[proof.Bar]] = rx.field(default_factory=list)
    ruled_bars: rx.Field[list[proof.Bar]] = rx.field(default_factory=list)
    played_scale: rx.Field[proof.Scale] = rx.field(default_factory=proof.Scale)
    ruled_scale: rx.Field[proof.Scale] = rx.field(default_factory=proof.Scale)
    fold: rx.Field[str] = rx.field("")
    every: rx.Field[bool] = rx.field(default=False)
    refusals: rx.Field[list[gates.RefusalLine]] = rx.field(default_factory=list)
    near: rx.Field[list[gates.RefusalLine]] = rx.field(default_factory=list)
    margins: rx.Field[list[gates.MarginLine]] = rx.field(default_factory=list)
    margins_told: rx.Field[str] = rx.field("")
    life: rx.Field[str] = rx.field("")
    apart: rx.Field[list[Apart | None]] = rx.field(default_factory=list)
    lags_s: rx.Field[list[float | None]] = rx.field(default_factory=list)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VIEW_OPPORTUNITY)
    async def open(self) -> Any:
        """Follow the opportunity that the address names until the reader leaves the page.

        Whoever may look no more is told why.
        """
        async with self:
            life_id = life_id_of(self.router.url.path)
            self._start("loading" if life_id else "missing", life_id or "")
        async for subject in looks(self, PAUSE_S, Permission.VIEW_OPPORTUNITY):
            if not life_id:
                break
            look = await self._planned(await look_at(subject, life_id))
            async with self:
                if not await is_of(self, subject):
                    return None
                if self._is_planned(look):  # else the form was changed meanwhile
                    self._take(look)
            if isinstance(look, NotFound):
                return None
        return BreaksState.look if present(self) else None

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
        asked = self._asked(look.life.row.opportunity)
        try:
            await asyncio.to_thread(planned_for, asked)
        except Broken as e:
            log.exception("stakes not planned")
            return Unavailable(str(e))
        calculated(look.actor, f"opportunity {look.life.row.id}", (asked.legs, asked.wish))
        return replace(look, asked=asked)

    def _is_planned(self, look: "Look | NotFound | Unavailable") -> bool:
        if not isinstance(look, Look) or look.asked is None:
            return True
        return look.asked == self._asked(look.life.row.opportunity)

    def _start(self, phase: str, life_id: str) -> None:
        self.phase, self.late = phase, False
        if life_id != self.life:
            self.life, self.form = life_id, self.form.anew()
            self.apart, self.lags_s = [], []

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
        return asked_of(found, self.form)

    def _show(self, look: Look) -> None:
        life, now, masked = look.life, look.now, look.view.plan.mask_books
        found = life.row.opportunity
        asked = None if masked else self._asked(found)
        planned = planned_for(asked) if asked else Planned(None)
        plan = planned.plan
        lines = [] if masked else gates.margin_lines(found, self.apart)
        figures = {
            "masked": masked,
            "head": shown.head(life, now, look.view),
            "legs": shown.masked_legs(life) if masked else shown.legs(life, plan, now),
            "steps": in_order.steps(life, plan, now, self.lags_s),
            "slip": shown.slip(plan, found, asked and asked.wish),
            "refusals": gates.own_refusals(life, look.near),
            "margins": lines,
            "margins_told": gates.margins_told(lines) if lines else "",
            "near": gates.near_misses(life, look.near),
            **self._filled(found, planned, masked=masked),
        }
        if plan is not None:
            figures |= self._proven(proof.played(found, plan), proof.ruled(found, plan))
        elif masked:
            figures |= self._proven(_NOTHING, _NOTHING)
        for name, value in figures.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _filled(self, found: Opportunity, planned: Planned, *, masked: bool) -> dict[str, object]:
        """Return the form as it is drawn, and the stakes that its amount may start from."""
        if masked:
            return {"leg_forms": [], "book_forms": [], "suggestion": ""}
        form, currency, plan = self.form, forms.currency_of(), planned.plan
        names = [f"{words.leg(leg, found.event)}, {words.book(leg.book)}" for leg in found.legs]
        known = drawn.stakes_of(plan)
        return {
            "leg_forms": forms.leg_forms(form, found.legs, names, currency),
            "book_forms": forms.book_forms(form, found.legs, currency),
            "amount": form.amount,
            "currency": currency,
            "amount_key": str(form.serial),
            "fixed": form.fixed,
            "step": form.step,
            **drawn.amount(form, found.legs, names, currency),
            **drawn.suggestion(form, planned.nearest),
            "_stakes": known,
        }

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


def asked_of(found: Opportunity, form: forms.Form) -> Asked:
    """Return what a form asks of an opportunity; ages that grow ask for nothing new."""
    legs = tuple(msgspec.structs.replace(leg, changed_at=None, age_s=None) for leg in found.legs)
    return Asked(found, legs, forms.wish_of(form, legs, forms.currency_of()))


@lru_cache(maxsize=256)
def planned_for(asked: Asked) -> Planned:
    """Return the stakes, or nothing staked if none fit, and the nearest that lock a profit.

    Small returns take a long search, so it is kept.
    """
    found, wish = asked.found, asked.wish
    try:
        plan = stakes.plan_as(found, wish)
    except Refused:
        plan = None
    try:
        nearest = None if plan and plan.locked else stakes.suggested(found, wish)
        return Planned(plan or stakes.unplaced(found, wish.currency), nearest)
    except Refused:
        return Planned(None)


def life_id_of(path: object) -> str | None:
    """Return the opportunity that an address names; None for anything but an id of ours.

    Examples:
        >>> life_id_of("/board/0123456789abcdef01234567"), life_id_of("/board/../x")
        ('0123456789abcdef01234567', None)
    """
    last = path.rstrip("/").rpartition("/")[2] if isinstance(path, str) else ""
    return last if _LIFE_ID.fullmatch(last) else None


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
            return Look(life, near, work.clock.now(), subject.view, actor=subject.actor)
    except Unavailable as e:
        return e
    except Refused as e:
        return NotFound(str(e))
