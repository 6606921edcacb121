"""A world of events and books whose prices move, with arbitrages planted at known times."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from random import Random

from domain.sports import SPORTS

_SYLLABLES = [a + b for a, b in product("bdfgklmnprstvz", ("a", "e", "i", "o", "u", "an", "or"))]
_NOISE = 0.01
_LEAST_MARGIN, _MOST_MARGIN = 0.045, 0.08
_LEAST_CHANCE = 0.12
# What the prices of a book that pays too much for one side cost together.
_OWN_SUM = 1.04


@dataclass(slots=True)
class Offer:
    """One book's prices of one game: its winner market, then over and under where it has them.

    `seq` is that of its last change; `told` every change, where somebody keeps count of them.
    """

    game: "Game"
    book: int
    odds: list[float]
    changed_s: float
    seq: int = 0
    told: list[tuple[float, float]] | None = None


@dataclass(slots=True)
class Game:
    """One event; `chances` are those of home, draw (where there is one), away, over and under."""

    number: int
    sport: str
    league: str
    home: str
    away: str
    starts_at: datetime
    ways: int
    line: float | None
    chances: list[float]
    offers: list[Offer] = field(default_factory=list[Offer])


@dataclass(frozen=True, slots=True)
class Planted:
    """An arbitrage in a game's winner market, from an instant on, by one book's price of home."""

    home: str
    at_s: float
    book: int
    in_play: bool


@dataclass(kw_only=True)
class Prices:
    """All prices; whoever moves them says what time it is."""

    chance: Random
    now_s: float
    games: list[Game] = field(default_factory=list[Game])
    offers: list[Offer] = field(default_factory=list[Offer])
    seq: int = 0

    def add(
        self, sport: str, league: str, starts_at: datetime, books: Sequence[int], *, total: bool
    ) -> Game:
        """Add a game that `books` price, with a total or without."""
        chance, known = self.chance, SPORTS[sport]
        home = chance.uniform(_LEAST_CHANCE + 0.12, 0.64)
        if known.ways == 3:
            draw = chance.uniform(0.16, 0.3)
            winner = [home * (1 - draw), draw, (1 - home) * (1 - draw)]
        else:
            winner = [home, 1 - home]
        over = chance.uniform(0.42, 0.58)
        game = Game(
            number=len(self.games),
            sport=sport,
            league=league,
            home=self._name(),
            away=self._name(),
            starts_at=starts_at,
            ways=known.ways,
            line=chance.randrange(2, 9) + 0.5 if total else None,
            chances=[*winner, over, 1 - over] if total else winner,
        )
        game.offers = [Offer(game, book, self._drawn(game), self.now_s) for book in books]
        self.games.append(game)
        self.offers.extend(game.offers)
        return game

    def move(self, count: int, now_s: float) -> list[Offer]:
        """Let books change their mind about `count` games; return whose prices moved."""
        moved = self.chance.sample(self.offers, min(count, len(self.offers)))
        for offer in moved:
            self.put(offer, self._drawn(offer.game), now_s)
        return moved

    def put(self, offer: Offer, odds: list[float], now_s: float) -> None:
        """Change an offer's prices."""
        self.seq += 1
        offer.odds, offer.changed_s, offer.seq = odds, now_s, self.seq
        if offer.told is not None:
            offer.told.append((now_s, odds[0]))

    def plant(self, game: Game, roi: float, now_s: float) -> Planted:
        """Let every book of a game move at once, and one of them pay too much for home."""
        for offer in game.offers:
            self.put(offer, self._drawn(game), now_s)
        generous = self.chance.choice(game.offers)
        others = [offer.odds for offer in game.offers if offer is not generous]
        rest = sum(1 / max(odds[way] for odds in others) for way in range(1, game.ways))
        dear = round(1 / (1 / (1 + roi) - rest), 3)
        own = sum(1 / odds for odds in generous.odds[1 : game.ways])
        less = own / (_OWN_SUM - 1 / dear)
        cut = [round(odds * less, 3) for odds in generous.odds[1 : game.ways]]
        generous.odds = [dear, *cut, *generous.odds[game.ways :]]
        if generous.told is not None:
            generous.told[-1] = (now_s, dear)
        in_play = game.starts_at.timestamp() <= now_s
        return Planted(game.home, now_s, generous.book, in_play)

    def mend(self, game: Game, now_s: float) -> None:
        """Let every book price a game as it should."""
        for offer in game.offers:
            self.put(offer, self._drawn(game), now_s)

    def _drawn(self, game: Game) -> list[float]:
        margin = self.chance.uniform(_LEAST_MARGIN, _MOST_MARGIN)
        noise = (self.chance.uniform(1 - _NOISE, 1 + _NOISE) for _ in game.chances)
        return [round(n / (p * (1 + margin)), 3) for p, n in zip(game.chances, noise, strict=True)]

    def _name(self) -> str:
        words = ("".join(self.chance.choices(_SYLLABLES, k=3)).title() for _ in range(2))
        return " ".join(words)


def soon(now: datetime, chance: Random, *, in_play: float, within_h: float) -> datetime:
    """Return when a game starts: for a share of them it is past."""
    if chance.random() < in_play:
        return now - timedelta(minutes=chance.uniform(5, 90))
    return now + timedelta(minutes=15, hours=chance.uniform(0, within_h))
