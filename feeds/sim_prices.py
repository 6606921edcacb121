"""What simulated books print: logits made into American prices with a margin, and their slips."""

import numpy as np
from numpy.typing import NDArray

from feeds.sim_books import HANDICAP, MIRRORED, SLIPPED, TOTAL, WINNER, Floats

HOME, DRAW, AWAY, HOME_LINE, AWAY_LINE, OVER, UNDER = range(7)
_DRAWN = 0.28
_LEAST, _MOST = 0.01, 0.98


def odds(
    quoted: Floats, moved_line: Floats, margins: Floats, grid: Floats, drawn: NDArray[np.bool_]
) -> Floats:
    """Return decimal odds of the seven outcomes; shape (events, books, 7).

    Args:
        quoted: Shape (events, books, 3), logits.
        moved_line: Shape (events, books, 2): what a book's own handicap and total line add.
        margins: Shape (events, books), above 0.
        grid: Shape (books,): the American points that a book's prices are multiples of.
        drawn: Shape (events,): whether the event can end level; other draws cost nothing to read,
            but mean nothing.
    """
    home = _sigmoid(quoted[..., WINNER])
    level = np.where(drawn[:, None], _DRAWN * 4 * home * (1 - home), 0.0)
    cover = _sigmoid(quoted[..., HANDICAP] + moved_line[..., 0])
    over = _sigmoid(quoted[..., TOTAL] + moved_line[..., 1])
    likely = np.stack(
        [home * (1 - level), level, (1 - home) * (1 - level), cover, 1 - cover, over, 1 - over],
        axis=-1,
    )
    asked = np.clip(likely * (1 + margins[..., None]), _LEAST, _MOST)
    return on_grid(1 / asked, grid[:, None])


def on_grid(decimal: Floats, points: Floats) -> Floats:
    """Return the nearest odds whose American price is a multiple of `points`."""
    profit = decimal - 1
    longer = np.maximum(np.round(100 * profit / points) * points, 100)
    shorter = np.maximum(np.round(100 / profit / points) * points, 100)
    return 1 + np.where(profit >= 1, longer / 100, 100 / shorter)


def with_errors(printed: Floats, error: NDArray[np.int8]) -> Floats:
    """Return the odds with palpable errors: sides mirrored, or a decimal point that slipped."""
    wrong = printed.copy()
    mirrored, slipped = error == MIRRORED, error == SLIPPED
    wrong[mirrored, HOME], wrong[mirrored, AWAY] = printed[mirrored, AWAY], printed[mirrored, HOME]
    wrong[slipped, HOME] = printed[slipped, HOME] * 10
    return wrong


def _sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))
