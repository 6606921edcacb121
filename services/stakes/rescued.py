"""Rescues: some legs are placed and the price of another moved; every way on, in exact money."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec
import numpy as np

from domain.errors import Refused
from domain.markets import Side
from domain.opportunities import Leg, Opportunity
from engine.stakes.bet import MOST_MINOR
from engine.stakes.break_even import back_odds, break_even_net, lay_odds
from engine.stakes.goal import Goal, Want, won_by
from engine.stakes.plan import plan as placed_by
from engine.stakes.rescue import rescue
from engine.stakes.slip import Slip
from services.endings import Settlement
from services.stakes.planned import StakePlan
from services.stakes.planning import proven, settled_of
from services.stakes.slips import slip_as
from services.stakes.wanted import LegWish, Wish

LAID: Final = "laid off"
"""Stands for the book at which a leg is laid: which one that is, the reader knows."""
_LEAST_ODDS: Final = 1.0


class Way(StrEnum):
    """A way on: nothing more, the rest as planned, the smallest loss, no loss, or laying it."""

    HOLD = "hold"
    FINISH = "finish"
    HEDGE = "hedge"
    EVEN = "even"
    LAY_OFF = "lay_off"


class Placed(NamedTuple):
    """A bet that stands: its odds, and its stake in minor units of its book's currency."""

    odds: float
    stake_minor: int


class Lay(NamedTuple):
    """What a placed leg can be laid at: odds, and a commission as a share of the winnings."""

    odds: float
    commission: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What stands, by leg, what is offered now, by leg, and what else is known.

    `planned` are the stakes that were meant at first, one a leg; `lay` is what the only placed leg
    can be laid at.
    """

    placed: Mapping[int, Placed]
    now: Mapping[int, float]
    planned: tuple[int, ...] = ()
    lay: Lay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way on, as a plan of all that then stands; what is to be placed, in minor units, by leg.

    A leg beyond those of the opportunity is the lay.
    """

    way: Way
    plan: StakePlan
    adds: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescued:
    """Every way on, the one with the least worst loss first, and when the moved leg breaks even.

    `break_even` has the odds at which each leg that is not placed still leaves no loss, as long as
    the others may be placed at theirs; None where none would do.
    """

    options: list[Option]
    break_even: dict[int, float | None]


def rescued(found: Opportunity, position: Position, wish: Wish) -> Rescued:
    """Return what can be made of a position.

    Args:
        found: The opportunity whose legs these are.
        position: What stands, and what is offered.
        wish: Currencies, steps, limits and balances; its total and its fixed stake say nothing.

    Raises:
        Refused: Nothing or everything is placed, odds are not above 1, a stake is not above zero,
            the balances do not hold what stands, or nobody knows how a leg is settled.
        Broken: A solver failed.
    """
    table = _Table.of(found, position, wish)
    try:
        options = [
            _option(table, Way.HOLD, table.stands),
            *_finished(table),
            *_hedged(table),
            *_laid_off(found, position, wish),
        ]
        limits = {
            bet: _odds(table.legs[bet], break_even_net(table.slip, table.stands, bet))
            for bet in position.now
        }
    except ValueError as e:
        raise Refused(str(e)) from e
    options.sort(key=lambda option: -option.plan.worst_profit_minor)
    return Rescued(options=options, break_even=limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The legs at the odds taken and offered, how they settle, and what stands."""

    legs: list[Leg]
    settled: Settlement
    slip: Slip
    wish: Wish
    stands: dict[int, int]
    planned: tuple[int, ...]

    @classmethod
    def of(cls, found: Opportunity, position: Position, wish: Wish) -> "_Table":
        legs = wish.applied(found.legs)
        places = set(range(len(legs)))
        if not position.placed or set(position.placed) | set(position.now) != places:
            raise Refused("at least one leg is placed, and every other one has odds now")
        if not position.now or set(position.placed) & set(position.now):
            raise Refused("at least one leg is not placed yet")
        for place in places:
            taken = position.placed.get(place)
            legs[place] = _at(legs[place], taken.odds if taken else position.now[place])
        stands = {place: of.stake_minor for place, of in position.placed.items()}
        if not all(0 < stake <= MOST_MINOR for stake in stands.values()):
            raise Refused("a stake that was placed is above zero, and not beyond all books")
        return cls._with(legs, found.event.sport, wish, stands, position.planned)

    @classmethod
    def _with(
        cls,
        legs: list[Leg],
        sport: str,
        wish: Wish,
        stands: dict[int, int],
        planned: tuple[int, ...] = (),
    ) -> "_Table":
        settled = settled_of(legs, sport)
        some = slice(settled.binding)
        bets = slip_as(legs, settled.win[some], settled.lose[some], wish)
        return cls(legs=legs, settled=settled, slip=bets, wish=wish, stands=stands, planned=planned)

    def laid(self, place: int, lay: Lay, sport: str) -> "_Table":
        """Return the table of one placed leg and its lay."""
        own = self.legs[place]
        back = replace(self.wish.leg(place), most_minor=None, shares=True)
        opposite = msgspec.structs.replace(
            own,
            book=LAID,
            side=Side.BACK if own.side is Side.LAY else Side.LAY,
            odds=lay.odds,
            commission=lay.commission,
            max_stake=None,
        )
        wish = replace(self.wish, legs=(back, LegWish()), fixed=None, total_minor=MOST_MINOR)
        return self._with([own, opposite], sport, wish, {0: self.stands[place]})


def _at(leg: Leg, odds: float) -> Leg:
    if not odds > _LEAST_ODDS or not np.isfinite(odds):
        raise Refused("odds are above 1")
    return msgspec.structs.replace(leg, odds=odds)


def _option(table: _Table, way: Way, stakes: Mapping[int, int]) -> Option:
    each = [stakes.get(bet, 0) for bet in range(len(table.legs))]
    plain = replace(table.wish, legs=tuple(replace(leg, shares=True) for leg in table.wish.legs))
    made = proven(table.legs, table.settled, each, plain, "")
    adds = {bet: stake for bet, stake in enumerate(each) if stake and bet not in table.stands}
    return Option(way=way, plan=made, adds=adds)


def _finished(table: _Table) -> Iterator[Option]:
    """Yield the stakes that were planned, at what is offered now."""
    rest = {
        bet: stake
        for bet, stake in enumerate(table.planned[: len(table.legs)])
        if bet not in table.stands and stake > 0
    }
    if rest:
        yield _option(table, Way.FINISH, {**rest, **table.stands})


def _hedged(table: _Table) -> Iterator[Option]:
    """Yield the stakes with the least worst loss, and those that lose nothing, if there are any."""
    best = rescue(table.slip, table.stands).hedge
    yield _option(table, Way.HEDGE, dict(enumerate(best.stakes_minor)))
    wants = won_by(table.slip, list(table.stands))
    if Want.EVEN not in wants:
        return
    kept = placed_by(table.slip, Goal(fixed=table.stands, wants=wants))
    if kept.executable and kept.stakes_minor != best.stakes_minor:
        yield _option(table, Way.EVEN, dict(enumerate(kept.stakes_minor)))


def _laid_off(found: Opportunity, position: Position, wish: Wish) -> Iterator[Option]:
    """Yield the only placed leg laid at what that pays, its worst ending as good as can be."""
    if position.lay is None or len(position.placed) != 1:
        return
    lay, (place,) = position.lay, position.placed
    if not lay.odds > _LEAST_ODDS or not 0 <= lay.commission < 1:
        raise Refused("the lay's odds are above 1, and its commission is less than the winnings")
    table = _Table.of(found, position, wish).laid(place, lay, found.event.sport)
    best = rescue(table.slip, table.stands).hedge
    made = _option(table, Way.LAY_OFF, dict(enumerate(best.stakes_minor)))
    yield replace(made, adds={len(found.legs): stake for stake in made.adds.values()})


def _odds(leg: Leg, net: float | None) -> float | None:
    if net is None or net <= 0:
        return None
    as_odds = lay_odds if leg.side is Side.LAY else back_odds
    return as_odds(net, 10_000 * leg.commission)
