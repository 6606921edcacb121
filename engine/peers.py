"""Peers: how far a price stands out from what the other books say."""

import numpy as np

from engine.quotes import Floats, Ints
from engine.sheet import Sheet


def distance_to_others(sheet: Sheet, min_others: int) -> Floats:
    """Return the logit of each price's implied chance less the median of the other books'.

    Positive where a book thinks the outcome likelier than the others do, so that its price is
    lower. A lay is compared with what the other books' back prices say of the opposite. Books of
    one group, which move as one, count as one, and none is compared with its own.

    Returns:
        Shape (outcomes, books); NaN without a price, or where fewer than `min_others` others
        have one.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logits = np.where(sheet.quoted, -np.log(sheet.price - 1.0), np.nan)
    said = [logits[0], -logits[0]] if sheet.opposed else list(logits)
    rows = [
        own - median_of_other_groups(peers, sheet.group, min_others)
        for own, peers in zip(logits, said, strict=True)
    ]
    return np.stack(rows)


def median_of_other_groups(values: Floats, group: Ints | None, min_others: int) -> Floats:
    """Return, for each place, the median of what the other groups say, by their first that speaks.

    Args:
        values: One figure a book; NaN: it says nothing, and is not counted.
        group: The group of each book; None: each stands for itself.
        min_others: Fewest other groups that make a median; below it the result is NaN.

    Examples:
        >>> median_of_other_groups(np.array([1.0, 1.1, 9.0]), np.array([0, 0, 2]), 1).tolist()
        [9.0, 9.0, 1.0]
    """
    if group is None:
        return median_of_others(values, min_others)
    known = np.flatnonzero(~np.isnan(values))
    speakers = dict(zip(group[known[::-1]].tolist(), known[::-1].tolist(), strict=True))
    spoken = np.full(len(values), np.nan)
    first = list(speakers.values())
    spoken[first] = values[first]
    medians = median_of_others(spoken, min_others)
    for place in np.setdiff1d(known, first).tolist():
        instead = spoken.copy()
        instead[speakers[int(group[place])]], instead[place] = np.nan, values[place]
        medians[place] = median_of_others(instead, min_others)[place]
    return medians


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
