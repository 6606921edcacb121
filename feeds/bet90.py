"""Bet90's table of a country's leagues, from recordings: a page of HTML within JSON.

Shape: a recording of 2021. Starts are clock times of a zone that the page does not name, so they
are left out. Of the page only the tags that bear the table are read; nothing in it is run.
"""

import re
from html import unescape
from typing import Any

from feeds import said
from feeds.base import FeedDrifted
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import words

BOOK = "bet90"
_WORDS = words("bet90")
_TOKEN = re.compile(r"<(/?)([^\s<>/]+)([^<>]*)>|([^<>]+)")
_READ = frozenset({"div", "a"})
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
# What the text within an element of a class is.
_NAMED = {"LeagueName": "league", "first-team": "home", "second-team": "away"}


class Bet90(RecordedFeed):
    """Full-time result."""

    manifest = of_recordings("bet90", "Bet90", _WORDS.kinds, "https://bet90.be")

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put a page's prices on its sheet."""
        html = said.fields(answer).get("events")
        if not isinstance(html, str) or 'data-type="betsTable"' not in html:
            raise FeedDrifted("the answer holds no table of bets")
        table = _Table(sheet)
        for token in _TOKEN.finditer(html):
            closing, tag, attributes, text = token.groups()
            if text is not None:
                table.text(text)
            elif tag in _READ and closing:
                table.end()
            elif tag in _READ:
                table.start(dict(_ATTRIBUTE.findall(attributes)))


class _Table:
    """Where in the table we are, and what was said on the way there."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._said = dict[str, str]()
        self._into = ""
        self._card: Card | NoPrice | None = None

    def start(self, attributes: dict[str, str]) -> None:
        """Take in what an element says of what follows; a row begins a game."""
        classes = attributes.get("class", "").split()
        self._into = next((_NAMED[each] for each in classes if each in _NAMED), "")
        if "data-sportid" in attributes:
            self._said["sport"] = attributes["data-sportid"]
        if "dropd" in classes:
            self._card = None
            self._said = {k: v for k, v in self._said.items() if k in {"sport", "league"}}
            self._said["game"] = attributes.get("id", "")
        if "data-outcomeid" in attributes:
            self._into = "odds"
            self._said["market"] = attributes.get("data-bettypeid", "")
            self._said["outcome"] = attributes["data-outcomeid"]
        if self._into:
            self._said[self._into] = ""

    def text(self, text: str) -> None:
        """Take in text that stands within what is read."""
        if self._into:
            self._said[self._into] = (self._said[self._into] + unescape(text).strip())[:200]

    def end(self) -> None:
        """End what is read; a price goes on the card of its game."""
        if self._into == "odds":
            try:
                self._price()
            except NoPrice as e:
                self._sheet.reject(e.reason)
        self._into = ""

    def _price(self) -> None:
        bet = _WORDS.bet(self._said["market"])
        label = _WORDS.outcomes.get(self._said["outcome"], "")
        odds = self._said["odds"].replace(",", ".", 1)
        if self._card is None:
            self._card = self._game()
        if isinstance(self._card, NoPrice):
            raise NoPrice(self._card.reason)
        self._card.add(Price(bet=bet, label=label, odds=odds, book=BOOK))

    def _game(self) -> Card | NoPrice:
        told = self._said.get
        try:
            said.require(bool(told("game")), Reason.EVENT_MALFORMED)
            sport = _WORDS.sport(told("sport"))
            return self._sheet.card(
                told("game"), sport, told("league"), told("home"), told("away"), None
            )
        except NoPrice as e:
            return e
