import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.odds_formats import OddsFormat
from services.calculators import CALCULATORS, LEGS_AT_MOST, Answer, Verdict, Wrong, answer

ODDS = st.floats(1.01, 50.0).map(lambda odds: f"{odds:.3f}")
FEES = st.floats(0.0, 20.0).map(lambda fee: f"{fee:.2f}")
TOTALS = st.floats(10.0, 100_000.0).map(lambda total: f"{total:.2f}")


def worked(name, legs=None, **typed):
    of = CALCULATORS[name]
    filled = {field.name: field.example for field in of.fields} | typed
    return answer(of, filled, of.legs if legs is None else legs, OddsFormat.DECIMAL)


def figures(found):
    assert isinstance(found, Answer), found
    return {figure.name: figure.value for figure in found.figures}


def cells(found):
    return {
        (line.name, column.name): value
        for line in found.lines
        for column, value in zip(found.columns, line.values, strict=True)
    }


@pytest.mark.parametrize("name", CALCULATORS)
def test_every_example_has_an_answer(name):
    found = worked(name)
    assert isinstance(found, Answer)
    assert all(math.isfinite(figure.value) for figure in found.figures)


@given(st.lists(ODDS, min_size=2, max_size=6), TOTALS)
def test_arbitrage_stakes_pay_alike_and_its_worst_is_what_is_left_after_rounding(odds, total):
    found = worked("arbitrage", odds, total=total)
    told, table = figures(found), cells(found)
    stakes = [table[str(n), "stake"] for n in range(1, len(odds) + 1)]
    profits = [s * float(o) - sum(stakes) for s, o in zip(stakes, odds, strict=True)]
    assert math.isclose(told["worst"], min(profits), abs_tol=1e-6)
    assert all(abs(stake * 100 - round(stake * 100)) < 1e-4 for stake in stakes)
    assert (found.verdict is Verdict.GOOD) == (min(profits) > 0)
    assert max(profits) - min(profits) <= 0.011 * max(map(float, odds))


def test_stakes_that_round_the_profit_away_are_no_arbitrage():
    assert worked("arbitrage", ["2.02", "2.00"], total="100", step="10").said == "rounded_away"
    assert worked("arbitrage", ["1.95", "1.95"]).said == "no_arbitrage"


@given(stake=TOTALS, back=ODDS, lay=ODDS, back_fee=FEES, lay_fee=FEES)
def test_a_laid_bet_ends_alike_either_way(stake, back, lay, back_fee, lay_fee):
    typed = {"stake": stake, "back": back, "lay": lay, "back_fee": back_fee, "lay_fee": lay_fee}
    for name in ("back_lay", "free_bet"):
        table = cells(worked(name, **typed))
        won, lost = table["back_wins", "profit"], table["back_loses", "profit"]
        assert math.isclose(won, lost, rel_tol=1e-9, abs_tol=1e-6 * float(stake) * float(back))


def test_a_laid_bet_by_hand():
    told = figures(worked("back_lay", stake="100", back="2.2", lay="2.12", lay_fee="0"))
    assert math.isclose(told["lay_stake"], 220 / 2.12)
    assert math.isclose(told["worst"], 220 / 2.12 - 100)


def test_a_free_bet_by_hand():
    told = figures(worked("free_bet", stake="50", back="5", lay="5", lay_fee="0"))
    assert math.isclose(told["lay_stake"], 40.0)
    assert math.isclose(told["conversion"], 0.8)


@given(st.lists(ODDS, min_size=2, max_size=6), TOTALS)
def test_dutched_stakes_add_up_and_return_alike(odds, total):
    found = worked("dutching", odds, total=total)
    table = cells(found)
    rows = range(1, len(odds) + 1)
    stakes = [table[str(n), "stake"] for n in rows]
    returns = [table[str(n), "returns"] for n in rows]
    assert math.isclose(sum(stakes), float(total), rel_tol=1e-9)
    assert max(returns) - min(returns) <= 1e-6 * max(returns)
    assert math.isclose(
        figures(found)["profit_if_one_wins"], returns[0] - float(total), abs_tol=1e-5
    )


@given(first=ODDS, second=ODDS, total=TOTALS)
def test_a_middle_breaks_even_at_the_chance_it_names(first, second, total):
    told = figures(worked("middle", first=first, second=second, total=total))
    chance = told["needed_chance"]
    expected = chance * told["inside"] + (1 - chance) * told["outside"]
    assert expected >= -1e-6 * float(total)
    if chance > 0:
        assert abs(expected) <= 1e-6 * float(total)


def test_kelly_stakes_nothing_without_an_edge():
    assert figures(worked("kelly", odds="1.9", chance="50"))["stake"] == 0.0
    assert worked("kelly", odds="1.9", chance="50").verdict is Verdict.BAD
    told = figures(worked("kelly", bankroll="1000", odds="2", chance="55", fraction="100"))
    assert math.isclose(told["stake"], 100.0)
    assert math.isclose(told["growth"], 1.1**0.55 * 0.9**0.45 - 1, rel_tol=1e-9)


@given(st.lists(ODDS, min_size=2, max_size=8))
def test_chances_without_margin_sum_to_one_in_every_model_that_has_them(odds):
    found = worked("margin", odds)
    for place, column in enumerate(found.columns[:-1]):
        chances = [line.values[place] for line in found.lines]
        if not any(map(math.isnan, chances)):
            assert math.isclose(sum(chances), 1.0, abs_tol=1e-6), column.name


def test_every_fault_is_named_by_its_field():
    of = CALCULATORS["kelly"]
    typed = {"bankroll": "a lot", "odds": "0.5", "chance": "101"}
    assert answer(of, typed, (), OddsFormat.DECIMAL) == {
        "bankroll": Wrong.NO_AMOUNT,
        "odds": Wrong.NO_PRICE,
        "chance": Wrong.ABOVE_ALL,
        "fraction": Wrong.MISSING,
    }


def test_a_list_of_odds_needs_two_and_reads_no_more_than_it_may_hold():
    of = CALCULATORS["margin"]
    assert answer(of, {}, ["2.0"], OddsFormat.DECIMAL) == {"1": Wrong.MISSING}
    many = answer(of, {}, ["20"] * (LEGS_AT_MOST + 5), OddsFormat.DECIMAL)
    assert isinstance(many, Answer)
    assert len(many.lines) == LEGS_AT_MOST


@given(st.sampled_from(sorted(CALCULATORS)), st.lists(st.text(max_size=8), max_size=14), st.data())
def test_no_text_breaks_a_calculator(name, legs, data):
    of = CALCULATORS[name]
    typed = {
        f.name: data.draw(st.one_of(st.just(f.example), st.text(max_size=8))) for f in of.fields
    }
    found = answer(of, typed, legs, data.draw(st.sampled_from(OddsFormat)))
    assert isinstance(found, Answer | dict)
