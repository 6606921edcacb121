"""The board as browsers receive it: flat rows with their words in place, so that they only show."""

from typing import Any, Final

import msgspec

from arb_app import format as text
from arb_app import prospects, words
from domain.board import (
    BoardMessage,
    BoardRow,
    BoardSnapshot,
    Compared,
    Feeding,
    Refusals,
    RefusedRow,
)
from domain.markets import Side
from domain.opportunities import GateCode, Kind, Leg, Opportunity
from domain.plans import PlanName, View
from domain.quotes import Origin
from kit.clock import epoch_ms
from services.board import Why
from services.plans import HIDDEN

Wire = dict[str, Any]

_PLAIN: Final = View.of(PlanName.PRO)
_NEAR_MISSES = 20
_WHY_REASONS = 3
_BANNER_NAMES = 2
_PRICE_DIGITS = 6


def board(message: BoardMessage, rows: list[Wire], view: View = _PLAIN) -> Wire:
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
        "feeding": [*_limits(view), *_feeding(message.feeding)],
    }


def row(of: BoardRow, view: View = _PLAIN) -> Wire:
    """Return one opportunity; `changed_ms` of a leg is such that its age is now minus it.

    Odds come as text and, as `price`, as the number that a browser writes in another notation.

    What the view hides has been taken out before; here it decides how the rest is said, and
    whether every figure comes along as the engine has it.
    """
    found = of.opportunity
    arrived_ms = epoch_ms(of.arrived_at)
    raw = {"raw": msgspec.to_builtins(found)} if view.plan.raw else {}
    return {
        **raw,
        "id": of.id,
        "key": found.key,
        "kind": found.kind,
        **_event(found),
        "roi": found.roi,
        **_returned(of, view),
        **({"best_roi": of.best_roi} if view.plan.roi_cap is None else {}),
        **prospects.figures(found, view),
        **_sorted_by(found),
        "origin": found.origin,
        "first_seen_ms": epoch_ms(of.first_seen_at),
        "verified_ms": epoch_ms(of.verified_at) if of.verified_at else None,
        "legs": [_leg(leg, found, arrived_ms) for leg in found.legs],
    }


def _returned(of: BoardRow, view: View) -> Wire:
    found = of.opportunity
    if found.kind is Kind.ARBITRAGE:
        return {"roi_text": returned(found.roi, view), "best_text": returned(of.best_roi, view)}
    told = prospects.returned(found.roi, view)
    return {"roi_text": told, "best_text": told}


def returned(roi: float, view: View) -> str:
    """Return a return as text; one that is told no further than this says so.

    Examples:
        >>> returned(0.0123, View.of("pro")), returned(0.01, View.of("free"))
        ('+1.23 %', '+1 % or more')
        >>> returned(0.0, View.of("free")), returned(0.005, View.of("free"))
        ('less than +0.5 %', '+0.5 % or more')
    """
    plan = view.plan
    if plan.roi_cap is None:
        return text.percent(roi)
    if roi < plan.roi_step:
        return words.say("plan.less", roi=_short(plan.roi_step))
    return words.say("plan.more", roi=_short(roi))


def _short(roi: float) -> str:
    whole = round(roi * 100, 6).is_integer()
    return text.percent(roi, digits=0 if whole else 1)


def _limits(view: View) -> list[Wire]:
    """Return a banner that says what the view leaves out, if it does."""
    plan = view.plan
    if plan.mask_books:
        said = words.say(
            "plan.masked", delay=f"{plan.delay_s:.0f}", cap=_short(plan.roi_cap or 0.0)
        )
    elif plan.one_league and view.league:
        said = words.say("plan.one_league", league=words.league(view.league))
    elif plan.one_league:
        said = words.say("plan.no_league")
    else:
        return []
    return [{"origin": "plan", "text": said, "label": ""}]


def refusals(of: Refusals, view: View = _PLAIN) -> Wire:
    """Return the near misses: how many each gate holds back, and the most tempting of them."""
    return {
        "kind": "refusals",
        "total": of.total,
        "by": _counts(of.by_code),
        "rows": [_near_miss(row, view) for row in of.rows[:_NEAR_MISSES]],
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


def why(of: Why, view: View = _PLAIN) -> Wire:
    """Return what an empty board rests on, as sentences; `last` is the one that was last on it."""
    row = of.last.row if of.last else None
    return {
        "kind": "why",
        "told": [_sources(of), _compared(of.compared)],
        "last": row
        and {
            "id": row.id,
            "text": words.say("why.last", roi=returned(row.opportunity.roi, view)),
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
        **_price(leg),
        "side": leg.side,
        "changed_ms": None if leg.age_s is None else arrived_ms - round(leg.age_s * 1000),
    }


def _price(leg: Leg) -> Wire:
    """Return a price as text and as figures, and the code of its book; of a hidden one, a dash."""
    if leg.odds == HIDDEN:
        return {"odds": text.NONE}
    limit = {} if leg.max_stake is None else {"max_stake": leg.max_stake}
    odds = {"odds": text.odds(leg.odds), "price": round(leg.odds, _PRICE_DIGITS)}
    return {**odds, "book_key": leg.book, **limit}


def _sorted_by(of: Opportunity) -> Wire:
    """Return the codes by which a browser sorts rows out, and what may be staked if that is known.

    `stake_limit` is the largest cash at risk, over all legs, that no known limit stands against.
    """
    limits = [
        leg.max_stake * (leg.odds - 1.0 if leg.side is Side.LAY else 1.0) / leg.share
        for leg in of.legs
        if leg.max_stake is not None and leg.share > 0.0
    ]
    return {
        "sport_key": of.event.sport,
        "league_key": of.event.league,
        "market_kinds": list(dict.fromkeys(leg.market.kind for leg in of.legs)),
        **({"stake_limit": int(min(limits))} if limits else {}),
    }


def _near_miss(of: RefusedRow, view: View) -> Wire:
    found = of.opportunity
    return {
        "key": found.key,
        **_event(found),
        **({"roi": found.roi} if view.plan.roi_cap is None else {}),
        "roi_text": returned(found.roi, view),
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
