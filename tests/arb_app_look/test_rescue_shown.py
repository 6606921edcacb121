"""The rescue as it is drawn, and what its state makes of whatever arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app.state.opportunity import Look
from arb_app.state.opportunity_rescue import RescueState
from arb_app.state.rescue_shown import (
    even_told,
    odds_of,
    odds_text,
    position_of,
    stake_of,
    way_lines,
)
from domain.errors import NotFound
from domain.markets import Side
from services.board import Life
from services.stakes import Lay, Placed, Position, Rescued, Wish, rescued
from tests.facts import NOON, a_row, an_opportunity

DOLLARS = Wish(currency="USD", total_minor=100_000)
TYPED = {"odds A": "2.2", "stake A": "500", "odds B": "1.9"}
JUNK = [
    None,
    7,
    2.0,
    True,
    [],
    {},
    b"2",
    "",
    "1",
    "0",
    "-2",
    "7/4",
    "1e2",
    "nan",
    "1001.1",
    "9" * 99,
]


class Rescue(RescueState):
    """A rescue of one opportunity that always answers."""

    async def _looked(self):
        return Look(Life(row=a_row(), last_seen_at=NOON), [], NOON)


@pytest.fixture
async def state(running):
    rescue = Rescue()
    rescue._typed, rescue._placed = dict(TYPED), ["A"]
    await rescue._told(await rescue._looked())
    return rescue


@pytest.mark.parametrize("typed", JUNK)
def test_only_decimal_odds_above_one_are_odds(typed):
    assert odds_of(typed) is None


@given(st.integers(10_001, 1_000_000))
def test_odds_are_written_as_they_are_read(ten_thousandths):
    assert float(odds_of(odds_text(ten_thousandths / 10_000))) == ten_thousandths / 10_000


@pytest.mark.parametrize("typed", [None, 7, "", "0", "0.00", "-5", "x"])
def test_only_an_amount_above_zero_is_a_stake(typed):
    assert stake_of(typed) is None


def test_sound_texts_make_a_position():
    typed = {**TYPED, "lay": "2.4", "lay_commission": "2"}
    found = position_of(typed, ["A"], DOLLARS, an_opportunity(), (1, 2))
    assert found == Position(
        placed={0: Placed(2.2, 50_000)}, now={1: 1.9}, planned=(1, 2), lay=Lay(2.4, 0.02)
    )


@pytest.mark.parametrize("placed", [[], ["A", "B"]])
def test_nothing_placed_or_nothing_open_is_no_position(placed):
    typed = {**TYPED, "stake B": "5"}
    assert position_of(typed, placed, DOLLARS, an_opportunity(), ()) is None


@pytest.mark.parametrize("missing", ["odds A", "odds B", "stake A"])
def test_a_text_that_is_missing_leaves_no_position(missing):
    typed = {name: text for name, text in TYPED.items() if name != missing}
    assert position_of(typed, ["A"], DOLLARS, an_opportunity(), ()) is None


def test_each_way_says_what_to_place_and_what_every_ending_brings():
    position = Position(
        placed={0: Placed(2.2, 50_000)}, now={1: 1.7}, planned=(0, 50_000), lay=Lay(2.4, 0.02)
    )
    found = an_opportunity()
    lines = {line.key: line for line in way_lines(rescued(found, position, DOLLARS), found)}
    assert lines["hold"].todo == "Place nothing more."
    assert lines["hold"].endings in {
        "Bears wins \u2212$500.00 \u00b7 Lions wins +$600.00",
        "Lions wins +$600.00 \u00b7 Bears wins \u2212$500.00",
    }
    assert lines["finish"].todo == "$500.00 on Bears at Beta, odds 1.70."
    assert (lines["finish"].worst, lines["finish"].tone) == ("\u2212$150.00", "bad")
    assert "at the exchange, odds 2.40" in lines["lay_off"].todo
    assert [line.first for line in lines.values()].count(True) == 1


def test_the_odds_that_break_even_are_rounded_to_the_safe_side():
    made = Rescued(options=[], break_even={0: 1.83334, 1: None})
    assert even_told(made, 0, Side.BACK) == "No loss down to 1.834."
    assert even_told(made, 0, Side.LAY) == "No loss up to 1.833."
    assert even_told(made, 1, Side.BACK) == "No price of this leg alone undoes the loss."
    assert even_told(made, 2, Side.BACK) == ""


async def test_what_is_typed_changes_the_ways_on(state):
    assert next(way.first for way in state.ways)
    before = [way.worst for way in state.ways]
    await state.type_in("odds", "B", "1.5")
    assert [way.worst for way in state.ways] != before


@pytest.mark.parametrize("name", ["odds", "stake"])
@pytest.mark.parametrize("typed", JUNK)
async def test_junk_is_named_beside_its_field_and_nothing_is_worked_out(state, name, typed):
    await state.type_in(name, "A", typed if not (name == "stake" and typed == "1") else "0")
    if name == "stake" and typed == "1001.1":
        assert state.rows[0].stake_wrong == ""
        return
    assert getattr(state.rows[0], f"{name}_wrong").startswith("Type ")
    assert (state.ways, state.said[:14]) == ([], "Mark at least ")


@pytest.mark.parametrize("junk", [None, 7, [], {}, "C", "setvar", "__class__"])
async def test_what_names_no_leg_and_no_field_changes_nothing(state, junk):
    ways = state.ways
    await state.type_in("odds", junk, "5")
    await state.type_in(junk, "A", "5")
    await state.place(junk, True)
    await state.place("A", junk)
    assert (state.ways, state._typed) == (ways, TYPED)


async def test_both_legs_placed_leave_nothing_to_rescue(state):
    await state.type_in("stake", "B", "100")
    await state.place("B", True)
    assert (state.ways, state.said[:14]) == ([], "Mark at least ")
    await state.place("B", False)
    assert state.ways != []


async def test_what_cannot_be_reached_is_said(state):
    await state._told(NotFound("gone"))
    assert (state.ways, state.said) == (
        [], "The opportunity cannot be reached just now, so nothing was worked out."
    )  # fmt: skip
