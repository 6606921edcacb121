import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app.state.history import HistoryState, look_at
from arb_app.state.history_drawn import (
    HEIGHT,
    LABEL_HEIGHT,
    MOST_CHANGES,
    MOST_LINES,
    WIDTH,
    Chart,
    Drawn,
    Frame,
    apart,
    chart,
    market_choices,
    outcome_choices,
    path,
)
from domain.errors import NotFound, NotInPlan, Unavailable
from domain.markets import MarketKind, Outcome, Side
from domain.quotes import Origin
from services.access import ANONYMOUS
from services.history import Line, Movement
from store.odds import Change, market_id, save_changes, save_events, save_markets
from tests.accounts import READER
from tests.facts import NOON, SOURCE, a_market, a_quote, an_event

HOUR = timedelta(hours=1)
WINNER, TOTAL = a_market(), a_market(kind=MarketKind.TOTAL, line=8.5)
HOSTILE = [None, "", "unknown", 7, True, [market_id(TOTAL)], {"value": "home"}, "x" * 10_000]


def a_line(book="alpha", *points, **changes):
    line = {"side": Side.BACK, "source": SOURCE, "origin": "live", **changes}
    return Line(book=book, points=[(NOON + h * HOUR, o) for h, o in points], **line)


def a_movement(*lines, market=WINNER, outcome=Outcome.HOME):
    markets = {market_id(each): each for each in (WINNER, TOTAL)}
    return Movement(an_event(), markets, market_id(market), market, outcome, list(lines))


@pytest.fixture
def state():
    found = HistoryState()
    found._take(a_movement(a_line("alpha", (0, 2.0), (2, 1.5)), a_line("beta", (1, 1.9))))
    return found


def test_a_movement_fills_the_page(state):
    assert (state.phase, state.event, state.outcome) == ("found", "Lions v Bears", "home")
    assert [(line.number, line.name) for line in state.lines] == [("1", "Alpha"), ("2", "Beta")]
    assert state.told == "Lions: odds of 2 books over time"
    assert [each.label for each in state.markets] == ["Winner, incl. overtime", "Total 8.5"]


def test_a_line_tells_its_first_lowest_highest_and_latest_price():
    (line,) = chart(a_movement(a_line("alpha", (0, 2.0), (1, 2.4), (2, 1.5)))).lines
    assert (line.first, line.low, line.high, line.last) == ("2.00", "1.50", "2.40", "1.50")
    assert line.since == (NOON + 2 * HOUR).isoformat()


def test_a_withdrawn_price_ends_its_line_and_says_so():
    gone = chart(a_movement(a_line("alpha", (0, 2.0), (1, None)), a_line("beta", (2, 3.0)))).lines[
        0
    ]
    assert gone.last == "withdrawn"
    assert gone.path.endswith("H485")
    assert gone.end_left == "48.54%"


def test_what_is_still_offered_is_drawn_to_the_end():
    (line,) = chart(a_movement(a_line("alpha", (0, 2.0), (1, 3.0)))).lines
    assert line.path.endswith(f"H971V21H{WIDTH}")


def test_a_lay_price_is_called_so():
    (line,) = chart(a_movement(a_line("alpha", (0, 2.0), side=Side.LAY))).lines
    assert line.name == "Alpha (lay)"


def test_lines_differ_in_more_than_colour():
    many = chart(a_movement(*(a_line(f"book{n}", (0, 2.0 + n)) for n in range(12)))).lines
    assert len({line.number for line in many}) == 12
    assert len({line.look for line in many}) == 6


def test_prices_that_are_not_live_are_called_so():
    assert chart(a_movement(a_line("alpha", (0, 2.0)))).unreal == ""
    replayed = a_line("alpha", (0, 2.0), origin=Origin.REPLAY.value)
    assert "Replay" in chart(a_movement(replayed)).unreal


def test_nothing_offered_draws_nothing():
    assert chart(a_movement()) == Chart()
    assert chart(a_movement(a_line("alpha", (0, None)))) == Chart()


def test_the_latest_changes_come_first_and_are_bounded():
    changes = chart(a_movement(a_line("alpha", *((n, 2.0) for n in range(80))))).changes
    assert len(changes) == MOST_CHANGES
    assert changes[0].at == (NOON + 79 * HOUR).isoformat()


def test_an_outcome_that_never_moved_still_has_an_axis():
    drawn = chart(a_movement(a_line("alpha", (0, 2.0))))
    assert [tick.label for tick in drawn.odds]
    assert [tick.at for tick in drawn.times] == ["0%", "50%", "100%"]


points = st.lists(
    st.tuples(st.integers(0, 1000), st.none() | st.floats(1.01, 1000)), min_size=1, max_size=30
)


@given(points)
def test_a_line_stays_within_the_drawing_and_only_moves_right(points):
    frame = Frame(NOON, NOON + 1000 * HOUR, 1.0, 1000.0)
    drawn = path([(NOON + h * HOUR, o) for h, o in sorted(points, key=lambda p: p[0])], frame)
    across = [int(x) for x in re.findall(r"[MH](\d+)", drawn)]
    down = [int(y) for y in re.findall(r"(?:V|M\d+ )(\d+)", drawn)]
    assert across == sorted(across)
    assert all(0 <= x <= WIDTH for x in across)
    assert all(0 <= y <= HEIGHT for y in down)
    assert bool(drawn) == any(odds is not None for _, odds in points)


@given(points)
def test_odds_ticks_are_round_and_within_the_drawing(points):
    drawn = chart(a_movement(a_line("alpha", *sorted(points, key=lambda p: p[0]))))
    assert len(drawn.odds) <= 8
    assert all(0 <= float(tick.at.rstrip("%")) <= 100 for tick in drawn.odds)


@pytest.mark.parametrize("value", HOSTILE)
async def test_only_what_is_offered_can_be_chosen(state, value):
    before = (state.market, state.outcome, state.lit)
    await state.choose_market(value)
    await state.choose_outcome(value)
    state.light(value)
    assert (state.market, state.outcome, state.lit) == before


def test_a_line_is_lit_and_put_out_again(state):
    state.light("2")
    assert state.lit == "2"
    state.light("2")
    assert state.lit == ""


def test_what_does_not_exist_is_missing(state):
    state._take(NotFound("no"))
    assert state.phase == "missing"


def test_a_drawing_stays_when_the_services_go_away_and_is_called_late(state):
    state._take(Unavailable("gone"))
    assert (state.phase, state.late, len(state.lines)) == ("found", True, 2)


def test_a_page_opened_while_the_services_are_away_says_so():
    state = HistoryState()
    state._take(Unavailable("gone"))
    assert state.phase == "away"


def test_an_event_without_markets_offers_no_choice():
    nothing = Movement(an_event(), {}, "", None, Outcome.HOME, [])
    assert (market_choices(nothing), outcome_choices(nothing), chart(nothing)) == ([], [], Chart())


@pytest.fixture
async def history(database):
    async with database.begin() as db:
        await save_events(db, SOURCE, [an_event()])
        await save_markets(db, [WINNER, TOTAL])
        over = a_quote(market=TOTAL, outcome=Outcome.OVER, odds=1.7)
        seen = {"source": SOURCE, "origin": Origin.LIVE, "seen_at": NOON}
        await save_changes(db, [Change(changed=[a_quote(), over], **seen)])


@pytest.mark.usefixtures("running", "emptied", "history")
@pytest.mark.parametrize(
    ("market", "outcome", "shown"),
    [
        ("", "", (WINNER, Outcome.HOME, 1)),
        ("", "away", (WINNER, Outcome.AWAY, 0)),
        (market_id(TOTAL), "home", (TOTAL, Outcome.OVER, 1)),
        ("unknown", "draw", (WINNER, Outcome.HOME, 1)),
    ],
)
async def test_what_is_asked_for_is_shown_or_else_the_main_market(market, outcome, shown):
    look = await look_at(READER, an_event().id, market, outcome)
    assert (look.market, look.outcome, len(look.lines)) == shown


@pytest.mark.usefixtures("running")
async def test_an_unknown_event_is_not_found():
    assert isinstance(await look_at(READER, "0" * 24, "", ""), NotFound)


@pytest.mark.usefixtures("running")
async def test_who_may_not_look_is_told_nothing(stranger):
    assert isinstance(await look_at(stranger, an_event().id, "", ""), NotFound)


@pytest.mark.usefixtures("starting")
async def test_before_the_servers_answer_the_page_is_away():
    assert isinstance(await look_at(READER, an_event().id, "", ""), Unavailable)


def drawn_ends(*ends):
    return [
        Drawn(number=str(n), end_left=f"{left:.2f}%", end_top=f"{top:.2f}%")
        for n, (left, top) in enumerate(ends, 1)
    ]


PERCENT = st.floats(0, 100)


@given(st.lists(st.tuples(st.sampled_from([20.0, 60.0, 100.0]), PERCENT), max_size=MOST_LINES))
def test_no_number_at_the_end_of_a_line_covers_another(ends):
    placed = apart(drawn_ends(*ends))
    assert [line.number for line in placed] == [str(n) for n in range(1, len(ends) + 1)]
    columns = {}
    for line in placed:
        top = float(line.end_top.removesuffix("%"))
        assert -0.01 <= top <= 100.01
        columns.setdefault((line.end_left, line.end_column), []).append(top)
    for tops in columns.values():
        tops.sort()
        gaps = [b - a for a, b in pairwise(tops)]
        assert all(gap >= LABEL_HEIGHT - 0.02 for gap in gaps)


def test_numbers_that_are_far_apart_stay_where_their_lines_end():
    ends = drawn_ends((100, 10.0), (100, 50.0), (40, 51.0))
    assert [line.end_top for line in apart(ends)] == ["10.00%", "50.00%", "51.00%"]


def test_two_numbers_at_one_place_stand_around_it():
    one, other = apart(drawn_ends((100, 50.0), (100, 50.0)))
    assert (one.end_top, other.end_top) == ("47.00%", "53.00%")


@pytest.mark.usefixtures("running", "emptied", "history")
async def test_a_plan_that_shows_no_prices_is_told_which_do(state):
    look = await look_at(ANONYMOUS, an_event().id, "", "")
    state._take(look)
    assert (type(look), state.phase) == (NotInPlan, "shut")
