"""Rows that are no arbitrage, in words: what they pay, when, and that nothing is promised."""

import pytest

from arb_app import wire
from domain.markets import MarketKind, Outcome
from domain.opportunities import Kind, Middle, Proof, Value
from domain.plans import View
from services import plans
from tests.facts import a_leg, a_market, a_row, an_event, an_opportunity

MINUS = "\u2212"
MIDDLE = Middle(
    low=2.0, high=3.0, polish=False, outside=-0.012, hit_roi=0.51, needed=0.023, chance=0.081,
    expected=0.03, books=3,
)  # fmt: skip
VALUE = Value(
    chance=0.5, fair_odds=2.0, ev=0.03, by="", books=4, method="shin", kelly=0.0283,
)  # fmt: skip


def told(kind, view="pro", *, market=None, **changes):
    """Return a row, and its figures by their labels."""
    market = market or a_market(kind=MarketKind.TOTAL, line=2.5)
    legs = [a_leg(market, share=0.6, outcome=Outcome.OVER), a_leg(market, share=0.4, book="beta")]
    proof = Proof(states=3, worst_roi=changes["roi"], unprotected=[])
    found = an_opportunity(an_event(), kind=kind, market=market, legs=legs, proof=proof, **changes)
    seen = View.of(view)
    row = wire.row(plans.row(a_row(opportunity=found), seen), seen)
    return row, {figure["label"]: figure["text"] for figure in row["figures"]}


def middle(view="pro", **changes):
    how = {"market": None, "roi": -0.012, "middle": MIDDLE} | changes
    return told(Kind.MIDDLE, view, **how)


def test_a_middle_says_where_it_lands_what_it_pays_and_what_it_costs():
    row, said = middle()
    assert (row["kind"], row["roi_text"], row["expected"]) == ("middle", f"{MINUS}1.20 %", 0.03)
    assert said == {
        "Lands on": "2 to 3",
        "Then, at best": "+51.00 %",
        "Otherwise": f"{MINUS}1.20 %",
        "Chance": "8.1 % by 3 houses, 2.3 % breaks even",
        "Expected": "+3.00 %",
        "Money": "60.0 % / 40.0 %",
    }


def test_a_chance_that_is_not_known_is_called_so():
    bare = Middle(low=3.0, high=3.0, polish=False, outside=-0.012, hit_roi=0.51, needed=0.023)
    row, said = middle(middle=bare)
    assert (said["Lands on"], said["Expected"]) == ("3", "not known")
    assert said["Chance"] == "not known, 2.3 % breaks even"
    assert row["expected"] is None


def test_a_polish_middle_says_what_it_loses():
    polish = Middle(low=9.0, high=9.0, polish=True, outside=0.02, hit_roi=-1.0)
    _, said = middle(middle=polish, roi=-1.0)
    assert (said["Polish, loses on"], said["Then, at worst"]) == ("9", f"{MINUS}100.00 %")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (2.0, 3.0, "Lions by 2 to Lions by 3"),
        (-3.0, -3.0, "Bears by 3"),
        (-1.0, 0.0, "Bears by 1 to level"),
    ],
)
def test_a_middle_of_handicaps_lands_on_who_wins_by_how_much(low, high, said):
    lines = Middle(low=low, high=high, polish=False, outside=-0.012, hit_roi=0.51)
    market = a_market(kind=MarketKind.HANDICAP, line=-2.5)
    assert middle(middle=lines, market=market)[1]["Lands on"] == said


def test_a_value_bet_says_who_judges_it_and_that_it_may_lose():
    row, said = told(Kind.VALUE, roi=0.03, value=VALUE)
    assert row["roi_text"] == "+3.00 %"
    assert said == {
        "If it loses": f"{MINUS}100 %",
        "Fair odds": "2.00",
        "Judged by": "median of 4 houses (Shin)",
        "Kelly": "2.83 %, half 1.42 %",
    }
    assert [figure.get("odds") for figure in row["figures"]] == [None, 2.0, None, None]


def test_a_sharp_book_is_named():
    sharp = Value(
        chance=0.5, fair_odds=2.0, ev=0.03, by="pinnacle", books=4, method="shin", kelly=0.03
    )
    assert told(Kind.VALUE, roi=0.03, value=sharp)[1]["Judged by"] == "Pinnacle (Shin)"


def test_a_low_hold_says_what_it_loses_in_any_case():
    row, said = told(Kind.LOW_HOLD, roi=-0.004)
    assert row["roi_text"] == said["In any case"] == f"{MINUS}0.40 %"


def test_an_arbitrage_has_no_figures_of_another_kind():
    row = wire.row(a_row())
    assert row["kind"] == "arbitrage"
    assert "figures" not in row


def test_a_masked_middle_says_where_it_lands_and_no_chance():
    row, said = middle("free")
    assert said == {
        "Lands on": "2 to 3",
        "Then, at best": "+1 % or more",
        "Otherwise": f"{MINUS}1.5 % or more",
    }
    assert (row["roi_text"], row["expected"]) == (f"{MINUS}1.5 % or more", None)


def test_a_masked_value_bet_names_neither_fair_price_nor_stake():
    row, said = told(Kind.VALUE, "free", roi=0.03, value=VALUE)
    assert said == {"If it loses": f"{MINUS}100 %"}
    assert (row["roi"], row["roi_text"], row["expected"]) == (0.01, "+1 % or more", 0.01)
