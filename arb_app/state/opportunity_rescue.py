"""One reader's rescue: a leg is placed, another moved, and every way on is told in money."""

import asyncio
import logging
from string import ascii_uppercase
from typing import Any

import reflex as rx

from arb_app import words
from arb_app.gate import allow, subject_of
from arb_app.runtime import current
from arb_app.state import rescue_shown as shown
from arb_app.state import stake_form as forms
from arb_app.state.opportunity import (
    Look,
    OpportunityState,
    asked_of,
    life_id_of,
    look_at,
    planned_for,
)
from arb_app.state.opportunity_beside import beside_of
from arb_app.state.stake_drawn import stakes_of
from arb_app.words import say
from domain.errors import Broken, NotFound, Refused, Unavailable
from domain.flags import Flag, SwitchedOff
from domain.opportunities import Opportunity
from services import rescues, stakes
from services.access import Permission
from services.work import begin

log = logging.getLogger(__name__)

_FIELDS = ("odds", "stake")
_LAY_FIELDS = ("lay", "lay_commission")


class RescueState(rx.State):
    """What was placed and what is offered, as text; and the ways on."""

    ready: rx.Field[bool] = rx.field(default=False)
    rows: rx.Field[list[shown.RescueLeg]] = rx.field(default_factory=list)
    ways: rx.Field[list[shown.WayLine]] = rx.field(default_factory=list)
    said: rx.Field[str] = rx.field("")
    lay: rx.Field[str] = rx.field("")
    lay_wrong: rx.Field[str] = rx.field("")
    lay_commission: rx.Field[str] = rx.field("")
    lay_commission_wrong: rx.Field[str] = rx.field("")
    key: rx.Field[str] = rx.field("0")
    _typed: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _wrong: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _placed: rx.Field[list[str]] = rx.field(default_factory=list)
    _planned: rx.Field[list[int]] = rx.field(default_factory=list)
    _form: rx.Field[forms.Form] = rx.field(default_factory=forms.Form)

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY)
    def close(self) -> None:
        """Begin without a rescue: another opportunity has other legs."""
        self.ready, self.rows, self.ways, self.said = False, [], [], ""

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY, Flag.RESCUE)
    async def begin(self) -> None:
        """Fill in the stakes as planned, the first leg as placed, and the prices of now."""
        main = await self.get_state(OpportunityState)
        first = next((step.letter for step in main.steps), "A")
        look = await self._looked()
        if not isinstance(look, Look):
            self.said = say("rescue.away")
            return
        self._form, found = main.form, look.life.row.opportunity
        plan = (await asyncio.to_thread(planned_for, asked_of(found, main.form))).plan
        self._planned = [leg.stake_minor for leg in plan.legs] if plan else []
        self._placed, self._wrong = [first], {}
        self._typed = await self._offered(look, first)
        self._typed |= {f"stake {k}": v for k, v in stakes_of(plan).items() if k}
        await self._told(look, anew=True)

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY, Flag.RESCUE)
    async def reprice(self) -> None:
        """Take the prices of now for every leg that is not placed."""
        look = await self._looked()
        if self.ready and isinstance(look, Look):
            fresh = await self._offered(look, next(iter(self._placed), ""))
            kept = {f"odds {letter}" for letter in self._placed}
            self._typed |= {name: text for name, text in fresh.items() if name not in kept}
            self._wrong = {name: why for name, why in self._wrong.items() if name not in fresh}
            await self._told(look, anew=True)

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY, Flag.RESCUE)
    async def place(self, letter: Any, placed: Any) -> None:
        """Say that a leg is placed, or that it is not."""
        if not self._has(letter) or not isinstance(placed, bool):
            return
        others = [each for each in self._placed if each != letter]
        self._placed = sorted([*others, letter]) if placed else others
        await self._told(await self._looked())

    @rx.event
    @allow(Permission.VIEW_OPPORTUNITY, Flag.RESCUE)
    async def type_in(self, name: Any, letter: Any, typed: Any) -> None:
        """Take over a leg's odds or stake, or what it can be laid at; or say what is wrong."""
        if not isinstance(name, str) or not self.ready:
            return
        if name in _LAY_FIELDS:
            text = forms.sound("commission", typed) if name == "lay_commission" else _lay(typed)
            self._take(name, name, text)
        elif name in _FIELDS and self._has(letter):
            text = shown.odds_of(typed) if name == "odds" else shown.stake_of(typed)
            self._take(f"{name} {letter}", name, text)
        else:
            return
        await self._told(await self._looked())

    def _take(self, key: str, name: str, text: str | None) -> None:
        if text is None:
            self._wrong = {**self._wrong, key: say(f"rescue.{name}.wrong")}
        else:
            self._typed = {**self._typed, key: text}
            self._wrong = {each: why for each, why in self._wrong.items() if each != key}

    def _has(self, letter: Any) -> bool:
        return isinstance(letter, str) and any(row.letter == letter for row in self.rows)

    async def _looked(self) -> "Look | NotFound | Unavailable":
        life_id = life_id_of(self.router.url.path)
        if life_id is None:
            return NotFound("the address names no opportunity")
        look = await look_at(await subject_of(self), life_id)
        if isinstance(look, Look) and look.view.plan.mask_books:
            return NotFound("the plan shows no prices")
        return look

    async def _offered(self, look: Look, first: str) -> dict[str, str]:
        """Return the odds of every leg now, and what the placed one can be laid at."""
        legs = look.life.row.opportunity.legs
        typed = {
            f"odds {letter}": shown.odds_text(leg.odds)
            for letter, leg in zip(ascii_uppercase, legs, strict=False)
        }
        asides = await beside_of(await subject_of(self), look)
        place = ascii_uppercase.find(first) if first else -1
        if isinstance(asides, list) and 0 <= place < len(asides) and (lay := asides[place].lay):
            typed["lay"] = shown.odds_text(lay.odds)
            typed["lay_commission"] = f"{100 * lay.commission:.4g}"
        return typed

    async def _told(self, look: "Look | NotFound | Unavailable", *, anew: bool = False) -> None:
        """Work out the ways on; where that cannot be, the last ones go and the reason is said."""
        if not isinstance(look, Look):
            self.ways, self.said = [], say("rescue.away")
            return
        found = look.life.row.opportunity
        made = await self._made(found)
        self.key = str(int(self.key) + 1) if anew else self.key
        self.ways = shown.way_lines(made, found) if isinstance(made, stakes.Rescued) else []
        self.said = "" if isinstance(made, stakes.Rescued) else made
        self._draw(found, made if isinstance(made, stakes.Rescued) else None)

    async def _made(self, found: Opportunity) -> stakes.Rescued | str:
        wish = asked_of(found, self._form).wish
        position = shown.position_of(self._typed, self._placed, wish, found, tuple(self._planned))
        if position is None or self._wrong:
            return say("rescue.missing")
        try:
            async with begin(current().resources, await subject_of(self)) as work:
                return await rescues.rescued(work, found, position, wish)
        except SwitchedOff:
            return say("rescue.off")
        except Unavailable:
            return say("rescue.away")
        except Refused:
            return say("rescue.refused")
        except Broken:
            log.exception("no rescue found")
            return say("rescue.away")

    def _draw(self, found: Opportunity, made: stakes.Rescued | None) -> None:
        units = asked_of(found, self._form).wish
        self.rows = [
            shown.RescueLeg(
                key=f"{letter} {self.key}",
                letter=letter,
                name=f"{words.leg(leg, found.event)}, {words.book(leg.book)}",
                unit=units.currency_at(leg),
                placed=letter in self._placed,
                odds=self._typed.get(f"odds {letter}", ""),
                odds_wrong=self._wrong.get(f"odds {letter}", ""),
                stake=self._typed.get(f"stake {letter}", ""),
                stake_wrong=self._wrong.get(f"stake {letter}", ""),
                even=shown.even_told(made, place, leg.side) if made else "",
            )
            for place, (letter, leg) in enumerate(zip(ascii_uppercase, found.legs, strict=False))
        ]
        self.lay, self.lay_commission = (self._typed.get(name, "") for name in _LAY_FIELDS)
        self.lay_wrong, self.lay_commission_wrong = (
            self._wrong.get(name, "") for name in _LAY_FIELDS
        )
        self.ready = True


def _lay(typed: object) -> str | None:
    """Return the odds of a lay, "" for none; None if they are no odds."""
    return "" if isinstance(typed, str) and not typed.strip() else shown.odds_of(typed)
