"""Names of endings: who wins, which outcome, an example score, or what books have to decide."""

import re
from typing import Final

from arb_app import words
from arb_app.words import say
from domain.markets import Event, MarketKind, Outcome, Period, Side, Statistic
from domain.opportunities import Leg, Opportunity
from services.stakes import EndingKind, PlannedEnding, Share

_CHECKS: Final = (
    ("at one book only", "one_book"),
    ("broken off", "abandoned"),
    ("called", "called"),
    ("pitcher", "pitcher"),
    ("retired", "retired"),
    ("walkover", "retired"),
    ("level", "level"),
)
_PERIODS: Final = {
    "regulation": Period.FULL_TIME,
    "with_overtime": Period.FULL_TIME_INCL_OVERTIME,
}
_TO: Final = "\u2060\u2013\u2060"
_DECIDING: Final = ("with_overtime", "regulation", "sets")
LEVEL: Final = "ends level"
ONE_BOOK: Final = "abandoned at one book only"


def named(ending: PlannedEnding, found: Opportunity) -> str:
    """Return an ending's name: which side wins, which outcome, or what the books have to decide."""
    if ending.kind is EndingKind.RULE:
        return noted(ending.note or LEVEL, found.event)
    if len({leg.market for leg in found.legs}) == 1:
        return _by_outcome(ending, found)
    return _ahead(ending, found) or score(ending) or noted(ending.note, found.event)


def _by_outcome(ending: PlannedEnding, found: Opportunity) -> str:
    """Return what happens in the one market that all legs are in."""
    market = found.legs[0].market
    backed = {
        leg.outcome: _backed(leg, share) for leg, share in zip(found.legs, ending.legs, strict=True)
    }
    if not any(won for won, _ in backed.values()):
        rest = [outcome for outcome in market.outcomes if outcome not in backed]
        if not any(lost for _, lost in backed.values()):
            return say("opportunity.pushed", line=words.market(market))
        if len(rest) != 1:
            other = words.outcome(next(iter(backed)), market, found.event)
            return say("opportunity.not", outcome=other)
        backed = {rest[0]: (1.0, 0.0)}
    outcome, (won, _) = max(backed.items(), key=lambda item: item[1][0])
    name = words.outcome(outcome, market, found.event)
    if won < 1:
        return say("opportunity.wins_half", outcome=name)
    sides = market.kind is MarketKind.WINNER and outcome is not Outcome.DRAW
    return say("opportunity.wins", outcome=name) if sides else name


def _backed(leg: Leg, share: Share) -> tuple[float, float]:
    """Return what the outcome itself wins and loses, of a lay as well."""
    return (share.win, share.lose) if leg.side is Side.BACK else (share.lose, share.win)


def _ahead(ending: PlannedEnding, found: Opportunity) -> str:
    """Return who wins by the score that decides the event; "" where none here does."""
    if any(leg.market.statistic is not Statistic.SCORE for leg in found.legs):
        return ""
    scores = {part: (home, away) for part, home, away in ending.scores}
    part = next((part for part in _DECIDING if part in scores), None)
    if part is None:
        return ""
    home, away = scores[part]
    if home == away:
        return say("opportunity.level")
    return say("opportunity.wins", outcome=found.event.home if home > away else found.event.away)


def score(ending: PlannedEnding) -> str:
    """Return the example's count of both sides; where there are several, each with its part."""
    counts = [(part, f"{home}{_TO}{away}") for part, home, away in ending.scores]
    if len(counts) == 1:
        return counts[0][1]
    return ", ".join(f"{count} {_part(part)}" for part, count in counts)


def _part(name: str) -> str:
    known = _PERIODS.get(name) or (Period(name) if name in set(Period) else None)
    return words.period(known) if known else name.replace("_", " ")


def noted(note: str, event: Event) -> str:
    """Return the engine's words for an ending, with the sides by their names."""
    sides = {"home": event.home, "away": event.away}
    return words.sentence(re.sub(r"\b(home|away)\b", lambda side: sides[side[0]], note))


def check(note: str) -> str:
    """Return what to look up about an ending that books settle by their own rules."""
    key = next((key for part, key in _CHECKS if part in note), "other")
    return say(f"opportunity.check.{key}")
