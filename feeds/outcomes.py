"""Outcomes: what the label of a price says, by the question of its market."""

import re
from collections.abc import Callable

from domain.markets import MarketKind, Outcome
from domain.names import NameKind
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown

_SIDES = {
    "home": Outcome.HOME,
    "1": Outcome.HOME,
    "ot_one": Outcome.HOME,
    "draw": Outcome.DRAW,
    "x": Outcome.DRAW,
    "tie": Outcome.DRAW,
    "ot_cross": Outcome.DRAW,
    "away": Outcome.AWAY,
    "2": Outcome.AWAY,
    "ot_two": Outcome.AWAY,
}
_OVER_UNDER = {"over": Outcome.OVER, "under": Outcome.UNDER, "o": Outcome.OVER, "u": Outcome.UNDER}
_YES_NO = {"yes": Outcome.YES, "no": Outcome.NO}
_ODD_EVEN = {"odd": Outcome.ODD, "even": Outcome.EVEN}
_LABELS = {
    MarketKind.TOTAL: _OVER_UNDER,
    MarketKind.TEAM_TOTAL: _OVER_UNDER,
    MarketKind.PLAYER_TOTAL: _OVER_UNDER,
    MarketKind.ODD_EVEN: _ODD_EVEN,
    MarketKind.BOTH_TEAMS_TO_SCORE: _YES_NO,
    MarketKind.GOES_THE_DISTANCE: _YES_NO,
    MarketKind.YES_NO: _YES_NO,
    MarketKind.PLAYER_YES_NO: _YES_NO,
}
_CHANCES = {
    frozenset({Outcome.HOME, Outcome.DRAW}): "1X",
    frozenset({Outcome.HOME, Outcome.AWAY}): "12",
    frozenset({Outcome.DRAW, Outcome.AWAY}): "X2",
}
_PAIRED = re.compile(r"\s*(?:/|\+| or | - )\s*", re.IGNORECASE)
_SCORE = re.compile(r"(\d{1,3})\s*[-:]\s*(\d{1,3})", re.ASCII)

Placed = tuple[Outcome, str | None]


def placed(kind: MarketKind, label: str, home: str, away: str) -> Placed:
    """Return which outcome a label names, and the proposition's subject where it names that.

    Labels are sides, by name too, over and under, yes and no; what a proposition's label names is
    backed, so it is answered by yes.

    Raises:
        NoPrice: The label is none of the market's.

    Examples:
        >>> placed(MarketKind.DOUBLE_CHANCE, "Gulls or Draw", "Gulls", "Foxes")
        (<Outcome.YES: 'yes'>, '1X')
    """
    reader = _READERS.get(kind)
    if reader is not None:
        return Outcome.YES, reader(label.strip(), home, away)
    labels = _LABELS.get(kind)
    if labels is None:
        return _side(label, home, away), None
    outcome = labels.get(label.strip().casefold())
    if outcome is None:
        raise NoPrice(Unknown(Reason.UNKNOWN_OUTCOME, NameKind.OUTCOME, label))
    return outcome, None


def is_draw(label: object) -> bool:
    """Say whether a label names the draw."""
    return isinstance(label, str) and _SIDES.get(label.strip().casefold()) is Outcome.DRAW


def _side(label: str, home: str, away: str) -> Outcome:
    text = " ".join(label.split())
    if text == home:
        return Outcome.HOME
    if text == away:
        return Outcome.AWAY
    side = _SIDES.get(text.casefold())
    if side is None:
        raise NoPrice(Unknown(Reason.UNKNOWN_OUTCOME, NameKind.PARTICIPANT, label))
    return side


def _pair(label: str, home: str, away: str) -> tuple[Outcome, Outcome]:
    for cut in _PAIRED.finditer(label):
        try:
            first, second = label[: cut.start()], label[cut.end() :]
            return _side(first, home, away), _side(second, home, away)
        except NoPrice:
            continue
    raise NoPrice(Unknown(Reason.UNKNOWN_OUTCOME, NameKind.OUTCOME, label))


def _chance(label: str, home: str, away: str) -> str:
    short = label.casefold()
    ends = (short[0], short[1]) if len(short) == 2 else _pair(label, home, away)
    sides = frozenset(e if isinstance(e, Outcome) else _side(e, home, away) for e in ends)
    if sides not in _CHANCES:
        raise NoPrice(Unknown(Reason.UNKNOWN_OUTCOME, NameKind.OUTCOME, label))
    return _CHANCES[sides]


def _half_and_full(label: str, home: str, away: str) -> str:
    half, full = _pair(label, home, away)
    return f"{half}/{full}"


def _score(label: str, home: str, away: str) -> str:  # noqa: ARG001  one signature for all
    score = _SCORE.fullmatch(label)
    if score is None:
        raise NoPrice(Unknown(Reason.UNKNOWN_OUTCOME, NameKind.OUTCOME, label))
    return f"{int(score[1])}-{int(score[2])}"


def _qualifier(label: str, home: str, away: str) -> str:
    return _side(label, home, away).value


_READERS: dict[MarketKind, Callable[[str, str, str], str]] = {
    MarketKind.DOUBLE_CHANCE: _chance,
    MarketKind.HALF_TIME_FULL_TIME: _half_and_full,
    MarketKind.CORRECT_SCORE: _score,
    MarketKind.TO_QUALIFY: _qualifier,
}
