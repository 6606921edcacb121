"""The highest share of prices that went back, by book and recorded window: docs/quality.md."""

from pathlib import Path

import numpy as np

from benchmarks.anomaly_windows import FOLDER
from feeds.recordings import readings
from services.holdings import Holdings


def highest(path: Path) -> dict[str, float]:
    """Return the highest share of each book in a recording, as the gate was told it."""
    holdings, most = Holdings(), dict[str, float]()
    for reading in readings(path):
        holdings.absorb(reading)
        columns = np.arange(len(holdings.books))
        rows = slice(0, holdings.store.rows)
        share = np.where(holdings.store.price[rows, columns] > 0.0, 0.0, np.nan)
        now = np.nan_to_num(share + holdings.wavering.of(rows, columns)).max(axis=0)
        for book, figure in zip(holdings.books, now.tolist(), strict=True):
            most[book] = max(most.get(book, 0.0), figure)
    return most


def main() -> None:
    """Print the two highest of each window."""
    print("| window | highest | next |", "|---|--:|--:|", sep="\n")
    for path in sorted(FOLDER.glob("*.jsonl.xz")):
        found = sorted(highest(path).items(), key=lambda entry: -entry[1])[:2]
        shown = " | ".join(f"{book} {share:.1%}" for book, share in found)
        print(f"| {path.name.rpartition('_')[0]} | {shown} |")


if __name__ == "__main__":
    main()
