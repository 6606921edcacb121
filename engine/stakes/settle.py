"""Settling: what whole stakes put up and bring in each state, in integers, rounded against us."""

from collections.abc import Mapping

import numpy as np

from engine.stakes.slip import Ints, Slip, Terms

_PROVABLE = 2**50


def nets(slip: Slip, bet: int, stake: int) -> Ints:
    """Return what one bet brings in each state, in minor units of our currency.

    Every part of the bet that the book pays is rounded down to a minor unit of its currency; the
    result is converted at the rate of the interval that suits us least. Of a stake that does not
    divide into the parts, the odd units count as lost, unless all of it is given back.

    Raises:
        ValueError: A result is too large to prove.
    """
    terms = slip.terms[bet]
    put, unit = put_up(terms, stake), stake // terms.parts
    smallest = _ceil(unit * terms.risk[0], terms.risk[1])
    table: list[int] = []
    for ending, groups in zip(slip.settled[bet], terms.endings, strict=True):
        paid = sum(n * ((smallest * kept + unit * won) // of) for n, kept, won, of in groups)
        paid = paid if any(ending) else put
        rate = terms.low if paid > put else terms.high
        table.append((paid - put) * rate[0] // rate[1])
    if max(map(abs, table)) >= _PROVABLE:
        raise ValueError(f"a stake of {stake} may bring more than can be proved")
    return np.array(table, np.int64)[slip.which[:, bet]]


def together(slip: Slip, stakes: Mapping[int, int]) -> Ints:
    """Return what stakes, by bet, bring together in each state; no stakes bring nothing."""
    brought = np.zeros(len(slip.which), np.int64)
    for bet, stake in stakes.items():
        brought += nets(slip, bet, stake)
    return brought


def put_up(terms: Terms, stake: int) -> int:
    """Return the cash that a stake puts up, in the book's currency: its liability, rounded up."""
    unit, odd = divmod(stake, terms.parts)
    numerator, denominator = terms.risk
    larger, smaller = (_ceil(size * numerator, denominator) for size in (unit + 1, unit))
    return odd * larger + (terms.parts - odd) * smaller


def cash(terms: Terms, stake: int) -> int:
    """Return the cash that a stake puts up, in our currency at its dearest."""
    return _ceil(put_up(terms, stake) * terms.high[0], terms.high[1])


def spent(slip: Slip, stakes: Mapping[int, int]) -> int:
    """Return the cash that stakes, by bet, put up together, in our currency."""
    return sum(cash(slip.terms[bet], stake) for bet, stake in stakes.items())


def spent_at(slip: Slip, book: int, stakes: Mapping[int, int]) -> int:
    """Return the cash that stakes, by bet, put up at one book, in its currency."""
    return sum(
        put_up(slip.terms[bet], stake)
        for bet, stake in stakes.items()
        if slip.bets[bet].book == book
    )


def _ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
