"""Oracles that share no code with the engine: settlement in Decimal, and the best of all stakes."""

import itertools
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from functools import cache
from typing import NamedTuple

CENT = Decimal("0.01")


class Ticket(NamedTuple):
    """A bet as a bookmaker's slip has it: `side` is back, lay or free; `halves` a quarter line."""

    side: str
    odds: Decimal
    commission: Decimal = Decimal(0)
    halves: bool = False


def settle(ticket, stake_minor, won, lost):
    """Return the cents that a ticket brings: every payout rounded down, each liability up."""
    stake, parts = Decimal(stake_minor) / 100, 2 if ticket.halves else 1
    results = _results(Fraction(won), Fraction(lost), parts)
    each = stake / parts
    brought = Decimal(0)
    for share_won, share_lost in results:
        brought += _part(ticket, each, share_won, share_lost)
    return int(brought * 100)


def _results(won, lost, parts):
    if parts == 1:
        return [(won, lost)]
    wins, losses = int(won * 2), int(lost * 2)
    return [(1, 0)] * wins + [(0, 1)] * losses + [(0, 0)] * (2 - wins - losses)


def _part(ticket, stake, won, lost):
    won, lost = (
        Decimal(share.numerator) / share.denominator for share in map(Fraction, (won, lost))
    )
    kept = 1 - ticket.commission
    if ticket.side == "free":
        return down(stake * (ticket.odds - 1) * won)
    if ticket.side == "lay":
        liability = up(stake * (ticket.odds - 1))
        return down(liability * (1 - lost) + stake * kept * won) - liability
    return down(stake * (1 - lost) + stake * (ticket.odds - 1) * kept * won) - stake


def down(amount):
    return amount.quantize(CENT, ROUND_FLOOR)


def up(amount):
    return amount.quantize(CENT, ROUND_CEILING)


def cash(ticket, stake_minor):
    """Return the cents that a ticket puts up."""
    stake, parts = Decimal(stake_minor) / 100, 2 if ticket.halves else 1
    if ticket.side == "free":
        return 0
    per = {"back": Decimal(1), "lay": ticket.odds - 1}[ticket.side]
    return int(parts * up(stake / parts * per) * 100)


def best_of_all(tickets, settlements, total, sizes):
    """Return the best worst state of all combinations of stakes; 0 if none is above it.

    `settlements` has a row a state of (won, lost) a ticket; `sizes(at)` yields the stakes to try of
    one ticket, rising; what the total does not hold ends them.
    """
    best, states = 0, len(settlements)

    def place(at, left, brought):
        nonlocal best
        if at == len(tickets):
            best = max(best, min(brought))
            return
        for stake in sizes(at):
            spent = cash(tickets[at], stake)
            if spent > left:
                break
            place(
                at + 1, left - spent, [b + n for b, n in zip(brought, net(at, stake), strict=True)]
            )

    @cache
    def net(at, stake):
        return [settle(tickets[at], stake, *row[at]) if stake else 0 for row in settlements]

    place(0, total, [0] * states)
    return best


def goals(home, away):
    """Return all scorelines to settle markets on."""
    return itertools.product(range(home + 1), range(away + 1))


def winner(outcome, home, away):
    """Return how a bet on home, draw or away is settled."""
    happened = "home" if home > away else "away" if away > home else "draw"
    return (Fraction(happened == outcome), Fraction(happened != outcome))


def handicap(line, home, away):
    """Return how a bet on the home side with a line is settled; a quarter line is two bets."""
    lines = [line] if line * 4 % 2 == 0 else [line - Fraction(1, 4), line + Fraction(1, 4)]
    margins = [home - away + each for each in lines]
    return (
        Fraction(sum(margin > 0 for margin in margins), len(lines)),
        Fraction(sum(margin < 0 for margin in margins), len(lines)),
    )


def over(line, home, away):
    """Return how a bet on more goals than the line is settled."""
    return handicap(-line, home + away, 0)
