from urllib.parse import parse_qs, urlsplit

import pytest

from arb_app.state.calculator import CalculatorState
from arb_app.state.calculator_shown import example_of
from domain.odds_formats import OddsFormat
from services.calculators import CALCULATORS, LEGS_AT_MOST, answer

HOSTILE = [None, 7, True, ["1"], {"1": "2"}, "x" * 10_000, "\x00", "-1", "0", "99", "\u0661"]


def opened(query=""):
    """Return the state as it is once a page with this query was opened."""
    state = CalculatorState()
    asked = parse_qs(query)
    state._begin(asked.get("c", [""])[0], asked.get("f", [""])[0])
    state._take_up(asked)
    return state


def figures(state):
    return {figure.label: figure.text for figure in state.shown.figures}


def test_it_opens_with_an_example_that_has_an_answer():
    state = opened()
    assert state.which == "arbitrage"
    assert figures(state)["Margin"] == "+3.73 %"
    assert [line.name for line in state.shown.lines] == ["Outcome 1", "Outcome 2"]


@pytest.mark.parametrize("name", CALCULATORS)
def test_every_example_is_worked_with_the_figures_of_the_calculator(name):
    of = CALCULATORS[name]
    typed = {field.name: field.example for field in of.fields}
    assert "{" not in example_of(of, answer(of, typed, of.legs, OddsFormat.DECIMAL))


@pytest.mark.parametrize("name", CALCULATORS)
@pytest.mark.parametrize("notation", OddsFormat)
def test_the_link_opens_the_same_figures(name, notation):
    state = opened(f"c={name}&f={notation}")
    again = opened(urlsplit(state.link).query)
    assert (again.which, again.notation) == (name, notation.value)
    assert again.shown == state.shown
    assert again.link == state.link


def test_what_is_wrong_is_said_at_its_field_and_no_old_answer_stays():
    state = opened()
    state.type_in("total", "much")
    (total, _) = state.inputs
    assert total.error.startswith("This is no amount")
    assert state.shown.figures == []
    state.type_in("total", "500")
    assert figures(state)["Total staked"] == "500.00"


def test_outcomes_are_added_and_taken_away_within_bounds():
    state = opened()
    for _ in range(LEGS_AT_MOST):
        state.add_leg()
    assert len(state.legs) == LEGS_AT_MOST
    assert not state.may_add
    for _ in range(LEGS_AT_MOST):
        state.drop_leg()
    assert len(state.legs) == 2
    assert not state.may_drop
    assert figures(state)["Margin"] == "+3.73 %"


def test_a_calculator_without_a_list_gets_no_outcomes():
    state = opened("c=kelly")
    state.add_leg()
    state.drop_leg()
    assert state.legs == []


def test_another_notation_rewrites_prices_and_keeps_the_sum():
    state = opened("c=margin")
    before = figures(state)
    state.write_odds("american")
    assert [leg.text for leg in state.legs] == ["+160", "+140", "+330"]
    assert figures(state) == before
    state.type_in("1", "rubbish")
    state.write_odds("decimal")
    assert [leg.text for leg in state.legs] == ["rubbish", "2.40", "4.30"]


@pytest.mark.parametrize("value", HOSTILE)
def test_what_no_page_sends_changes_nothing(value):
    state = opened()
    before = state.link
    state.type_in(value, "2")
    if not isinstance(value, str):
        state.type_in("total", value)
    state.write_odds(value)
    assert state.link == before


def test_an_address_may_say_anything():
    state = opened("c=../etc&f=roman&total=%00&o=&o=1&o=" + "&o=2" * 30)
    assert state.which == "arbitrage"
    assert len(state.legs) == LEGS_AT_MOST
    assert state.shown.figures == []
