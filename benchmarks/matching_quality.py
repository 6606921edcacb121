"""Precision and recall of joins on recorded fixtures under other vendors' names, with intervals."""

import argparse
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks import matching_labels as labels
from benchmarks.matching_fit import SEEN
from benchmarks.matching_labels import Fixture
from domain.matching import Verdict
from engine.matching.assign import Decision, decide
from engine.matching.contests import contest
from engine.matching.roster import Roster

SEED = 5
VENDORS = (1, 2)


class Quality(NamedTuple):
    """What became of fixtures of which each is known under another name."""

    fixtures: int
    right: int
    wrong: int
    asked: int

    def __add__(self, other: tuple[object, ...]) -> "Quality":
        """Return both together."""
        return Quality(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))  # pyright: ignore[reportArgumentType, reportOperatorIssue]


def main() -> None:
    """Print a line for each set of fixtures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(f"{'':<28}{'fixtures':>9}{'right':>8}{'wrong':>7}{'asked':>7}  precision, recall (95 %)")
    total = Quality(0, 0, 0, 0)
    for title, quality in measured(labels.RECORDED).items():
        total += quality
        _show(title, quality)
    _show("all", total)


def measured(folder: Path) -> dict[str, Quality]:
    """Return the quality on football's groups in sight and out of it, and on American leagues."""
    found: dict[str, Quality] = {}
    football, american = labels.football(folder), labels.american(folder)
    spellings, chance = labels.names(), Random(SEED)
    for vendor in VENDORS:
        decisions = _decided(
            football,
            [
                labels.spelt(fixture, spellings, chance, vendor=vendor, number=number)
                for number, fixture in enumerate(football)
            ],
        )
        for title, seen in (("in sight", True), ("held out", False)):
            some = [d for d in decisions if (d[0].group in SEEN) is seen]
            found[f"football {title}, vendor {vendor}"] = _quality(some)
    found["football, The Odds API's own"] = _quality(_two_vendors(folder, football, spellings))
    for manner in labels.MANNERS:
        written = [
            labels.shortened(fixture, chance, manner=manner, number=number)
            for number, fixture in enumerate(american)
        ]
        found[f"American, {manner}"] = _quality(_decided(american, written))
    return found


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    z, n = 1.959964, max(1, tries)
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return middle - half, middle + half


def _decided(
    fixtures: Sequence[Fixture], written: Sequence[labels.Event]
) -> list[tuple[Fixture, Decision]]:
    roster = Roster()
    for fixture in fixtures:
        roster.add(fixture.event.id, contest(fixture.event, "one"))
    decisions = decide([contest(event, "other") for event in written], roster)
    return list(zip(fixtures, decisions, strict=True))


def _two_vendors(
    folder: Path, football: Sequence[Fixture], spellings: labels.Names
) -> list[tuple[Fixture, Decision]]:
    """Match a recorded answer of The Odds API with football-data's fixtures, both as they are."""
    path = folder / "providers" / "oddsapi_shrimperD" / "odds.json"
    roster, right = Roster(), dict[tuple[str, str, object], Fixture]()
    for fixture in football:
        event = fixture.event
        roster.add(event.id, contest(event, "one"))
        for home in spellings.get((fixture.group, event.home), ()):
            for away in spellings.get((fixture.group, event.away), ()):
                right[home, away, event.starts_at] = fixture
    events = {event.id: event for event in labels.events(path) if event.league == "epl"}
    decisions = decide([contest(event, "other") for event in events.values()], roster)
    keys = [(event.home, event.away, event.starts_at) for event in events.values()]
    return [(right[key], found) for key, found in zip(keys, decisions, strict=True)]


def _quality(decided: Sequence[tuple[Fixture, Decision]]) -> Quality:
    counts = Counter((found.verdict, found.known == fixture.event.id) for fixture, found in decided)
    asked = sum(n for (verdict, _), n in counts.items() if verdict is Verdict.ASK)
    return Quality(len(decided), counts[Verdict.JOIN, True], counts[Verdict.JOIN, False], asked)


def _show(title: str, quality: Quality) -> None:
    joined = quality.right + quality.wrong
    figures = ", ".join(
        f"{hits / max(1, tries):.5f} ({low:.5f} to {high:.5f})"
        for hits, tries in ((quality.right, joined), (quality.right, quality.fixtures))
        for low, high in (wilson(hits, tries),)
    )
    counts = f"{quality.fixtures:>9}{quality.right:>8}{quality.wrong:>7}{quality.asked:>7}"
    print(f"{title:<28}{counts}  {figures}")


if __name__ == "__main__":
    main()
