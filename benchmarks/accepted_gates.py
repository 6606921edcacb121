"""What gates would refuse of all that was accepted before any of them was built."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from benchmarks.accepted_lives import Life
from benchmarks.accepted_tracks import LegFacts, logit
from domain.opportunities import Leg
from services.books import twins

Gate = Callable[[Life, int], bool]

MIN_OTHERS, MOST_AHEAD_S = 3, 86_400.0


def _thin(least: float) -> Gate:
    return lambda life, look: life.seen[look].roi < least


def _wavering(most: float) -> Gate:
    def gate(life: Life, look: int) -> bool:
        rates = life.recording.wavering
        books = [leg.book for leg in life.seen[look].legs]
        return any(book in rates and rates[book][look] > most for book in books)

    return gate


def _lonely(life: Life, look: int) -> bool:
    return any(leg.others < MIN_OTHERS for leg in _facts(life, look))


def _sisters(life: Life, look: int) -> bool:
    return len({twins(leg.book) for leg in life.seen[look].legs}) == 1


def _new(life: Life, look: int) -> bool:
    """Whether the same legs did not cross at the look before."""
    before = [leg.before_odds for leg in _facts(life, look)]
    return not all(before) or sum(1.0 / odds for odds in before) >= 1.0


def _early(life: Life, look: int) -> bool:
    one = life.seen[look]
    starts_at = one.event.starts_at
    return starts_at is not None and (starts_at - one.as_of).total_seconds() > MOST_AHEAD_S


def _other_game(life: Life, look: int) -> bool:
    """Whether a leg that stands out fits another game of the same sides better."""
    return any(
        abs(leg.distance) > 0.1 and abs(logit(leg.leg.odds) - there) < abs(leg.distance)
        for leg in _facts(life, look)
        for there in _elsewhere(life, look, leg.leg)
    )


def _elsewhere(life: Life, look: int, leg: Leg) -> Iterator[float]:
    """Yield what three books or more say, in the middle, of the bet in each other such game."""
    reading, event = life.recording.looks[look], life.seen[look].event
    for other in reading.events:
        if other.id == event.id or {other.home, other.away} != {event.home, event.away}:
            continue
        market = msgspec.structs.replace(leg.market, event_id=other.id)
        said = [
            logit(quote.odds)
            for quote in reading.quotes
            if quote.market == market and quote.outcome is leg.outcome
        ]
        if len(said) >= MIN_OTHERS:
            yield float(np.median(said))


def _facts(life: Life, look: int) -> list[LegFacts]:
    return [life.recording.facts(leg, look, look) for leg in life.seen[look].legs]


def _any(*gates: Gate) -> Gate:
    return lambda life, look: any(gate(life, look) for gate in gates)


def _built(life: Life, look: int) -> bool:
    """Whether the two gates built since refuse the look."""
    return look not in life.left


GATES: Mapping[str, Gate] = {
    "a book that wavers: over 5 of 100 prices so far went back": _wavering(5.0),
    "the same, over 10": _wavering(10.0),
    "the same, over 20": _wavering(20.0),
    "**built:** a book that wavers, and one house": _built,
    "returns less than 0.3 %": _thin(0.003),
    "the same, 0.5 %": _thin(0.005),
    "the same, 1 %": _thin(0.01),
    "all legs at brands of one house": _sisters,
    "a leg with fewer than three other books": _lonely,
    "a leg that fits another game of the same sides better": _other_game,
    "start more than a day ahead": _early,
    "not there at the look before": _new,
    "wavers over 10, below 0.5 %, or one house": _any(_wavering(10.0), _thin(0.005), _sisters),
}


def refused(gate: Gate, found: Sequence[Life]) -> tuple[int, list[Life]]:
    """Return how many accepted looks a gate would refuse, and the lives that it would hide."""
    looks = {id(life): [gate(life, look) for look in life.seen] for life in found}
    hidden = [life for life in found if all(looks[id(life)])]
    return sum(map(sum, looks.values())), hidden
