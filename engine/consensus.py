"""Consensus: one set of chances from what several books think, clones counted once.

Books that copy one feed are one opinion however many brands show it: within a group the opinions
are averaged, and the group weighs as much as its heaviest member, never their sum. All averaging is
done on a scale where chances add: logarithms, or logits, log(p / (1 - p)).
"""

import numpy as np
from numpy.typing import NDArray

from engine.margin import Floats, Ints, Method, fair_chances

_SUM = 1e-6


def log_pool(chances: Floats, groups: Ints | None = None, weights: Floats | None = None) -> Floats:
    """Return the weighted logarithmic opinion pool: p proportional to prod(p_group ** weight).

    It is what all groups would agree on after the same further evidence, whether they pool before
    or after seeing it (external Bayesianity; Genest and Zidek, Combining probability distributions,
    Statistical Science 1 (1), 1986). The weights are scaled to sum to 1.

    Args:
        chances: Shape (..., books, outcomes), above 0, each book's summing to 1. A book that is NaN
            in any outcome says nothing.
        groups: Shape (books,): books with the same number are clones; None: none are.
        weights: Shape (..., books), 0 or more; None: all alike. 0 leaves a book out; to judge a
            price by what the others think, give its whole group 0.

    Returns:
        Shape (..., outcomes), summing to 1; NaN where no book with a weight says anything.

    Raises:
        ValueError: A chance is not in (0, 1), a book's do not sum to 1, a weight is negative or no
            number, or the shapes do not fit.

    Examples:
        >>> two_books_one_a_clone = np.array([[0.5, 0.5], [0.5, 0.5], [0.8, 0.2]])
        >>> log_pool(two_books_one_a_clone, np.array([0, 0, 1])).round(4).tolist()
        [0.6667, 0.3333]
    """
    logs, weight = _opinions(np.log(_checked(chances)), groups, weights)
    total = weight.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        share = weight / total
    mean = (share[..., np.newaxis] * logs).sum(axis=-2)
    raised = np.exp(mean - mean.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def median_logit(
    chances: Floats, groups: Ints | None = None, weights: Floats | None = None
) -> Floats:
    """Return the weighted median of the groups' logits, shifted alike so that chances sum to 1.

    Less than half of the weight, however wrong, cannot move it beyond what the rest say. Where the
    weights below and above are equal it is the mean of the two in the middle. The shift is the odds
    ratio method of `engine.margin`, with a margin of either sign.

    Args, returns and raises as `log_pool`.

    Examples:
        >>> one_is_mad = np.array([[0.50, 0.50], [0.52, 0.48], [0.99, 0.01]])
        >>> median_logit(one_is_mad).round(4).tolist()
        [0.52, 0.48]
    """
    told = _checked(chances)
    logits, weight = _opinions(np.log(told) - np.log1p(-told), groups, weights)
    middle = _weighted_median(logits, weight)
    flat = middle.reshape(-1, middle.shape[-1])
    known = ~np.isnan(flat).any(axis=1)
    pooled = np.full(flat.shape, np.nan)
    if bool(known.any()):
        pooled[known] = fair_chances(1.0 + np.exp(-flat[known]), Method.ODDS_RATIO)
    return pooled.reshape(middle.shape)


def _checked(chances: Floats) -> Floats:
    if chances.ndim < 2 or 0 in chances.shape or chances.shape[-1] < 2:
        raise ValueError("chances are books by at least two outcomes, and there is a book")
    silent = np.isnan(chances).any(axis=-1, keepdims=True)
    if bool((((chances <= 0.0) | (chances >= 1.0)) & ~silent).any()):
        raise ValueError("every chance must be above 0 and below 1")
    if bool((np.abs(chances.sum(axis=-1, keepdims=True) - 1.0) > _SUM).any()):
        raise ValueError("the chances that a book gives do not sum to 1")
    return np.where(silent, np.nan, chances)


def _opinions(scores: Floats, groups: Ints | None, weights: Floats | None) -> tuple[Floats, Floats]:
    """Return scores (..., groups, outcomes), 0 where none, and weights (..., groups)."""
    books = scores.shape[-2]
    alone = np.arange(books, dtype=np.int64)
    member = _members(alone if groups is None else groups, books)
    weight = np.where(np.isnan(scores[..., 0]), 0.0, _weights(weights, scores.shape[:-1]))
    own = member * weight[..., np.newaxis, :]
    total = own.sum(axis=-1, keepdims=True)
    share = own / np.where(total > 0.0, total, 1.0)
    return share @ np.where(np.isnan(scores), 0.0, scores), own.max(axis=-1)


def _members(groups: Ints, books: int) -> NDArray[np.bool_]:
    if groups.shape != (books,):
        raise ValueError("groups have one number a book")
    return np.unique(groups)[:, np.newaxis] == groups


def _weights(weights: Floats | None, shape: tuple[int, ...]) -> Floats:
    if weights is None:
        return np.ones(shape)
    if not bool(((weights >= 0.0) & (weights < np.inf)).all()):
        raise ValueError("every weight must be a finite number, and 0 or more")
    return np.broadcast_to(weights, shape)


def _weighted_median(scores: Floats, weight: Floats) -> Floats:
    """Return the median over the groups, shape (..., outcomes); NaN where nothing has weight."""
    order = np.argsort(scores, axis=-2)
    ranked = np.take_along_axis(scores, order, axis=-2)
    each = np.broadcast_to(weight[..., np.newaxis], scores.shape)
    reached = np.cumsum(np.take_along_axis(each, order, axis=-2), axis=-2)
    total = reached[..., -1:, :]
    half = 0.5 * total * (1.0 - 1e-12)
    low = (reached < half).sum(axis=-2, keepdims=True)
    high = (reached <= 0.5 * total * (1.0 + 1e-12)).sum(axis=-2, keepdims=True)
    high = np.minimum(high, scores.shape[-2] - 1)
    pair = [np.take_along_axis(ranked, place, axis=-2) for place in (low, high)]
    middle = np.where(total > 0.0, 0.5 * (pair[0] + pair[1]), np.nan)
    return middle[..., 0, :]
