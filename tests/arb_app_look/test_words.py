import ast
import re
import string
from pathlib import Path

import pytest

import arb_app
from arb_app import words
from domain.markets import Market, MarketKind, Outcome, Period, Side, Statistic
from domain.opportunities import GateCode
from domain.quotes import Origin
from domain.sources import NotAsked, SourceState
from feeds.reasons import Reason
from jobs.lives import NO_LONGER_CROSSES
from tests.facts import a_leg, a_market, an_event

ENGLISH = words.LANGUAGES["en"]
CODE = [path.read_text(encoding="utf-8") for path in Path(arb_app.__file__).parent.rglob("*.py")]
MINUS = "\u2212"


NODES = [node for code in CODE for node in ast.walk(ast.parse(code))]
WHOLE = {n.value for n in NODES if isinstance(n, ast.Constant) and isinstance(n.value, str)}
BEGINNINGS = tuple(
    n.values[0].value
    for n in NODES
    if isinstance(n, ast.JoinedStr)
    and isinstance(n.values[0], ast.Constant)
    and "." in n.values[0].value
)
SAID = [
    n.args[0]
    for n in NODES
    if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "say"
]


@pytest.mark.parametrize("code", GateCode)
def test_every_gate_has_a_short_chip_and_one_plain_sentence(code):
    assert len(words.gate_chip(code)) <= 24
    assert re.fullmatch(r"[A-Z][^.]+\.", words.gate_text(code))


@pytest.mark.parametrize("origin", Origin)
def test_every_origin_has_words(origin):
    assert words.origin_chip(origin)
    assert words.origin_text(origin).endswith(".")


def test_prices_that_are_not_live_are_called_so():
    assert "not real" in words.origin_text(Origin.SIMULATED)
    assert "past" in words.origin_text(Origin.REPLAY)


@pytest.mark.parametrize("why", NotAsked)
def test_every_reason_not_to_ask_is_one_sentence(why):
    assert re.fullmatch(r"[A-Z][^.]+\.", words.not_asked(why))


@pytest.mark.parametrize("state", SourceState)
def test_every_state_of_a_source_has_a_word(state):
    assert words.source_state(state)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_rejection_has_words(reason):
    assert f"rejected.{reason}" in ENGLISH


@pytest.mark.parametrize("reason", [NO_LONGER_CROSSES, *GateCode])
def test_every_end_of_a_life_has_a_sentence_of_its_own(reason):
    assert words.gone(reason) not in {"", words.gone("nobody knows")}


@pytest.mark.parametrize("period", Period)
def test_every_period_has_words(period):
    assert words.period(period)


@pytest.mark.parametrize("statistic", Statistic)
def test_everything_that_is_counted_has_a_name(statistic):
    assert words.statistic(statistic)[0].isupper()


@pytest.mark.parametrize("kind", MarketKind)
@pytest.mark.parametrize("line", [None, -1.5, 8.5, 0.0])
def test_every_market_and_outcome_has_words(kind, line):
    market = a_market(kind=kind, line=line)
    names = [words.outcome(each, market, an_event()) for each in market.outcomes]
    assert words.market(market)
    assert len(set(names)) == len(names)
    assert not any("{" in name or "None" in name for name in names)


def market_of(kind, line=None, **changes):
    return a_market(kind=kind, line=line, **changes)


@pytest.mark.parametrize(
    ("market", "called"),
    [
        (market_of(MarketKind.WINNER), "Winner, incl. overtime"),
        (market_of(MarketKind.WINNER, ways=3, period=Period.FULL_TIME), "Match result, full time"),
        (market_of(MarketKind.HANDICAP, -1.5), f"Handicap {MINUS}1.5"),
        (market_of(MarketKind.HANDICAP, 2.0), "Handicap +2"),
        (market_of(MarketKind.TOTAL, 8.5), "Total 8.5"),
        (market_of(MarketKind.TOTAL, 9.5, statistic=Statistic.CORNERS), "Corners: total 9.5"),
        (market_of(MarketKind.TEAM_TOTAL, 1.5, subject="home"), "home side: total 1.5"),
        (
            market_of(MarketKind.PLAYER_TOTAL, 22.5, subject="A. W", statistic=Statistic.POINTS),
            "A. W: Points 22.5",
        ),
        (market_of(MarketKind.DOUBLE_CHANCE, subject="X2"), "Double chance draw or away side"),
        (market_of(MarketKind.CORRECT_SCORE, subject="2-1"), "Correct score 2-1"),
        (market_of(MarketKind.YES_NO), "Yes or no"),
    ],
)
def test_a_market_is_called_as_on_a_bet_slip(market: Market, called):
    assert words.market(market) == called


@pytest.mark.parametrize(
    ("outcome", "market", "side", "called"),
    [
        (Outcome.HOME, market_of(MarketKind.WINNER), Side.BACK, "Lions"),
        (Outcome.AWAY, market_of(MarketKind.WINNER), Side.LAY, "lay Bears"),
        (Outcome.DRAW, market_of(MarketKind.WINNER, ways=3), Side.BACK, "Draw"),
        (Outcome.HOME, market_of(MarketKind.HANDICAP, -1.5), Side.BACK, f"Lions {MINUS}1.5"),
        (Outcome.AWAY, market_of(MarketKind.HANDICAP, -1.5), Side.BACK, "Bears +1.5"),
        (Outcome.AWAY, market_of(MarketKind.HANDICAP, 0.0), Side.BACK, "Bears 0"),
        (Outcome.OVER, market_of(MarketKind.TOTAL, 8.5), Side.BACK, "Over 8.5"),
        (Outcome.UNDER, market_of(MarketKind.TOTAL, 8.0), Side.BACK, "Under 8"),
        (Outcome.HOME, market_of(MarketKind.DRAW_NO_BET), Side.BACK, "Lions, draw no bet"),
        (Outcome.OVER, market_of(MarketKind.TEAM_TOTAL, 1.5, subject="away"), Side.BACK,
         "Bears: over 1.5"),
        (Outcome.UNDER, market_of(MarketKind.TOTAL, 9.5, statistic=Statistic.CORNERS), Side.BACK,
         "Under 9.5 corners"),
        (Outcome.OVER, market_of(MarketKind.PLAYER_TOTAL, 22.5, subject="A. Wilson",
                                 statistic=Statistic.POINTS), Side.BACK,
         "A. Wilson: over 22.5 points"),
        (Outcome.YES, market_of(MarketKind.CORRECT_SCORE, subject="2-1"), Side.BACK,
         "Correct score 2-1: yes"),
        (Outcome.NO, market_of(MarketKind.DOUBLE_CHANCE, subject="1X"), Side.LAY,
         "lay Double chance Lions or draw: no"),
        (Outcome.YES, market_of(MarketKind.HALF_TIME_FULL_TIME, subject="draw/away"), Side.BACK,
         "Half-time/full time draw/Bears: yes"),
        (Outcome.YES, market_of(MarketKind.YES_NO), Side.BACK, "Yes"),
    ],
)  # fmt: skip
def test_an_outcome_is_called_as_on_a_bet_slip(outcome, market, side, called):
    leg = a_leg(market, outcome=outcome, side=side)
    assert words.leg(leg, an_event()) == called


def test_a_team_named_like_a_placeholder_stays_what_it_is():
    event = an_event("{line} v {home}")
    assert words.outcome(Outcome.AWAY, a_market(), event) == "{home}"


def test_no_sentence_is_asked_for_that_is_not_there():
    asked = {key.value for key in SAID if isinstance(key, ast.Constant)}
    assert asked - ENGLISH.keys() == set()


def test_no_sentence_is_kept_that_nobody_says():
    assert [key for key in ENGLISH if key not in WHOLE and not key.startswith(BEGINNINGS)] == []


def test_every_language_says_everything_with_the_same_figures():
    for sentences in words.LANGUAGES.values():
        assert sentences.keys() == ENGLISH.keys()
        for key, sentence in sentences.items():
            assert _figures(sentence) == _figures(ENGLISH[key]), key


def test_a_key_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        words.say("nothing.of.the.kind")


def _figures(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
