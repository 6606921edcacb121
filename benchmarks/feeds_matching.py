"""The same events under 20 sources' names: how fast they are found to be the same, and how well."""

import datetime as dt
import gc
from collections.abc import Mapping
from random import Random
from time import perf_counter

from domain.markets import Event
from domain.matching import Verdict
from engine.matching.assign import Decision, decide
from engine.matching.contests import contest
from engine.matching.roster import Roster

EVENTS = 10_000
SOURCES = 20
START = dt.datetime(2030, 1, 5, 15, tzinfo=dt.UTC)
SPORTS = ("soccer", "soccer", "basketball", "tennis", "ice_hockey", "baseball", "handball")
_ONSETS = (
    "b",
    "br",
    "c",
    "d",
    "f",
    "g",
    "gr",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "st",
    "t",
    "v",
)
_VOWELS = ("a", "e", "i", "o", "u", "ó", "ü")
_KINDS = ("United", "City", "Town", "Rovers", "", "", "", "")


def run() -> Mapping[str, float]:
    """Return `match_10k_s` and what share of it was right.

    `match_10k_s`: seconds on one core to find which of 10,000 new events each listing of 20
    sources is, from nothing: each source lists all of them in one of six manners of writing, a
    minute or more apart, many at one hour; the listings were there before and are no work of the
    garbage collector's, as in a worker, which freezes what it starts with.
    `match_10k_precision`, `match_10k_recall`: of joins that were right, and of listings after the
    first that were joined.
    """
    chance = Random(7)
    listings = [_listed(chance, number) for number in range(EVENTS)]
    sources = [[_written(event, source, chance) for event in listings] for source in range(SOURCES)]
    gc.collect()
    gc.freeze()
    began = perf_counter()
    roster, right, wrong = Roster(), 0, 0
    for source, events in enumerate(sources):
        contests = [contest(event, f"source-{source}") for event in events]
        for number, found in enumerate(decide(contests, roster)):
            if found.verdict is Verdict.JOIN:
                right += found.known == str(number)
                wrong += found.known != str(number)
            if found.verdict is not Verdict.ASK:
                roster.add(_canonical(found, number, source), found.contest)
    took = perf_counter() - began
    gc.unfreeze()
    return {
        "match_10k_s": took,
        "match_10k_precision": right / max(1, right + wrong),
        "match_10k_recall": right / (EVENTS * (SOURCES - 1)),
    }


def _canonical(found: Decision, number: int, source: int) -> str:
    if found.known is not None:
        return found.known
    return str(number) if source == 0 else f"{number}-{source}"


def _listed(chance: Random, number: int) -> Event:
    """Return an event; a third of them start in ten hours that all leagues like."""
    hour = chance.randrange(10) * 24 if chance.random() < 0.33 else chance.randrange(24 * 10)
    sport = SPORTS[number % len(SPORTS)]
    return Event(
        id=str(number),
        source_id=str(number),
        sport=sport,
        league="",
        home=_side(chance, sport),
        away=_side(chance, sport),
        starts_at=START + dt.timedelta(hours=hour, minutes=5 * chance.randrange(12)),
    )


def _side(chance: Random, sport: str) -> str:
    words = [_word(chance) for _ in range(1 if chance.random() < 0.5 else 2)]
    if sport == "tennis":
        return f"{_word(chance)} {_word(chance)}"
    return " ".join([*words, chance.choice(_KINDS)]).strip()


def _word(chance: Random) -> str:
    syllables = (
        chance.choice(_ONSETS) + chance.choice(_VOWELS) for _ in range(chance.choice((2, 3)))
    )
    return "".join(syllables).capitalize() + chance.choice(("n", "r", "s", "l", ""))


def _written(event: Event, source: int, chance: Random) -> Event:
    manner = _MANNERS[source % len(_MANNERS)]
    late = dt.timedelta(minutes=chance.choice((0, 0, 0, 0, 1, 3, 5)))
    assert event.starts_at is not None
    return Event(
        id=f"{source}:{event.id}",
        source_id=event.source_id,
        sport=event.sport,
        league=event.league,
        home=manner(event.home),
        away=manner(event.away),
        starts_at=event.starts_at + late,
    )


def _first_cut(side: str) -> str:
    first, *rest = side.split()
    return " ".join([first[:5], *rest]) if rest else side


_MANNERS = (
    str,
    lambda side: side.replace("ó", "o").replace("ü", "u"),
    lambda side: f"FC {side}".replace("United", "Utd"),
    str.upper,
    lambda side: side.replace("ü", "ue").removesuffix(" City").removesuffix(" Town"),
    _first_cut,
)

if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<24}{value:>12.5f}")
