"""Slips for tests: tickets and settlements, told both to the engine and to the oracle."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from engine.stakes.bet import Book, back, free_bet, lay
from engine.stakes.slip import slip
from tests.engine.stakes.oracle import Ticket

ANYWHERE = (Book(),)
WON, LOST, VOID = (1, 0), (0, 1), (0, 0)
HALF_WON, HALF_LOST = (Fraction(1, 2), 0), (0, Fraction(1, 2))

odds = st.integers(1_050, 9_000).map(lambda milli: Decimal(milli) / 1000)
commissions = st.sampled_from([Decimal(0), Decimal("0.02"), Decimal("0.05")])
tickets = st.one_of(
    st.builds(Ticket, st.sampled_from(["back", "lay"]), odds, commissions, st.booleans()),
    st.builds(Ticket, st.just("free"), odds, st.just(Decimal(0)), st.booleans()),
)


def bet_of(ticket, *, book=0, most=None):
    """Return the engine's bet of a ticket; a free bet is limited to 50.00 unless told."""
    parts, price = 2 if ticket.halves else 1, Fraction(ticket.odds)
    if ticket.side == "free":
        return free_bet(price, most or 5_000, book=book, parts=parts)
    make = {"back": back, "lay": lay}[ticket.side]
    commission_bp = Fraction(ticket.commission) * 10_000
    return make(price, commission_bp=commission_bp, book=book, parts=parts, most_minor=most)


def slip_of(tickets, settlements, *, books=ANYWHERE, most=None):
    """Return the engine's slip; `settlements` has a row a state of (won, lost) a ticket."""
    table = np.array(settlements, np.float64)
    where = [min(at, len(books) - 1) for at in range(len(tickets))]
    bets = [bet_of(t, book=book, most=most) for t, book in zip(tickets, where, strict=True)]
    return slip(bets, table[:, :, 0], table[:, :, 1], books=books)


def exclusive(count):
    """Return the settlements of bets of which exactly one wins."""
    return [[WON if bet == state else LOST for bet in range(count)] for state in range(count)]


def backs(*prices):
    """Return back tickets at these odds."""
    return [Ticket("back", Decimal(str(price))) for price in prices]


# Home -2 at 1.90 against away +3 at 2.25: home wins by 1 or less, 2, 3, 4 or more.
MIDDLE = (backs("1.90", "2.25"), [[LOST, WON], [VOID, WON], [WON, VOID], [WON, LOST]])
