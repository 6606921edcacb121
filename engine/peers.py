"""Peers: how far a price stands out from what the other books say."""

from typing import NamedTuple

import numpy as np

from engine.quotes import Floats, Ints
from engine.sheet import Marks, Sheet


class Apart(NamedTuple):
    """How far a price stands from the median of the other books, and how far they scatter.

    Both in logits; the scatter is the median distance of the others from their own median.
    """

    distance: Floats
    scatter: Floats


def distance_to_others(sheet: Sheet, min_others: int) -> Floats:
    """Return the logit of each price's implied chance less the median of the other books'.

    Positive where a book thinks the outcome likelier than the others do, so that its price is
    lower. A lay is compared with what the other books' back prices say of the opposite. Books of
    one group, which move as one, count as one, and none is compared with its own.

    Returns:
        Shape (outcomes, books); NaN without a price, or where fewer than `min_others` others
        have one.
    """
    return among_others(sheet, min_others).distance


def among_others(sheet: Sheet, min_others: int) -> Apart:
    """Return the same with the scatter of the others."""
    own = implied_logits(sheet.price)
    said = np.stack([own[0], -own[0]]) if sheet.opposed else own
    rows, books = np.indices(own.shape).reshape(2, -1)
    apart = apart_from(own[rows, books], said[rows], books, sheet.group, min_others)
    return Apart(*(figures.reshape(own.shape) for figures in apart))


def implied_logits(price: Floats) -> Floats:
    """Return the logit of each price's implied chance, -ln(odds - 1); NaN without a price."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(price > 0.0, -np.log(price - 1.0), np.nan)


def apart_from(
    own: Floats, said: Floats, books: Ints, group: Ints | None, min_others: int
) -> Apart:
    """Return how far single prices stand from what the other groups of books say.

    A group is heard once, by its first book that speaks.

    Args:
        own: Logits of some prices, shape (prices,).
        said: What every book says of the same, shape (prices, all books); NaN: nothing.
        books: Whose price each is, a column of `said`.
        group: The group of each book; None: each stands for itself.
        min_others: Fewest other groups that make a median; below it the result is NaN.

    Examples:
        >>> said = np.array([[1.0, 1.1, 9.0]] * 3)
        >>> book, group = np.arange(3), np.array([0, 0, 2])
        >>> apart_from(said[0], said, book, group, 1).distance.tolist()
        [-8.0, -7.9, 8.0]
    """
    groups = np.arange(said.shape[1], dtype=np.int64) if group is None else group
    alike = groups[:, np.newaxis] == groups
    known = ~np.isnan(said)
    counted = known & ~(known @ np.triu(alike, 1)) & ~alike[books]
    middle = np.where(counted.sum(axis=1) >= max(1, min_others), _median(said, counted), np.nan)
    return Apart(own - middle, _median(np.abs(said - middle[:, np.newaxis]), counted))


def _median(values: Floats, counted: Marks) -> Floats:
    """Return the median of what is counted in each row; NaN where nothing is."""
    ordered = np.sort(np.where(counted, values, np.inf), axis=1)
    rows, count = np.arange(len(values)), counted.sum(axis=1)
    low, high = (
        ordered[rows, place]
        for place in (np.maximum(count - 1, 0) // 2, count // 2 % ordered.shape[1])
    )
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, (low + high) / 2, np.nan)


def median_of_others(values: Floats, min_others: int) -> Floats:
    """Return, for each place, the median of the numbers in all the other places.

    Args:
        values: One figure a book; NaN: it says nothing, and is not counted.
        min_others: Fewest others that make a median; below it the result is NaN.

    Examples:
        >>> median_of_others(np.array([1.0, 2.0, 9.0]), 2).tolist()
        [5.5, 5.0, 1.5]
    """
    known = ~np.isnan(values)
    ordered = np.sort(values[known])
    others = len(ordered) - known
    rank = np.where(known, np.searchsorted(ordered, values), len(ordered))
    enough = others >= max(1, min_others)
    low, high = np.maximum(others - 1, 0) // 2, others // 2
    last = max(len(ordered) - 1, 0)
    padded = ordered if len(ordered) else np.array([np.nan])
    middle = sum(padded[np.minimum(mid + (mid >= rank), last)] for mid in (low, high)) / 2
    return np.where(enough, middle, np.nan)
