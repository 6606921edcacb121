"""Exports: opportunities as other programs read them, field by field."""

from typing import Any

import msgspec

from domain.opportunities import Leg, Opportunity


def opportunity_json(opportunity: Opportunity) -> bytes:
    """Return one opportunity as a JSON object on one line, without its newline.

    Odds are decimal and unrounded; `share` is part of the total cash at risk; instants are UTC.
    """
    return msgspec.json.encode(
        {
            "kind": "arbitrage",
            "as_of": opportunity.as_of,
            "in_play": opportunity.in_play,
            "roi": opportunity.roi,
            "event": opportunity.event,
            "legs": [_leg(leg) for leg in opportunity.legs],
            "proof": opportunity.proof,
            "verdict": "accepted" if opportunity.accepted else "refused",
            "refused_by": [refusal.code for refusal in opportunity.refusals],
        }
    )


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "book": leg.book,
        "market": leg.market.kind,
        "period": leg.market.period,
        "line": leg.market.line,
        "outcome": leg.outcome,
        "side": leg.side,
        "odds": leg.odds,
        "commission": leg.commission,
        "share": leg.share,
        "changed_at": leg.changed_at,
        "age_s": leg.age_s,
        "max_stake": leg.max_stake,
        "statistic": leg.market.statistic,
        "subject": leg.market.subject,
        "source": leg.source,
    }
