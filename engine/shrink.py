"""Shrink: a model's chances drawn towards the market's, by what closing lines taught.

Under logarithmic utility a bettor who does not know the chance should bet Kelly at its posterior
mean: log wealth is linear in the chance, so its expectation needs nothing else. An uncertain model
is therefore answered by shrinking the chance, not the stake. How far is learned from the close,
which tells after every event where both were wrong, and much sooner than results do.

On the logit scale the truth is taken as w_model * model + w_market * market + error.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from engine.margin import Floats

PRIOR_MODEL, PRIOR_MARKET = 0.3, 0.7
PRIOR_EVENTS = 20.0
PRIOR_SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Shrinker:
    """Weights of a model's and the market's logit, and the spread of the truth about their sum.

    As it is made, it holds what is believed before any close was seen.
    """

    model: float = PRIOR_MODEL
    market: float = PRIOR_MARKET
    spread: float = PRIOR_SPREAD
    events: int = 0

    @classmethod
    def fit(cls, model: Floats, market: Floats, close: Floats) -> Self:
        """Learn from closes: ridge regression of their logits towards the prior weights.

        Minimises the mean squared error with the prior as `PRIOR_EVENTS` further events, whose
        disagreement between model and market is as wide as it was found to be, and whose common
        level is as wide as the market's. The spread is that of the closes about the fit, the prior
        spread counted as often. It includes the noise of the close itself, which errs on the side
        of caution.

        Args:
            model: Logit of the model's chance of each event, shape (events,).
            market: Logit of the market's fair chance when the bet could be made.
            close: Logit of the market's fair chance at the close.

        Raises:
            ValueError: The shapes differ, or a logit is not a finite number.

        Examples:
            >>> apart = np.array([0.3, -0.2, 0.1, -0.4, 0.2, 0.25])
            >>> market = np.array([0.0, 0.4, -0.3, 0.1, -0.5, 0.2])
            >>> half_right = Shrinker.fit(market + apart, market, market + 0.5 * apart)
            >>> round(half_right.model, 3), round(half_right.market, 3), half_right.events
            (0.345, 0.642, 6)
        """
        if model.ndim != 1 or not model.shape == market.shape == close.shape:
            raise ValueError("there is one logit of the model, the market and the close an event")
        if not all(bool(np.isfinite(side).all()) for side in (model, market, close)):
            raise ValueError("every logit must be a finite number")
        if not len(model):
            return cls()
        seen = np.column_stack([model - market, market])
        prior = np.array([PRIOR_MODEL, PRIOR_MODEL + PRIOR_MARKET])
        width = np.maximum((seen * seen).mean(axis=0), np.finfo(float).tiny)
        system = seen.T @ seen + np.diag(PRIOR_EVENTS * width)
        pull = seen.T @ close + PRIOR_EVENTS * width * prior
        found = np.asarray(np.linalg.solve(system, pull), np.float64)
        missed = close - seen @ found
        square = float(missed @ missed) + PRIOR_EVENTS * PRIOR_SPREAD**2
        spread = float(np.sqrt(square / (len(close) + PRIOR_EVENTS)))
        return cls(float(found[0]), float(found[1] - found[0]), spread, len(close))

    def chance(self, model: Floats, market: Floats) -> Floats:
        """Return the posterior mean chance of events from both logits, of their shape.

        The mean of the logistic of a normal with mean m and spread s. With the logistic taken as
        Phi(a x), a = sqrt(pi / 8), which has the same slope at 0, it is
        Phi(a m / sqrt(1 + a^2 s^2)), and so the logistic of m / sqrt(1 + pi s^2 / 8).
        """
        middle = self.model * model + self.market * market
        middle = middle / np.sqrt(1.0 + np.pi * self.spread**2 / 8.0)
        return 1.0 / (1.0 + np.exp(-middle))


def logit(chance: Floats) -> Floats:
    """Return log(p / (1 - p)).

    Raises:
        ValueError: A chance is not in (0, 1).

    Examples:
        >>> logit(np.array([0.5, 0.75])).round(4).tolist()
        [0.0, 1.0986]
    """
    if not bool(((chance > 0.0) & (chance < 1.0)).all()):
        raise ValueError("every chance must be above 0 and below 1")
    return np.log(chance) - np.log1p(-chance)
