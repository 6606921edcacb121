"""Legs: what arrays of stakes of one bet cost and return, rounded as the certificate rounds."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple, cast

import numpy as np

from engine.stakes.slip import Ints, Slip, Terms

_INT64 = 2**62


class Leg(NamedTuple):
    """One bet's figures for arrays of stakes; `per_stake` is what 1 returns, unrounded."""

    terms: Terms
    step: int
    least: int
    most: int
    per_stake: Fraction

    def put_up(self, stakes: Ints) -> Ints:
        """Return the cash that stakes on the step put up, in the book's currency."""
        parts, (risk, of) = self.terms.parts, self.terms.risk
        return _up(stakes // parts * risk, of) * parts

    def costs(self, stakes: Ints) -> Ints:
        """Return the cash that stakes on the step put up, in our currency."""
        high, of = self.terms.high
        return _up(self.put_up(stakes) * high, of)

    def returns(self, stakes: Ints) -> Ints:
        """Return what comes back, cash included, when the bet wins wholly, in our currency."""
        parts, (gain, of), (low, of_low) = self.terms.parts, self.terms.gain, self.terms.low
        return self.costs(stakes) + (stakes // parts * gain // of) * parts * low // of_low

    def fewest(self, targets: Ints) -> Ints:
        """Return the smallest stakes on the step, of `least` or more, that return the targets."""
        terms, step = self.terms, self.step
        if terms.risk == terms.low == terms.high == (1, 1):
            gain, of = terms.gain
            units = _up(_up(targets, terms.parts) * of, of + gain)
            return np.maximum(_up(units * terms.parts, step) * step, self.least)
        rates = terms.parts * (Fraction(*terms.low) + Fraction(*terms.high))
        below = (targets - ceil(rates + 2)).astype(float) / float(self.per_stake * step)
        steps = np.floor(below).astype(np.int64).astype(targets.dtype) - 1
        width = ceil((2 * rates + 4) / (self.per_stake * step)) + 2
        for bit in reversed(range(width.bit_length())):
            further = steps + (1 << bit)
            steps = np.where(self.returns(further * step) < targets, further, steps)
        return np.maximum((steps + 1) * step, self.least)


def leg_of(slip: Slip, bet: int, total: int) -> Leg:
    """Return a bet's figures where all bets together may put up `total`."""
    step, own, rate = slip.step(bet), slip.bets[bet], slip.book(bet).rate
    affordable = floor(total / slip.unit_cost(bet)) // step * step
    return Leg(
        terms=slip.terms[bet],
        step=step,
        least=slip.least(bet),
        most=min(slip.most(bet), affordable),
        per_stake=own.risk * rate.high + own.gain * rate.low,
    )


def numbers(legs: Sequence[Leg]) -> np.dtype[np.int64]:
    """Return int64, or Python's own integers where a product would not fit."""
    largest = max(
        2 * (leg.most + 64 * leg.step) * (sum(leg.terms.risk) + sum(leg.terms.gain)) for leg in legs
    )
    rates = max(max(leg.terms.low[0], leg.terms.high[0]) for leg in legs)
    fits = largest * rates < _INT64
    return np.dtype(np.int64) if fits else cast("np.dtype[np.int64]", np.dtype(object))


def _up(amounts: Ints, of: int) -> Ints:
    """Return amounts divided by `of`, rounded up."""
    return -(-amounts // of)
