"""How far prices tell which side is which: two books of recorded seasons as two sources."""

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.matching_labels import RECORDED
from domain.markets import MarketKind, Outcome
from engine.matching.orientation import Chances, sides
from feeds.recordings import readings


def main() -> None:
    """Print the spread of differences, and what is answered of straight and reversed lists."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    pairs = list(book_pairs(RECORDED))
    apart = [
        math.log(a / (1 - a)) - math.log(b / (1 - b))
        for one, two in pairs
        for a, b in zip(one, two, strict=True)
    ]
    size = np.abs(np.array(apart))
    print(
        f"{len(pairs)} pairs; spread {np.std(apart):.4f}, "
        f"99 %: {np.quantile(size, 0.99):.3f}, 99.9 %: {np.quantile(size, 0.999):.3f}"
    )
    straight = Counter(sides(one, two) for one, two in pairs)
    turned = Counter(sides(one, Chances(two.away, two.home)) for one, two in pairs)
    print("listed alike:   ", dict(straight))
    print("listed reversed:", dict(turned))


def book_pairs(folder: Path) -> Iterator[tuple[Chances, Chances]]:
    """Yield the opening chances of two books on each recorded match that has both."""
    for path in sorted((folder / "football_data").glob("*/*.csv")):
        odds: defaultdict[tuple[str, str], dict[Outcome, float]] = defaultdict(dict)
        for quote in next(readings(path)).quotes:
            if quote.market.kind is MarketKind.WINNER:
                odds[quote.market.event_id, quote.book][quote.outcome] = quote.odds
        for (event_id, book), three in odds.items():
            other = odds.get((event_id, "williamhill")) or odds.get((event_id, "bwin"))
            if book == "bet365" and other and len(three) == len(other) == 3:
                yield _chances(three), _chances(other)


def _chances(odds: dict[Outcome, float]) -> Chances:
    total = sum(1.0 / price for price in odds.values())
    return Chances(1.0 / odds[Outcome.HOME] / total, 1.0 / odds[Outcome.AWAY] / total)


if __name__ == "__main__":
    main()
