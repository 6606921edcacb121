"""One reader's window on how the prices of an event moved."""

import asyncio
from typing import Any, Final

import reflex as rx

from arb_app import words
from arb_app.gate import allow, is_of, subject_of
from arb_app.runtime import current
from arb_app.state import history_drawn as drawn
from arb_app.state.breaks import BreaksState
from arb_app.state.opportunity import life_id_of
from arb_app.state.presence import present
from arb_app.state.window import looks, put
from domain.errors import NotFound, NotInPlan, Refused, Unavailable
from services import history
from services.access import Permission, Subject
from services.history import Movement
from services.work import begin

PAUSE_S: Final = 15.0
RETRY_S: Final = 1.0


class HistoryState(rx.State):
    """What is drawn, as text; the reader's own are the market, the outcome and the line lit."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    event: rx.Field[str] = rx.field("")
    competition: rx.Field[str] = rx.field("")
    starts_at: rx.Field[str] = rx.field("")
    markets: rx.Field[list[drawn.Choice]] = rx.field(default_factory=list)
    market: rx.Field[str] = rx.field("")
    outcomes: rx.Field[list[drawn.Choice]] = rx.field(default_factory=list)
    outcome: rx.Field[str] = rx.field("")
    told: rx.Field[str] = rx.field("")
    unreal: rx.Field[str] = rx.field("")
    lines: rx.Field[list[drawn.Drawn]] = rx.field(default_factory=list)
    odds: rx.Field[list[drawn.Tick]] = rx.field(default_factory=list)
    times: rx.Field[list[drawn.Tick]] = rx.field(default_factory=list)
    changes: rx.Field[list[drawn.Moment]] = rx.field(default_factory=list)
    lit: rx.Field[str] = rx.field("")

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VIEW_HISTORY)
    async def open(self) -> Any:
        """Follow the event that the address names until the reader leaves the page.

        Whoever may look no more is told why.
        """
        async with self:
            event_id = life_id_of(self.router.url.path)
            self.phase, self.late = ("loading" if event_id else "missing"), False
            self.market, self.outcome, self.lit = "", "", ""
        async for subject in looks(self, permission=Permission.VIEW_HISTORY):
            if not event_id:
                break
            async with self:
                asked = (self.market, self.outcome)
            look = await look_at(subject, event_id, *asked)
            async with self:
                if not await is_of(self, subject):
                    return None
                if asked == (self.market, self.outcome):  # else the reader has chosen meanwhile
                    self._take(look)
            if isinstance(look, NotFound | NotInPlan):
                return None
            await asyncio.sleep(RETRY_S if isinstance(look, Unavailable) else PAUSE_S)
        return BreaksState.look if present(self) else None

    @rx.event
    @allow(Permission.VIEW_HISTORY)
    async def choose_market(self, value: Any) -> None:
        """Show another market of the event."""
        if any(each.value == value for each in self.markets):
            await self._again(value, self.outcome)

    @rx.event
    @allow(Permission.VIEW_HISTORY)
    async def choose_outcome(self, value: Any) -> None:
        """Show another outcome of the market."""
        if any(each.value == value for each in self.outcomes):
            await self._again(self.market, value)

    @rx.event
    @allow(Permission.VIEW_HISTORY)
    def light(self, number: Any) -> None:
        """Bring out one line, or none if it is brought out already."""
        if any(each.number == number for each in self.lines):
            self.lit = "" if self.lit == number else number

    async def _again(self, market: str, outcome: str) -> None:
        if event_id := life_id_of(self.router.url.path):
            self.lit = ""
            self._take(await look_at(await subject_of(self), event_id, market, outcome))

    def _take(self, look: "Movement | NotInPlan | NotFound | Unavailable") -> None:
        """Copy a look into the vars; a drawing once shown stays when the services are away."""
        if isinstance(look, NotInPlan):
            self.phase = "shut"
        elif isinstance(look, NotFound):
            self.phase = "missing"
        elif isinstance(look, Unavailable):
            self.late = self.phase == "found"
            self.phase = "found" if self.late else "away"
        else:
            self.phase, self.late = "found", False
            self._show(look)

    def _show(self, found: Movement) -> None:
        event, chart = found.event, drawn.chart(found)
        shown: dict[str, object] = {
            "event": f"{event.home} v {event.away}",
            "competition": f"{words.sport(event.sport)} · {words.league(event.league)}",
            "starts_at": event.starts_at.isoformat() if event.starts_at else "",
            "markets": drawn.market_choices(found),
            "market": found.market_id,
            "outcomes": drawn.outcome_choices(found),
            "outcome": found.outcome.value,
            "told": chart.told,
            "unreal": chart.unreal,
            "lines": list(chart.lines),
            "odds": list(chart.odds),
            "times": list(chart.times),
            "changes": list(chart.changes),
        }
        put(self, shown)


async def look_at(
    subject: Subject, event_id: str, market_id: str, outcome: str
) -> Movement | NotInPlan | NotFound | Unavailable:
    """Return what the services say of an event, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            return await history.movement(work, event_id, market_id, outcome)
    except (NotInPlan, Unavailable) as e:
        return e
    except Refused as e:
        return NotFound(str(e))
