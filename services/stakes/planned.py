"""Plans: stakes in whole amounts of money, and what they bring in every ending."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from domain.opportunities import Leg


class EndingKind(StrEnum):
    """What settles an ending: play, a rule that books differ in, or play that gives all back."""

    CORE = "core"
    RULE = "rule"
    VOID = "void"


class Share(NamedTuple):
    """Parts of a leg's cash at risk that win and lose in one ending; the rest is returned."""

    win: float
    lose: float


class PlannedEnding(msgspec.Struct, frozen=True, kw_only=True):
    """A way that things may end, how it settles each leg, and what the stakes bring then.

    `scores` is an example that stands for all endings of its kind: what is counted, the home
    side's and the away side's; `note` says what no score says, and `state` is both in words.
    A lay's `Share` is the layer's.
    """

    state: str
    scores: tuple[tuple[str, int, int], ...]
    note: str
    kind: EndingKind
    legs: tuple[Share, ...]
    profit_minor: int


class StakeLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One bet to place: the stake to type, the cash it risks, and what comes back if it wins.

    Amounts are in `currency`, that of the book.
    `at_risk_minor` is the stake of a back bet and the liability of a lay; `return_minor` includes
    it, after commission, and is rounded down. `break_even` are the odds that a back may fall to,
    or a lay rise to, before no stakes on these legs keep a profit, rounding apart; None where no
    odds would do.
    """

    leg: Leg
    stake_minor: int
    at_risk_minor: int
    return_minor: int
    currency: str
    break_even: float | None


class StakePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The stakes that make the worst ending best, of all that do not risk more than the total.

    `at_risk_minor` and the endings' profits are in `currency`, a leg's figures in its own.
    `held_by` are the places of legs whose limit or balance keeps the plan from being larger.
    `endings` lists those that play itself settles first; `profits_minor` has a figure for each of
    these. `locked` says that none of them loses, and that every one that decides a leg wins; `note`
    says in a sentence why it is not so. What books settle by their rules is in no promise.
    """

    currency: str
    legs: list[StakeLeg]
    at_risk_minor: int
    endings: list[PlannedEnding]
    locked: bool
    note: str
    held_by: tuple[int, ...] = ()

    @property
    def profits_minor(self) -> list[int]:
        """What each ending that play settles brings."""
        return [one.profit_minor for one in self.endings if one.kind is not EndingKind.RULE]

    @property
    def worst_profit_minor(self) -> int:
        """The least that an ending that play settles brings."""
        return min(self.profits_minor)

    @property
    def best_profit_minor(self) -> int:
        """The most that an ending that play settles brings."""
        return max(self.profits_minor)
