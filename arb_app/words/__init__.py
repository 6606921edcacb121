"""Every word shown: sentences by key, and the names of what the trade calls by codes."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from arb_app.reader import reader
from arb_app.words.engine import translated
from arb_app.words.names import BOOKS, LEAGUES, SPORTS, tidy
from domain.markets import Event, Market, MarketKind, Outcome, Period, Side, Statistic
from domain.opportunities import GateCode, Leg, Opportunity
from domain.quotes import Origin
from domain.sources import NotAsked, SourceState

LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {
    file.stem: tomllib.loads(file.read_text(encoding="utf-8"))
    for file in sorted(Path(__file__).parent.glob("*.toml"))
}
DEFAULT: Final = "en"
_MINUS: Final = "\u2212"
_ANSWERS: Final = (Outcome.YES, Outcome.NO)
_PLAYERS: Final = frozenset({MarketKind.PLAYER_TOTAL, MarketKind.PLAYER_YES_NO})
_AS_SAID: Final = frozenset({MarketKind.YES_NO, MarketKind.OUTRIGHT, MarketKind.CORRECT_SCORE})
_CALLED: Final = {"1": "home", "X": "draw", "2": "away"}


def say(key: str, language: str = "", /, **values: str | int) -> str:
    """Return the sentence of `key` with `values` filled in.

    Without a language it is said in that of whom this is written for (`arb_app.reader`).

    Raises:
        KeyError: There is no such sentence, or a value that it names is missing.
    """
    sentence = LANGUAGES[language or reader().language][key]
    return sentence.format(**values) if values else sentence


def later(key: str) -> Callable[[], str]:
    """Return a sentence to be said when it is asked for, in the language of then."""
    return lambda: say(key)


def sport(key: str) -> str:
    """Return a sport's name.

    Examples:
        >>> sport("mma"), sport("american_football")
        ('Mixed martial arts', 'American football')
    """
    return SPORTS[reader().language].get(key.lower()) or tidy(key)


def league(key: str) -> str:
    """Return a league's name.

    Examples:
        >>> league("wnba"), league("spain_la_liga")
        ('WNBA', 'Spain la liga')
    """
    return LEAGUES.get(key.lower()) or tidy(key)


def book(key: str) -> str:
    """Return a bookmaker's or exchange's name.

    Examples:
        >>> book("williamhill_us"), book("corner_shop")
        ('Caesars', 'Corner shop')
    """
    return BOOKS.get(key.lower()) or tidy(key)


def market(of: Market, event: Event | None = None) -> str:
    """Return what the market asks: "Winner, incl. overtime", "Handicap \u22121.5", "Total 8.5".

    Sides are named as in `event`, where it is given.
    """
    if of.kind is MarketKind.WINNER:
        name = say("market.winner" if of.ways == 2 else "market.result")
        name = f"{name}, {period(of.period)}"
    else:
        line = _line(of.line, signed=of.kind is MarketKind.HANDICAP)
        values = {"subject": _subject(of, event), "statistic": statistic(of.statistic)}
        name = say(f"market.{of.kind}", line=line, **values).strip(" :")
    if of.statistic is Statistic.SCORE or of.kind in _PLAYERS:
        return name
    return say("market.counted", statistic=statistic(of.statistic), market=_lower(name))


def asked(of: Opportunity) -> str:
    """Return what the legs of an opportunity ask, each market once: "Handicap +1.5 + Total 8.5"."""
    return " + ".join(dict.fromkeys(market(leg.market) for leg in of.legs))


def period(of: Period) -> str:
    """Return the part of the event that settles, e.g. "incl. overtime"."""
    return say(f"period.{of}")


def statistic(of: Statistic) -> str:
    """Return what is counted, e.g. "Corners"."""
    return say(f"statistic.{of}")


def outcome(of: Outcome, of_market: Market, event: Event, side: Side = Side.BACK) -> str:
    """Return what is bet on: "Portland Fire \u22121.5", "Over 8.5", "Draw", "lay Sydney Swans"."""
    line = _line(of_market.line, signed=False)
    name = say(f"outcome.{of}", home=event.home, away=event.away, line=line).strip()
    if of_market.kind is MarketKind.HANDICAP and of_market.line is not None:
        own = -of_market.line if of is Outcome.AWAY else of_market.line
        name = f"{name} {_line(own, signed=True)}"
    name = _in_full(name, of, of_market, event)
    return name if side is Side.BACK else say("side.lay.bet", outcome=name)


def leg(of: Leg, event: Event) -> str:
    """Return what a leg bets on."""
    return outcome(of.outcome, of.market, event, of.side)


def gate_chip(code: GateCode) -> str:
    """Return a gate's objection in a word or two."""
    return say(f"gate.{code}.chip")


def gate_text(code: GateCode) -> str:
    """Return a gate's objection in one plain sentence."""
    return say(f"gate.{code}.text")


def origin_chip(origin: Origin) -> str:
    """Return where prices come from, in a word."""
    return say(f"origin.{origin}.chip")


def origin_text(origin: Origin) -> str:
    """Return where prices come from and what that means, for a banner."""
    return say(f"origin.{origin}.text")


def source_state(state: SourceState) -> str:
    """Return what a source is doing, in a word."""
    return say(f"source.{state}")


def not_asked(why: NotAsked) -> str:
    """Return why a source is not asked now, as a sentence."""
    return say(f"not_asked.{why}")


def rejection(reason: str) -> str:
    """Return why something that a source sent was dropped.

    Examples:
        >>> rejection("odds_not_above_one"), rejection("moon_too_full")
        ('Odds of one or less', 'Moon too full')
    """
    known = f"rejected.{reason}"
    return say(known) if known in LANGUAGES[DEFAULT] else tidy(reason)


def doubt(why: str) -> str:
    """Return why a pair of events was not simply joined."""
    known = f"matching.why.{why}"
    return say(known) if known in LANGUAGES[DEFAULT] else tidy(why)


def name_kind(kind: str) -> str:
    """Return what an unknown name is a name of."""
    known = f"unknown.kind.{kind}"
    return say(known) if known in LANGUAGES[DEFAULT] else tidy(kind)


def gate_code(code: str) -> str:
    """Return a gate's objection in a word or two, or its code if only a newer worker knows it."""
    return gate_chip(GateCode(code)) if code in set(GateCode) else code


def gone(reason: str) -> str:
    """Return why a life ended: a gate's code, or the name of another reason."""
    if reason in set(GateCode):
        return say("gone.refused", sentence=_lower(gate_text(GateCode(reason))))
    known = f"gone.{reason}"
    return say(known if known in LANGUAGES[DEFAULT] else "gone.other")


def sentence(text: str) -> str:
    """Return what the engine says of its figures, as a sentence begins.

    Examples:
        >>> sentence("abandoned at one book only")
        'Abandoned at one book only'
    """
    told = translated(text, reader().language)
    return told[:1].upper() + told[1:]


def _in_full(name: str, of: Outcome, of_market: Market, event: Event) -> str:
    """Return an outcome with what it is an outcome of, where its name leaves that open."""
    if of in _ANSWERS:
        plain = of_market.kind is MarketKind.YES_NO and of_market.subject is None
        claim = market(of_market, event)
        return name if plain else say("outcome.claim", claim=claim, outcome=_lower(name))
    if of_market.kind is MarketKind.DRAW_NO_BET:
        name = say("outcome.no_bet", outcome=name)
    if of_market.statistic is not Statistic.SCORE:
        key = "outcome.counted" if of_market.line is None else "outcome.amount"
        name = say(key, outcome=name, statistic=_lower(statistic(of_market.statistic)))
    who = _subject(of_market, event)
    return say("outcome.whose", who=who, outcome=_lower(name)) if who else name


def _subject(of: Market, event: Event | None) -> str:
    """Return whom a market is about; sides by their names, where they are known."""
    if of.subject is None or of.kind in _PLAYERS or of.kind in _AS_SAID:
        return of.subject or ""
    names = {
        "home": event.home if event else say("subject.home"),
        "away": event.away if event else say("subject.away"),
        "draw": say("subject.draw"),
    }
    if of.kind is MarketKind.DOUBLE_CHANCE:
        one, other = (names[_CALLED[each]] for each in of.subject)
        return say("subject.either", one=one, other=other)
    return re.sub("home|away|draw", lambda side: names[side[0]], of.subject)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _line(value: float | None, *, signed: bool) -> str:
    if value is None:
        return ""
    sign = _MINUS if value < 0 else "+" if signed and value > 0 else ""
    return f"{sign}{abs(value):g}"
