"""Settlement as a clerk would do it: money of one bet after one scoreline, in `Decimal`.

Knows nothing of the engine's settlement. A bet is the money given back for a stake of 1 at decimal
odds; a lay is the backer's bet seen from the other side, per unit of liability.
"""

from decimal import Decimal

ONE, HALF, NOTHING = Decimal(1), Decimal("0.5"), Decimal(0)


def back(returned, odds):
    """Return the profit on a stake of 1; `returned` maps odds to the money given back."""
    return returned(Decimal(odds)) - ONE


def lay(returned, odds):
    """Return the profit on a liability of 1 of who lays at the same odds."""
    odds = Decimal(odds)
    stake = ONE / (odds - 1)
    return stake * (ONE - returned(odds))


def result(won):
    return lambda odds: odds if won else NOTHING


def winner(pick, home, away):
    return result(pick == ("home" if home > away else "away" if away > home else "draw"))


def two_way(pick, home, away, *, level):
    """`level` says what a tie is: "void", "lost" or "dead_heat"."""
    if home != away:
        return winner(pick, home, away)
    if level == "void":
        return lambda _: ONE
    return result(won=False) if level == "lost" else lambda odds: odds / 2


def double_chance(pick, home, away):
    allowed = {"1X": home >= away, "12": home != away, "X2": home <= away}
    return result(allowed[pick])


def _half_line(ahead):
    """One half of a stake: ahead of the line wins, level with it is given back."""
    return lambda odds: odds if ahead > 0 else ONE if ahead == 0 else NOTHING


def _split(ahead, line):
    """Two halves of the stake where the line is a quarter."""
    if (line * 4) % 2 == 0:
        return _half_line(ahead)
    quarter = Decimal("0.25")
    return lambda odds: (
        HALF * _half_line(ahead - quarter)(odds) + HALF * _half_line(ahead + quarter)(odds)
    )


def handicap(pick, line, home, away):
    line = Decimal(line)
    given = line if pick == "home" else -line
    ahead = (home - away if pick == "home" else away - home) + given
    return _split(ahead, line)


def european_handicap(pick, line, home, away):
    return winner(pick, home + int(line), away)


def total(pick, line, counted):
    line = Decimal(line)
    return _split(counted - line if pick == "over" else line - counted, line)


def both_score(pick, home, away):
    return result((min(home, away) > 0) == (pick == "yes"))


def odd_even(pick, home, away):
    return result(pick == ("odd" if (home + away) % 2 else "even"))


def correct_score(pick, listed, home, away):
    if isinstance(pick, tuple):
        return result(pick == (home, away))
    if (home, away) in listed:
        return result(won=False)
    wanted = {
        "any other": True,
        "any other home win": home > away,
        "any other draw": home == away,
        "any other away win": home < away,
    }
    return result(wanted[pick])


def half_time_full_time(pick, first, both):
    early, late = pick
    return lambda odds: (
        odds if winner(early, *first)(odds) > 0 and winner(late, *both)(odds) > 0 else NOTHING
    )


def dead_heat(places_left, tied):
    """A runner that shares `places_left` places with others, `tied` of them together."""
    return lambda odds: odds * places_left / tied


def rule_4(won, deduction):
    """A bet struck before a rival was withdrawn: winnings are reduced, the stake is not."""
    return lambda odds: ONE + (odds - 1) * (ONE - Decimal(deduction)) if won else NOTHING


def each_way(won, placed, fraction):
    """Half the stake to win, half to be placed at a fraction of the odds."""

    def returned(odds):
        win_half = HALF * odds if won else NOTHING
        place_half = HALF * (ONE + (odds - 1) * Decimal(fraction)) if placed else NOTHING
        return win_half + place_half

    return returned
