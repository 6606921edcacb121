"""Recordings: any file of a known source, however it is packed or damaged."""

import bz2
import gzip
import json
import lzma
from collections import Counter
from datetime import UTC, datetime

import pytest

from domain.errors import Refused
from domain.quotes import Origin
from feeds import files
from feeds.base import UNDATED
from feeds.recordings import payloads, readings, recognise, source_name
from tests.feeds.samples import AT, RECORDINGS, recording

LINES = recording("the_odds_api/american.jsonl")
FIRST, SECOND = LINES.splitlines()


@pytest.fixture
def write(tmp_path):
    def written(body: bytes, name: str = "odds.jsonl"):
        path = tmp_path / name
        path.write_bytes(body)
        return path

    return written


@pytest.mark.parametrize(
    ("name", "feed", "quotes"),
    [
        ("the_odds_api/decimal.json", "the_odds_api", 14),
        ("the_odds_api/american.jsonl", "the_odds_api", 24),
        ("football_data/season.csv", "football_data", 58),
        ("odds_api_rows/snapshots.csv", "odds_api_rows", 6),
        ("odds_api_wide/day.csv", "odds_api_wide", 10),
        ("native/quotes.jsonl", "native", 3),
        ("kalshi/markets.json", "kalshi", 3),
        ("azuro/answers.jsonl", "azuro", 11),
        ("betfair/answers.jsonl", "betfair", 17),
        ("betfair_stream/session.jsonl", "betfair_stream", 12),
        ("cloudbet/competition.json", "cloudbet", 14),
        ("matchbook/events.json", "matchbook", 12),
        ("polymarket/answers.jsonl", "polymarket", 16),
        ("smarkets/answers.jsonl", "smarkets", 12),
        ("sx_bet/answers.jsonl", "sx_bet", 5),
    ],
)
def test_a_recording_is_known_by_what_is_in_it(name, feed, quotes):
    path = RECORDINGS / name
    assert recognise(path) == feed
    assert sum(len(r.quotes) for r in readings(path)) == quotes


@pytest.mark.parametrize("pack", [bytes, lzma.compress, gzip.compress, bz2.compress])
def test_packing_is_told_by_content_and_not_by_name(write, pack):
    path = write(pack(LINES), "odds.txt")
    assert [len(r.quotes) for r in readings(path)] == [12, 12]


def test_each_line_is_a_replayed_snapshot_of_its_own_instant(write):
    first, second = readings(write(LINES, "wnba.jsonl.xz"))
    assert (first.source, first.origin, first.complete) == ("replay:wnba", Origin.REPLAY, True)
    assert first.as_of == first.arrived_at == datetime(2026, 7, 21, 12, 0, 49, tzinfo=UTC)
    assert second.as_of == datetime(2026, 7, 21, 12, 5, 49, tzinfo=UTC)
    assert [p.request.source for p in payloads(write(LINES, "wnba.jsonl.xz"))] == [
        "replay:wnba",
        "replay:wnba",
    ]


def test_events_of_two_files_never_mix(write):
    ids = {
        event.id
        for name in ("a.jsonl", "b.jsonl")
        for reading in readings(write(LINES, name))
        for event in reading.events
    }
    assert len(ids) == 2


def test_an_undated_answer_is_as_of_what_is_told_else_of_its_newest_price():
    path = RECORDINGS / "the_odds_api/decimal.json"
    newest = datetime(2026, 7, 21, 12, 0, 27, tzinfo=UTC)
    assert [r.as_of for r in readings(path)] == [newest]
    assert [r.as_of for r in readings(path, default=AT)] == [newest]
    assert [r.as_of for r in readings(path, at=AT)] == [AT]


def test_an_answer_without_any_time_is_of_the_default():
    path = RECORDINGS / "kalshi/markets.json"
    assert [r.as_of for r in readings(path)] == [UNDATED]
    assert [r.as_of for r in readings(path, default=AT)] == [AT]


def test_a_dated_line_is_not_overruled(write):
    assert AT not in [r.as_of for r in readings(write(LINES), at=AT)]


@pytest.mark.parametrize("junk", [b'{"fetched_at":', b"garbage", b"[7]", b'{"a":1}', b"[]]"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_line_is_counted_and_the_others_kept(write, junk, place):
    lines = [FIRST, SECOND]
    lines.insert(place, junk)
    got = list(readings(write(b"\n".join(lines))))
    assert sum(len(r.quotes) for r in got) == 24
    assert sum((Counter(r.rejected) for r in got), Counter()).total() == 1


def test_a_line_in_another_encoding_is_counted_as_such(write):
    latin = FIRST.replace(b"Comets", b"Com\xe8tes")
    got = list(readings(write(b"\n".join([latin, SECOND]))))
    assert [len(r.quotes) for r in got] == [12]
    assert got[0].rejected == {"wrong_encoding": 1}


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress, bz2.compress])
def test_a_truncated_file_keeps_what_came_before(write, pack):
    many = b"\n".join([FIRST] * 20)
    whole = pack(many) + pack(many)
    got = list(readings(write(whole[:-8])))
    assert sum(len(r.quotes) for r in got) >= 12 * 20
    assert got[-1].rejected == {"recording_truncated": 1}


def test_too_long_a_line_is_passed_over(write, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 4000)
    long = FIRST[:-2] + b" " * 300_000 + FIRST[-2:]
    got = list(readings(write(b"\n".join([FIRST, long, SECOND]))))
    assert [len(r.quotes) for r in got] == [12, 12]
    assert got[1].rejected == {"answer_too_large": 1}


def test_too_large_a_document_is_counted_and_nothing_else(write, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 4000)
    body = json.dumps(json.loads(recording("the_odds_api/decimal.json")), indent=4).encode()
    (reading,) = readings(write(body + b"\n" * 4000, "odds.json"))
    assert (reading.quotes, reading.rejected) == ([], {"answer_too_large": 1})
    assert not reading.complete


def test_nothing_is_held_of_a_line_that_never_ends(write, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 4000)
    path = write(lzma.compress(FIRST + b"\n" + b'"sport_key":' + b"0" * 30_000_000))
    lost = Counter[str]()
    assert [len(line) for line in files.lines(path, lost)] == [len(FIRST)]
    assert lost == {"answer_too_large": 1}


def test_an_unknown_file_is_refused_in_a_sentence(write):
    with pytest.raises(Refused, match=r"The Odds API.*football-data"):
        recognise(write(b'{"weather":"fair"}\n'))
    with pytest.raises(Refused, match="cannot be read"):
        recognise(write(b"").parent / "absent.json")


def test_a_source_that_is_none_is_refused(write):
    with pytest.raises(Refused, match="choose one of"):
        list(readings(write(LINES), source="quidditch"))


def test_the_source_can_be_told_where_it_cannot_be_seen(write):
    (reading,) = readings(write(b"[]"), source="the_odds_api", name="mine")
    assert (reading.source, reading.quotes, reading.rejected) == ("mine", [], {})


def test_a_file_names_its_source_by_its_stem(write):
    assert source_name(write(LINES, "mlb_2026.jsonl.xz")) == "replay:mlb_2026"


@pytest.mark.recorded
def test_the_eight_windows_are_read_without_a_loss(recorded_dir):
    quotes, rejected = 0, Counter[str]()
    for path in sorted((recorded_dir / "odds_stream").glob("*.jsonl.xz")):
        for reading in readings(path):
            quotes += len(reading.quotes)
            rejected.update(reading.rejected)
    assert (quotes, rejected) == (855_106, {})
