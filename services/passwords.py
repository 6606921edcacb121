"""Passwords: which are good enough, and Argon2id in threads of its own."""

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from passlib import hash as schemes  # pyright: ignore[reportMissingTypeStubs]
from zxcvbn import zxcvbn

from domain.errors import Refused, Unavailable
from kit.ids import secret

SHORTEST, LONGEST = 12, 1024
FEWEST_GUESSES: Final = 1e8
_JUDGED = 72
_PRODUCT: Final = "dutchbook"
_SHORTEST_WORD: Final = 3
_LEET: Final[Mapping[str, str]] = MappingProxyType(
    {"a": "4@", "b": "8", "c": "(", "e": "3", "g": "69", "i": "1!|", "l": "1|7", "o": "0"}
    | {"s": "5$", "t": "7+", "x": "%", "z": "2"}
)
_MOST_WAITING = 32

T = TypeVar("T")


class Passwords:
    """Hashes and compares passwords, a few at a time: each takes `memory_kib` while it lasts.

    The defaults take about 0.2 s a hash; tests choose less.
    """

    def __init__(self, *, memory_kib: int = 65_536, passes: int = 3, at_once: int = 2) -> None:
        self._scheme = cast("Any", schemes).argon2.using(
            type="ID", memory_cost=memory_kib, time_cost=passes, parallelism=1
        )
        self._threads = ThreadPoolExecutor(at_once, "passwords")
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        """Return what is kept of a password; raise `Unavailable` if too many wait already."""
        return await self._aside(lambda: str(self._scheme.hash(password)))

    async def verify(self, password: str, kept: str | None) -> bool:
        """Return whether `kept` was made of the password; with None it takes as long to say no.

        Raises:
            Unavailable: Too many wait already.
        """
        return await self._aside(lambda: self._is_of(password, kept))

    def outdated(self, kept: str) -> bool:
        """Return whether a hash was made at another cost than ours."""
        return bool(self._scheme.needs_update(kept))

    def _is_of(self, password: str, kept: str | None) -> bool:
        nobodys = self._nobodys  # made beforehand either way, or the first guess would tell
        same = bool(self._scheme.verify(password, nobodys if kept is None else kept))
        return same and kept is not None

    @cached_property
    def _nobodys(self) -> str:
        return str(self._scheme.hash(secret()))

    async def _aside(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MOST_WAITING:
            raise Unavailable("too many passwords are being checked at once; try again in a minute")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def require_good(password: str, *, email: str) -> None:
    """Raise `Refused` for a password that is too short, too long or too easy to guess.

    The judge is zxcvbn, with its 30,000 commonest passwords, names and words, on the first 72
    characters: it counts the guesses of somebody who knows those lists, keyboard runs, dates, the
    address and our name. What is left without the parts of the address and our name, however they
    are spelled, has to be as hard to guess alone. No kind of character is asked for, and nothing
    leaves the machine.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(f"the password must have {SHORTEST} to {LONGEST} characters")
    if any("\ud800" <= each <= "\udfff" for each in password):
        raise Refused("the password has characters in it that are no text")
    known = [_PRODUCT, email, *re.split(r"[\W_]+", email)]
    judged = {password, _without(password, known)}
    if min(_guesses(each, known) for each in judged) < FEWEST_GUESSES:
        raise Refused("the password is too easy to guess: choose several unrelated words")


def _guesses(password: str, known: list[str]) -> float:
    judged = password[:_JUDGED]
    return float(cast("Any", zxcvbn)(judged, user_inputs=known)["guesses"]) if judged else 1.0


def _without(password: str, known: list[str]) -> str:
    """Return a password without words that anybody knows, in whatever case and with 4 for a."""
    words = sorted((each for each in known if len(each) >= _SHORTEST_WORD), key=len, reverse=True)
    spelled = ("".join(map(_like, word.casefold())) for word in words)
    return re.sub("|".join(spelled), "", password, flags=re.IGNORECASE)


def _like(letter: str) -> str:
    """Return a pattern of a letter and of what is written in its place."""
    return f"[{re.escape(letter + _LEET.get(letter, ''))}]"
