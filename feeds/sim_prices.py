"""What simulated books print: logits made into American prices with a margin, and their slips."""

import numpy as np
from numpy.typing import NDArray

from feeds.sim_books import HANDICAP, MIRRORED, SLIPPED, TOTAL, WINNER, Floats

HOME, DRAW, AWAY, HOME_LINE, AWAY_LINE, OVER, UNDER = range(7)
_DRAWN = 0.28
_LEAST, _MOST = 0.01, 0.98


def odds(
    quoted: Floats, lines: Floats, margins: Floats, grid: Floats, drawn: NDArray[np.bool_]
) -> Floats:
    """Return decimal odds of the seven outcomes; shape (events, books, 7).

    A handicap of half a goal asks what the winner market asks, and is priced like it: no result
    lies between. Each further goal counts as much again.

    Args:
        quoted: Shape (events, books, 3), logits.
        lines: Shape (events, books, 2), in scales of the sport's score: a book's own handicap
            beyond half a goal, negative (or minus zero) where the home side gives it; and how far
            its own total is above the usual one.
        margins: Shape (events, books), above 0.
        grid: Shape (books,): the American points that a book's prices are multiples of.
        drawn: Shape (events,): whether the event can end level; other draws cost nothing to read,
            but mean nothing.
    """
    home, level, away = _result(quoted[..., WINNER], drawn)
    wins, _, loses = _result(quoted[..., HANDICAP], drawn)
    half_a_goal = np.where(np.signbit(lines[..., 0]), wins, 1 - loses)
    cover = _sigmoid(_logit(half_a_goal) + lines[..., 0])
    over = _sigmoid(quoted[..., TOTAL] - lines[..., 1])
    likely = np.stack([home, level, away, cover, 1 - cover, over, 1 - over], axis=-1)
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


def _result(strength: Floats, drawn: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Return the chances of home, of a draw and of away."""
    home = _sigmoid(strength)
    level = np.where(drawn[:, None], _DRAWN * 4 * home * (1 - home), 0.0)
    return home * (1 - level), level, (1 - home) * (1 - level)


def _logit(chance: Floats) -> Floats:
    return np.log(chance / (1 - chance))


def _sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))
