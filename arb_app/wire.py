"""The board as browsers receive it: flat rows with their words in place, so that they only show."""

from typing import Any

from arb_app import format as text
from arb_app import words
from domain.board import BoardMessage, BoardRow, BoardSnapshot, Feeding, Refusals, RefusedRow
from domain.opportunities import GateCode, Leg, Opportunity
from domain.quotes import Origin
from kit.clock import epoch_ms

Wire = dict[str, Any]

_NEAR_MISSES = 8
_BANNER_NAMES = 2


def board(message: BoardMessage, rows: list[Wire]) -> Wire:
    """Return a message about the board; `rows` are those to load or to put in place."""
    whole = isinstance(message, BoardSnapshot)
    return {
        "kind": "snapshot" if whole else "patch",
        "epoch": message.epoch,
        "seq": message.seq,
        "published_ms": epoch_ms(message.published_at),
        "rows": rows,
        "gone": [] if whole else message.gone,
        "refused": message.refused_total,
        "refused_by": _counts(message.refused_by),
        "feeding": _feeding(message.feeding),
    }


def row(of: BoardRow) -> Wire:
    """Return one opportunity; `changed_ms` of a leg is such that its age is now minus it."""
    found = of.opportunity
    arrived_ms = epoch_ms(of.arrived_at)
    return {
        "id": of.id,
        "key": found.key,
        **_event(found),
        "roi": found.roi,
        "roi_text": text.percent(found.roi),
        "best_text": text.percent(of.best_roi),
        "origin": found.origin,
        "first_seen_ms": epoch_ms(of.first_seen_at),
        "legs": [_leg(leg, found, arrived_ms) for leg in found.legs],
    }


def refusals(of: Refusals) -> Wire:
    """Return the near misses: how many each gate holds back, and the most tempting of them."""
    return {
        "kind": "refusals",
        "total": of.total,
        "by": _counts(of.by_code),
        "rows": [_near_miss(row) for row in of.rows[:_NEAR_MISSES]],
    }


def _event(of: Opportunity) -> Wire:
    return {
        "sport": words.sport(of.event.sport),
        "league": words.league(of.event.league),
        "home": of.event.home,
        "away": of.event.away,
        "starts_ms": epoch_ms(of.event.starts_at) if of.event.starts_at else None,
        "in_play": of.in_play,
        "market": words.asked(of),
    }


def _leg(leg: Leg, of: Opportunity, arrived_ms: int) -> Wire:
    return {
        "book": words.book(leg.book),
        "outcome": words.leg(leg, of.event),
        "odds": text.odds(leg.odds),
        "side": leg.side,
        "changed_ms": None if leg.age_s is None else arrived_ms - round(leg.age_s * 1000),
    }


def _near_miss(of: RefusedRow) -> Wire:
    found = of.opportunity
    return {
        "key": found.key,
        **_event(found),
        "roi_text": text.percent(found.roi),
        "books": ", ".join(dict.fromkeys(words.book(leg.book) for leg in found.legs)),
        "reasons": [
            {"code": refusal.code, "label": words.gate_chip(refusal.code), "detail": refusal.detail}
            for refusal in found.refusals
        ],
    }


def _counts(by_code: dict[str, int]) -> list[Wire]:
    ranked = sorted(by_code.items(), key=lambda item: (-item[1], item[0]))
    return [{**_gate(code), "count": count} for code, count in ranked]


def _gate(code: str) -> Wire:
    """Return a gate's words; one that only a newer worker knows is shown by its code."""
    if code not in set(GateCode):
        return {"code": code, "label": code, "text": ""}
    known = GateCode(code)
    return {"code": code, "label": words.gate_chip(known), "text": words.gate_text(known)}


def _feeding(streams: list[Feeding]) -> list[Wire]:
    """Return one banner an origin that is not real, with the names of what it is made of."""
    unreal = sorted({stream.origin for stream in streams} - {Origin.LIVE})
    return [
        {
            "origin": origin,
            "text": words.origin_text(origin),
            "label": _named([one.label for one in streams if one.origin is origin and one.label]),
        }
        for origin in unreal
    ]


def _named(labels: list[str]) -> str:
    if len(labels) <= _BANNER_NAMES:
        return ", ".join(labels)
    return words.say("board.feeding.more", first=labels[0], count=len(labels) - 1)
