"""Spanish: names, sentences and pages, and links that stay in the language."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import arb_app
from arb_app import format as as_text
from arb_app import words
from arb_app.pages.written import written
from arb_app.reader import writing_for
from arb_app.words.names import SPORTS
from domain.markets import Event, Market, MarketKind, Outcome, Period, Side, Statistic
from domain.opportunities import GateCode
from domain.preferences import Language, Preferences
from domain.sports import SPORTS as KNOWN
from tests.facts import a_leg, a_market, an_event

ENGLISH, SPANISH = words.LANGUAGES["en"], words.LANGUAGES["es"]
CODE = Path(arb_app.__file__).parent
MINUS = "\u2212"
SAME = {"Dutchbook", "Status", "Shin", "Kelly", "Dutching", "Middle", "Hong Kong", "Total"}
OURS = re.compile(r'(?:to|href):"(/(?!es(?=["/?#]))[^"]*)"')


@pytest.fixture
def spanish():
    with writing_for(Preferences(language=Language.SPANISH)):
        yield


def test_nothing_is_empty_and_hardly_anything_is_the_same_in_both_languages():
    assert [key for key, said in SPANISH.items() if not said.strip()] == []
    long = [key for key, said in ENGLISH.items() if said.count(" ") >= 3]
    assert [key for key in long if SPANISH[key] == ENGLISH[key]] == []


@pytest.mark.parametrize("code", GateCode)
def test_every_gate_has_a_short_chip_and_one_plain_sentence(spanish, code):
    assert len(words.gate_chip(code)) <= 24
    assert re.fullmatch(r"[A-ZÁÉÍÓÚ][^.]+\.", words.gate_text(code))


@pytest.mark.parametrize("sport", sorted(KNOWN))
def test_every_sport_has_a_name_of_its_own_or_the_same_in_both(spanish, sport):
    kept = {"netball", "lacrosse", "floorball", "snooker", "squash", "golf", "korfball", "kabaddi",
            "hurling", "valorant", "overwatch", "starcraft", "counter_strike", "dota_2", "nascar",
            "league_of_legends", "rainbow_six", "call_of_duty", "rocket_league", "honor_of_kings",
            "kickboxing", "muay_thai", "sumo", "judo", "ultimate", "pickleball", "sepak_takraw",
            "bandy", "curling", "speedway"}  # fmt: skip
    assert sport in SPORTS[Language.SPANISH] or sport in kept


@pytest.mark.parametrize(
    ("outcome", "market", "side", "called"),
    [
        (Outcome.AWAY, a_market(kind=MarketKind.WINNER), Side.LAY, "en contra de Bears"),
        (Outcome.DRAW, a_market(kind=MarketKind.WINNER, ways=3), Side.BACK, "Empate"),
        (Outcome.HOME, a_market(kind=MarketKind.HANDICAP, line=-1.5), Side.BACK,
         f"Lions {MINUS}1.5"),
        (Outcome.OVER, a_market(kind=MarketKind.TOTAL, line=8.5), Side.BACK, "Más de 8.5"),
        (Outcome.HOME, a_market(kind=MarketKind.DRAW_NO_BET), Side.BACK,
         "Lions, empate no válido"),
        (Outcome.UNDER, a_market(kind=MarketKind.TOTAL, line=9.5, statistic=Statistic.CORNERS),
         Side.BACK, "Menos de 9.5 córners"),
        (Outcome.YES, a_market(kind=MarketKind.DOUBLE_CHANCE, subject="1X"), Side.BACK,
         "Doble oportunidad Lions o empate: sí"),
    ],
)  # fmt: skip
def test_an_outcome_is_called_as_on_a_bet_slip(spanish, outcome, market, side, called):
    assert words.leg(a_leg(market, outcome=outcome, side=side), an_event()) == called


@pytest.mark.parametrize("period", Period)
def test_a_market_names_its_period(spanish, period):
    market: Market = a_market(kind=MarketKind.WINNER, period=period)
    event: Event = an_event()
    assert words.market(market, event) == f"Ganador, {words.period(period)}"


WORDINGS = [
    "leg betmgm is 64.2 s old; at most 60 s",
    "leg betmgm does not say when it changed",
    "leg betmgm is 3 s ahead of the clock; at most 2 s",
    "the prices of betmgm alone cost 0.9871; a book that sells at a loss is at fault",
    "leg betmgm is +0.72 in logit from the median of the other books; at most 0.3",
    "should it be void, the others lose 40.2%",
    "the two sides of betmgm fit the other books once they change places",
    "leg betmgm pays 2.4000, which does not fit its other lines",
    "leg betmgm is 7.2 scatters of the other books from their median; at most 6",
    "leg betmgm went 0.412 in logit away from the other books when it last changed; at most 0.300",
    "of the prices of betmgm 63% went back to the one before; at most 50%",
    "no scheduled start is known",
    "64 s after the scheduled start",
    "the legs changed 93.2 s apart; at most 60 s",
    "all legs are at betmgm; a book that sells at a loss is at fault",
    "all legs are at brands of one house: betmgm and borgata",
    "a usual ending may lose 40.0%, by rules of the books that are not known",
    "returns 0.120%; at least 0.500%",
    "abandoned at one book only",
    "broken off, a listed pitcher did not start",
    "retired in the first set, Lions advances",
    "Lions wins; 2 withdrawn",
    "walkover",
]
ONLY_ENGLISH = re.compile(r"\b(the|is|of|at|legs?|wins|and|by|does|retired|broken|most|least)\b")


@pytest.mark.parametrize("wording", WORDINGS)
def test_what_the_engine_says_is_said_in_spanish_with_its_figures(spanish, wording):
    said = words.sentence(wording)
    assert ONLY_ENGLISH.findall(said.replace("betmgm and borgata", "")) == []
    assert re.findall(r"[\d.]+\d|\d", said) == re.findall(r"[\d.]+\d|\d", wording)
    assert said == said[:1].upper() + said[1:]


def test_what_no_phrase_fits_stays_as_it_was_said(spanish):
    assert words.sentence("something that only a newer worker says") == (
        "Something that only a newer worker says"
    )


def test_the_gates_say_nothing_that_has_no_phrase():
    """Every wording of the engine's gates is among those above."""
    source = (CODE.parent / "engine" / "gates.py").read_text(encoding="utf-8")
    texts = [n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant)]
    said = [text for text in texts if isinstance(text, str) and " {book}" in text]
    starts = {text.split("{")[0].strip() for text in said}
    assert len(said) > 5
    assert [s for s in starts if not any(one.startswith(s) for one in WORDINGS)] == []


def test_an_instant_is_written_with_spanish_names(spanish):
    at = datetime(2026, 7, 22, 22, 0, tzinfo=UTC)
    assert as_text.instant(at, UTC) == "mié 22 jul 2026, 22:00 UTC"


PAGES = list(written())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["route"])
def test_a_page_leads_to_pages_in_its_own_language(page):
    drawn = str(page["component"]().render())
    led = set(OURS.findall(drawn))
    if page["route"].startswith("/es"):
        assert led - {"/"} == set()  # the start page in English is where the switch leads
        assert re.search(r"Ajustes", drawn)
    elif page["route"] != "404":
        assert "/board" in led
        assert "Settings" in drawn


def test_every_page_is_there_in_both_languages_and_says_so():
    routes = {page["route"] for page in PAGES}
    english = {route for route in routes if not route.startswith("/es")} - {"404"}
    assert {f"/es{route}".rstrip("/") for route in english} == routes - english - {"404"}
    for page in PAGES:
        told = [str(link.render()) for link in page.get("meta", ())]
        assert len(told) == (0 if "[" in page["route"] or page["route"] == "404" else 2)
        assert all("alternate" in link for link in told)


def test_titles_are_in_the_language_of_their_page():
    titles = {page["route"]: page["title"] for page in PAGES}
    assert titles["/board"] == "Live board · Dutchbook"
    assert titles["/es/board"] == "Tablero en directo · Dutchbook"


def test_no_component_is_memoised_for_one_language_only():
    memo = CODE / "components" / "memo.py"
    using = [path for path in CODE.rglob("*.py") if "rx.memo" in path.read_text(encoding="utf-8")]
    assert using == [memo]
