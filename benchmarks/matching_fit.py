"""Fits the chance that two events are one, and measures it on leagues that it was not fitted on.

`python -m benchmarks.matching_fit` prints the measures; `--write` writes `weights.json` as well.
"""

import argparse
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks import matching_labels as labels
from domain.markets import Event
from engine.matching import score
from engine.matching.alike import alike
from engine.matching.contests import contest
from engine.matching.names import name
from engine.matching.roster import Roster
from engine.matching.score import FEATURES, Likeness, likeness

# Vocabulary and rules were written with the names of these groups in sight; those of the rest were
# first measured with everything frozen.
SEEN = frozenset({"E", "SP", "D", "I", "F"})
RIDGE = 1.0
SEED = 41
STEPS = 50
AGAIN = 0.25
REVERSED = 0.1

Floats = NDArray[np.float64]


class Labelled(NamedTuple):
    """A pair that a source of other names would raise, and whether it is one contest."""

    group: str
    same: bool
    likeness: Likeness


def main() -> None:
    """Fit on the groups that were in sight, and measure on each group apart."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true")
    write = arguments.parse_args().write
    pairs = football_pairs()
    seen = [pair for pair in pairs if pair.group in SEEN]
    weights = fit(seen)
    print(f"{len(pairs)} pairs, {sum(pair.same for pair in pairs)} of one contest")
    for group in sorted({pair.group for pair in pairs}):
        _report(group, [p for p in pairs if p.group == group], fit(_without(seen, group)))
    for feature, weight in zip(FEATURES, weights, strict=True):
        print(f"{feature:<24}{weight:>9.3f}")
    if write:
        _write(weights, seen)


def football_pairs() -> list[Labelled]:
    """Return pairs of recorded fixtures and their other names, of one contest and of two.

    Those of two are what the blocks raise beside the right event, each fixture with both sides in
    the place of the clubs whose names are most like theirs, and some as if played again hours
    later. A side plays once at a time: were but one side another, the events could not both be.
    """
    fixtures, spellings, chance = labels.football(), labels.names(), Random(SEED)
    roster, rivals = Roster(), _Rivals(spellings)
    pairs = list[Labelled]()
    for fixture in fixtures:
        roster.add(fixture.event.id, contest(fixture.event, "one"))
    for number, fixture in enumerate(fixtures):
        event = labels.spelt(fixture, spellings, chance, vendor=1 + number % 2, number=number)
        if chance.random() < REVERSED:
            event = msgspec.structs.replace(event, home=event.away, away=event.home)
        new, one = contest(event, "other"), contest(fixture.event, "one")
        pairs.append(Labelled(fixture.group, True, likeness(new, one)))
        others = [
            next(iter(known.contests.values()))
            for known in roster.candidates(new, roster.exactly(new))
            if known.id != fixture.event.id
        ]
        if (instead := rivals.instead(fixture)) is not None:
            others.append(contest(instead, "one"))
        if chance.random() < AGAIN:
            others.append(contest(_later(fixture.event, chance), "one"))
        found = (likeness(new, other) for other in others)
        pairs += [Labelled(fixture.group, False, one) for one in found if not one.vetoes]
    return pairs


class _Rivals:
    """The club of a group whose name, in any spelling, is most like one of another's."""

    def __init__(self, spellings: labels.Names) -> None:
        self._spellings = spellings
        self._known: dict[tuple[str, str], tuple[str, str]] = {}

    def instead(self, fixture: labels.Fixture) -> Event | None:
        """Return a fixture with both sides in the place of their rivals.

        None where the sides are each other's: that would be the fixture the other way round.
        """
        event = fixture.event
        home, away = (self._of(fixture.group, side) for side in (event.home, event.away))
        if {home[0], away[0]} == {event.home, event.away}:
            return None
        return msgspec.structs.replace(event, home=home[1], away=away[1])

    def _of(self, group: str, side: str) -> tuple[str, str]:
        """Return the rival of a side by its recorded name, and the spelling that is like it."""
        if (group, side) not in self._known:
            mine = [name(spelt) for spelt in self._spellings.get((group, side), (side,))]
            others = [
                (max(alike(one, name(spelt)).shared for one in mine), s, spelt)
                for g, s in self._spellings
                if g == group and s != side
                for spelt in self._spellings[g, s]
            ]
            _, rival, spelt = max(others)
            self._known[group, side] = rival, spelt
        return self._known[group, side]


def _later(event: Event, chance: Random) -> Event:
    assert event.starts_at is not None
    hours = timedelta(minutes=chance.randint(150, 1500))
    return msgspec.structs.replace(event, starts_at=event.starts_at + hours)


def fit(pairs: Sequence[Labelled]) -> Floats:
    """Return the weights of a logistic with a ridge, by Newton's method.

    Pairs of each kind weigh as much as those of the other: how many a block raises by chance says
    nothing of how sure a pair is.
    """
    x = np.array([pair.likeness.features for pair in pairs])
    y = np.array([pair.same for pair in pairs], np.float64)
    worth = np.where(y > 0, 0.5 / y.sum(), 0.5 / (1 - y).sum()) * len(y)
    weights, ridge = np.zeros(x.shape[1]), RIDGE * np.eye(x.shape[1])
    ridge[0, 0] = 1e-6
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-x @ weights))
        slope = x.T @ (worth * (p - y)) + ridge @ weights
        curve = (x.T * (worth * p * (1 - p))) @ x + ridge
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def chances(pairs: Sequence[Labelled], weights: Floats) -> Floats:
    """Return the chance of each pair by `weights`."""
    x = np.array([pair.likeness.features for pair in pairs])
    return 1.0 / (1.0 + np.exp(-x @ weights))


def _without(pairs: Sequence[Labelled], group: str) -> list[Labelled]:
    return [pair for pair in pairs if pair.group != group]


def _report(group: str, pairs: Sequence[Labelled], weights: Floats) -> None:
    p, y = chances(pairs, weights), np.array([pair.same for pair in pairs])
    brier = float(((p - y) ** 2).mean())
    sides = [
        f"{quantile:.2%}: {np.quantile(p[y], quantile):.3f}" for quantile in (0.01, 0.03, 0.10)
    ]
    worst = float(p[~y].max(initial=0.0))
    print(f"{group:<4}{len(pairs):>7} brier {brier:.5f}  others up to {worst:.4f}  same {sides}")


def _write(weights: Floats, pairs: Sequence[Labelled]) -> None:
    path = Path(score.__file__).with_name("weights.json")
    told = json.loads(path.read_text(encoding="utf-8"))
    told |= {
        "features": list(FEATURES),
        "weights": [round(float(weight), 6) for weight in weights],
        "fitted_by": "python -m benchmarks.matching_fit --write",
        "fitted_on": {
            "fixtures": "football-data.co.uk 2022/23 to 2025/26, recorded",
            "names": "tests/engine/matching/names.txt",
            "groups": sorted(SEEN),
            "pairs": len(pairs),
            "of_one_contest": sum(pair.same for pair in pairs),
            "seed": SEED,
        },
    }
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
