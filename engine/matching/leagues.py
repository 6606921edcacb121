"""What a league's name says of an event: its region, and which squads play."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from engine.matching.names import YOUTH, Squad, fold
from engine.matching.vocabulary import vocabulary

_WORDS = re.compile(r"[a-z0-9]+")
_AGE = re.compile(r"\b(?:u|under|sub)[ _-]?(1[3-9]|2[0-3])s?\b")


class League(msgspec.Struct, frozen=True, gc=False):
    """A league's region ("" if unknown), and the squad that it is for."""

    region: str
    squad: Squad


@lru_cache(maxsize=16_384)
def league(text: str) -> League:
    """Return what a league's name says.

    Examples:
        >>> league("England - Premier League 2 U21").region
        'england'
        >>> league("WNBA").squad.women, league("UEFA Youth League").squad.age == YOUTH
        (True, True)
    """
    folded = fold(text).replace("_", " ").replace("south africa", "southafrica")
    folded = folded.replace("south korea", "southkorea").replace(
        "northern ireland", "northernireland"
    )
    words = _WORDS.findall(folded)
    marks = {vocabulary().marks.get(word) for word in words}
    age = int(found[1]) if (found := _AGE.search(folded)) else 0
    squad = Squad(
        women="women" in marks,
        age=age or (YOUTH if "youth" in marks else 0),
        reserve=2 if "reserve" in marks else 1,
        other="virtual" in marks,
    )
    regions = {region for word in words if (region := _regions().get(word))}
    region = regions.pop() if len(regions) == 1 else ""
    return League(region, squad)


@cache
def _regions() -> Mapping[str, str]:
    path = Path(__file__).with_name("leagues.toml")
    raw = tomllib.loads(path.read_text(encoding="utf-8"))["regions"]
    return {word: region for region, words in raw.items() for word in words.split()}
