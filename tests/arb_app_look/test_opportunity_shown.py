from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from arb_app import words
from arb_app.state import opportunity_gates as gates
from arb_app.state import opportunity_proof as proven
from arb_app.state import opportunity_shown as shown
from arb_app.state import opportunity_steps as in_order
from domain.board import RefusedRow
from domain.markets import MarketKind, Outcome, Side
from domain.money import Money
from domain.opportunities import GateCode, Opportunity, Refusal
from domain.quotes import Origin
from services.board import Life
from services.margins import Apart
from services.proof import proof
from services.stakes import plan, unplaced
from tests.facts import NOON, a_leg, a_market, a_row, an_event, an_opportunity

TOTAL = Money.of("1000")
MINUTE = timedelta(minutes=1)


def a_life(**changes):
    row = changes.pop("row", a_row())
    return msgspec.structs.replace(Life(row=row, last_seen_at=NOON), **changes)


def a_total(line, *, over=2.1, under=2.1) -> Opportunity:
    """Two legs on a total, proven by the code that proves them on the board."""
    market = a_market(kind=MarketKind.TOTAL, line=line)
    share = under / (over + under)
    legs = [
        a_leg(market, outcome=Outcome.OVER, odds=over, share=share),
        a_leg(market, book="beta", outcome=Outcome.UNDER, odds=under, share=1 - share),
    ]
    return an_opportunity(market=market, legs=legs, proof=proof(legs, "basketball"))


def results(found):
    lines = proven.played(found, plan(found, TOTAL)).lines
    return {line.ending: line.result for line in lines}


def test_the_age_of_a_leg_goes_on_from_where_it_was_judged():
    life = a_life()
    now = NOON + timedelta(seconds=30)
    first, _ = shown.legs(life, plan(life.row.opportunity, TOTAL), now)
    assert (first.age, first.judged) == ("35 s ago", "judged at 5 s")


def test_the_age_of_a_leg_stands_still_once_the_opportunity_is_gone():
    life = a_life(gone_at=NOON + MINUTE, gone_reason="no_longer_crosses")
    first, _ = shown.legs(life, plan(life.row.opportunity, TOTAL), NOON + 60 * MINUTE)
    assert first.age == "5 s ago"


def test_the_page_says_how_long_ago_prices_were_checked_if_they_were():
    now = NOON + timedelta(seconds=30)
    assert shown.head(a_life(), now).verified == ""
    checked = a_life(row=a_row(verified_at=NOON))
    assert shown.head(checked, now).verified == "30 s ago"


def test_a_leg_of_unknown_age_never_looks_fresh():
    found = an_opportunity()
    legs = [msgspec.structs.replace(leg, age_s=None, changed_at=None) for leg in found.legs]
    life = a_life(row=a_row(opportunity=msgspec.structs.replace(found, legs=legs)))
    first, _ = shown.legs(life, plan(life.row.opportunity, TOTAL), NOON)
    assert first.age == words.say("opportunity.age_unknown")


def test_the_start_is_counted_on_the_clock_of_the_prices_so_that_a_replay_reads_right():
    row = a_row(arrived_at=NOON + timedelta(days=100))
    head = shown.head(a_life(row=row), NOON + timedelta(days=100, hours=1))
    assert head.starts_in == "in 2 h"


def test_an_event_that_has_begun_says_so():
    event = an_event(starts_at=NOON - 5 * MINUTE)
    row = a_row(opportunity=an_opportunity(event))
    assert shown.head(a_life(row=row), NOON).starts_in == "started 5 min ago"


def test_an_event_without_a_start_says_so():
    row = a_row(opportunity=an_opportunity(an_event(starts_at=None)))
    head = shown.head(a_life(row=row), NOON)
    assert (head.starts_at, head.starts_in) == ("", "Start not known")


@pytest.mark.parametrize("origin", [Origin.REPLAY, Origin.SIMULATED])
def test_prices_that_are_not_live_are_stamped(origin):
    row = a_row(opportunity=an_opportunity(origin=origin))
    assert shown.head(a_life(row=row), NOON).origin_text == words.origin_text(origin)


def test_live_prices_need_no_stamp():
    row = a_row(opportunity=an_opportunity(origin=Origin.LIVE))
    assert shown.head(a_life(row=row), NOON).origin_text == ""


def test_a_life_that_goes_on_is_not_gone():
    head = shown.head(a_life(), NOON)
    assert (head.gone_at, head.gone_text) == ("", "")


def test_a_life_that_ended_says_when_and_why():
    head = shown.head(a_life(gone_at=NOON + MINUTE, gone_reason="leg_too_old"), NOON + 9 * MINUTE)
    assert head.gone_at == "2030-01-01T12:01:00+00:00"
    assert "may be gone" in head.gone_text
    assert head.lived == "60 s"


def test_every_covered_ending_pays_at_least_what_the_slip_promises():
    found = an_opportunity()
    stakes = plan(found, TOTAL)
    assert set(results(found)) == {"Lions wins", "Bears wins"}
    assert shown.slip(stakes).worst in results(found).values()
    assert shown.slip(stakes).best in results(found).values()


def test_an_ending_that_is_left_open_shows_the_loss_of_the_stake_it_costs():
    found = an_opportunity()
    (last,) = proven.ruled(found, plan(found, TOTAL)).lines
    assert (last.ending, last.open, last.tone) == ("Abandoned at one book only", True, "bad")
    assert last.result == "\u2212$535.40"


def test_a_whole_line_that_is_hit_gives_the_stakes_back():
    assert results(a_total(8.0))["Total 8 hit exactly: stakes come back"] == "$0.00"


def test_half_a_line_has_two_endings_and_a_quarter_four():
    assert len(results(a_total(8.5))) == 2
    assert len(results(a_total(8.25))) == a_total(8.25).proof.states


def a_lay():
    market = a_market()
    legs = [
        a_leg(market, odds=2.2, share=0.5),
        a_leg(market, book="beta", side=Side.LAY, odds=2.1, share=0.5),
    ]
    return an_opportunity(market=market, legs=legs, proof=proof(legs, "basketball"))


def test_a_lay_pays_when_the_outcome_does_not_happen():
    assert results(a_lay()) == {"Lions wins": "+$22.12", "Bears wins": "+$22.12"}


def test_a_lay_says_what_it_risks_besides_its_stake():
    found = a_lay()
    back, lay = shown.legs(a_life(row=a_row(opportunity=found)), plan(found, TOTAL), NOON)
    assert back.aside == ""
    assert lay.bet == "lay Lions"
    assert lay.aside.startswith("at risk $")


def test_a_limit_of_a_book_stands_beside_the_stake():
    found = an_opportunity()
    legs = [msgspec.structs.replace(leg, max_stake=250.0) for leg in found.legs]
    found = msgspec.structs.replace(found, legs=legs)
    first, _ = shown.legs(a_life(row=a_row(opportunity=found)), plan(found, TOTAL), NOON)
    assert first.aside == "most the book takes: $250.00"


def test_without_stakes_that_fit_nothing_is_promised():
    found = an_opportunity()
    none = unplaced(found, "USD")
    for nothing in (none, None):
        lines = shown.legs(a_life(), nothing, NOON)
        assert {(line.stake, line.returns) for line in lines} == {("\u2013", "\u2013")}
        assert shown.slip(nothing) == shown.Slip()
    drawn = [proven.played(found, none), proven.ruled(found, none)]
    results_of = [line.result for group in drawn for line in group.lines]
    assert results_of == ["\u2013", "\u2013", "\u221253.54 %"]
    assert drawn[0].bars == []


def test_rounding_that_loses_the_lock_is_said():
    slip = shown.slip(plan(an_opportunity(roi=0.0224), Money.of("3"), step_minor=100))
    assert not slip.locked
    assert slip.worst.startswith("\u2212")


def refused(found, *codes):
    refusals = [Refusal(code=code, detail=f"figures of {code}") for code in codes]
    return RefusedRow(
        opportunity=msgspec.structs.replace(found, refusals=refusals), arrived_at=NOON
    )


def test_near_misses_are_those_of_the_same_event_alone():
    other = an_opportunity(an_event("Cats v Dogs"))
    near = [refused(a_total(8.5), GateCode.LEG_TOO_OLD, GateCode.LEGS_APART)]
    near[0] = replace_key(near[0], "another bet")
    near.append(replace_key(refused(other, GateCode.IN_PLAY), "a third bet"))
    lines = gates.near_misses(a_life(), near)
    assert [line.chip for line in lines] == ["Price too old", "Legs apart"]
    assert [line.market for line in lines] == ["Total 8.5, incl. overtime", ""]
    assert lines[0].detail == "Figures of leg_too_old"


def replace_key(row, key):
    opportunity = msgspec.structs.replace(row.opportunity, key=key)
    return msgspec.structs.replace(row, opportunity=opportunity)


def test_what_a_gate_took_off_the_board_shows_the_gates_figures_while_it_still_crosses():
    life = a_life(gone_at=NOON, gone_reason="legs_apart")
    near = [refused(life.row.opportunity, GateCode.LEGS_APART, GateCode.LEG_TOO_OLD)]
    assert [line.detail for line in gates.own_refusals(life, near)] == [
        "Figures of legs_apart",
        "Figures of leg_too_old",
    ]


def test_what_a_gate_took_off_the_board_still_has_its_reason_when_it_crosses_no_more():
    life = a_life(gone_at=NOON, gone_reason="legs_apart")
    assert [line.chip for line in gates.own_refusals(life, [])] == ["Legs apart"]


@pytest.mark.parametrize("reason", [None, "no_longer_crosses"])
def test_what_no_gate_refused_has_no_refusals(reason):
    life = a_life(gone_at=NOON if reason else None, gone_reason=reason)
    assert gates.own_refusals(life, [refused(life.row.opportunity, GateCode.IN_PLAY)]) == []


def test_the_lines_are_plain_data_that_a_browser_can_be_sent():
    life = a_life()
    line = shown.legs(life, plan(life.row.opportunity, TOTAL), NOON)[0]
    assert all(isinstance(value, str) for value in vars(replace(line)).values())


def test_a_leg_names_its_market_and_line_from_its_own_side():
    market = a_market(kind=MarketKind.HANDICAP, line=-0.75)
    legs = [
        a_leg(market, odds=2.2, share=0.5),
        a_leg(market, book="beta", outcome=Outcome.AWAY, odds=2.2, share=0.5),
    ]
    row = a_row(opportunity=an_opportunity(market=market, legs=legs))
    home, away = shown.legs(a_life(row=row), None, NOON)
    assert (home.letter, home.bet) == ("A", "Lions \u22120.75")
    assert "\u22120.75" in home.market
    assert (away.letter, away.bet) == ("B", "Bears +0.75")
    assert "+0.75" in away.market


def test_legs_in_several_markets_are_all_named_in_the_head():
    total = a_market(kind=MarketKind.TOTAL, line=8.5)
    legs = [a_leg(), a_leg(total, book="beta", outcome=Outcome.UNDER), a_leg(total)]
    row = a_row(opportunity=an_opportunity(legs=legs))
    assert shown.head(a_life(row=row), NOON).market == "Winner + Total 8.5, incl. overtime"


def test_a_leg_says_how_far_its_odds_may_fall_rounded_to_the_safe_side():
    found = an_opportunity()
    first, second = shown.legs(a_life(), plan(found, TOTAL), NOON)
    assert first.worst_odds == "still good down to 1.834"
    assert second.worst_odds == "still good down to 2.10"


def test_a_lay_says_how_far_its_odds_may_rise():
    found = a_lay()
    _, lay = shown.legs(a_life(row=a_row(opportunity=found)), plan(found, TOTAL), NOON)
    assert lay.worst_odds == "still good up to 2.20"


def test_the_leg_whose_price_moves_is_to_be_placed_first_with_the_reason():
    found = an_opportunity()
    legs = [msgspec.structs.replace(found.legs[0], age_s=300.0), found.legs[1]]
    row = a_row(opportunity=msgspec.structs.replace(found, legs=legs))
    made = plan(row.opportunity, TOTAL)
    first, second = in_order.steps(a_life(row=row), made, NOON)
    assert (first.letter, first.stake, first.book) == ("B", "$464.60", "Beta")
    assert first.why == "Its price changed only 5 s ago and may move again."
    assert (second.letter, second.why) == ("A", "Its price has stood for 5 min.")
    later, _ = in_order.steps(a_life(row=row), made, NOON + 2 * MINUTE)
    assert later.why == "Nothing speaks against any leg: this order is as good as another."


def test_a_book_that_follows_the_others_late_goes_first_and_its_lag_is_said():
    found = an_opportunity(legs=[a_leg(age_s=300.0), an_opportunity().legs[1]])
    legs = [msgspec.structs.replace(leg, age_s=None) for leg in found.legs]
    row = a_row(opportunity=msgspec.structs.replace(found, legs=legs))
    first, second = in_order.steps(a_life(row=row), plan(found, TOTAL), NOON, [None, 45.0])
    assert (first.letter, second.letter) == ("B", "A")
    assert "Beta usually follows the other books 45 s late" in first.why
    assert second.why == "It is not known when its price last changed."


def test_a_stake_near_the_limit_of_its_book_says_how_near():
    found = an_opportunity(legs=[a_leg(age_s=300.0, max_stake=600.0), an_opportunity().legs[1]])
    legs = [msgspec.structs.replace(leg, age_s=300.0) for leg in found.legs]
    row = a_row(opportunity=msgspec.structs.replace(found, legs=legs))
    first, _ = in_order.steps(a_life(row=row), plan(row.opportunity, TOTAL), NOON)
    assert first.why == "The stake is 89 % of what the book takes, so it may be cut."


def test_what_is_gone_has_no_order_of_placing_and_no_odds_to_wait_for():
    life = a_life(gone_at=NOON, gone_reason="no_longer_crosses")
    made = plan(life.row.opportunity, TOTAL)
    assert in_order.steps(life, made, NOON) == []
    assert {line.worst_odds for line in shown.legs(life, made, NOON)} == {""}


def test_a_lock_that_a_hit_line_only_gives_back_says_so():
    told = shown.slip(plan(a_total(8.0), TOTAL)).told
    assert "all of it where a line is hit exactly" in told
    assert shown.slip(plan(a_total(8.5), TOTAL)).told == words.say("opportunity.lock.kept")


def test_why_it_was_accepted_is_told_with_each_figure_and_its_limit():
    legs = [a_leg(age_s=64.4), a_leg(book="beta", age_s=10.0)]
    apart = [Apart(-0.4, 6), None]
    lines = gates.margin_lines(an_opportunity(legs=legs), apart)
    told = {line.chip: (line.figure, line.used, line.width) for line in lines}
    assert told["Age of the price, Alpha"] == (
        "64 s of 120 s allowed",
        "54 % of the way to a refusal",
        "54%",
    )
    assert told["Age of the price, Beta"][0] == "10 s of 120 s allowed"
    assert told["Distance from the other books, Alpha"][0].startswith("0.40 from the median of 6")
    assert next((line.chip, line.close) for line in lines) == (
        "Distance from the other books, Alpha",
        True,
    )
    assert gates.margins_told(lines).startswith("One of 5 gates nearly refused")
    assert not any(line.close for line in lines[1:])
