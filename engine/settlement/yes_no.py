"""Yes or no: one claim that comes true, or does not, or is never decided."""

import numpy as np

from domain.markets import Outcome
from engine.settlement.codes import LOST, UNDECIDED, WON
from engine.settlement.games import by_rules
from engine.settlement.kinds import StateKind
from engine.settlement.selections import Ending, Settled, Task

_ANSWERS = (Outcome.YES, Outcome.NO)


def settled_yes_no(task: Task) -> Settled:
    """Return the two answers and, among the rule states, that there is none."""
    codes = [
        [WON if one.pick is answer else LOST for one in task.selections] for answer in _ANSWERS
    ]
    kinds, endings = [StateKind.CORE] * 2, [Ending(note=answer.value) for answer in _ANSWERS]
    if task.rule_states:
        codes.append([UNDECIDED] * len(task.selections))
        kinds.append(StateKind.RULE)
        endings.append(Ending(note="never decided"))
    win, lose = by_rules(np.array(codes, np.int8), task.selections, task.rules)
    return Settled(win, lose, np.array(kinds, np.int8), endings)
