"""Betcenter's games, from recordings: prices are hundredths.

Shape: a recording of 2021. Totals there are ranges of goals ("3+"), which are not read as lines.
"""

from typing import Any

from feeds import said
from feeds.card import Price, Sheet
from feeds.prices import NoPrice
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import words

BOOK = "betcenter"
_WORDS = words("betcenter")
_HUNDREDTHS = 100


class Betcenter(RecordedFeed):
    """Full-time result and double chance."""

    manifest = of_recordings("betcenter", "Betcenter", _WORDS.kinds, "https://www.betcenter.be")

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        for game in map(said.fields, said.needed(said.fields(answer).get("games"), "games")):
            _read_game(sheet, game)


def _read_game(sheet: Sheet, game: dict[str, Any]) -> None:
    markets = [said.fields(market) for market in said.listed(game.get("markets"))]
    teams = {
        team.get("order"): team.get("name")
        for team in map(said.fields, said.listed(game.get("teams")))
        if type(team.get("order")) is int
    }
    league = said.fields(game.get("leagueInfo")).get("name")
    try:
        sport, at = _WORDS.sport(game.get("sport")), sheet.at(game.get("startTime"))
        card = sheet.card(game.get("id"), sport, league, teams.get(0), teams.get(1), at)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(markets)))
        return
    for market in markets:
        tips = [said.fields(tip) for tip in said.listed(market.get("tips"))]
        try:
            bet = _WORDS.bet(market.get("id"))
        except NoPrice as e:
            sheet.reject(e.reason, max(1, len(tips)))
            continue
        for tip in tips:
            try:
                odds = said.number(tip.get("odds")) / _HUNDREDTHS
            except NoPrice as e:
                sheet.reject(e.reason)
                continue
            card.add(Price(bet=bet, label=str(tip.get("text")), odds=odds, book=BOOK))
