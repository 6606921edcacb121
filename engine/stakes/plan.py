"""Plans: stakes that a person can place, with the proof of what they keep, or that none do."""

from dataclasses import dataclass, replace
from enum import IntEnum
from math import floor

from engine.stakes.certificate import Certificate, certificate
from engine.stakes.goal import Goal, Want, allowed
from engine.stakes.greedy import Scores, greedy, polished
from engine.stakes.ideal import Ideal, ideal
from engine.stakes.milp import solve
from engine.stakes.slip import Slip
from engine.stakes.sweep import partitioned, sweep

GOOD_ENOUGH = 0.95
SECONDS = 2.0
_NEAR = 1e-6
_UNUSED = 1e-9


class Method(IntEnum):
    """How the stakes were found; `NOTHING`: none keep a profit, so nothing is added."""

    NOTHING = 0
    SWEEP = 1
    GREEDY = 2
    MILP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Stakes with their certificate.

    `ideal_minor` is what unrounded stakes would guarantee; `bound_minor` what no stakes on these
    steps can exceed, None where time ran out. Without fixed stakes a plan that is not
    `executable` stakes nothing.
    """

    certificate: Certificate
    ideal_minor: float
    bound_minor: int | None
    method: Method

    @property
    def stakes_minor(self) -> tuple[int, ...]:
        """The stakes, one a bet, in each book's minor units."""
        return self.certificate.stakes_minor

    @property
    def executable(self) -> bool:
        """Whether the promise survives rounding; if not, try a larger total or finer steps."""
        return self.certificate.locked

    @property
    def kept(self) -> float:
        """The part of the unrounded profit that rounding left; 0 where there was none."""
        least = self.certificate.least_profit_minor
        return least / self.ideal_minor if self.ideal_minor > 0 else 0.0


def plan(slip: Slip, goal: Goal, *, seconds: float = SECONDS) -> Plan:
    """Return the stakes, on the books' steps and within all limits, whose worst state is best.

    The bets that the unrounded stakes use are rounded: by a sweep, which is exact, where exactly
    one of them wins; else greedily, and by MILP where that keeps less than `GOOD_ENOUGH` of the
    unrounded profit. Where they keep none of it, MILP tries all bets of the slip.

    Raises:
        ValueError: Nothing bounds the stakes, or the limits cannot hold the fixed ones.
        Broken: A solver failed.
    """
    aim = ideal(slip, goal)
    none = tuple(goal.fixed.get(bet, 0) for bet in range(len(slip.bets)))
    found = _Found(stakes=none, bound=floor(aim.profit + _NEAR))
    if aim.profit > 0 or goal.fixed:
        found = _of_used(slip, goal, aim, seconds)
    proof = certificate(slip, found.stakes, goal)
    if not (goal.fixed or proof.locked):
        found, proof = _Found(stakes=none, bound=found.bound), certificate(slip, none, goal)
    return Plan(
        certificate=proof, ideal_minor=aim.profit, bound_minor=found.bound, method=found.method
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    stakes: tuple[int, ...]
    method: Method = Method.NOTHING
    bound: int | None


def _of_used(slip: Slip, goal: Goal, aim: Ideal, seconds: float) -> _Found:
    """Round the bets that the unrounded stakes use; all others get nothing."""
    least = _UNUSED * float(aim.stakes.max())
    used = [bet for bet, s in enumerate(aim.stakes) if bet in goal.fixed or s > least]
    narrow = slip.only(used)
    wants = tuple(Want(want) for want in goal.of_states(slip).tolist())
    fixed = {at: goal.fixed[bet] for at, bet in enumerate(used) if bet in goal.fixed}
    aims = replace(goal, fixed=fixed, wants=wants)
    if partitioned(narrow, aims):
        found = _swept(narrow, aims)
    else:
        found = _rounded(narrow, aims, aim._replace(stakes=aim.stakes[used]), seconds)
    if len(used) == len(slip.bets):
        return found
    if not (goal.fixed or certificate(narrow, found.stakes, aims).locked):
        return _solved(Scores(slip, goal), None, seconds)
    wide = [goal.fixed.get(bet, 0) for bet in range(len(slip.bets))]
    for bet, stake in zip(used, found.stakes, strict=True):
        wide[bet] = stake
    return replace(found, stakes=tuple(wide), bound=floor(aim.profit + _NEAR))


def _swept(slip: Slip, goal: Goal) -> _Found:
    best = sweep(slip, goal)
    if best is None:
        return _Found(stakes=(0,) * len(slip.bets), bound=0)
    bound = max(0, best.profit_minor) if best.proven else None
    return _Found(stakes=best.stakes, method=Method.SWEEP, bound=bound)


def _rounded(slip: Slip, goal: Goal, aim: Ideal, seconds: float) -> _Found:
    scores = Scores(slip, goal)
    near = greedy(scores, aim.stakes)
    if near is not None and scores.of_stakes(near) >= (0, GOOD_ENOUGH * max(0.0, aim.profit)):
        return _Found(stakes=near, method=Method.GREEDY, bound=floor(aim.profit + _NEAR))
    return _solved(scores, near, seconds)


def _solved(scores: Scores, near: tuple[int, ...] | None, seconds: float) -> _Found:
    """Return the better of what the integer program finds and what greedy steps found."""
    slip, goal = scores.slip, scores.goal
    none = tuple(goal.fixed.get(bet, 0) for bet in range(len(slip.bets)))
    tried = {Method.NOTHING: none} | ({Method.GREEDY: near} if near is not None else {})
    solved = solve(slip, goal, seconds=seconds)
    if solved is not None and allowed(slip, solved.stakes, goal, scores.most):
        tried[Method.MILP] = polished(scores, solved.stakes)
    method = max(tried, key=lambda method: scores.of_stakes(tried[method]))
    bound = None if solved is None else solved.bound_minor
    return _Found(stakes=tried[method], method=method, bound=bound)
