"""Invented events, prices, opportunities and boards for tests; plainly none of it is real."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from domain.board import BoardPatch, BoardRow, BoardSnapshot, Feeding, Refusals, RefusedRow
from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.opportunities import Ending, GateCode, Leg, Opportunity, Proof, Refusal
from domain.quotes import Origin, Quote, Reading
from domain.sources import ReliabilityPart, SourceHealth, SourceReliability, SourceState, Standing
from kit.ids import fresh, stable

NOON = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
SOURCE = "invented"


def an_event(name: str = "Lions v Bears", **changes: Any) -> Event:
    home, away = name.split(" v ")
    event = Event(
        id=stable("event", SOURCE, name),
        source_id=name,
        sport="basketball",
        league="Invented League",
        home=home,
        away=away,
        starts_at=NOON + timedelta(hours=3),
    )
    return msgspec.structs.replace(event, **changes)


def a_market(event: Event | None = None, **changes: Any) -> Market:
    market = Market(
        event_id=(event or an_event()).id,
        kind=MarketKind.WINNER,
        period=Period.FULL_TIME_INCL_OVERTIME,
    )
    return msgspec.structs.replace(market, **changes)


def a_quote(**changes: Any) -> Quote:
    quote = Quote(
        book="alpha",
        market=a_market(),
        outcome=Outcome.HOME,
        odds=21 / 11,
        changed_at=NOON - timedelta(seconds=5),
    )
    return msgspec.structs.replace(quote, **changes)


def a_reading(**changes: Any) -> Reading:
    reading = Reading(
        source=SOURCE,
        scope="basketball",
        origin=Origin.REPLAY,
        as_of=NOON,
        arrived_at=NOON + timedelta(days=100),
        complete=True,
        events=[an_event()],
        quotes=[a_quote(), a_quote(book="beta", outcome=Outcome.AWAY, odds=2.2)],
        rejected={"odds_not_above_one": 2},
    )
    return msgspec.structs.replace(reading, **changes)


def a_leg(market: Market | None = None, **changes: Any) -> Leg:
    leg = Leg(
        book="alpha",
        market=market or a_market(),
        outcome=Outcome.HOME,
        side=Side.BACK,
        odds=21 / 11,
        commission=0.0,
        share=2.2 / (2.2 + 21 / 11),
        changed_at=NOON - timedelta(seconds=5),
        age_s=5.0,
    )
    return msgspec.structs.replace(leg, **changes)


def an_opportunity(event: Event | None = None, **changes: Any) -> Opportunity:
    event = event or an_event()
    market = a_market(event)
    away = a_leg(market, book="beta", outcome=Outcome.AWAY, odds=2.2, share=1 - a_leg().share)
    roi = 1 / (1 / 2.2 + 11 / 21) - 1
    opportunity = Opportunity(
        key=stable(event.id, market.kind, market.period, market.line, "arbitrage"),
        event=event,
        market=market,
        as_of=NOON,
        in_play=False,
        roi=roi,
        legs=[a_leg(market), away],
        proof=Proof(
            states=2,
            worst_roi=roi,
            unprotected=[Ending(state="abandoned at one book only", worst_roi=-a_leg().share)],
        ),
        origin=Origin.REPLAY,
        source=SOURCE,
    )
    return msgspec.structs.replace(opportunity, **changes)


def a_row(event: Event | None = None, **changes: Any) -> BoardRow:
    opportunity = an_opportunity(event)
    row = BoardRow(
        id=fresh(),
        opportunity=opportunity,
        arrived_at=NOON,
        first_seen_at=NOON,
        best_roi=opportunity.roi,
    )
    return msgspec.structs.replace(row, **changes)


def a_snapshot(seq: int = 1, **changes: Any) -> BoardSnapshot:
    snapshot = BoardSnapshot(
        epoch="first",
        seq=seq,
        published_at=NOON,
        rows=[],
        refused_total=0,
        refused_by={},
        feeding=[Feeding(source=SOURCE, origin=Origin.REPLAY, label="invented")],
    )
    return msgspec.structs.replace(snapshot, **changes)


def a_patch(seq: int = 1, **changes: Any) -> BoardPatch:
    patch = BoardPatch(
        epoch="first",
        seq=seq,
        published_at=NOON,
        rows=[],
        gone=[],
        refused_total=0,
        refused_by={},
        feeding=[Feeding(source=SOURCE, origin=Origin.REPLAY, label="invented")],
    )
    return msgspec.structs.replace(patch, **changes)


def some_refusals(**changes: Any) -> Refusals:
    refusal = Refusal(code=GateCode.LEG_TOO_OLD, detail="alpha: 400 s, allowed 90 s")
    refused = RefusedRow(opportunity=an_opportunity(refusals=[refusal]), arrived_at=NOON)
    refusals = Refusals(published_at=NOON, total=1, by_code={"leg_too_old": 1}, rows=[refused])
    return msgspec.structs.replace(refusals, **changes)


def a_health(name: str = SOURCE, **changes: Any) -> SourceHealth:
    health = SourceHealth(
        name=name,
        title=name.title(),
        origin=Origin.REPLAY,
        state=SourceState.HEALTHY,
        readings=3,
        quotes=60,
        rejected={"odds_not_above_one": 2},
        lag_s=4.5,
        last_answer_at=NOON,
    )
    return msgspec.structs.replace(health, **changes)


def a_standing(name: str = "alpha", **changes: Any) -> Standing:
    standing = Standing(
        name=name,
        score=0.9,
        parts=dict.fromkeys(ReliabilityPart, 0.9),
        prices=60,
        age_s=4.5,
        lag_s=90.0,
        events=3,
        silent=1,
    )
    return msgspec.structs.replace(standing, **changes)


def a_reliability(name: str = SOURCE, *books: Standing) -> SourceReliability:
    return SourceReliability(whole=a_standing(name), books=list(books) or [a_standing()])
