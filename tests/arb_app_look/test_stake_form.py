"""The stake form: every text is checked, whatever arrives."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app.state import stake_form as forms
from arb_app.state.opportunity import Look, OpportunityState
from arb_app.state.stake_form import Form, sound, wish_of
from domain.money import CURRENCIES, Money
from services.board import Life
from tests.facts import NOON, a_leg, a_row, an_opportunity

JUNK = [None, 7, True, [], {}, b"1", "x" * 10_000, "-1", "1e3", "nan", "\u0661", "<b>", "' or 1"]
HOME, AWAY = an_opportunity().legs


class Shown(OpportunityState):
    """A page that is shown again without a server."""

    async def _again(self):
        self._take(Look(Life(row=a_row(), last_seen_at=NOON), [], NOON))


@pytest.fixture
async def state():
    shown = Shown()
    await shown._again()
    return shown


def sums(state):
    return [leg.stake for leg in state.legs]


async def test_fixing_a_leg_starts_from_its_planned_stake_and_the_others_follow(state):
    await state.fix("A")
    assert (state.fixed, state.amount, state.amount_label) == (
        "A", "535.40", "Stake on leg A: Lions, Alpha"
    )  # fmt: skip
    await state.type_total("100")
    assert sums(state)[0] == "$100.00"
    assert state.slip.locked
    await state.fix("")
    assert (state.fixed, state.amount) == ("", "186.77")


@pytest.mark.parametrize("letter", [*JUNK, "C", "a", "AB"])
async def test_no_leg_is_fixed_that_is_not_there(state, letter):
    await state.fix(letter)
    assert state.fixed == ""
    await state.share(letter, False)
    await state.round_leg(letter, "5")
    await state.type_leg(letter, "most", "10")
    assert sums(state) == ["$535.40", "$464.60"]


async def test_each_leg_keeps_its_own_step(state):
    await state.round_stakes("1")
    await state.round_leg("B", "10")
    first, second = (float(stake.strip("$")) for stake in sums(state))
    assert (first % 1, second % 10) == (0, 0)
    await state.round_leg("B", "")
    assert state.leg_forms[1].step == ""


async def test_a_limit_that_is_typed_holds_the_plan_and_says_so(state):
    await state.type_leg("A", "most", "200")
    assert sums(state)[0] == "$200.00"
    assert state.slip.held == "Held to $373.55 by the limit or balance at Alpha."
    await state.type_leg("A", "most", "")
    assert sums(state)[0] == "$535.40"


@pytest.mark.parametrize("name", ["most", "commission"])
@pytest.mark.parametrize("typed", JUNK)
async def test_junk_in_a_legs_field_is_named_and_the_last_figures_stay(state, name, typed):
    await state.type_leg("A", name, typed)
    wrong = getattr(state.leg_forms[0], f"{name}_wrong")
    assert wrong.startswith("Type ")
    assert sums(state) == ["$535.40", "$464.60"]


@pytest.mark.parametrize("name", ["rate", "balance"])
@pytest.mark.parametrize("typed", JUNK)
async def test_junk_in_a_books_field_is_named_and_the_last_figures_stay(state, name, typed):
    await state.type_book("1", name, typed)
    assert getattr(state.book_forms[0], f"{name}_wrong").startswith("Type ")
    assert sums(state) == ["$535.40", "$464.60"]


@pytest.mark.parametrize("junk", JUNK)
async def test_what_names_no_field_and_no_book_changes_nothing(state, junk):
    before = state.form
    await state.type_leg("A", junk, "5")
    await state.type_book(junk, "rate", "5")
    await state.type_book("1", junk, "5")
    await state.in_currency("1", junk)
    await state.in_currency(junk, "EUR")
    await state.round_leg("A", junk)
    await state.share("A", junk if not isinstance(junk, bool) else "yes")
    assert state.form == before


async def test_another_currency_waits_for_its_rate_and_then_counts(state):
    await state.in_currency("2", "GBP")
    assert state.book_forms[1].rate_wrong == (
        "Type what 1 GBP is worth in USD; until then stakes there are in USD."
    )
    assert sums(state) == ["$535.40", "$464.60"]
    await state.type_book("2", "rate", "1.27")
    assert sums(state)[1].startswith("\u00a3365.8")
    assert (state.book_forms[1].rate_wrong, state.slip.cost[0]) == ("", "$")


async def test_a_leg_that_does_not_share_breaks_even_and_one_has_to_share(state):
    await state.share("B", False)
    assert [line.result for line in state.played] == ["+$0.01", "+$41.31"]
    assert state.slip.told.startswith("All of the profit goes to: Lions.")
    await state.share("A", False)
    assert state.leg_forms[0].shares_wrong == "One leg at least has to share the profit."
    assert state.leg_forms[0].shares
    await state.share("B", True)
    assert state.leg_forms[0].shares_wrong == ""


async def test_limits_that_leave_no_lock_come_with_the_largest_stake_that_has_one(state):
    await state.type_leg("B", "most", "100")
    await state.fix("A")
    await state.type_total("500")
    assert not state.slip.locked
    assert state.suggestion.startswith("The largest stake here that still locks a profit is $115.")
    await state.take_suggestion()
    assert state.slip.locked
    assert state.suggestion == ""


async def test_what_was_typed_can_be_forgotten_at_once(state):
    await state.type_leg("A", "most", "200")
    await state.in_currency("1", "EUR")
    await state.clear_form()
    assert (state.form.said, state.form.wrong) == ({}, {})
    assert sums(state) == ["$535.40", "$464.60"]


async def test_another_opportunity_begins_without_what_was_said_of_legs_but_with_its_books(state):
    await state.type_leg("A", "most", "200")
    await state.type_book("1", "balance", "900")
    await state.fix("A")
    state._start("loading", "0" * 24)
    assert (state.form.said, state.form.fixed) == ({"balance alpha": "900"}, "")
    state._start("loading", "0" * 24)
    assert state.form.said == {"balance alpha": "900"}


@given(st.sampled_from(["most", "commission", "rate", "balance"]), st.text())
def test_whatever_is_typed_is_kept_as_a_figure_or_not_at_all(name, typed):
    text = sound(name, typed)
    assert text is None or text == "" or float(text) >= 0


@given(
    st.dictionaries(
        st.sampled_from(["most A", "most B", "commission A", "balance alpha", "rate beta"]),
        st.integers(0, 50).map(str),
    ),
    st.sampled_from(["", "A", "B", "C"]),
    st.sampled_from(CURRENCIES),
)
def test_a_form_of_sound_texts_always_makes_a_wish(said, fixed, currency):
    said = {key: text for key, text in said.items() if not (key == "rate beta" and text == "0")}
    form = Form(fixed=fixed, said={**said, "currency beta": currency})
    wish = wish_of(form, [HOME, AWAY], "USD")
    assert (wish.fixed is None) == (fixed in {"", "C"})


def test_a_step_below_the_smallest_coin_is_that_coin():
    form = Form(said={"currency alpha": "JPY", "rate alpha": "0.0068"})
    assert wish_of(form, [HOME, AWAY], "USD").legs[0].step_minor == 1


def test_known_limits_and_commissions_stand_behind_the_fields():
    (line,) = forms.leg_forms(Form(), [a_leg(max_stake=250.0, commission=0.02)], ["one"], "USD")
    assert (line.most_known, line.commission_known, line.unit) == ("250.00", "2", "USD")


async def test_a_form_that_changed_meanwhile_is_not_overwritten_by_an_older_look(state):
    look = Look(Life(row=a_row(), last_seen_at=NOON), [], NOON + timedelta(seconds=1))
    planned = await state._planned(look)
    assert state._is_planned(planned)
    state.form = Form(amount="5")
    assert not state._is_planned(planned)
    assert Money.of(state.form.amount) == Money(500)
