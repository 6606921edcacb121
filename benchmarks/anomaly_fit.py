"""What is usual in recorded prices: run it to print the table of `engine.anomaly`."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from benchmarks.anomaly_windows import Window, windows
from engine.anomaly import Usual
from engine.quotes import Floats

FALSE_POSITIVES = 0.001
_AGE_S = 900.0


def fitted(sound: Floats) -> Usual:
    """Return the z and the innovation that one sound price in a thousand reaches, either or both.

    Each is given the same share of them; the age is not fitted.

    Args:
        sound: The parts of sound prices, as `Window.sound`.
    """
    low, high = 1e-6, FALSE_POSITIVES
    for _ in range(30):
        tail = float(np.sqrt(low * high))
        most = np.quantile(sound[:2], 1.0 - tail, axis=1)
        too_many = (sound[:2] >= most[:, np.newaxis]).any(axis=0).mean() > FALSE_POSITIVES
        low, high = (low, tail) if too_many else (tail, high)
    z, leap = np.quantile(sound[:2], 1.0 - low, axis=1)
    return Usual(float(z), float(leap), _AGE_S)


def by_sport(every: Sequence[Window]) -> dict[str, list[Window]]:
    """Return the windows of each sport."""
    ordered = sorted(every, key=lambda window: (window.sport, window.name))
    return {sport: list(some) for sport, some in groupby(ordered, lambda window: window.sport)}


if __name__ == "__main__":
    for sport, some in by_sport(windows()).items():
        apiece = [window.sound for window in some]
        pooled = fitted(np.concatenate(apiece, axis=1))
        figures = ", ".join(
            f"{usual.z:.1f}/{usual.innovation:.3f}" for usual in map(fitted, apiece)
        )
        count = sum(sound.shape[1] for sound in apiece)
        print(f'"{sport}": Usual({pooled.z:.1f}, {pooled.innovation:.3f}),  # {count:,}; {figures}')
