"""Prices as vendors write them: The Odds API's answers, native lines, OpticOdds' events."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from benchmarks.loopback_prices import Game, Offer
from domain.sports import SPORTS

# Every book is looked at anew by the vendor this often, which is what `last_update` then says.
_LOOK_S = 5
_THEIRS = {
    "american_football": "football",
    "australian_rules": "aussie_rules",
    "ice_hockey": "hockey",
}


def book_name(book: int) -> str:
    """Return what a book is called everywhere."""
    return f"bookmaker{book:02d}"


def odds_api(games: Iterable[Game], books: range, now_s: float) -> bytes:
    """Return the answer of The Odds API about a league: everything that the books price."""
    seen = {book: _iso(max(now_s - (book + int(now_s)) % _LOOK_S, 0.0)) for book in books}
    return ("[" + ",".join(_event(game, seen) for game in games) + "]").encode()


def lines(offers: Iterable[Offer], now_s: float) -> bytes:
    """Return prices as native lines, all seen at one instant."""
    seen_at = _precise(now_s)
    return b"".join(line for offer in offers for line in _lines(offer, seen_at))


def optic_fixtures(games: Iterable[Game]) -> bytes:
    """Return the server-sent event in which OpticOdds names fixtures."""
    data = [
        {
            "id": f"F{game.number}",
            "start_date": _iso(game.starts_at.timestamp()),
            "home_team_display": game.home,
            "away_team_display": game.away,
            "sport": {"id": optic_sport(game.sport)},
            "league": {"name": game.league},
        }
        for game in games
    ]
    return _sent("fixtures", {"data": data, "page": 1})


def optic_odds(offers: Iterable[Offer], now_s: float) -> bytes:
    """Return the server-sent event in which OpticOdds tells new moneylines."""
    data = [
        {
            "sportsbook": book_name(offer.book),
            "market_id": "moneyline",
            "selection": side,
            "price": _american(odds),
            "timestamp": now_s,
            "fixture_id": f"F{offer.game.number}",
        }
        for offer in offers
        for side, odds in zip(_sides(offer.game), offer.odds, strict=False)
    ]
    return _sent("odds", {"type": "odds", "data": data})


def as_american(odds: float) -> float:
    """Return what is left of odds once they were written as an American price."""
    points = _american(odds)
    return 1 + points / 100 if points > 0 else 1 + 100 / -points


def optic_sport(sport: str) -> str:
    """Return what OpticOdds calls a sport."""
    return _THEIRS.get(sport, sport)


def _event(game: Game, seen: dict[int, str]) -> str:
    books = ",".join(_book(game, o, seen[o.book]) for o in game.offers if o.book in seen)
    return (
        f'{{"id":"e{game.number}","sport_key":"{game.league}","sport_title":"{game.sport}",'
        f'"commence_time":"{_iso(game.starts_at.timestamp())}","home_team":"{game.home}",'
        f'"away_team":"{game.away}","bookmakers":[{books}]}}'
    )


def _book(game: Game, offer: Offer, seen: str) -> str:
    name, odds = book_name(offer.book), offer.odds
    sides = ",".join(
        f'{{"name":"{side}","price":{price}}}'
        for side, price in zip(_sides(game), odds, strict=False)
    )
    markets = f'{{"key":"h2h","last_update":"{seen}","outcomes":[{sides}]}}'
    if game.line is not None:
        markets += (
            f',{{"key":"totals","last_update":"{seen}","outcomes":['
            f'{{"name":"Over","price":{odds[-2]},"point":{game.line}}},'
            f'{{"name":"Under","price":{odds[-1]},"point":{game.line}}}]}}'
        )
    return f'{{"key":"{name}","title":"{name}","last_update":"{seen}","markets":[{markets}]}}'


def _lines(offer: Offer, seen_at: str) -> Iterator[bytes]:
    game = offer.game
    outcomes = ("home", "draw", "away") if game.ways == 3 else ("home", "away")
    said = {
        "seen_at": seen_at,
        "event": {
            "source_id": f"n{game.number}",
            "sport": game.sport,
            "league": game.league,
            "home": game.home,
            "away": game.away,
            "starts_at": _iso(game.starts_at.timestamp()),
        },
        "book": book_name(offer.book),
        "changed_at": _precise(offer.changed_s),
        "ways": game.ways,
        "market": "winner",
        "period": SPORTS[game.sport].period.value,
    }
    for outcome, odds in zip(outcomes, offer.odds, strict=False):
        yield _JSON.encode({**said, "outcome": outcome, "odds": odds}) + b"\n"
    if game.line is not None:
        total = {**said, "market": "total", "ways": 2, "line": game.line}
        for outcome, odds in zip(("over", "under"), offer.odds[-2:], strict=True):
            yield _JSON.encode({**total, "outcome": outcome, "odds": odds}) + b"\n"


def _sides(game: Game) -> tuple[str, ...]:
    return (game.home, "Draw", game.away) if game.ways == 3 else (game.home, game.away)


def _american(odds: float) -> int:
    return round(100 * (odds - 1)) if odds >= 2 else round(-100 / (odds - 1))


def _sent(kind: str, data: object) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + _JSON.encode(data) + b"\n\n"


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(int(at_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _precise(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


_JSON = msgspec.json.Encoder()
