import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.opportunities import GateCode
from engine.requote import (
    Grade,
    Grading,
    Verdict,
    answered,
    candidate,
    decided,
    grade,
    next_step,
)


def follow(board, live, **options):
    """Run the protocol against books that answer truly; return the verdict and the last state."""
    state = candidate(board)
    while (step := next_step(state, **options)).verdict is Verdict.ASK:
        for book in step.books:
            assert not state.fresh[book]
            state = answered(state, book, live[:, book])
    return step.verdict, state


BOARD = np.array([[2.2, 2.15, 1.9], [1.8, 1.9, 2.1]])


def test_what_is_still_there_when_asked_again_is_confirmed():
    verdict, state = follow(BOARD, BOARD)
    assert (verdict, state.asks) == (Verdict.CONFIRMED, 2)


def test_when_a_leg_moved_the_next_best_is_asked_before_anybody_is_told():
    live = BOARD.copy()
    live[:, 0] = [1.9, 1.95]
    verdict, state = follow(BOARD, live)
    assert (verdict, state.asks) == (Verdict.CONFIRMED, 3)
    assert state.fresh.all()


def test_what_crosses_no_more_is_gone_and_nobody_else_is_asked():
    board = np.array([[2.2, 2.15, 1.9], [1.8, 1.8, 2.1]])
    live = board.copy()
    live[:, 2] = [1.9, 1.75]
    verdict, state = follow(board, live)
    assert (verdict, state.asks) == (Verdict.GONE, 2)


def test_after_four_asks_it_is_left_undecided():
    board = np.array([[2.3, 2.28, 2.26, 2.24, 2.22, 0.0], [0, 0, 0, 0, 0, 2.1]])
    live = np.array([[1.5, 1.5, 1.5, 1.5, 2.22, 0.0], [0, 0, 0, 0, 0, 2.1]])
    assert follow(board, live)[0] is Verdict.UNDECIDED
    assert follow(board, live)[1].asks == 4
    assert follow(board, live, most_asks=6)[0] is Verdict.CONFIRMED


def test_a_book_with_two_legs_is_asked_once():
    board = np.array([[3.5, 0.0], [4.2, 0.0], [0.0, 3.2]])
    assert next_step(candidate(board)).books.tolist() == [0, 1]


def test_of_equal_prices_the_fresh_one_is_taken():
    board = np.array([[2.2, 2.2], [0.0, 2.1]])
    state = answered(candidate(board), 1, board[:, 1])
    assert next_step(state).verdict is Verdict.CONFIRMED


def test_a_return_below_the_least_does_not_count():
    assert next_step(candidate(BOARD)).verdict is Verdict.ASK
    assert next_step(candidate(BOARD), min_roi=0.08).verdict is Verdict.GONE


def test_an_outcome_without_a_price_is_gone():
    assert next_step(candidate(np.array([[3.0, 3.0], [0.0, 0.0]]))).verdict is Verdict.GONE


def test_legs_that_a_solver_chose_are_followed_alike():
    state = candidate(BOARD)
    assert decided(state, np.array([1, 2, 2]), crosses=True).books.tolist() == [1, 2]
    assert decided(state, np.array([1, 2]), crosses=False).verdict is Verdict.GONE


odds = st.sampled_from([0.0, 1.5, 1.8, 1.95, 2.05, 2.2, 2.6, 3.1, 3.4])


@given(st.integers(2, 3), st.integers(1, 7), st.data())
def test_what_is_confirmed_is_live_and_no_more_than_four_are_ever_asked(ways, books, data):
    rows = st.lists(odds, min_size=books, max_size=books)
    tables = st.lists(rows, min_size=ways, max_size=ways).map(np.array)
    board, live = data.draw(tables), data.draw(tables)
    verdict, state = follow(board, live)
    assert state.asks <= 4
    assert state.asks == state.fresh.sum()
    assert (state.price == np.where(state.fresh, live, board)).all()
    known = state.price.max(axis=1)
    with np.errstate(divide="ignore"):
        crosses = (1 / known).sum() < 1
        truly = (1 / np.where(state.fresh, live, 0).max(axis=1)).sum() < 1
    assert (verdict is Verdict.GONE) == (not crosses)
    if verdict is Verdict.CONFIRMED:
        assert truly
    if crosses and (board == live).all():
        assert verdict is Verdict.CONFIRMED


def test_late_prices_are_found_out_and_true_crossings_kept():
    """Every tenth price is of a moment before the market moved; the books agree but for noise."""
    chance = np.random.default_rng(11)
    naive = kept = true = 0
    for _ in range(3000):
        before, now = chance.normal(0, 0.4, 2)
        live, late = (market(at, chance) for at in (now, before))
        board = np.where(chance.random(live.shape[1]) < 0.1, late, live)
        verdict, state = follow(board, live)
        crossed, is_live = crosses(board), crosses(live)
        assert verdict is not Verdict.CONFIRMED or crosses(np.where(state.fresh, live, 0))
        naive += crossed and not is_live
        true += is_live
        kept += is_live and verdict is Verdict.CONFIRMED
    assert naive > 500
    assert true > 100
    assert kept / true > 0.9


def market(logit, chance):
    noisy = logit + chance.normal(0, 0.05, 12)
    return 0.965 * np.stack([1 + np.exp(-noisy), 1 + np.exp(noisy)])


def crosses(table):
    with np.errstate(divide="ignore"):
        return bool((1 / table.max(axis=1)).sum() < 1)


@pytest.mark.parametrize(
    "table", [[[2.0, np.nan]], [[-1.0]], [[np.inf]], [2.0, 2.0], [[], []], np.empty((0, 2))]
)
def test_tables_that_are_none_are_refused(table):
    with pytest.raises(ValueError, match="outcomes by books"):
        candidate(np.array(table))


@pytest.mark.parametrize("answer", [[2.0], [2.0, np.nan], [2.0, -1.0], [2.0, np.inf]])
def test_answers_that_are_none_are_refused(answer):
    with pytest.raises(ValueError, match="one price an outcome"):
        answered(candidate(BOARD), 0, np.array(answer))


OLD, OUT = GateCode.LEG_TOO_OLD, GateCode.WAY_OUT


@pytest.mark.parametrize(
    ("refused_by", "verdict", "got"),
    [
        ([], None, Grade.UNCONFIRMED),
        ([], Verdict.CONFIRMED, Grade.CONFIRMED),
        ([], Verdict.UNDECIDED, Grade.DOUBTFUL),
        ([], Verdict.GONE, Grade.REFUSED),
        ([OLD], None, Grade.DOUBTFUL),
        ([OLD], Verdict.CONFIRMED, Grade.CONFIRMED),
        ([OLD], Verdict.GONE, Grade.REFUSED),
        ([OUT], None, Grade.REFUSED),
        ([OUT], Verdict.CONFIRMED, Grade.REFUSED),
        ([OLD, OUT], Verdict.CONFIRMED, Grade.REFUSED),
    ],
)
def test_a_grade_says_what_asking_can_and_cannot_answer(refused_by, verdict, got):
    assert grade(refused_by, verdict) is got


def test_what_asking_answers_is_data():
    lenient = Grading(answered_by_asking=frozenset({OUT}))
    assert grade([OUT], Verdict.CONFIRMED, lenient) is Grade.CONFIRMED
    assert Grade.CONFIRMED > Grade.UNCONFIRMED > Grade.DOUBTFUL > Grade.REFUSED
