"""Order books kept from a stream of changes, as the Exchange Stream API documents them.

A change of `atb` or `atl` sets the size at a price, of `batb`, `batl`, `bdatb` or `bdatl` what
stands at a position; a size of 0 takes it away. An image (`img`) replaces a market's whole book.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from feeds.betfair_shape import (
    LevelPriceSize,
    MarketChange,
    MarketDefinition,
    PriceSize,
    RunnerChange,
)

RunnerKey = tuple[int, float]


class Best(NamedTuple):
    """The best price of a side and the backer's stake that stands there."""

    price: float
    size: float


class _ByPrice:
    """A whole side of a runner's book."""

    __slots__ = ("best_is_highest", "sizes")

    def __init__(self, *, best_is_highest: bool) -> None:
        self.best_is_highest = best_is_highest
        self.sizes = dict[float, float]()

    def update(self, changes: Iterable[PriceSize]) -> None:
        for price, size in changes:
            if size == 0:
                self.sizes.pop(price, None)
            else:
                self.sizes[price] = size

    def levels(self) -> list[Best]:
        return [Best(*level) for level in sorted(self.sizes.items(), reverse=self.best_is_highest)]

    def best(self) -> Best | None:
        if not self.sizes:
            return None
        price = max(self.sizes) if self.best_is_highest else min(self.sizes)
        return Best(price, self.sizes[price])


class _ByPosition:
    """The best few levels of a side, the best at position 0."""

    __slots__ = ("places",)

    def __init__(self) -> None:
        self.places = dict[int, Best]()

    def update(self, changes: Iterable[LevelPriceSize]) -> None:
        for place, price, size in changes:
            if size == 0:
                self.places.pop(place, None)
            else:
                self.places[place] = Best(price, size)

    def levels(self) -> list[Best]:
        return [self.places[place] for place in sorted(self.places)]

    def best(self) -> Best | None:
        return self.places[min(self.places)] if self.places else None


class Side:
    """One side of a runner's book, in whichever ways the subscription brings it.

    What the site displays comes first, since it can be bet on too; then the best levels; then all.
    `changed_at` is when the best price or its size last changed.
    """

    __slots__ = ("_best", "_displayed", "_known", "_whole", "changed_at")

    def __init__(self, *, best_is_highest: bool) -> None:
        self._displayed, self._best = _ByPosition(), _ByPosition()
        self._whole = _ByPrice(best_is_highest=best_is_highest)
        self._known: _ByPosition | _ByPrice = self._whole
        self.changed_at: datetime | None = None

    def update(
        self,
        displayed: Iterable[LevelPriceSize] | None,
        best: Iterable[LevelPriceSize] | None,
        whole: Iterable[PriceSize] | None,
        at: datetime | None,
    ) -> None:
        """Take over the changes of one message; `at` is its time."""
        before = self.best()
        if whole is not None:
            self._whole.update(whole)
        if best is not None:
            self._best.update(best)
            self._known = self._displayed if self._known is self._displayed else self._best
        if displayed is not None:
            self._displayed.update(displayed)
            self._known = self._displayed
        if self.best() != before:
            self.changed_at = at

    def best(self) -> Best | None:
        """Return the best price, or None if there is none."""
        return self._known.best()

    def whole(self) -> list[Best]:
        """Return every level that changes by price have brought, the best first."""
        return self._whole.levels()

    def displayed(self) -> list[Best]:
        """Return the levels as the site displays them, the best first."""
        return self._displayed.levels()


class RunnerBook:
    """What may be backed and laid of one runner."""

    __slots__ = ("back", "lay")

    def __init__(self) -> None:
        self.back = Side(best_is_highest=True)
        self.lay = Side(best_is_highest=False)

    def update(self, change: RunnerChange, at: datetime | None) -> None:
        """Take over what changed of the runner."""
        self.back.update(change.bdatb, change.batb, change.atb, at)
        self.lay.update(change.bdatl, change.batl, change.atl, at)


class MarketBook:
    """A market's definition and the books of its runners."""

    def __init__(self, definition: MarketDefinition) -> None:
        self.definition = definition
        self.runners = dict[RunnerKey, RunnerBook]()

    def update(self, change: MarketChange, at: datetime | None) -> None:
        """Take over what changed of the market."""
        self.definition = change.market_definition or self.definition
        for runner in change.rc or ():
            key = (runner.id, runner.hc or 0.0)
            if (book := self.runners.get(key)) is None:
                book = self.runners[key] = RunnerBook()
            book.update(runner, at)


class Books:
    """All markets of one stream."""

    def __init__(self) -> None:
        self.markets = dict[str, MarketBook]()

    def apply(self, change: MarketChange, at: datetime | None) -> MarketBook | None:
        """Return the market as it is after a change, or None if its image never came."""
        book = self.markets.get(change.id)
        if change.img or book is None:
            definition = change.market_definition or (book.definition if book else None)
            if definition is None:
                return None
            book = self.markets[change.id] = MarketBook(definition)
        book.update(change, at)
        return book

    def forget(self, market_id: str | None) -> None:
        """Forget a market, or all of them: what cannot be read may have changed anything."""
        if market_id is None:
            self.markets.clear()
        else:
            self.markets.pop(market_id, None)
