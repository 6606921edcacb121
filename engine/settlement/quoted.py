"""Quoted markets: what a market as feeds know it asks, as a question that can be settled."""

from domain.markets import Market, MarketKind, Outcome, Period, Side
from engine.settlement.contests import Question, YesNo
from engine.settlement.kinds import Part, Statistic
from engine.settlement.questions import EuropeanHandicap, Handicap, Total, Winner
from engine.settlement.selections import Selection
from engine.settlement.sports import TENNIS, sport_of

_PARTS = {
    Period.FULL_TIME: Part.REGULATION,
    Period.FULL_TIME_INCL_OVERTIME: Part.WITH_OVERTIME,
}


def selection(
    market: Market, outcome: Outcome, side: Side, sport: str, rulebook: int = 0
) -> Selection:
    """Return what a quoted price is a price of.

    Args:
        market: The market as feeds know it.
        outcome: One of its outcomes.
        side: Whether it is backed or laid.
        sport: Our name of the sport.
        rulebook: The place of the book's rules among those given beside the selections.

    Raises:
        ValueError: The market's kind, ways and line do not go together, or it has no such outcome.
    """
    return Selection(question(market, sport), outcome, side, rulebook)


def question(market: Market, sport: str) -> Question:
    """Return what a market asks; lines of tennis count games, lines of a fight its rounds.

    Raises:
        ValueError: Its kind, ways and line do not go together.
    """
    part, line, ways = _PARTS[market.period], market.line, market.ways
    statistic = _counted(market.kind, sport)
    if sport in TENNIS:
        part = Part.REGULATION
    match market.kind:
        case MarketKind.WINNER if line is None:
            return Winner(part=part, ways=ways)
        case MarketKind.YES_NO if line is None and ways == 2:
            return YesNo()
        case MarketKind.HANDICAP if line is not None and ways == 2:
            return Handicap(part=part, statistic=statistic, line=line)
        case MarketKind.HANDICAP if line is not None and ways == 3:
            return EuropeanHandicap(part=part, statistic=statistic, line=line)
        case MarketKind.TOTAL if line is not None and ways == 2:
            return Total(part=part, statistic=statistic, line=line)
        case kind:
            raise ValueError(f"no {kind} has {ways} ways and line {line}")


def _counted(kind: MarketKind, sport: str) -> Statistic:
    if kind in (MarketKind.HANDICAP, MarketKind.TOTAL):
        if sport in TENNIS:
            return Statistic.GAMES
        if sport_of(sport).bout:
            return Statistic.ROUNDS
    return Statistic.SCORE
