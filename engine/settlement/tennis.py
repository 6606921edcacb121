"""Tennis: what is paid on sets and games of a match that is over, or that somebody gave up.

Who goes on to the next round wins a retired match, by the rules of some books. Other bets stand
there at most if every way that play could have gone on settles them alike. What is asked of games
depends on one total or difference monotonically, so that its least and its most say so exactly.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from domain.markets import Outcome, Statistic
from engine.settlement.codes import (
    DECIDED_EARLY,
    LOST,
    RETIRED_IN_FIRST_SET,
    RETIRED_LATER,
    UNDECIDED,
    WON,
    Codes,
    Ints,
    classes,
    firsts,
)
from engine.settlement.games import by_rules
from engine.settlement.kinds import Part, Score, StateKind
from engine.settlement.questions import (
    BothScore,
    CorrectScore,
    OddEven,
    ScoreQuestion,
    Scores,
    Total,
    Winner,
)
from engine.settlement.rackets import Matches, Tally, begun_sets, ends, finals, matches, to_come
from engine.settlement.selections import Ending, Selection, Settled, Task
from engine.settlement.sports import TENNIS

_PLAYERS = (Outcome.HOME, Outcome.AWAY)
_WALKOVER = "walkover"


class _Stop(NamedTuple):
    """Where a match was given up: its tally, the games of the set begun, sets that it needed."""

    tally: Tally
    begun: Score
    to_win: int


class _Stops(NamedTuple):
    """Where matches were given up, and the least and most of every measure of games to come to.

    `least` and `most` have shape (stops, 4): total, difference, home and away games.
    """

    each: list[_Stop]
    least: Ints
    most: Ints


def settled_tennis(task: Task) -> Settled:
    """Return the states of a match: every tally, a walkover, and each player's retirement.

    Raises:
        ValueError: A question cannot be asked of a match's games.
    """
    by_first_set = any(_part(one) is Part.FIRST_SET for one in task.selections)
    lengths = [
        (to_win, matches(to_win, by_first_set=by_first_set)) for to_win in TENNIS[task.sport]
    ]
    over = [tally for _, found in lengths for tally in found.over]
    parts = [_part_of(_over(over, task.selections), StateKind.CORE, partial(_told, over))]
    if task.rule_states:
        stops = _stops(lengths)
        decided = _given_up(stops, task.selections)
        for advances in _PLAYERS:
            codes = _with_winner(decided, stops, task.selections, advances)
            told = partial(_told_retired, stops.each, advances)
            parts.append(_part_of(codes, StateKind.RULE, told))
        nothing = np.full((1, len(task.selections)), UNDECIDED, np.int8)
        parts.append(_part_of(nothing, StateKind.RULE, lambda _: Ending(note=_WALKOVER)))
    codes, kinds, endings = zip(*parts, strict=True)
    win, lose = by_rules(np.concatenate(codes), task.selections, task.rules)
    return Settled(win, lose, np.concatenate(kinds), [one for part in endings for one in part])


def _part_of(
    codes: Codes, kind: StateKind, told: Callable[[int], Ending]
) -> tuple[Codes, Codes, list[Ending]]:
    """Return one ending of each set that settles alike."""
    kept = firsts(classes(codes.T, len(codes)))
    kinds = np.full(len(kept), kind, np.int8)
    return codes[kept], kinds, [told(int(place)) for place in kept]


def _over(tallies: Sequence[Tally], selections: Sequence[Selection]) -> Codes:
    counts = np.array(tallies)
    columns = [
        _score_question(one).codes(one.pick, Scores(*counts[:, _counted(one)].T))
        for one in selections
    ]
    return np.stack(columns, axis=1)


def _stops(lengths: Sequence[tuple[int, Matches]]) -> _Stops:
    each = [
        _Stop(tally, begun, to_win)
        for to_win, found in lengths
        for tally in found.between
        for begun in begun_sets()
    ]
    spans = [to_come(stop.tally.sets, stop.to_win, stop.begun) for stop in each]
    home, away = np.array([stop.tally.games for stop in each]).T
    so_far = np.stack([home + away, home - away, home, away], axis=1)
    least = so_far + np.array([span.least for span in spans])
    return _Stops(each, least, so_far + np.array([span.most for span in spans]))


def _given_up(stops: _Stops, selections: Sequence[Selection]) -> Codes:
    """Return the codes of bets by what could have followed, whoever advances."""
    columns = [
        _decided_by_games(stops, one) if _counted(one) == _GAMES else _decided(stops.each, one)
        for one in selections
    ]
    return np.stack(columns, axis=1)


def _with_winner(
    decided: Codes, stops: _Stops, selections: Sequence[Selection], advances: Outcome
) -> Codes:
    """Return the codes with those of bets on the match's winner put in their place."""
    in_first = np.array([stop.tally.sets == (0, 0) for stop in stops.each])
    stage = np.where(in_first, np.int8(RETIRED_IN_FIRST_SET), np.int8(RETIRED_LATER))
    codes = decided.copy()
    for place, selection in enumerate(selections):
        if _is_match_winner(selection):
            codes[:, place] = stage + np.int8(WON if selection.pick is advances else LOST)
    return codes


def _decided(stops: Sequence[_Stop], selection: Selection) -> Codes:
    """Return the codes of a bet on sets, or on the first one, where all that could come agrees."""
    by_sets = _counted(selection) == _SETS
    found: dict[object, int] = {}
    codes = np.empty(len(stops), np.int8)
    for place, stop in enumerate(stops):
        tally = stop.tally
        begun = stop.begun if tally.sets == (0, 0) else None
        key = (tally.sets, stop.to_win) if by_sets else (tally.first, begun)
        if key not in found:
            found[key] = _code_if_all_agree(selection, list(_could_come(stop, selection)))
        codes[place] = found[key]
    return codes


def _could_come(stop: _Stop, selection: Selection) -> Iterator[Score]:
    if _counted(selection) == _SETS:
        yield from finals(stop.tally.sets, stop.to_win)
    elif stop.tally.sets == (0, 0):
        yield from ends((0, 0), stop.to_win, stop.begun)
    else:
        yield stop.tally.first


def _code_if_all_agree(selection: Selection, scores: Sequence[Score]) -> int:
    at = Scores(*np.array(scores).T)
    codes = set(_score_question(selection).codes(selection.pick, at).tolist())
    return DECIDED_EARLY + codes.pop() if len(codes) == 1 else UNDECIDED


def _decided_by_games(stops: _Stops, selection: Selection) -> Codes:
    question = _score_question(selection)
    measure = _measure(question)
    least, most = stops.least[:, measure], stops.most[:, measure]
    low, high = (
        question.codes(selection.pick, _as_scores(measure, measured)) for measured in (least, most)
    )
    agree = (low == high) & ((least == most) | (not isinstance(question, OddEven)))
    return np.where(agree, low + np.int8(DECIDED_EARLY), np.int8(UNDECIDED))


def _measure(question: ScoreQuestion) -> int:
    """Return which of total, difference, home and away games decides a question."""
    if isinstance(question, BothScore | CorrectScore):
        raise ValueError(f"a match's games do not settle {question}")  # noqa: TRY004
    if isinstance(question, Total) and question.team is not None:
        return 2 if question.team is Outcome.HOME else 3
    return 0 if isinstance(question, Total | OddEven) else 1


def _as_scores(measure: int, measured: Ints) -> Scores:
    nothing = np.zeros_like(measured)
    return Scores(nothing, measured) if measure == 3 else Scores(measured, nothing)


_SETS, _GAMES, _FIRST = range(3)


def _counted(selection: Selection) -> int:
    """Return which part of a tally settles a selection."""
    question = _score_question(selection)
    if question.part is Part.FIRST_SET:
        return _FIRST
    return _GAMES if question.statistic is Statistic.GAMES else _SETS


def _is_match_winner(selection: Selection) -> bool:
    return isinstance(selection.question, Winner) and _counted(selection) == _SETS


def _part(selection: Selection) -> Part:
    return _score_question(selection).part


def _score_question(selection: Selection) -> ScoreQuestion:
    if not isinstance(selection.question, ScoreQuestion):
        raise TypeError(f"{type(selection.question).__name__} is not about a score")
    return selection.question


def _told(tallies: Sequence[Tally], place: int) -> Ending:
    return _ending(tallies[place], (0, 0), "")


def _told_retired(stops: Sequence[_Stop], advances: Outcome, place: int) -> Ending:
    stop = stops[place]
    stage = "in the first set" if stop.tally.sets == (0, 0) else "after the first set"
    return _ending(stop.tally, stop.begun, f"retired {stage}, {advances} advances")


def _ending(tally: Tally, begun: Score, note: str) -> Ending:
    games = (tally.games[0] + begun[0], tally.games[1] + begun[1])
    return Ending((("sets", *tally.sets), ("games", *games)), note)
