"""Bets settled in Decimal, one payment after another, as a book's cashier would."""

from dataclasses import dataclass
from decimal import Decimal

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True)
class Taken:
    """What is taken, as decimal shares."""

    winnings: Decimal = ZERO
    stake: Decimal = ZERO
    added: Decimal = ZERO
    payout: Decimal = ZERO
    on_refunds: bool = False


def paid_in(stake, taken):
    return stake + stake * taken.added


def back_result(stake, odds, parts, taken):
    """Profit of a back; `parts` are (share of the stake, "won" | "lost" | "returned")."""
    came_back = ZERO
    for share, how in parts:
        ticket = stake * share
        running = ticket - ticket * taken.stake
        if how == "won":
            paid = running * odds
            came_back += paid - paid * taken.payout
        elif how == "returned" and taken.on_refunds:
            came_back += running - running * taken.payout
        elif how == "returned":
            came_back += paid_in(ticket, taken)
    profit = came_back - paid_in(stake, taken)
    return profit - taken.winnings * max(profit, ZERO)


def lay_result(backers_stake, odds, parts, taken):
    """Profit of whoever takes the other side of a backer's bet."""
    profit = ZERO
    for share, how in parts:
        ticket = backers_stake * share
        if how == "won":
            profit -= ticket * (odds - ONE)
        elif how == "lost":
            profit += ticket
    return profit - taken.winnings * max(profit, ZERO)


def free_result(stake, odds, parts, taken, *, stake_returned):
    came_in = ZERO
    for share, how in parts:
        if how == "won":
            running = stake * share * (ONE - taken.stake)
            paid = running * odds if stake_returned else running * odds - running
            came_in += paid - paid * taken.payout
    return came_in - taken.winnings * came_in


def each_way_result(stake, odds, fraction, first, placed, taken):
    """Profit of half a stake to win and half for a place, on one slip."""
    half = stake / 2
    for_a_place = ONE + (odds - ONE) * fraction
    no_winnings_fee = Taken(ZERO, taken.stake, taken.added, taken.payout, taken.on_refunds)
    profit = back_result(half, odds, first, no_winnings_fee)
    profit += back_result(half, for_a_place, placed, no_winnings_fee)
    return profit - taken.winnings * max(profit, ZERO)
