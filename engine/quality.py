"""Quality: what prices say against themselves and each other, whatever they pay.

Tables have a row an outcome and a column a book; 0 says that there is no price. What is found are
marks and figures; the thresholds are arguments, for the gates to hold as data.
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels import Floats, Ints
from engine.peers import median_of_others

Marks = NDArray[np.bool_]


class WayOut(NamedTuple):
    """Legs whose price is far from what the other books quote.

    `generous` legs pay far more than the others do: a palpable error, which that book would void.
    `mean` legs pay far less although they are the best to be had: then the others are wrong, or
    speak of something else, and any of them would void. `if_void` is the worst result, in the units
    of the stakes, should the leg's stake be given back and all others stand.
    """

    generous: Marks
    mean: Marks
    if_void: Floats


def way_out(distance: Floats, payoff: Floats, stakes: Floats, *, most: float) -> WayOut:
    """Return which legs stand out, in either direction, and what it costs if one of them is void.

    Args:
        distance: A leg's logit of the implied chance less the others' median; NaN: not known.
        payoff: Profit of one unit of each leg, shape (states, legs).
        stakes: Units of each leg.
        most: The largest distance that is not way out.

    Raises:
        ValueError: The shapes do not fit, or there is no state or no leg.
    """
    if payoff.size == 0 or not payoff.shape[1:] == stakes.shape == distance.shape:
        raise ValueError("a leg has one distance, one stake and one payoff a state")
    return WayOut(distance < -most, distance > most, if_void(payoff, stakes))


def if_void(payoff: Floats, stakes: Floats) -> Floats:
    """Return, for each leg, the worst result over the states if that leg alone is void.

    Examples:
        >>> if_void(np.array([[1.1, -1.0], [-1.0, 1.1]]), np.array([50.0, 50.0])).tolist()
        [-50.0, -50.0]
    """
    each = payoff * stakes
    return (each.sum(axis=1, keepdims=True) - each).min(axis=0)


def mirrored(price: Floats, *, min_others: int, most: float) -> Marks:
    """Return the books that seem to have exchanged the two sides.

    Both sides of such a book are further than `most` from the median of the others, in logits, and
    both are within it once the first row (home) and the last (away) change places.

    Args:
        price: Shape (outcomes, books), two outcomes or more.
        min_others: Fewest other books that make a median.
        most: The largest distance that is not way out.

    Raises:
        ValueError: There are not two outcomes or more.

    Examples:
        >>> sides = np.array([[1.2, 1.2, 1.21, 5.0], [5.0, 5.0, 4.9, 1.2]])
        >>> mirrored(sides, min_others=3, most=0.45).tolist()
        [False, False, False, True]
    """
    if len(price) < 2:
        raise ValueError("sides can be exchanged where there are two outcomes or more")
    home, away = logits(price[0]), logits(price[-1])
    of_home, of_away = (median_of_others(side, min_others) for side in (home, away))
    apart = np.minimum(np.abs(home - of_home), np.abs(away - of_away)) > most
    exchanged = np.maximum(np.abs(home - of_away), np.abs(away - of_home)) <= most
    return apart & exchanged


def logits(price: Floats) -> Floats:
    """Return the logit of each price's implied chance, ln(p / (1 - p)) = -ln(odds - 1); or NaN."""
    quoted = price > 1.0
    return np.where(quoted, -np.log(np.where(quoted, price, 2.0) - 1.0), np.nan)


def off_ladder(price: Floats, *, rising: bool) -> Marks:
    """Return the prices of one book that do not fit a ladder of lines.

    A bet that wins more often, or is returned where another loses, cannot pay better. The odds of
    over, and of a side that gives more away, rise with the line; those of under fall. Believed is
    only what belongs to every longest run that keeps the order: of two prices that contradict each
    other neither is, of many it is the odd ones that are not.

    Args:
        price: One price a line, lines ascending; 0: none. Shape (lines,).
        rising: Whether a higher line must not pay less.

    Examples:
        >>> off_ladder(np.array([1.3, 1.6, 9.0, 2.6, 3.4]), rising=True).tolist()
        [False, False, True, False, False]
        >>> off_ladder(np.array([2.1, 1.9]), rising=True).tolist()
        [True, True]
    """
    quoted = np.flatnonzero(price > 0.0)
    odds = price[quoted] if rising else -price[quoted]
    below, above = _runs_up_to(odds), _runs_up_to(-odds[::-1])[::-1]
    rank = np.where(below + above - 1 == below.max(initial=0), below, 0)
    alone = np.bincount(rank, minlength=1)[rank] == 1
    marks = np.zeros(len(price), np.bool_)
    marks[quoted] = (rank == 0) | ~alone
    return marks


def _runs_up_to(odds: Floats) -> Ints:
    """Return the length of the longest run that never falls and ends at each place."""
    runs = np.ones(len(odds), np.int64)
    for place in range(1, len(odds)):
        fitting = runs[:place][odds[:place] <= odds[place]]
        runs[place] = 1 + fitting.max(initial=0)
    return runs


def clone_groups(said: Floats, *, close: float, min_shared: int, min_share: float) -> Ints:
    """Return a group for every book; books of one group move as one and count as one.

    Two books are clones if, where either of them stands out from the median of the others by more
    than `close`, they are within `close` of each other at least `min_share` of the time, in
    `min_shared` such rows or more. Where everybody says the same, agreeing says nothing. Logits of
    chances without the margin also show sisters that sell the same opinion at different margins.

    Args:
        said: What each book says, shape (rows, books); NaN: nothing. Rows may be of many markets,
            events and instants.
        close: The largest difference that is none.
        min_shared: Fewest telling rows of a pair.
        min_share: Least share of them that agrees.

    Returns:
        The lowest column of each book's group, shape (books,).
    """
    group = list(range(said.shape[1]))
    for one, other in combinations(group, 2):
        agree = _agreement(said, [one, other], close)
        if len(agree) >= min_shared and float(agree.mean()) >= min_share:
            kept, merged = sorted((group[one], group[other]))
            group = [kept if number == merged else number for number in group]
    return np.array(group, np.int64)


def _agreement(said: Floats, pair: list[int], close: float) -> Marks:
    """Return, for each row in which one of a pair stands out, whether both say the same."""
    known = np.isfinite(said)
    enough = known[:, pair].all(axis=1) & (known.sum(axis=1) > 2)
    own, others = said[enough][:, pair], np.delete(said[enough], pair, axis=1)
    if not len(own):
        return np.zeros(0, np.bool_)
    apart = np.abs(own - np.nanmedian(others, axis=1, keepdims=True)) > close
    return np.abs(own[:, 0] - own[:, 1])[apart.any(axis=1)] <= close


def one_a_group(price: Floats, group: Ints) -> Floats:
    """Return the table with, of each group, the lowest column that quotes the row; others 0."""
    kept = np.zeros_like(price)
    taken = np.zeros(price.shape, np.bool_)
    for book in range(price.shape[1]):
        free = (price[:, book] > 0.0) & ~taken[:, group[book]]
        kept[free, book] = price[free, book]
        taken[free, group[book]] = True
    return kept
