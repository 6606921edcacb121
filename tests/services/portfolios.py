"""Joint portfolios for tests: legs in several markets of one match that guarantee a profit."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import msgspec
import numpy as np

from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.opportunities import Leg, Opportunity, Proof
from domain.quotes import Origin
from engine.bets import Bets
from engine.tiers import guarantee
from feeds.base import UNDATED, Payload, Request
from feeds.registry import build
from services.endings import net_odds, settlement
from tests.engine.stakes.oracle import Ticket, goals, handicap, over, winner

MATCH = Event(
    id="match", source_id="match", sport="soccer", league="league", home="Lions", away="Bears"
)
SCORES = list(goals(12, 12))
LEAST_SHARE = 1e-3


def leg(kind, outcome, odds, *, line=None, side=Side.BACK, commission=0.0, **changes):
    """Return a leg of the match, with no share yet."""
    ways = 3 if kind is MarketKind.WINNER else 2
    market = Market(event_id="match", kind=kind, period=Period.FULL_TIME, line=line, ways=ways)
    told = {
        "book": f"{kind} {outcome} {line} {side}", "market": market, "outcome": outcome,
        "side": side, "odds": odds, "commission": commission, "share": 0.0, "changed_at": None,
        "age_s": None,
    }  # fmt: skip
    return Leg(**(told | changes))


def crossing(legs):
    """Return the opportunity that legs guarantee together, if it needs more than one market."""
    settled = settlement(legs, "soccer")
    core = slice(settled.binding)
    net = np.array([net_odds(one) for one in legs])
    best = guarantee(Bets(settled.win[core], settled.lose[core], net))
    if best.roi < LEAST_SHARE:
        return None
    shares = np.where(best.stakes < LEAST_SHARE, 0.0, best.stakes)
    chosen = [
        msgspec.structs.replace(one, share=float(share / shares.sum()))
        for one, share in zip(legs, shares, strict=True)
        if share
    ]
    if len({one.market for one in chosen}) < 2:
        return None
    return opportunity_of(chosen, best.roi)


def opportunity_of(legs, roi=0.01):
    """Return legs as an opportunity of the match; nothing is proven of it."""
    return Opportunity(
        key="key", event=MATCH, market=legs[0].market, as_of=datetime(2030, 1, 1, tzinfo=UTC),
        in_play=False, roi=roi, legs=legs, proof=Proof(states=1, worst_roi=roi, unprotected=[]),
        origin=Origin.SIMULATED, source="test",
    )  # fmt: skip


def ticket_of(one):
    """Return a leg as the oracle has it."""
    line = Fraction(one.market.line or 0)
    odds, commission = Decimal(str(one.odds)), Decimal(str(one.commission))
    return Ticket(one.side.value, odds, commission, halves=line * 4 % 2 == 1)


def settled_at(one, home, away):
    """Return the shares that a leg wins and loses at a score, by the oracle."""
    line = Fraction(one.market.line or 0)
    match one.market.kind, one.outcome:
        case MarketKind.WINNER, outcome:
            won, lost = winner(outcome.value, home, away)
        case MarketKind.HANDICAP, outcome:
            won, lost = handicap(line, home, away)[:: 1 if outcome is Outcome.HOME else -1]
        case MarketKind.TOTAL, outcome:
            won, lost = over(line, home, away)[:: 1 if outcome is Outcome.OVER else -1]
    return (won, lost) if one.side is Side.BACK else (lost, won)


def recorded(folder):
    """Yield the best prices of each recorded match, closing and opening, as legs."""
    feed = build("football_data")
    for path in sorted(folder.glob("*/*.csv")):
        request = Request(source="football_data", scope=path.stem, url=path.name, params={})
        payload = Payload(
            request=request, body=path.read_bytes(), as_of=UNDATED, arrived_at=UNDATED
        )
        for reading in reversed(list(feed.read(payload))):
            by_event = defaultdict(dict)
            for quote in reading.quotes:
                if (quote.market.line or 0) * 4 % 1:  # the files have a few lines that none offers
                    continue
                best, place = by_event[quote.market.event_id], (quote.market, quote.outcome)
                if place not in best or net_odds(quote) > net_odds(best[place]):
                    best[place] = quote
            yield from (list(map(leg_of, best.values())) for best in by_event.values())


def leg_of(quote):
    """Return a quote as a leg, its price to four digits, as it is written."""
    return leg(
        quote.market.kind, quote.outcome, round(quote.odds, 4), line=quote.market.line,
        commission=quote.commission, book=quote.book,
    )  # fmt: skip


def raised(legs, rng, most):
    """Return legs at prices that are longer by up to `most`: recorded ones no more."""
    up = 1 + rng.uniform(0, most, len(legs))
    prices = [round(float(one.odds * by), 3) for one, by in zip(legs, up, strict=True)]
    return [msgspec.structs.replace(o, odds=p) for o, p in zip(legs, prices, strict=True)]


def generated(rng):
    """Return legs at prices about a Poisson model's: some laid, some with commission."""
    means = rng.uniform(0.8, 2.2, 2)
    played = rng.poisson(means, (400, 2)).clip(max=12).tolist()
    lines = np.unique(rng.integers(-6, 7, 2)) / 4
    levels = np.unique(rng.integers(6, 15, 2)) / 4
    asked = [(MarketKind.WINNER, outcome, None) for outcome in Outcome if outcome in _SIDES]
    asked += [(MarketKind.HANDICAP, side, float(n)) for n in lines for side in _SIDES[::2]]
    asked += [(MarketKind.TOTAL, side, float(n)) for n in levels for side in _LEVELS]
    legs = [_priced(leg(kind, o, 2.0, line=line), played, rng) for kind, o, line in asked]
    return [one for one in legs if one is not None]


_SIDES = (Outcome.HOME, Outcome.DRAW, Outcome.AWAY)
_LEVELS = (Outcome.OVER, Outcome.UNDER)


def _priced(one, played, rng):
    won, lost = np.mean([settled_at(one, *score) for score in played], axis=0).astype(float)
    if min(won, lost) < 0.08:
        return None
    laid = rng.random() < 0.2
    commission = 0.02 if laid or rng.random() < 0.2 else 0.0
    fair = 1 + lost / won
    odds = fair * float(rng.uniform(0.96, 1.0) if laid else rng.uniform(0.98, 1.04))
    return msgspec.structs.replace(
        one, odds=round(max(1.03, odds), 3), commission=commission,
        side=Side.LAY if laid else Side.BACK,
    )  # fmt: skip
