"""Ladders: whether a book's price of one line fits what it pays on the others."""

from collections.abc import Sequence

import numpy as np

from domain.markets import Market, Outcome, Side
from engine.quality import off_ladder
from engine.quotes import Ints
from engine.sheet import Marks
from services.held import Bet, HeldMarket
from services.holdings import Holdings

# Which outcomes pay more the higher the line is.
_RISING = {Outcome.OVER: True, Outcome.UNDER: False, Outcome.HOME: False, Outcome.AWAY: True}


class Ladders:
    """The ladders of one look at the prices: each is judged once, whichever of its lines ask."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._judged: dict[tuple[tuple[int, ...], Outcome], Marks] = {}

    def contradicted(self, held: HeldMarket, bets: Sequence[Bet], books: Ints) -> Marks | None:
        """Return which prices of a market do not fit the same book's prices of its other lines.

        Args:
            held: The market; None is returned where it has no other lines.
            bets: What the rows are; lays are not judged.
            books: The columns wanted.

        Returns:
            Shape (bets, books).
        """
        ladder = _ladder(self._holdings, held)
        if len(ladder) < 2:
            return None
        rung = [other.number for other in ladder].index(held.number)
        marks = np.zeros((len(bets), len(books)), np.bool_)
        for row, (outcome, side) in enumerate(bets):
            if side is Side.BACK:
                marks[row] = self._marks(ladder, outcome)[rung, books]
        return marks

    def _marks(self, ladder: Sequence[HeldMarket], outcome: Outcome) -> Marks:
        """Return which prices of an outcome contradict others, shape (lines, all books)."""
        known = (tuple(held.number for held in ladder), outcome)
        if known not in self._judged:
            store, place = self._holdings.store, ladder[0].market.outcomes.index(outcome)
            rows = np.array([store.first_row(held.number) + place for held in ladder], np.int64)
            columns = [off_ladder(one, rising=_RISING[outcome]) for one in store.price[rows].T]
            self._judged[known] = np.stack(columns, axis=1)
        return self._judged[known]


def _ladder(holdings: Holdings, held: HeldMarket) -> list[HeldMarket]:
    """Return the markets that ask the same at other lines, and itself, lines ascending."""
    market, event = held.market, holdings.held_event(held.market.event_id)
    if market.line is None or market.ways != 2 or event is None:
        return []
    rungs = [other for other in event.markets.values() if _asks_the_same(other.market, market)]
    return sorted(rungs, key=lambda other: other.market.line or 0.0)


def _asks_the_same(one: Market, other: Market) -> bool:
    return one.line is not None and _but_line(one) == _but_line(other)


def _but_line(market: Market) -> tuple[object, ...]:
    return market.kind, market.period, market.ways, market.statistic, market.subject
