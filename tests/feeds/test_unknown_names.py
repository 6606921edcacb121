"""Names that no table knows: noted once with a count, bounded, cleaned, and never guessed."""

import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.names import NameKind
from domain.quotes import Reading, decode_reading, encode_reading
from feeds.base import MOST_UNKNOWN, Tally
from feeds.outcomes import placed
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown
from feeds.recordings import readings
from feeds.text import MOST_SHOWN
from feeds.vocabulary import Bet, MarketKind, Words
from tests.facts import a_reading

UNSUPPORTED = Reason.MARKET_UNSUPPORTED


def test_a_reason_that_carries_a_name_is_counted_as_that_reason():
    tally = Tally()
    tally.reject(UNSUPPORTED, 2)
    tally.reject(Unknown(UNSUPPORTED, NameKind.MARKET, "Moon phase"), 3, example="Lions v Bears")
    assert tally.rejected == Counter({"market_unsupported": 5})
    (told,) = tally.names.values()
    assert (told.kind, told.name, told.count, told.reason, told.example) == (
        "market", "Moon phase", 3, "market_unsupported", "Lions v Bears",
    )  # fmt: skip


def test_nothing_dropped_is_no_name_either():
    tally = Tally()
    tally.reject(Unknown(UNSUPPORTED, NameKind.MARKET, "Moon phase"), 0)
    assert (tally.names, tally.rejected) == ({}, Counter())


@pytest.mark.parametrize("said", [None, "", "\x00\u202e", [1], {"a": 1}, 1.5])
def test_what_is_no_name_is_counted_and_not_noted(said):
    tally = Tally()
    tally.reject(Unknown(UNSUPPORTED, NameKind.MARKET, said))
    assert (tally.names, tally.rejected.total()) == ({}, 1)


@given(st.lists(st.text(max_size=300), max_size=120))
def test_any_names_leave_a_bounded_clean_record_that_travels(names):
    tally = Tally()
    for name in names:
        tally.reject(Unknown(UNSUPPORTED, NameKind.MARKET, name))
    assert tally.rejected.total() == len(names)
    assert len(tally.names) <= MOST_UNKNOWN
    for told in tally.names.values():
        assert 0 < len(told.name) <= MOST_SHOWN
        assert not {unicodedata.category(c) for c in told.name} & {"Cc", "Cf", "Cs"}
    reading = a_reading(unknown=list(tally.names.values()))
    assert decode_reading(encode_reading(reading)) == reading


def test_a_vocabulary_says_what_it_does_not_know():
    words = Words(markets={"1x2": Bet(kind=MarketKind.WINNER)}, sports={"1": "soccer"})
    assert words.bet("1X2").kind is MarketKind.WINNER
    for ask, kind in ((words.bet, NameKind.MARKET), (words.sport, NameKind.SPORT)):
        with pytest.raises(NoPrice) as refused:
            ask("Moon")
        assert (refused.value.reason.kind, refused.value.reason.said) == (kind, "Moon")


def test_a_label_that_is_no_outcome_is_named():
    for kind, of in ((MarketKind.TOTAL, "outcome"), (MarketKind.WINNER, "participant")):
        with pytest.raises(NoPrice) as refused:
            placed(kind, "Gulls", "Lions", "Bears")
        reason = refused.value.reason
        assert (reason, reason.kind, reason.said) == (Reason.UNKNOWN_OUTCOME, of, "Gulls")


def test_a_real_recording_names_what_it_says_and_we_do_not_know(recorded_dir):
    path = recorded_dir / "providers" / "betsapi" / "bwin_event.json"
    told: list[Reading] = list(readings(path))
    names = {(one.kind, one.name): one.count for each in told for one in each.unknown}
    assert names["market", "Match Result and Both Teams to Score"] == 6
    rejected = sum(each.rejected[UNSUPPORTED] for each in told)
    assert sum(count for (kind, _), count in names.items() if kind == "market") == rejected
