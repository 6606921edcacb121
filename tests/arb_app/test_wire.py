"""Rows as browsers get them."""

from datetime import timedelta

import msgspec

from arb_app import format as text
from arb_app import wire
from arb_app.words import say
from domain.board import Compared, Feeding
from domain.markets import Side
from domain.plans import View
from domain.quotes import Origin
from kit.clock import epoch_ms
from services import plans
from services.board import Life, Why
from tests.facts import NOON, a_leg, a_patch, a_row, a_snapshot, an_event, an_opportunity
from tests.facts import some_refusals as refusals


def test_a_leg_ages_from_when_the_book_changed_it_not_from_when_it_arrived():
    later = NOON + timedelta(days=100)
    legs = wire.row(a_row(arrived_at=later))["legs"]
    now_ms = epoch_ms(later + timedelta(seconds=10))
    assert [now_ms - leg["changed_ms"] for leg in legs] == [15_000, 15_000]


def test_a_leg_of_unknown_age_stays_unknown():
    found = an_opportunity(legs=[a_leg(age_s=None, changed_at=None)])
    (leg,) = wire.row(a_row(opportunity=found))["legs"]
    assert leg["changed_ms"] is None


def test_an_event_without_a_start_says_so():
    assert wire.row(a_row(an_event(starts_at=None)))["starts_ms"] is None


def test_a_row_keeps_its_figures_and_carries_its_words():
    shown = wire.row(a_row(opportunity=an_opportunity(roi=0.00374)))
    assert (shown["roi"], shown["roi_text"]) == (0.00374, "+0.37 %")
    assert (shown["home"], shown["away"]) == ("Lions", "Bears")
    assert [leg["odds"] for leg in shown["legs"]] == ["1.909", "2.20"]


def test_a_row_carries_the_figures_and_codes_that_a_browser_sorts_and_filters_by():
    legs = [a_leg(max_stake=100.0, share=0.25), a_leg(book="beta", odds=3.0, share=0.75)]
    found = an_opportunity(an_event(league="nba"), legs=legs)
    shown = wire.row(a_row(opportunity=found, best_roi=0.05))
    assert (shown["sport_key"], shown["league_key"]) == ("basketball", "nba")
    assert (shown["market_kinds"], shown["best_roi"]) == (["winner"], 0.05)
    assert [(leg["book_key"], leg["price"]) for leg in shown["legs"]] == [
        ("alpha", 1.909091), ("beta", 3.0),
    ]  # fmt: skip
    assert shown["legs"][0]["max_stake"] == 100.0
    assert shown["stake_limit"] == 400


def test_what_may_be_laid_is_limited_by_the_liability():
    lay = a_leg(side=Side.LAY, odds=3.0, share=0.5, max_stake=100.0)
    back = a_leg(share=0.5, max_stake=150.0)
    alone, both = an_opportunity(legs=[lay]), an_opportunity(legs=[lay, back])
    assert wire.row(a_row(opportunity=alone))["stake_limit"] == 400
    assert wire.row(a_row(opportunity=both))["stake_limit"] == 300


def test_a_row_without_a_known_limit_tells_none():
    assert "stake_limit" not in wire.row(a_row())
    assert "max_stake" not in wire.row(a_row())["legs"][0]


def test_a_masked_row_has_neither_a_price_nor_a_book_nor_a_limit_to_filter_by():
    view = View.of("free")
    legs = [a_leg(max_stake=100.0), a_leg(book="beta", max_stake=50.0)]
    shown = wire.row(plans.row(a_row(opportunity=an_opportunity(legs=legs)), view), view)
    assert {"best_roi", "stake_limit", "raw"}.isdisjoint(shown)
    for leg in shown["legs"]:
        assert set(leg) == {"book", "outcome", "odds", "side", "changed_ms"}
        assert (leg["odds"], leg["changed_ms"]) == (text.NONE, None)


def test_a_row_says_when_its_prices_were_checked_or_that_they_were_not():
    assert wire.row(a_row())["verified_ms"] is None
    assert wire.row(a_row(verified_at=NOON))["verified_ms"] == epoch_ms(NOON)


def test_only_a_patch_takes_rows_away():
    assert wire.board(a_snapshot(3), [])["gone"] == []
    assert wire.board(a_patch(4, gone=["x"]), [])["gone"] == ["x"]


def test_prices_that_are_not_live_are_named():
    (stream,) = wire.board(a_snapshot(1), [])["feeding"]
    assert (stream["origin"], stream["label"]) == ("replay", "invented")


def test_many_recordings_make_one_short_banner():
    streams = [Feeding(source=n, origin=Origin.REPLAY, label=n) for n in ("one", "two", "three")]
    live = Feeding(source="four", origin=Origin.LIVE, label="four")
    (banner,) = wire.board(a_snapshot(1, feeding=[live, *streams]), [])["feeding"]
    assert banner["label"] == "one and 2 more"


def test_the_commonest_reason_comes_first_and_a_code_of_a_newer_worker_still_shows():
    told = a_snapshot(refused_by={"in_play": 1, "leg_too_old": 5, "moon_phase": 3})
    reasons = wire.board(told, [])["refused_by"]
    assert [reason["code"] for reason in reasons] == ["leg_too_old", "moon_phase", "in_play"]
    assert reasons[1]["label"] == "moon_phase"


def test_a_near_miss_says_every_reason_with_its_figures():
    (near,) = wire.refusals(refusals())["rows"]
    (reason,) = near["reasons"]
    assert (reason["code"], reason["detail"]) == ("leg_too_old", "Alpha: 400 s, allowed 90 s")


def test_a_near_miss_carries_its_legs_and_each_reason_in_words():
    (near,) = wire.refusals(refusals())["rows"]
    assert [(leg["book"], leg["outcome"], leg["odds"]) for leg in near["legs"]] == [
        ("Alpha", "Lions", "1.909"), ("Beta", "Bears", "2.20"),
    ]  # fmt: skip
    assert near["reasons"][0]["text"].startswith("A leg")


def test_more_near_misses_than_are_listed_are_said_to_be_more():
    rows = refusals().rows * 30
    told = wire.refusals(refusals(total=45, rows=rows, by_code={"leg_too_old": 45}))
    assert len(told["rows"]) == 20
    assert told["listed"] == "The 20 most profitable of 45 are listed; every one is counted above."
    assert told["summed"] == "Held back now: 45, by Price too old (45)."
    assert wire.refusals(refusals())["listed"] == ""


def test_an_empty_board_rests_on_figures_and_says_where_there_are_none():
    compared = Compared(events=2, markets=30, prices=4500)
    life = Life(row=a_row(), last_seen_at=NOON)
    told = wire.why(Why(answering=3, followed=4, compared=compared, last=life))
    assert told["told"] == [
        "3 of 4 sources that are switched on answer.",
        "4,500 prices in 30 markets of 2 events are compared.",
    ]
    assert (told["last"]["id"], told["last"]["label"]) == (life.row.id, "Lions v Bears")
    nothing = wire.why(Why(answering=0, followed=0, compared=None, last=None))
    assert nothing["last"] is None
    assert nothing["told"] == [
        "No source is switched on: no worker tells of one.",
        "No detector tells what it compares just now.",
    ]


def test_a_message_is_nothing_but_plain_json():
    whole = wire.board(a_snapshot(), [wire.row(a_row())])
    assert msgspec.json.decode(msgspec.json.encode(whole)) == whole


def test_a_plan_that_leaves_something_out_says_so_before_anything_else():
    views = [View.of("free"), View.of("basic", "nba"), View.of("basic"), View.of("pro")]
    told = [wire.board(a_snapshot(1), [], view)["feeding"] for view in views]
    assert [each["text"] for streams in told for each in streams if each["origin"] == "plan"] == [
        say("plan.masked", delay=60, cap="+1 %"),
        "This plan shows one league: NBA.",
        "This plan shows one league, and none has been chosen yet.",
    ]
