"""Faults put into recorded prices: how many the anomaly score tells from sound ones."""

from collections.abc import Callable, Mapping, Sequence
from statistics import mean
from typing import NamedTuple

import numpy as np

from benchmarks.anomaly_faults import FAINT, FAULTS, faults
from benchmarks.anomaly_fit import FALSE_POSITIVES, by_sport, fitted
from benchmarks.anomaly_windows import Window, windows
from engine.anomaly import Usual, usual_of
from engine.gates import DEFAULT_GATES
from engine.quotes import Floats

COUNT = 20_000
_TIMELY = ("swap", "slip", "finger")


class Recall(NamedTuple):
    """Shares of faults found, of all and of those that moved a price enough, and of the sound."""

    every: float
    felt: float
    false_positives: float


def run() -> Mapping[str, float]:
    """Return recalls by fault and sport; what is usual is fitted on one window, judged on another.

    `recall_<fault>_<sport>`: share of the faults found that moved the price by 0.1 in logit or more
    (stale and stuck ones: of all), where the other window's limits are stretched alike until one
    sound price in a thousand of the window itself is beyond them. `recall_all_<fault>_<sport>`: of
    all faults. `false_positives_<sport>`: sound prices beyond the limits of the other window as
    they are. `recall_timely_<sport>`: mean of swaps, decimal slips and fat fingers; `strict_…`: the
    same if even prices that are way out were sound. `gates_timely_<sport>`: share of those that the
    default gates for anomalies and way-out prices refuse, `way_out_timely_<sport>` the latter
    alone. Each is a mean of both windows; without a sport, of the sports.
    """
    figures: dict[str, float] = {}
    for sport, (one, other, *_) in by_sport(windows()).items():
        pairs = [(one, other), (other, one)]
        for fault in FAULTS:
            found = _recalls(fault, pairs, lambda window: window.sound)
            told = [each.felt if fault in _TIMELY else each.every for each in found]
            figures[f"recall_{fault}_{sport}"] = mean(told)
            figures[f"recall_all_{fault}_{sport}"] = mean(each.every for each in found)
            figures[f"false_positives_{sport}"] = mean(each.false_positives for each in found)
        figures[f"recall_timely_{sport}"] = mean(figures[f"recall_{f}_{sport}"] for f in _TIMELY)
        strict = [each for f in _TIMELY for each in _recalls(f, pairs, lambda w: w.recorded)]
        figures[f"strict_timely_{sport}"] = mean(each.felt for each in strict)
        both, alone = _by_gates([one, other])
        figures[f"gates_timely_{sport}"], figures[f"way_out_timely_{sport}"] = both, alone
    means = {f"recall_{fault}": f"recall_{fault}_" for fault in (*FAULTS, "timely")}
    return figures | {
        name: mean(share for key, share in figures.items() if key.startswith(beginning))
        for name, beginning in means.items()
    }


def _recalls(
    fault: str, pairs: Sequence[tuple[Window, Window]], sound_of: Callable[[Window], Floats]
) -> list[Recall]:
    chance, found = np.random.default_rng(4), list[Recall]()
    for learned, judged in pairs:
        usual = fitted(sound_of(learned))
        sound = _scores(sound_of(judged), usual)
        threshold = np.quantile(sound, 1.0 - FALSE_POSITIVES)
        parts, moved, _ = faults(judged, FAULTS[fault], COUNT, chance)
        beyond = _scores(parts, usual) > threshold
        felt, wrong = beyond[moved >= FAINT], sound >= 1.0
        found.append(Recall(float(beyond.mean()), float(felt.mean()), float(wrong.mean())))
    return found


def _by_gates(some: Sequence[Window]) -> tuple[float, float]:
    """Return the shares of timely faults that two gates refuse, and one of them without the other.

    The ages of these faults are none of theirs, and left out.
    """
    chance, limits = np.random.default_rng(5), DEFAULT_GATES.pre_match
    both, alone = list[float](), list[float]()
    for window in some:
        for fault in _TIMELY:
            parts, moved, distance = faults(window, FAULTS[fault], COUNT, chance)
            felt, way_out = moved >= FAINT, distance > limits.max_distance
            out = _scores(parts[:2], usual_of(window.sport)) > limits.max_anomaly
            both.append(float((out | way_out)[felt].mean()))
            alone.append(float(way_out[felt].mean()))
    return mean(both), mean(alone)


def _scores(parts: Floats, usual: Usual) -> Floats:
    return (parts / np.array(usual)[: len(parts), np.newaxis]).max(axis=0)


if __name__ == "__main__":
    for name, share in run().items():
        print(f"{name:<40}{share:>10.4f}")
