"""Kept: what earlier answers said that later ones refer to, by its id, within a bound."""

from collections import OrderedDict
from typing import Generic, TypeVar

_Thing = TypeVar("_Thing")
MOST = 100_000


class Kept(Generic[_Thing]):
    """Things by id; the one that was longest not told anew is let go when there are too many."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._things = OrderedDict[str, _Thing]()

    def __len__(self) -> int:
        return len(self._things)

    def put(self, key: str, thing: _Thing) -> None:
        """Keep a thing in place of what was kept of its id."""
        self._things[key] = thing
        self._things.move_to_end(key)
        if len(self._things) > self._most:
            self._things.popitem(last=False)

    def ids(self) -> list[str]:
        """Return the ids of all things, the one told last at the end."""
        return list(self._things)

    def get(self, key: str) -> _Thing | None:
        """Return the thing of an id, or None."""
        return self._things.get(key)
