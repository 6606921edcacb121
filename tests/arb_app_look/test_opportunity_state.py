from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app.format import NONE
from arb_app.state.opportunity import Look, OpportunityState, life_id_of, look_at
from arb_app.state.stake_form import LEAST, MOST, STEPS, Form, amount_of
from domain.errors import NotFound, Unavailable
from domain.markets import MarketKind, Outcome
from domain.money import Money
from domain.plans import View
from services import stakes
from services.access import ANONYMOUS
from services.board import Life
from services.plans import row as masked_row
from tests.accounts import READER
from tests.facts import (
    NOON,
    a_leg,
    a_market,
    a_patch,
    a_row,
    a_snapshot,
    an_opportunity,
    some_refusals,
)

K, OVER, UNDER = MarketKind, Outcome.OVER, Outcome.UNDER
HOSTILE = [
    *(None, "", " ", "0", "-5", "1e3", "nan", "inf", "1_000", "1,00", "9" * 400, "\u0661\u0660"),
    *("10.001", "1000000.01", 100, 99.5, True, [100], {"value": "100"}, b"100"),
]


@pytest.fixture
def state():
    return OpportunityState()


def a_look(**changes):
    life = Life(row=a_row(), last_seen_at=NOON)
    return Look(**{"life": life, "near": some_refusals().rows, "now": NOON, **changes})


@pytest.mark.parametrize("typed", HOSTILE)
async def test_a_total_that_is_none_changes_no_stake_and_says_so(state, typed):
    await state.type_total(typed)
    assert (state.amount_wrong, state.form.amount) == (True, "1000")


@pytest.mark.parametrize(
    ("typed", "minor"),
    [("1", 100), ("99.5", 9950), (" $1,250.50 ", 125_050), ("1,000,000", 100_000_000)],
)
def test_a_total_is_read_as_people_write_it(typed, minor):
    assert amount_of(typed) == Money(minor)


@given(st.text())
def test_whatever_is_typed_is_an_amount_within_bounds_or_nothing(typed):
    total = amount_of(typed)
    assert total is None or LEAST <= total.amount <= MOST


@given(st.integers(int(LEAST) * 100, int(MOST) * 100))
def test_every_amount_within_bounds_is_read_exactly(minor):
    assert amount_of(f"{Money(minor).amount:,}") == Money(minor)


@pytest.mark.parametrize("step", [None, 1, True, "0", "0.02", "-1", ["1"], {}])
async def test_only_a_step_that_is_offered_changes_the_rounding(state, step):
    await state.round_stakes(step)
    assert state.form.step == STEPS[0]


@pytest.mark.parametrize("every", [None, 1, "true", [True], {}])
async def test_only_yes_or_no_unfolds_the_endings(state, every):
    await state.unfold(every)
    assert state.every is False


def test_endings_are_folded_until_they_are_asked_for(state):
    over = [a_leg(a_market(kind=K.TOTAL, line=n + 0.5), outcome=OVER, odds=9.0) for n in range(9)]
    under = a_leg(a_market(kind=K.TOTAL, line=0.5), outcome=UNDER, odds=2.0)
    found = an_opportunity(legs=[*over, under])
    life = Life(row=a_row(opportunity=found), last_seen_at=NOON)
    state._take(a_look(life=life))
    assert (len(state.played), len(state.played_bars)) == (6, 9)
    assert state.fold.startswith("Show all")
    state.every = True
    state._take(a_look(life=life))
    assert (len(state.played), state.fold) == (9, "Show fewer endings")


def test_ages_that_grow_do_not_plan_the_stakes_anew(state):
    found = an_opportunity()
    older = msgspec.structs.replace(
        found, legs=[msgspec.structs.replace(leg, age_s=99.0) for leg in found.legs]
    )
    assert state._asked(found) == state._asked(older)


@pytest.mark.parametrize(
    "path",
    ["", "/board/", "/board/xyz", "/board/0123456789ABCDEF01234567", "/board/" + "0" * 25,
     "/board/" + "0" * 23 + "\n", "/board/' or 1=1 --", None, 7],
)  # fmt: skip
def test_an_address_that_names_no_id_of_ours_names_nothing(path):
    assert life_id_of(path) is None


def test_a_look_fills_the_page(state):
    state._take(a_look())
    assert (state.phase, state.late) == ("found", False)
    assert state.head.event == "Lions v Bears"
    assert [leg.book for leg in state.legs] == ["Alpha", "Beta"]
    assert state.slip.cost == "$1,000.00"


def test_a_larger_total_stakes_more(state):
    state.form = Form(amount="2000")
    state._take(a_look())
    assert state.slip.cost == "$2,000.00"


def test_a_total_that_no_stakes_fit_promises_nothing(state):
    state.form = Form(amount="1.00", step="1")
    state._take(a_look())
    assert (state.slip.cost, state.slip.locked) == ("", False)


def test_what_does_not_exist_is_missing(state):
    state._take(NotFound("no"))
    assert state.phase == "missing"


def test_figures_stay_when_the_services_go_away_and_are_called_late(state):
    state._take(a_look())
    state._take(Unavailable("gone"))
    assert (state.phase, state.late, state.head.event) == ("found", True, "Lions v Bears")
    state._take(a_look())
    assert state.late is False


def test_a_page_opened_while_the_services_are_away_says_so_until_they_come_back(state):
    state._take(Unavailable("gone"))
    state._take(Unavailable("gone"))
    assert state.phase == "away"
    state._take(a_look())
    assert state.phase == "found"


def test_a_board_that_nobody_looks_at_any_more_makes_its_figures_late(state):
    state._take(a_look(now=NOON + timedelta(seconds=11)))
    assert state.late is True


def test_what_is_gone_is_past_and_not_late(state):
    life = Life(row=a_row(), last_seen_at=NOON, gone_at=NOON, gone_reason="no_longer_crosses")
    state._take(a_look(life=life, now=NOON + timedelta(days=1)))
    assert state.late is False


def test_figures_that_are_the_same_are_not_sent_again(state):
    look = a_look()
    state._take(look)
    state._clean()
    state._take(look)
    shown = {"head", "legs", "slip", "played", "ruled", "refusals", "near", "fold"}
    assert not state.dirty_vars & (shown | {"played_bars", "ruled_bars", "played_scale"})


@pytest.mark.usefixtures("running")
async def test_what_stands_on_the_board_is_found(cache):
    row = a_row()
    await cache.publish(a_patch(rows=[row]), a_snapshot(rows=[row]))
    await cache.put_refusals(some_refusals())
    found = await look_at(READER, row.id)
    assert (found.life.row, len(found.near), found.now) == (row, 1, NOON)


@pytest.mark.usefixtures("running")
async def test_what_never_was_is_not_found():
    assert isinstance(await look_at(READER, "0" * 24), NotFound)


@pytest.mark.usefixtures("starting")
async def test_nothing_can_be_found_before_the_servers_answer():
    assert isinstance(await look_at(READER, "0" * 24), Unavailable)


@pytest.mark.usefixtures("running")
async def test_a_stranger_is_shown_nothing(stranger):
    assert isinstance(await look_at(stranger, "0" * 24), NotFound)


def test_a_masked_look_shows_what_is_bet_on_and_no_figure(state):
    view = View.of("free")
    state._take(a_look())
    assert state.played != []
    row = masked_row(a_row(), view)
    state._take(a_look(life=Life(row=row, last_seen_at=NOON), near=[], view=view))
    assert (state.phase, state.masked, state.head.roi) == ("found", True, "+1 % or more")
    assert [(leg.book, leg.odds, leg.share, leg.stake) for leg in state.legs] == [
        ("Book A", NONE, NONE, NONE),
        ("Book B", NONE, NONE, NONE),
    ]
    assert (state.slip.cost, state.played, state.ruled, state.margins) == ("", [], [], [])


async def test_a_masked_look_plans_no_stakes(state, monkeypatch):
    monkeypatch.setattr(stakes, "plan_as", None)
    view = View.of("free")
    look = a_look(life=Life(row=masked_row(a_row(), view), last_seen_at=NOON), view=view)
    assert await state._planned(look) is look


@pytest.mark.usefixtures("running")
async def test_what_stands_on_the_board_is_masked_for_who_has_no_plan(cache):
    row = a_row(first_seen_at=NOON - timedelta(hours=1))
    await cache.publish(a_patch(rows=[row]), a_snapshot(rows=[row]))
    found = await look_at(ANONYMOUS, row.id)
    assert {leg.book for leg in found.life.row.opportunity.legs} == {"book_A", "book_B"}
    assert found.view.plan.mask_books
