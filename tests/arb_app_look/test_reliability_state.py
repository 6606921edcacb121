from arb_app.state.reliability import MOST_LINES, ReliabilityState, reliability_lines
from domain.sources import ReliabilityPart
from tests.facts import a_reliability, a_standing


def test_a_source_comes_first_then_its_books_the_least_reliable_on_top():
    told = a_reliability("vendor", a_standing("good", score=0.99), a_standing("bad", score=0.5))
    lines = reliability_lines([told])
    assert [(line.name, line.whole) for line in lines] == [
        ("vendor", True), ("Bad", False), ("Good", False),
    ]  # fmt: skip


def test_a_line_shows_the_score_and_every_part_of_it():
    parts = {part: 0.1 * place for place, part in enumerate(ReliabilityPart, 1)}
    told = a_reliability("vendor", a_standing(parts=parts, lag_s=None, silent=2))
    line = reliability_lines([told])[1]
    assert line.score == "90.0 %"
    assert [getattr(line, part) for part in ReliabilityPart] == [
        "10.00 %", "20.00 %", "30.00 %", "40.00 %", "50.00 %",
    ]  # fmt: skip
    assert (line.age, line.lag, line.silent) == ("4 s", "\u2013", "2 of 3")


def test_no_page_is_drowned_in_books():
    many = a_reliability("vendor", *(a_standing(f"book{number}") for number in range(99)))
    assert len(reliability_lines([many])) == MOST_LINES


def test_lines_once_shown_stay_while_nobody_can_be_asked():
    state = ReliabilityState()
    lines = reliability_lines([a_reliability()])
    state._take(lines)
    state._take(None)
    assert state.lines == lines
