import msgspec
import pytest

from arb_app import words
from arb_app.state import opportunity_proof as proven
from domain.markets import MarketKind, Outcome, Period, Side
from domain.money import Money
from domain.opportunities import Ending, Proof
from services.proof import proof
from services.stakes import plan, unplaced
from tests.facts import a_leg, a_market, an_event, an_opportunity
from tests.services.portfolios import leg

TOTAL = Money.of("1000")
MATCH = an_event("Lions v Bears", sport="soccer")
JOINT = [
    leg(MarketKind.HANDICAP, Outcome.HOME, 2.16, line=-0.25, book="alpha"),
    leg(MarketKind.WINNER, Outcome.DRAW, 3.9, book="beta"),
    leg(MarketKind.WINNER, Outcome.AWAY, 4.4, book="gamma"),
]


def of(legs, event=MATCH):
    legs = [msgspec.structs.replace(one, share=1 / len(legs)) for one in legs]
    return an_opportunity(event, legs=legs, proof=proof(legs, event.sport))


def played(found, total=TOTAL):
    return proven.played(found, plan(found, total))


def ruled(found):
    return proven.ruled(found, plan(found, TOTAL))


def test_endings_of_several_markets_are_told_by_who_wins_and_an_example():
    told = {line.ending: (line.example, line.marks) for line in played(of(JOINT)).lines}
    assert told == {
        "Lions wins": ("for instance 1\u2060\u2013\u20600", "won lost lost"),
        "Bears wins": ("for instance 0\u2060\u2013\u20601", "lost lost won"),
        "Sides level": ("for instance 0\u2060\u2013\u20600", "half_lost won lost"),
    }


def test_the_worst_ending_comes_first_and_is_what_the_slip_promises():
    found = of(JOINT)
    stakes = plan(found, TOTAL)
    lines = proven.played(found, stakes).lines
    worst = Money(stakes.worst_profit_minor)
    assert lines[0].result == f"+${worst.amount}"
    assert [line.number for line in lines] == ["1", "2", "3"]


def test_a_bar_reaches_from_zero_to_its_share_of_the_largest_result():
    drawn = played(of(JOINT))
    heights = [float(bar.height.rstrip("%")) for bar in drawn.bars]
    assert heights[-1] == 100.0
    assert heights == sorted(heights)
    assert {(bar.top, bar.tone) for bar in drawn.bars[-1:]} == {("0.00%", "good")}
    assert drawn.scale.zero == "100.00%"


def test_losses_hang_below_zero_in_red_and_say_what_to_check():
    drawn = ruled(of(JOINT))
    assert {line.tone for line in drawn.lines} == {"bad"}
    assert all(line.open and line.check.startswith("Check") for line in drawn.lines)
    assert drawn.scale.zero == "0.00%"
    assert all(bar.top == "0.00%" for bar in drawn.bars)
    assert "\u2212" in drawn.scale.told


def test_an_ending_that_one_book_abandons_costs_all_but_its_stake():
    found = of(JOINT)
    stakes = plan(found, TOTAL)
    (line,) = [line for line in proven.ruled(found, stakes).lines if "one book" in line.ending]
    least = min(one.at_risk_minor for one in stakes.legs)
    assert line.result == f"\u2212${Money(stakes.at_risk_minor - least).amount}"
    assert line.marks == "unknown unknown unknown"


def test_what_the_proof_leaves_open_is_listed_once():
    winner = a_market(period=Period.FULL_TIME_INCL_OVERTIME)
    legs = [a_leg(winner, odds=2.1), a_leg(winner, book="beta", outcome=Outcome.AWAY, odds=2.1)]
    lines = ruled(of(legs, an_event(sport="baseball"))).lines
    pitcher = [line for line in lines if "pitcher" in line.ending]
    assert [line.example for line in pitcher] == [
        "for instance 0\u2060\u2013\u20601",
        "for instance 1\u2060\u2013\u20600",
    ]
    assert {line.check for line in pitcher} == {words.say("opportunity.check.pitcher")}


def test_an_ending_that_the_proof_names_and_no_state_does_keeps_its_share():
    found = of(JOINT)
    other = Ending(state="nobody knows what home does", worst_roi=-0.25)
    found = msgspec.structs.replace(
        found, proof=Proof(states=3, worst_roi=0.01, unprotected=[other])
    )
    stakes = plan(found, TOTAL)
    (line,) = [one for one in proven.ruled(found, stakes).lines if "nobody" in one.ending.lower()]
    assert line.ending == "Nobody knows what Lions does"
    assert line.result == f"\u2212${Money(round(stakes.at_risk_minor / 4)).amount}"
    assert line.check == words.say("opportunity.check.other")


def test_three_ways_that_two_legs_decide_are_named_by_what_does_not_happen():
    market = leg(MarketKind.WINNER, Outcome.HOME, 3.5).market
    back = a_leg(market, odds=3.5)
    lay = a_leg(market, book="beta", side=Side.LAY, odds=3.0)
    assert {line.ending for line in played(of([back, lay])).lines} == {"Lions wins", "Not Lions"}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (2.5, {"Over 2.5", "Under 2.5"}),
        (3.0, {"Over 3", "Under 3", "Total 3 hit exactly: stakes come back"}),
        (2.75, {"Over 2.75", "Under 2.75", "Over 2.75 wins half of the stake"}),
    ],
)
def test_endings_of_a_line_are_told_by_its_sides(line, names):
    legs = [leg(MarketKind.TOTAL, side, 2.1, line=line) for side in (Outcome.OVER, Outcome.UNDER)]
    assert {one.ending for one in played(of(legs)).lines} == names


def test_nothing_is_drawn_where_nothing_is_staked():
    drawn = proven.played(of(JOINT), unplaced(of(JOINT), "USD"))
    assert (drawn.bars, drawn.scale) == ([], proven.Scale())
    assert {line.result for line in drawn.lines} == {"\u2013"}


def test_bars_are_numbered_only_where_there_is_room():
    levels = [
        leg(MarketKind.TOTAL, Outcome.OVER, 3.0 + n, line=0.5 + n, book=f"book {n}")
        for n in range(14)
    ]
    found = of([*levels, leg(MarketKind.TOTAL, Outcome.UNDER, 1.9, line=0.5)])
    drawn = played(found)
    assert len(drawn.bars) == len(drawn.lines) == 15
    assert {bar.number for bar in drawn.bars} == {""}
    assert proven.fold(drawn, drawn, every=False) == "Show all 30 endings"
    assert proven.fold(drawn, drawn, every=True) == "Show fewer endings"


def test_few_endings_are_never_folded():
    drawn = played(of(JOINT))
    assert proven.fold(drawn, drawn, every=False) == ""


@pytest.mark.parametrize("mark", proven.MARKS)
def test_every_mark_has_words_besides_its_icon(mark):
    assert words.say(f"opportunity.mark.{mark}")


def test_results_that_are_all_the_same_are_told_once():
    drawn = played(an_opportunity())
    assert drawn.scale.told == "Played to the end: 2 endings, +$22.12 in each."
