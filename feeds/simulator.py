"""A world of invented clubs and books, for demonstrations and load: never live, always stamped."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from domain.markets import Event, Market, MarketKind, Outcome
from domain.quotes import Origin, Quote, Reading
from feeds import sim_prices
from feeds.base import event_id
from feeds.sim_books import SimulatedBooks, sharp_books
from feeds.sim_parameters import (
    CLUBS,
    GRID_POINTS,
    SHARP_MARGINS,
    SOFT_MARGINS,
    SPORTS,
    Assumed,
    Sport,
)

SOURCE = "simulator"
_SOONEST, _LATEST = 10.0, 36 * 60.0
_OWN_LINE = 0.2
_WARM_UP = timedelta(hours=4)  # by then some games are on, and books lag behind as they will


@dataclass(frozen=True, slots=True)
class _Game:
    """One event, and the markets of each book on it: its handicap and total line may be its own."""

    event: Event
    winner: Market
    handicaps: list[Market]
    totals: list[Market]


class Simulator:
    """Books that price events before and during play; the same seed and steps give the same world.

    Prices before the start follow figures fitted to recorded odds; everything in play is assumed
    (`sim_parameters.Assumed`). When a game is over, another takes its place.
    """

    def __init__(
        self, seed: int, *, events: int = 60, books: int = 12, started_at: datetime
    ) -> None:
        self._chance = np.random.default_rng(seed)
        self._began_at = self._until = started_at - _WARM_UP
        sharps = sharp_books(books)
        self._books = [
            f"sim-sharp-{n + 1}" if n < sharps else f"sim-soft-{n + 1 - sharps}"
            for n in range(books)
        ]
        self._grid = np.resize(np.array(GRID_POINTS, np.float64), books)
        self._clubs = self._chance.permutation(np.array(CLUBS)).tolist()
        self._prices = SimulatedBooks(self._chance, events, books)
        self._margins = np.ones((events, books))
        self._own_lines = np.zeros((events, books, 2))
        self._drawn = np.array([SPORTS[place % len(SPORTS)].ways == 3 for place in range(events)])
        self._played = 0
        self._games = [self._new_game(place, 0.0) for place in range(events)]
        self._pages: list[list[list[Quote]]] = [[[]] * books for _ in range(events)]
        self._print(np.ones((events, books), np.bool_))
        self.step(started_at)

    def step(self, to: datetime) -> Reading:
        """Let the world run until `to` and return every price that is then offered.

        Raises:
            ValueError: `to` lies before the last step.
        """
        if to < self._until:
            raise ValueError("the simulated world cannot run backwards")
        self._until = to
        now = (to - self._began_at) / timedelta(minutes=1)
        renewed = self._prices.advance(now)
        for place in np.flatnonzero(self._prices.starts_at <= now - Assumed().game_minutes):
            self._games[place] = self._new_game(int(place), now)
            renewed[place] = True
        self._print(renewed)
        offered = (self._prices.missing_until <= now).tolist()
        return Reading(
            source=SOURCE,
            scope="world",
            origin=Origin.SIMULATED,
            as_of=to,
            arrived_at=to,
            complete=True,
            events=[game.event for game in self._games],
            quotes=[
                quote
                for pages, here in zip(self._pages, offered, strict=True)
                for page, shown in zip(pages, here, strict=True)
                if shown
                for quote in page
            ],
        )

    def _new_game(self, place: int, now: float) -> _Game:
        sport = SPORTS[place % len(SPORTS)]
        starts = now + float(self._chance.uniform(_SOONEST, _LATEST))
        starts_at = self._began_at + timedelta(minutes=round(starts / 5) * 5)
        minutes = (starts_at - self._began_at) / timedelta(minutes=1)
        self._prices.begin(place, minutes, sport.wander, sport.error_factor)
        sharp = np.arange(len(self._books))[:, None] < sharp_books(len(self._books))
        tiers = np.where(sharp, SHARP_MARGINS, SOFT_MARGINS)
        drawn = self._chance.integers(0, 2, len(self._books))
        self._margins[place] = tiers[np.arange(len(self._books)), drawn]
        event = self._new_event(sport, starts_at)
        handicaps, totals = self._lines(place, sport)
        period = sport.period
        return _Game(
            event=event,
            winner=Market(
                event_id=event.id, kind=MarketKind.WINNER, period=period, ways=sport.ways
            ),
            handicaps=[
                Market(event_id=event.id, kind=MarketKind.HANDICAP, period=period, line=line)
                for line in handicaps
            ],
            totals=[
                Market(event_id=event.id, kind=MarketKind.TOTAL, period=period, line=line)
                for line in totals
            ],
        )

    def _new_event(self, sport: Sport, starts_at: datetime) -> Event:
        number = self._played
        self._played += 1
        source_id = f"sim-{number}"
        return Event(
            id=event_id(SOURCE, source_id),
            source_id=source_id,
            sport=sport.name,
            league="simulated_league",
            home=self._clubs[2 * number % len(self._clubs)],
            away=self._clubs[(2 * number + 1) % len(self._clubs)],
            starts_at=starts_at,
        )

    def _lines(self, place: int, sport: Sport) -> tuple[list[float], list[float]]:
        """Draw the lines of an event: one that most books share, and some books' own beside it."""
        books = len(self._books)
        ahead = sport.margin_scale * float(self._prices.truth[place, 0])
        shared = np.array([np.floor(-ahead) + 0.5, sport.usual_total])
        moved = self._chance.random((books, 2)) < _OWN_LINE
        own = np.where(moved, self._chance.choice([-1.0, 1.0], (books, 2)), 0.0)
        lines = shared + own
        beyond = np.copysign(np.abs(lines[:, 0]) - 0.5, lines[:, 0])
        self._own_lines[place, :, 0] = beyond / sport.margin_scale
        self._own_lines[place, :, 1] = own[:, 1] / sport.total_scale
        return lines[:, 0].tolist(), lines[:, 1].tolist()

    def _print(self, renewed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> None:
        """Write the pages anew that books renewed; all others stand as they were."""
        prices = self._prices
        odds = sim_prices.odds(
            prices.quoted, self._own_lines, self._margins, self._grid, self._drawn
        )
        odds = sim_prices.with_errors(odds, prices.error)
        for place, book in np.argwhere(renewed).tolist():
            seconds = int(prices.changed_at[place, book] * 60)
            changed_at = self._began_at + timedelta(seconds=seconds)
            self._pages[place][book] = self._page(
                self._games[place], book, odds[place, book].tolist(), changed_at
            )

    def _page(self, game: _Game, book: int, odds: list[float], changed_at: datetime) -> list[Quote]:
        offers = [
            (game.winner, Outcome.HOME, sim_prices.HOME),
            (game.winner, Outcome.AWAY, sim_prices.AWAY),
            (game.handicaps[book], Outcome.HOME, sim_prices.HOME_LINE),
            (game.handicaps[book], Outcome.AWAY, sim_prices.AWAY_LINE),
            (game.totals[book], Outcome.OVER, sim_prices.OVER),
            (game.totals[book], Outcome.UNDER, sim_prices.UNDER),
        ]
        if game.winner.ways == 3:
            offers.insert(1, (game.winner, Outcome.DRAW, sim_prices.DRAW))
        name = self._books[book]
        return [
            Quote(book=name, market=market, outcome=outcome, odds=odds[at], changed_at=changed_at)
            for market, outcome, at in offers
        ]
