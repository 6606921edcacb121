"""The gallery's own state, and the invented opportunity that its components show."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import reflex as rx

from arb_app.gate import allow, subject_of
from arb_app.runtime import current
from arb_app.state.opportunity import Look, OpportunityState
from arb_app.words import say
from domain.board import BoardRow, RefusedRow
from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.opportunities import GateCode, Leg, Opportunity, Refusal
from domain.quotes import Origin
from services.access import Permission
from services.board import Life
from services.proof import proof

PAGES: Final = 3
_PERIOD: Final = Period.FULL_TIME
_ID: Final = "gallery"
_Priced = tuple[MarketKind, float | None, Outcome, float, float]
_LEGS: Final[tuple[_Priced, ...]] = (
    (MarketKind.HANDICAP, -0.25, Outcome.HOME, 2.16, 4),
    (MarketKind.WINNER, None, Outcome.DRAW, 3.9, 21),
    (MarketKind.WINNER, None, Outcome.AWAY, 4.4, 40),
)


class GalleryState(OpportunityState):
    """What the components of an opportunity show in the gallery, and the page of its pager."""

    shown: rx.Field[str] = rx.field("loading")
    leaf: rx.Field[int] = rx.field(default=2)
    leaves: rx.Field[int] = rx.field(default=PAGES)

    @rx.event
    @allow(Permission.VISIT)
    async def furnish(self) -> None:
        """Fill the components, for whoever looks after Dutchbook."""
        subject = await subject_of(self)
        if not subject.may(Permission.VIEW_ADMIN):
            self.shown = "refused"
            return
        self._take(await self._planned(sample(current().clock.now())))
        self.shown = "found"

    @rx.event
    @allow(Permission.VIEW_ADMIN)
    def leaf_to(self, page: Any) -> None:
        """Turn to another page of nothing."""
        if type(page) is int and 1 <= page <= PAGES:
            self.leaf = page


def sample(now: datetime) -> Look:
    """Return a look at an invented opportunity over two markets, and a crossing held back."""
    found = _opportunity(now)
    held = [Refusal(code=GateCode.LEG_TOO_OLD, detail=say("gallery.detail"))]
    near = msgspec.structs.replace(found, refusals=held, key=f"{_ID}-near")
    row = BoardRow(
        id=_ID,
        opportunity=found,
        arrived_at=now,
        first_seen_at=now - timedelta(minutes=7),
        best_roi=found.roi,
    )
    life = Life(row=row, last_seen_at=now)
    return Look(life, [RefusedRow(opportunity=near, arrived_at=now)], now)


def _opportunity(now: datetime) -> Opportunity:
    event = Event(
        id=_ID,
        source_id=_ID,
        sport="soccer",
        league=say("gallery.league"),
        home=say("home.example.home"),
        away=say("home.example.away"),
        starts_at=now + timedelta(hours=5),
    )
    legs = [_leg(now, letter, each) for letter, each in zip("ABC", _LEGS, strict=True)]
    proven = proof(legs, event.sport)
    return Opportunity(
        key=_ID,
        event=event,
        market=legs[1].market,
        as_of=now,
        in_play=False,
        roi=proven.worst_roi,
        legs=legs,
        proof=proven,
        origin=Origin.SIMULATED,
        source=_ID,
    )


def _leg(now: datetime, letter: str, of: _Priced) -> Leg:
    kind, line, outcome, odds, age_s = of
    ways = 3 if kind is MarketKind.WINNER else 2
    return Leg(
        book=say("home.example.book", letter=letter),
        market=Market(event_id=_ID, kind=kind, period=_PERIOD, line=line, ways=ways),
        outcome=outcome,
        side=Side.BACK,
        odds=odds,
        commission=0.0,
        share=1 / odds / sum(1 / each[3] for each in _LEGS),
        changed_at=now - timedelta(seconds=age_s),
        age_s=age_s,
    )
