"""Slips of legs: legs as bets over settlement states, and what can be said of their odds."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain.markets import Side
from domain.money import Money
from domain.opportunities import Leg
from engine.bets import Floats
from engine.stakes.bet import MOST_MINOR, Bet, Book, back, exact, lay
from engine.stakes.break_even import back_odds, break_even_net, lay_odds
from engine.stakes.slip import Slip, slip
from services.endings import Settlement, net_odds
from services.stakes.wanted import Wish

_CLOSE = 1e-9


def slip_of(legs: Sequence[Leg], win: Floats, lose: Floats, currency: str, step_minor: int) -> Slip:
    """Return legs as bets with these settlements of shape (states, legs), on one step."""
    bets = [bet_of(leg, currency) for leg in legs]
    return slip(bets, win, lose, books=[Book(step_minor=step_minor)])


def slip_as(legs: Sequence[Leg], win: Floats, lose: Floats, wish: Wish) -> Slip:
    """Return legs as bets with these settlements, each on its step and at its book, as wished."""
    numbers, books = wish.at_books(legs)
    bets = [replace(bet_of(leg, wish.currency_at(leg)), book=numbers[leg.book]) for leg in legs]
    return replace(slip(bets, win, lose, books=books), grains=wish.steps(legs))


def bet_of(leg: Leg, currency: str) -> Bet:
    """Return a leg as a bet, its limit in a currency."""
    most = MOST_MINOR
    if leg.max_stake is not None:
        most = min(most, Money.of(str(leg.max_stake), currency).minor)
    odds, commission_bp = exact(leg.odds), 10_000 * exact(leg.commission)
    kind = lay if leg.side is Side.LAY else back
    line = leg.market.line
    parts = 2 if line is not None and (line * 4) % 2 == 1 else 1
    return kind(odds, commission_bp=commission_bp, parts=parts, most_minor=most)


def divides(win: Floats, lose: Floats) -> bool:
    """Whether every state is a mixture of one leg winning alone and of all being returned.

    Leg k winning in w_k parts, all others then lose w_k, so that lose = sum(w) - win. What is kept
    where each leg wins alone is then kept in every state, and each leg must win alone in one.
    """
    parts = win.sum(axis=1, keepdims=True)
    mixed = bool((np.abs(parts - win - lose) <= _CLOSE).all() and (parts <= 1 + _CLOSE).all())
    return mixed and bool((win == 1).any(axis=0).all())


def break_even(legs: Sequence[Leg], settled: Settlement) -> list[float | None]:
    """Return the odds of each leg, the others at theirs, at which the best stakes bring nothing.

    Where one leg wins alone, 1 of cash of leg k returning r_k, these are r_k = 1 / (1 - sum of the
    others' 1 / r): what the others leave. Else they are a linear program's
    (`engine.stakes.break_even`). None: no odds, however long, would do.
    """
    win, lose = settled.win[: settled.binding], settled.lose[: settled.binding]
    if divides(win, lose):
        costs = [1 / (1 + net_odds(leg)) for leg in legs]
        left = [1 - (sum(costs) - cost) for cost in costs]
        nets = [1 / rest - 1 if rest > _CLOSE else None for rest in left]
    else:
        bets = slip_of(legs, win, lose, "USD", 1)
        nets = [break_even_net(bets, {}, at) for at in range(len(legs))]
    return [None if net is None else _odds(leg, net) for leg, net in zip(legs, nets, strict=True)]


def _odds(leg: Leg, net: float) -> float:
    as_odds = lay_odds if leg.side is Side.LAY else back_odds
    return as_odds(net, 10_000 * leg.commission)
