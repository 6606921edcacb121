"""The nouns: frozen, and the same after a journey."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.markets import Market, MarketKind, Outcome, Period, Side
from domain.quotes import Origin, Quote, Reading, decode_reading, encode_reading
from tests.facts import a_quote, a_reading

NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)
MARKET = Market(event_id="e", kind=MarketKind.WINNER, period=Period.FULL_TIME, ways=3)
MARKETS = [MARKET, msgspec.structs.replace(MARKET, event_id="f")]


def test_a_reading_crosses_the_wire_unchanged():
    quote = Quote(
        book="b", market=MARKET, outcome=Outcome.DRAW, odds=21 / 11, changed_at=NOON, max_stake=5.0
    )
    reading = Reading(
        source="s", scope="x", origin=Origin.REPLAY, as_of=NOON, arrived_at=NOON, complete=True,
        events=[], quotes=[quote], rejected={"odds_not_above_one": 2},
    )  # fmt: skip
    assert decode_reading(encode_reading(reading)) == reading


@given(
    st.lists(
        st.builds(
            Quote,
            book=st.sampled_from("abc"),
            market=st.sampled_from(MARKETS),
            outcome=st.sampled_from([Outcome.HOME, Outcome.DRAW, Outcome.AWAY]),
            odds=st.floats(1.01, 1000.0),
            changed_at=st.none() | st.sampled_from([NOON, NOON + timedelta(microseconds=1)]),
            side=st.sampled_from(Side),
            commission=st.sampled_from([0.0, 0.02]),
            max_stake=st.none() | st.floats(0.0, 1e6),
        )
    )
)
def test_quotes_cross_the_wire_in_order_and_share_what_they_have_in_common(quotes):
    arrived = decode_reading(encode_reading(a_reading(quotes=quotes))).quotes
    assert arrived == quotes
    assert len({id(quote.market) for quote in arrived}) == len({quote.market for quote in quotes})


@pytest.mark.parametrize("column", [4, 5, 6, 7, 8])
def test_quotes_whose_columns_do_not_go_together_are_refused(column):
    told = msgspec.msgpack.decode(encode_reading(a_reading(quotes=[a_quote(), a_quote(book="z")])))
    told[column] = told[column][:1]
    with pytest.raises(msgspec.ValidationError):
        decode_reading(msgspec.msgpack.encode(told))


@pytest.mark.parametrize("column", [4, 5, 8])
@pytest.mark.parametrize("place", [-1, 99])
def test_a_quote_of_a_market_book_or_time_that_was_not_told_is_refused(column, place):
    told = msgspec.msgpack.decode(encode_reading(a_reading(quotes=[a_quote()])))
    told[column] = [place]
    with pytest.raises(msgspec.ValidationError):
        decode_reading(msgspec.msgpack.encode(told))


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
