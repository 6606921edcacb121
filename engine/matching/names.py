"""Names of sides, made comparable: folded, abbreviations written out, marks set apart."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import msgspec
from anyascii import anyascii

from engine.matching.vocabulary import vocabulary

_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?")
_WORDS = re.compile(r"[a-z0-9]+")
_AGE = re.compile(r"\b(?:u|under|sub)[ -]?(1[3-9]|2[0-3])s?\b")
_GAME = re.compile(r"\(?\b(?:game|gm|g)[ .#-]?([12])\b\)?")
_WOMEN_AT_END = re.compile(r"(?:\(\s*[wf]\s*\)|\bw\.?)\s*$")
_RESERVE_AT_END = re.compile(r"(?<=\w)[ (.-]+(b|iii|2|3)\W*$")
_STATISTIC = re.compile(r"\((corners|bookings|cards|shots|fouls|offsides|kicks)\)")
_NUMBER = re.compile(r"[0-9]")
_NEVER_A_MARK = frozenset("acdefghjklmnopqrstuvxyz01456789")
_LETTER = {"b": 2, "2": 2, "3": 3, "iii": 3}

YOUTH = -1


class Squad(msgspec.Struct, frozen=True, gc=False):
    """Which of a club's sides plays.

    `age` is the limit, 0 for grown-ups, `YOUTH` where a vendor says no more than that; `reserve` is
    1 for the first side; `other` is true of games of computers and of counts other than the score.
    """

    women: bool = False
    age: int = 0
    reserve: int = 1
    other: bool = False


class Name(msgspec.Struct, frozen=True, gc=False):
    """A side's name: its words with their weights, and its squad.

    `game` is 1 or 2 where the name tells games of a doubleheader apart. `key` is equal for names
    that say the same, `beginnings` are what it is found by; `players` is how many persons a side
    of persons has.
    """

    words: tuple[str, ...]
    weights: tuple[float, ...]
    squad: Squad
    key: str
    beginnings: tuple[str, ...]
    game: int = 0
    players: int = 1
    apart: bool = False
    persons: bool = False

    @property
    def weight(self) -> float:
        """The sum of its words' weights."""
        return sum(self.weights)


def fold(text: str) -> str:
    """Return text in lower-case ASCII: accents dropped, other scripts transliterated.

    Examples:
        >>> fold("Beşiktaş"), fold("Bodø/Glimt"), fold("Динамо"), fold("Q.P.R.")
        ('besiktas', 'bodo/glimt', 'dinamo', 'qpr')
    """
    if not text.isascii():
        split = unicodedata.normalize("NFKD", text)
        text = anyascii("".join(c for c in split if not unicodedata.combining(c)))
    lower = text.lower().replace("&", " and ").replace("'", "").replace("`", "")
    lower = lower.replace(" a and m", " am")
    if "." in lower:
        lower = _INITIALS.sub(lambda initials: initials[0].replace(".", "") + " ", lower)
    return lower.strip()


def plain(word: str) -> str:
    """Return a word with `ae`, `oe` and `ue` as the single letters that they often stand for."""
    if "e" not in word:
        return word
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


@lru_cache(maxsize=131_072)
def name(text: str, sport: str = "soccer") -> Name:
    """Return a side's name made comparable.

    Examples:
        >>> name("Man Utd (W)").words, name("Man Utd (W)").squad.women
        (('manchester', 'united'), True)
        >>> name("Real Sociedad II").squad == name("Sociedad B").squad
        True
    """
    known = vocabulary()
    folded, women, age, reserve, game = _set_apart(fold(text), persons=sport in known.persons)
    other = _STATISTIC.search(folded) is not None
    words: list[str] = []
    for word in _written_out(_WORDS.findall(folded), american=sport in known.apart_in):
        mark = known.marks.get(word)
        women |= mark == "women"
        age = YOUTH if mark == "youth" and not age else age
        reserve = 2 if mark == "reserve" and reserve == 1 else reserve
        other |= mark == "virtual"
        if mark is None or mark == "other":
            words.append(word)
    chosen = words or _WORDS.findall(fold(text)) or ["?"]
    weights = _weights(chosen)
    telling = sorted(w for w, weight in zip(chosen, weights, strict=True) if weight > 0.15)
    return Name(
        words=tuple(chosen),
        weights=weights,
        squad=Squad(women, age, reserve, other),
        key=" ".join(telling or chosen),
        beginnings=_beginnings(chosen, weights),
        game=game,
        players=1 + text.count("/") if sport in known.persons else 1,
        apart=sport in known.apart_in,
        persons=sport in known.persons,
    )


def _set_apart(folded: str, *, persons: bool) -> tuple[str, bool, int, int, int]:
    """Return the text without the marks that stand in fixed places, and those marks."""
    age = game = 0
    reserve = 1
    if _NUMBER.search(folded):
        if found := _AGE.search(folded):
            age, folded = int(found[1]), _AGE.sub(" ", folded)
        if found := _GAME.search(folded):
            game, folded = int(found[1]), _GAME.sub(" ", folded)
    if persons or folded[-1:] in _NEVER_A_MARK:  # a person's last letter is an initial
        return folded, False, age, reserve, game
    women = _WOMEN_AT_END.search(folded.rstrip()) is not None and len(folded) > 2
    if women:
        folded = _WOMEN_AT_END.sub(" ", folded.rstrip())
    if found := _RESERVE_AT_END.search(folded):
        reserve, folded = _LETTER[found[1]], folded[: found.start()]
    return folded, women, age, reserve, game


def _written_out(words: list[str], *, american: bool) -> Iterator[str]:
    known = vocabulary()
    at = 0
    while at < len(words):
        word = words[at]
        for written, read in known.phrases.get(word, ()):
            if tuple(words[at : at + len(written)]) == written and _may_be(written, words):
                yield from read
                at += len(written)
                break
        else:
            at += 1
            yield _word(word, first=at == 1, american=american)


def _may_be(written: tuple[str, ...], words: list[str]) -> bool:
    """Whether a phrase may be meant: one of a single word, only if it is the whole name."""
    return len(written) > 1 or vocabulary().noise.issuperset(set(words) - set(written))


def _word(word: str, *, first: bool, american: bool) -> str:
    known = vocabulary()
    if word == "st":
        return "saint" if first or not american else "state"
    if american and word in known.american:
        return known.american[word]
    return known.words.get(word, word) if word not in {"la", "ny"} or american else word


def _beginnings(words: list[str], weights: tuple[float, ...]) -> tuple[str, ...]:
    """Return the first letters of the telling words; of common words, where there are no others."""
    common = vocabulary().common
    telling = [
        word
        for word, weight in zip(words, weights, strict=True)
        if weight >= 0.5 and word not in common
    ]
    return tuple({plain(word)[:3] for word in telling or words})


def _weights(words: list[str]) -> tuple[float, ...]:
    """Return the words' weights; a name of nothing but slight words counts as one word."""
    weights = [vocabulary().weight(word) for word in words]
    scale = 1.0 / total if (total := sum(weights)) < 1.0 else 1.0
    return tuple(weight * scale for weight in weights)
