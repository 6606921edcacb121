"""The exact value of a matrix game, by trying every square kernel; no linear programming.

Shapley and Snow, Basic solutions of discrete games (1950): if the value is not 0, some square
submatrix M is invertible and gives optimal mixtures as M x = 1 and y M = 1, both divided by their
sum. So every payoff is raised above 0 first, and the first kernel whose mixtures hold against the
whole matrix has found the value.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

Matrix = Sequence[Sequence[Fraction]]


def exact_value(payoff: Matrix) -> Fraction:
    """Return the value of the game in which the column player is paid."""
    lift = 1 - min(map(min, payoff))
    game = [[entry + lift for entry in row] for row in payoff]
    for size in range(1, min(len(game), len(game[0])) + 1):
        for rows in combinations(range(len(game)), size):
            for columns in combinations(range(len(game[0])), size):
                if (weight := _optimal(game, rows, columns)) is not None:
                    return 1 / weight - lift
    raise AssertionError("every game has a kernel")


def exact_payoff(win: Matrix, lose: Matrix, net: Sequence[Fraction]) -> list[list[Fraction]]:
    """Return the payoff of a unit of cash at risk, states by bets."""
    return [
        [b * p - n for b, p, n in zip(net, wins, loses, strict=True)]
        for wins, loses in zip(win, lose, strict=True)
    ]


def _optimal(game: Matrix, rows: Sequence[int], columns: Sequence[int]) -> Fraction | None:
    """Return the sum of the kernel's mixture before division, if it holds everywhere."""
    kernel = [[game[i][j] for j in columns] for i in rows]
    x = _solution(kernel)
    if x is None or min(x) < 0:
        return None
    if any(sum(row[j] * s for j, s in zip(columns, x, strict=True)) < 1 for row in game):
        return None
    y = _solution([list(column) for column in zip(*kernel, strict=True)])
    if y is None or min(y) < 0:
        return None
    for j in range(len(game[0])):
        if sum(game[i][j] * s for i, s in zip(rows, y, strict=True)) > 1:
            return None
    return sum(x, Fraction(0))


def _solution(matrix: Matrix) -> list[Fraction] | None:
    """Return x with matrix x = 1 by elimination, or None if there is not exactly one."""
    system = [[*row, Fraction(1)] for row in matrix]
    size = len(system)
    for step in range(size):
        pivot = next((i for i in range(step, size) if system[i][step]), None)
        if pivot is None:
            return None
        system[step], system[pivot] = system[pivot], system[step]
        top = [entry / system[step][step] for entry in system[step]]
        system[step] = top
        for i in range(size):
            if i != step and (factor := system[i][step]):
                system[i] = [a - factor * b for a, b in zip(system[i], top, strict=True)]
    return [row[-1] for row in system]
