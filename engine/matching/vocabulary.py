"""Words with a meaning in names of sides: read once from `words.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words by what they do to a name; `phrases` by their first word, the longest first."""

    noise: frozenset[str]
    kinds: frozenset[str]
    common: frozenset[str]
    exact: frozenset[str]
    apart: frozenset[str]
    apart_in: frozenset[str]
    persons: frozenset[str]
    sports: Mapping[str, str]
    marks: Mapping[str, str]
    words: Mapping[str, str]
    american: Mapping[str, str]
    phrases: Mapping[str, tuple[tuple[Phrase, Phrase], ...]]

    def weight(self, word: str) -> float:
        """Return how much a word tells of who a side is, 0 to 1."""
        if word in self.noise:
            return 0.1
        if word.isdigit():
            return 0.2
        if len(word) == 1:
            return 0.3
        return 0.5 if word in self.kinds else 1.0


@cache
def vocabulary() -> Vocabulary:
    """Return the words of `words.toml`."""
    raw = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return Vocabulary(
        noise=_set(raw["noise"]),
        kinds=_set(raw["kinds"]),
        common=_set(raw["common"]),
        exact=_set(raw["exact"]),
        apart=_set(raw["apart"]),
        apart_in=frozenset(raw["apart_in"]),
        persons=frozenset(raw["persons"]),
        sports=raw["sports"],
        marks={word: mark for mark, words in raw["marks"].items() for word in words.split()},
        words=raw["words"],
        american=raw["american"],
        phrases=_phrases(raw["phrases"]),
    )


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _phrases(raw: Mapping[str, Any]) -> dict[str, tuple[tuple[Phrase, Phrase], ...]]:
    found: dict[str, list[tuple[Phrase, Phrase]]] = {}
    for written, read in raw.items():
        words = tuple(written.split())
        found.setdefault(words[0], []).append((words, tuple(read.split())))
    return {
        first: tuple(sorted(some, key=lambda one: -len(one[0]))) for first, some in found.items()
    }
