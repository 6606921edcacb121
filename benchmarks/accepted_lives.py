"""Lives: one bet from the first look at which it crosses to the last, and fifty of all."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from benchmarks.accepted_tracks import LegFacts, Recording, recordings
from domain.errors import Refused
from domain.money import Money
from domain.opportunities import GateCode, Opportunity
from engine.gates import DEFAULT_GATES, Gates
from services.scan import Scan
from services.stakes import EndingKind, plan

SAMPLE, SEED = 50, 2026
# The fifty were judged before there were these two; they came of what was judged.
SINCE = frozenset({GateCode.WAVERING_BOOK, GateCode.ONE_HOUSE})
BEFORE = replace(DEFAULT_GATES, opened=SINCE)


@dataclass(frozen=True)
class Life:
    """One bet from the first look at which it crosses to the last, without a look between.

    `looks` are places in the recording; `seen` are the accepted ones of them, by place, before
    there were the gates of `SINCE`, and `left` what the default gates accept now.
    """

    recording: Recording
    looks: Sequence[int]
    seen: Mapping[int, Opportunity]
    left: Mapping[int, Opportunity]

    @cached_property
    def first(self) -> Opportunity:
        """The bet as it was when it was first accepted: what somebody would have acted on."""
        return self.seen[self.look]

    @property
    def look(self) -> int:
        """The look at which it was first accepted."""
        return min(self.seen)

    @cached_property
    def legs(self) -> list[LegFacts]:
        """What the recording says of each leg, then and later."""
        return [self.recording.facts(leg, self.look, self.looks[-1]) for leg in self.first.legs]

    @property
    def lived_s(self) -> tuple[float, float]:
        """The least and the most seconds that it can have crossed, as far as looks can tell."""
        at_s, first, last = self.recording.at_s, self.looks[0], self.looks[-1]
        before = at_s[first - 1] if first else at_s[first]
        after = at_s[last + 1] if last + 1 < len(at_s) else at_s[last]
        return float(at_s[last] - at_s[first]), float(after - before)

    @property
    def to_start_s(self) -> float:
        """Seconds until the scheduled start."""
        start = self.first.event.starts_at
        return (start - self.first.as_of).total_seconds() if start else float("nan")

    @property
    def held(self) -> bool | None:
        """Whether the same legs cross at the next look; None where that is after the start."""
        if self.look + 1 >= len(self.recording.at_s) or self.gap_s >= self.to_start_s:
            return None
        then = [leg.next_odds for leg in self.legs]
        return all(then) and sum(1.0 / odds for odds in then) < 1.0

    @property
    def gap_s(self) -> float:
        """Seconds to the next look."""
        at_s = self.recording.at_s
        return float(at_s[self.look + 1] - at_s[self.look])

    def kept(self, total: int) -> float:
        """Return the worst profit of stakes in whole dollars, over what is at risk; 0 if none is.

        Where the line itself comes up, all is given back: that ending is left out.
        """
        try:
            stakes = plan(self.first, Money.of(str(total)), step_minor=100)
        except Refused:
            return 0.0
        core = [one.profit_minor for one in stakes.endings if one.kind is EndingKind.CORE]
        return min(core) / stakes.at_risk_minor if stakes.locked else 0.0


def lives() -> list[Life]:
    """Return all lives with a look accepted before `SINCE`, by recording and first such look."""
    return [life for recording in recordings() for life in _lives(recording)]


def _lives(recording: Recording) -> Iterator[Life]:
    left = _crossings(recording, DEFAULT_GATES)
    found = [
        Life(recording, run, seen, {look: now for look in run if (now := left[key].get(look))})
        for key, crossed in _crossings(recording, BEFORE).items()
        for run in _runs(sorted(crossed))
        if (seen := {look: one for look in run if (one := crossed[look])})
    ]
    yield from sorted(found, key=lambda life: (life.look, life.first.key))


def _crossings(recording: Recording, gates: Gates) -> dict[str, dict[int, Opportunity | None]]:
    """Return what was accepted before the start, by bet and look; None: it crossed, refused."""
    looks: dict[str, dict[int, Opportunity | None]] = defaultdict(dict)
    for one in Scan([recording.path], gates=gates):
        if not one.in_play:
            look = recording.look_of(one.as_of)
            looks[one.key][look] = one if one.accepted else looks[one.key].get(look)
    return looks


def _runs(looks: Sequence[int]) -> list[list[int]]:
    breaks = np.flatnonzero(np.diff(looks) > 1) + 1
    return [run.tolist() for run in np.split(np.array(looks), breaks)]


def sample(found: Sequence[Life]) -> list[Life]:
    """Return fifty: from each recording its share, one at random of each equal slice by return."""
    chance, chosen = np.random.default_rng(SEED), list[Life]()
    by_recording: dict[str, list[Life]] = defaultdict(list)
    for life in found:
        by_recording[life.recording.name].append(life)
    for some in by_recording.values():
        share = max(1, round(SAMPLE * len(some) / len(found)))
        ordered = sorted(some, key=lambda life: (life.first.roi, life.look, life.first.key))
        slices = np.array_split(np.arange(len(ordered)), share)
        picked = [ordered[int(chance.choice(part))] for part in slices]
        chosen += sorted(picked, key=lambda life: (life.look, life.first.key))
    return chosen
