"""The board as browsers receive it: flat rows with their words in place, so that they only show."""

from typing import Any

from arb_app import format as text
from arb_app import words
from domain.board import (
    BoardMessage,
    BoardRow,
    BoardSnapshot,
    Compared,
    Feeding,
    Refusals,
    RefusedRow,
)
from domain.opportunities import GateCode, Leg, Opportunity
from domain.quotes import Origin
from kit.clock import epoch_ms
from services.board import Why

Wire = dict[str, Any]

_NEAR_MISSES = 20
_WHY_REASONS = 3
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
        "verified_ms": epoch_ms(of.verified_at) if of.verified_at else None,
        "legs": [_leg(leg, found, arrived_ms) for leg in found.legs],
    }


def refusals(of: Refusals) -> Wire:
    """Return the near misses: how many each gate holds back, and the most tempting of them."""
    return {
        "kind": "refusals",
        "total": of.total,
        "by": _counts(of.by_code),
        "rows": [_near_miss(row) for row in of.rows[:_NEAR_MISSES]],
        "summed": _summed(of),
        "listed": _listed(of),
    }


def _summed(of: Refusals) -> str:
    """Return how many are held back, and by which gates most."""
    if not of.total:
        return words.say("why.refused.none")
    reasons = (
        words.say("why.reason", count=text.count(each["count"]), chip=each["label"])
        for each in _counts(of.by_code)[:_WHY_REASONS]
    )
    return words.say("why.refused", total=text.count(of.total), reasons=", ".join(reasons))


def _listed(of: Refusals) -> str:
    if of.total <= _NEAR_MISSES:
        return ""
    return words.say("board.held_of", count=_NEAR_MISSES, total=text.count(of.total))


def why(of: Why) -> Wire:
    """Return what an empty board rests on, as sentences; `last` is the one that was last on it."""
    row = of.last.row if of.last else None
    return {
        "kind": "why",
        "told": [_sources(of), _compared(of.compared)],
        "last": row
        and {
            "id": row.id,
            "text": words.say("why.last", roi=text.percent(row.opportunity.roi)),
            "label": f"{row.opportunity.event.home} v {row.opportunity.event.away}",
            "at_ms": epoch_ms(of.last.last_seen_at) if of.last else None,
        },
    }


def _sources(of: Why) -> str:
    if not of.followed:
        return words.say("why.sources.none")
    return words.say("why.sources", answering=of.answering, followed=of.followed)


def _compared(of: Compared | None) -> str:
    if of is None:
        return words.say("why.compared.none")
    figures = {"prices": of.prices, "markets": of.markets, "events": of.events}
    return words.say("why.compared", **{name: text.count(n) for name, n in figures.items()})


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
            {**_gate(refusal.code), "detail": words.sentence(refusal.detail)}
            for refusal in found.refusals
        ],
        "legs": [_leg(leg, found, epoch_ms(of.arrived_at)) for leg in found.legs],
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
