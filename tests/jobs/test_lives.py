"""The lives of opportunities: one while it persists, ended once, and never twice on the board."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.opportunities import GateCode, Leg, Opportunity, Proof, Refusal
from domain.quotes import Origin
from jobs.lives import NO_LONGER_CROSSES, Lives

NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)
EVENT = Event(
    id="e1", source_id="s1", sport="baseball", league="mlb", home="Gulls", away="Terns",
    starts_at=NOON + timedelta(hours=5),
)  # fmt: skip
MARKETS = [
    Market(event_id="e1", kind=MarketKind.TOTAL, period=Period.FULL_TIME_INCL_OVERTIME, line=line)
    for line in (7.5, 8.5, 9.5)
]


def a_crossing(market=MARKETS[0], *, over=2.1, refused_by=(), at=NOON):
    prices = {Outcome.OVER: over, Outcome.UNDER: 2.1}
    cost = sum(1 / odds for odds in prices.values())
    legs = [
        Leg(
            book=f"book-{outcome}", market=market, outcome=outcome, side=Side.BACK, odds=odds,
            commission=0.0, share=1 / odds / cost, changed_at=NOON, age_s=0.0,
        )
        for outcome, odds in prices.items()
    ]  # fmt: skip
    return Opportunity(
        key=f"key-{market.line}", event=EVENT, market=market, as_of=at, in_play=False,
        roi=1 / cost - 1, legs=legs, proof=Proof(states=2, worst_roi=1 / cost - 1, unprotected=[]),
        origin=Origin.REPLAY, source="test",
        refusals=[Refusal(code=code, detail="figures") for code in refused_by],
    )  # fmt: skip


def look(lives, markets, found, now):
    lives.judged(markets, found, now, heard_at=now)


def test_an_arbitrage_that_persists_is_one_life():
    lives = Lives()
    look(lives, MARKETS, [a_crossing()], NOON)
    born = lives.take()
    look(lives, MARKETS, [a_crossing(at=NOON + timedelta(seconds=1))], NOON)
    assert (len(born.rows), bool(lives.take())) == (1, False)


def test_each_life_is_told_once_as_it_began():
    lives = Lives()
    look(lives, MARKETS, [a_crossing()], NOON)
    look(lives, MARKETS, [a_crossing(over=2.2)], NOON)
    born = lives.take()
    assert [row.opportunity.legs[0].odds for row in born.begun] == [2.1]
    look(lives, MARKETS, [a_crossing(over=2.3)], NOON)
    assert lives.take().begun == []
    assert Lives([*born.rows.values()]).take().begun == []


def test_what_has_changed_is_there_to_take_until_it_is_taken():
    lives = Lives()
    look(lives, MARKETS, [a_crossing(refused_by=[GateCode.LEG_TOO_OLD])], NOON)
    assert not lives.have_changed
    look(lives, MARKETS, [a_crossing()], NOON)
    assert lives.have_changed
    lives.take()
    assert not lives.have_changed


def test_a_change_of_price_keeps_the_life_and_its_best():
    lives = Lives()
    look(lives, MARKETS, [a_crossing(over=2.2)], NOON)
    (first,) = lives.take().rows.values()
    look(lives, MARKETS, [a_crossing(over=2.1)], NOON + timedelta(seconds=5))
    (later,) = lives.take().rows.values()
    assert later.id == first.id
    assert later.first_seen_at == first.first_seen_at
    assert later.best_roi == first.opportunity.roi > later.opportunity.roi


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        ([], NO_LONGER_CROSSES),
        ([a_crossing(refused_by=[GateCode.LEG_TOO_OLD])], GateCode.LEG_TOO_OLD),
    ],
)
def test_a_life_ends_with_its_reason(then, reason):
    lives = Lives()
    look(lives, MARKETS, [a_crossing()], NOON)
    (life,) = lives.take().rows
    look(lives, MARKETS, then, NOON)
    assert lives.take().ended == {life: reason}
    assert lives.rows == []


def test_what_was_not_looked_at_is_left_alone():
    lives = Lives()
    look(lives, MARKETS, [a_crossing()], NOON)
    lives.take()
    look(lives, MARKETS[1:], [], NOON)
    assert len(lives.rows) == 1
    assert not lives.take()


def test_a_refused_crossing_waits_beside_the_board_with_its_reason():
    lives = Lives()
    look(lives, MARKETS, [a_crossing(refused_by=[GateCode.IN_PLAY, GateCode.LEGS_APART])], NOON)
    assert lives.rows == []
    assert lives.refused_by == {GateCode.IN_PLAY: 1, GateCode.LEGS_APART: 1}
    look(lives, MARKETS, [], NOON)
    assert lives.refused == []


def test_a_true_arbitrage_and_the_refused_one_it_replaced_stand_side_by_side():
    lives = Lives()
    refused = a_crossing(over=3.0, refused_by=[GateCode.WAY_OUT])
    look(lives, MARKETS, [refused, a_crossing()], NOON)
    assert (len(lives.rows), len(lives.refused)) == (1, 1)


def test_an_open_life_of_an_earlier_process_goes_on():
    before = Lives()
    look(before, MARKETS, [a_crossing()], NOON)
    after = Lives(before.rows)
    look(after, MARKETS, [a_crossing(over=2.3)], NOON)
    assert list(after.take().rows) == [row.id for row in before.rows]


def across(*, over=2.2):
    """Return a crossing of the first two markets, as if they were settled together."""
    first, second = a_crossing(over=over), a_crossing(MARKETS[1])
    legs = [first.legs[0], second.legs[1]]
    return msgspec.structs.replace(first, key="across", legs=legs)


@pytest.mark.parametrize("looked_at", MARKETS)
def test_a_crossing_of_several_markets_ends_with_a_look_at_any_of_the_event(looked_at):
    lives = Lives()
    look(lives, MARKETS, [across()], NOON)
    (row,) = lives.rows
    look(lives, [looked_at], [], NOON)
    assert lives.rows == []
    assert lives.take().ended == {row.id: NO_LONGER_CROSSES}


def test_a_crossing_of_several_markets_lives_beside_one_within_the_first():
    lives = Lives()
    look(lives, MARKETS[:1], [across(), a_crossing()], NOON)
    look(lives, MARKETS[:1], [across(over=2.3)], NOON)
    assert [row.opportunity.key for row in lives.rows] == ["across"]


LOOKS = st.lists(
    st.dictionaries(
        st.sampled_from(range(3)), st.tuples(st.sampled_from([2.1, 2.2]), st.booleans())
    ),
    max_size=12,
)


@given(LOOKS)
def test_a_reader_who_applies_every_change_holds_the_board(looks):
    lives, shown, ended = Lives(), {}, []
    for crossings in looks:
        found = [
            a_crossing(MARKETS[i], over=over, refused_by=[GateCode.IN_PLAY] if bad else ())
            for i, (over, bad) in crossings.items()
        ]
        look(lives, MARKETS, found, NOON)
        changes = lives.take()
        shown |= changes.rows
        for life in changes.ended:
            del shown[life]
            ended.append(life)
        assert shown == {row.id: row for row in lives.rows}
    assert len(ended) == len(set(ended))
    assert msgspec.json.encode(list(shown.values()))


def test_the_events_of_arbitrages_and_near_misses_are_known_by_their_ids():
    lives = Lives()
    assert lives.events == frozenset()
    look(lives, MARKETS, [a_crossing(refused_by=[GateCode.LEG_TOO_OLD])], NOON)
    assert lives.events == {"e1"}
    look(lives, MARKETS, [], NOON)
    assert lives.events == frozenset()
