"""The nouns: frozen, and the same after a journey."""

from datetime import UTC, datetime

import msgspec
import pytest

from domain.markets import Market, MarketKind, Outcome, Period
from domain.quotes import Origin, Quote, Reading, decode_reading, encode_reading

NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)
MARKET = Market(event_id="e", kind=MarketKind.WINNER, period=Period.FULL_TIME, ways=3)


def test_a_reading_crosses_the_wire_unchanged():
    quote = Quote(
        book="b", market=MARKET, outcome=Outcome.DRAW, odds=21 / 11, changed_at=NOON, max_stake=5.0
    )
    reading = Reading(
        source="s", scope="x", origin=Origin.REPLAY, as_of=NOON, arrived_at=NOON, complete=True,
        events=[], quotes=[quote], rejected={"odds_not_above_one": 2},
    )  # fmt: skip
    assert decode_reading(encode_reading(reading)) == reading


def test_something_else_on_the_wire_is_refused():
    with pytest.raises(msgspec.ValidationError):
        decode_reading(msgspec.msgpack.encode({"source": 1}))


def test_a_noun_does_not_change():
    with pytest.raises(AttributeError, match="immutable"):
        MARKET.ways = 2


@pytest.mark.parametrize(
    ("kind", "ways", "outcomes"),
    [
        (MarketKind.WINNER, 2, "home away"),
        (MarketKind.WINNER, 3, "home draw away"),
        (MarketKind.HANDICAP, 2, "home away"),
        (MarketKind.TOTAL, 2, "over under"),
        (MarketKind.YES_NO, 2, "yes no"),
    ],
)
def test_a_market_knows_its_outcomes(kind, ways, outcomes):
    market = Market(event_id="e", kind=kind, period=Period.FULL_TIME, ways=ways)
    assert " ".join(market.outcomes) == outcomes
