"""Quoted markets: what a market as feeds know it asks, as a question that can be settled."""

from collections.abc import Callable
from typing import TypeAlias

from domain.markets import Market, MarketKind, Outcome, Period, Side, Statistic, flaw
from engine.settlement.contests import (
    GoesTheDistance,
    HalfTimeFullTime,
    Method,
    Question,
    YesNo,
)
from engine.settlement.kinds import SETS, How, Pair, Parity, Part, Pick
from engine.settlement.questions import (
    BothScore,
    CorrectScore,
    DoubleChance,
    EuropeanHandicap,
    Handicap,
    OddEven,
    Total,
    Winner,
)
from engine.settlement.selections import Selection
from engine.settlement.sports import TENNIS, Sport, sport_of

_Maker: TypeAlias = Callable[[Market, Part, Statistic], Question]
_LINES = frozenset(
    {MarketKind.HANDICAP, MarketKind.TOTAL, MarketKind.TEAM_TOTAL, MarketKind.ODD_EVEN}
)
_OPPOSITE = {Side.BACK: Side.LAY, Side.LAY: Side.BACK}
_ALONE = frozenset({MarketKind.YES_NO, MarketKind.OUTRIGHT, MarketKind.PLAYER_YES_NO})


def selection(
    market: Market, outcome: Outcome, side: Side, sport: str, rulebook: int = 0
) -> Selection:
    """Return what a quoted price is a price of.

    A proposition is a pick of the question that it belongs to, and its NO is that pick from the
    other side: who backs NO has what a layer of YES has, share for share of the cash at risk.

    Args:
        market: The market as feeds know it.
        outcome: One of its outcomes.
        side: Whether it is backed or laid.
        sport: Our name of the sport.
        rulebook: The place of the book's rules among those given beside the selections.

    Raises:
        ValueError: The market's kind, ways, line and subject do not go together, its sport has no
            such question, or it has no such outcome.
    """
    if outcome not in market.outcomes:
        raise ValueError(f"a {market.kind} has no outcome {outcome}")
    asked = question(market, sport)
    if market.kind is MarketKind.ODD_EVEN:
        return Selection(asked, Parity(outcome.value), side, rulebook)
    pick = _proposed(market)
    if pick is None:
        return Selection(asked, outcome, side, rulebook)
    return Selection(asked, pick, _OPPOSITE[side] if outcome is Outcome.NO else side, rulebook)


def question(market: Market, sport: str) -> Question:
    """Return what a market asks; where it does not say what is counted, its sport does.

    Raises:
        ValueError: Its kind, ways, line and subject do not go together, or its sport has no such
            question.
    """
    _check(market)
    known = sport_of(sport)
    kind = market.kind
    if kind in _ALONE or kind is MarketKind.TO_QUALIFY:
        return YesNo(about=_about(market))
    if kind in (MarketKind.METHOD_OF_VICTORY, MarketKind.GOES_THE_DISTANCE):
        return _of_fight(market, sport, known)
    part = _part(market.period, known)
    if kind is MarketKind.PLAYER_TOTAL:
        line, player = market.line or 0.0, market.subject
        return Total(part=part, statistic=market.statistic, player=player, line=line)
    statistic = _counted(market, part, known)
    if kind is MarketKind.DRAW_NO_BET and sport in TENNIS and statistic is Statistic.SCORE:
        return Winner(part=part, ways=2)
    if kind is MarketKind.HALF_TIME_FULL_TIME and part is not Part.REGULATION:
        raise ValueError(f"a {kind} of {market.period} cannot be settled")
    if kind is MarketKind.DOUBLE_CHANCE and sport in TENNIS:
        raise ValueError(f"{sport} has no draw, so it has no {kind}")
    return _MAKERS[kind](market, part, statistic)


def _handicap(market: Market, part: Part, statistic: Statistic) -> Question:
    made = EuropeanHandicap if market.ways == 3 else Handicap
    return made(part=part, statistic=statistic, line=market.line or 0.0)


def _total(market: Market, part: Part, statistic: Statistic) -> Question:
    team = Outcome(market.subject) if market.subject else None
    return Total(part=part, statistic=statistic, line=market.line or 0.0, team=team)


def _of_fight(market: Market, sport: str, known: Sport) -> Question:
    if not known.bout:
        raise ValueError(f"{sport} is no fight, so it has no {market.kind}")
    return Method() if market.kind is MarketKind.METHOD_OF_VICTORY else GoesTheDistance()


def _proposed(market: Market) -> Pick | None:
    """Return which pick of its question a proposition says yes to; None if it has no subject."""
    subject = market.subject or ""
    match market.kind:
        case MarketKind.DOUBLE_CHANCE:
            return Pair(subject)
        case MarketKind.CORRECT_SCORE:
            return _score(market)
        case MarketKind.HALF_TIME_FULL_TIME:
            early, late = subject.split("/")
            return Outcome(early), Outcome(late)
        case MarketKind.METHOD_OF_VICTORY:
            winner, how = subject.split()
            return Outcome(winner), How(how)
        case MarketKind.TO_QUALIFY:
            return Outcome.YES if subject == Outcome.HOME else Outcome.NO
        case _:
            return None


def _score(market: Market) -> tuple[int, int]:
    home, away = (market.subject or "").split("-")
    return int(home), int(away)


def _part(period: Period, sport: Sport) -> Part:
    """Return the part that settles; where nobody can be level there is no overtime to tell."""
    if period not in (Period.FULL_TIME, Period.FULL_TIME_INCL_OVERTIME):
        return Part(period.value)
    to_the_end = period is Period.FULL_TIME_INCL_OVERTIME
    return Part.WITH_OVERTIME if to_the_end and _has_overtime(sport) else Part.REGULATION


def _has_overtime(sport: Sport) -> bool:
    return sport.level is not None and not sport.bout


def _counted(market: Market, part: Part, sport: Sport) -> Statistic:
    """Return what is counted; the score by its own name is the score, as is a set's every count."""
    said = market.statistic
    if said is Statistic.SCORE and market.kind in _LINES:
        said = sport.lines
    is_score = said is sport.score or (part in SETS and said is sport.lines)
    return Statistic.SCORE if is_score else said


def _about(market: Market) -> str:
    """Return what tells a yes or no apart; of two sides one goes on, so they are one question."""
    subject = None if market.kind is MarketKind.TO_QUALIFY else market.subject
    told = (market.kind, market.period, market.statistic, subject)
    return " ".join(part for part in told if part)


def _check(market: Market) -> None:
    field = flaw(market)
    if field == "subject":
        raise ValueError(f"no {market.kind} is about {market.subject}")
    if field:
        raise ValueError(f"no {market.kind} has {market.ways} ways and line {market.line}")


_MAKERS: dict[MarketKind, _Maker] = {
    MarketKind.WINNER: lambda market, part, of: Winner(part=part, statistic=of, ways=market.ways),
    MarketKind.HANDICAP: _handicap,
    MarketKind.DRAW_NO_BET: lambda _, part, of: Handicap(part=part, statistic=of, line=0.0),
    MarketKind.TOTAL: _total,
    MarketKind.TEAM_TOTAL: _total,
    MarketKind.ODD_EVEN: lambda _, part, of: OddEven(part=part, statistic=of),
    MarketKind.BOTH_TEAMS_TO_SCORE: lambda _, part, of: BothScore(part=part, statistic=of),
    MarketKind.DOUBLE_CHANCE: lambda _, part, of: DoubleChance(part=part, statistic=of),
    MarketKind.CORRECT_SCORE: lambda market, part, of: CorrectScore(
        part=part, statistic=of, listed=(_score(market),)
    ),
    MarketKind.HALF_TIME_FULL_TIME: lambda _, __, of: HalfTimeFullTime(statistic=of),
}
