"""Columns of The Odds API: what was seen before changes how fast an answer is read, never what."""

import json
import lzma
import subprocess
import sys
from threading import Event as Flag

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import odds_api_memo
from feeds.odds_api_columns import UNKNOWN
from feeds.odds_api_memo import Seen, load_readers
from feeds.prices import Style
from feeds.the_odds_api import TheOddsApi
from kit.settings import ROOT
from tests.feeds.odds_api_answers import answers, outcome_of, plainly, written
from tests.feeds.samples import payload_of, read, recording

asked = st.sampled_from([{}, {"oddsFormat": "decimal"}, {"oddsFormat": "american"}])
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("loops")]

# One feed for all examples: what they leave behind is what the next must not be misled by.
WARM = TheOddsApi()


@pytest.fixture(scope="module")
def loops():
    load_readers()


@given(
    st.lists(st.tuples(answers, asked), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
    st.sampled_from([0, 0, 0.01, 0.1]),
)
def test_what_was_seen_before_changes_nothing(polls, chance, spoilt):
    for answer, params in polls:
        payload = payload_of(written(answer, chance, spoilt), **params)
        warm, cold = outcome_of(WARM.read, payload), outcome_of(TheOddsApi().read, payload)
        assert warm == cold == plainly(payload)


@given(st.data())
def test_a_damaged_answer_spoils_nothing_for_those_that_follow(data):
    sound = recording("the_odds_api/decimal.json")
    feed = TheOddsApi()
    read(feed, sound)
    cut = data.draw(st.integers(0, len(sound) - 1))
    junk = data.draw(st.sampled_from([b"", b"7", b'"', b"}", b"\xff", b"null", b"1e999", b"\\"]))
    damaged = payload_of(sound[:cut] + junk + sound[cut + 1 :])
    assert outcome_of(feed.read, damaged) == plainly(damaged)
    assert read(feed, sound) == read(TheOddsApi(), sound)


def columns_of(feed: TheOddsApi, body: bytes, **params: str):
    found = feed.columns(payload_of(body, **params))
    assert found is not None
    return found


def test_an_answer_is_columns_of_seats_prices_and_times():
    found = columns_of(TheOddsApi(), recording("the_odds_api/decimal.json"))
    reading = read(TheOddsApi(), recording("the_odds_api/decimal.json"))
    assert found.quotes() == reading.quotes
    assert found.odds.tolist() == [quote.odds for quote in reading.quotes]
    seats = [
        (*found.places[what], *found.takers[by])
        for what, by in zip(found.what, found.by, strict=True)
    ]
    assert seats == [(q.market, q.outcome, q.book, q.side, q.commission) for q in reading.quotes]
    changed = [None if q.changed_at is None else q.changed_at.timestamp() for q in reading.quotes]
    assert [None if ms == UNKNOWN else ms / 1000 for ms in found.changed_ms.tolist()] == changed


def test_columns_stay_as_they_are_when_the_next_answer_comes():
    feed = TheOddsApi()
    found = columns_of(feed, recording("the_odds_api/decimal.json"))
    before = found.quotes()
    for line in recording("the_odds_api/american.jsonl").splitlines():
        columns_of(feed, line)
    assert found.quotes() == before


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b'"h2h"', b'"h2\\u0068"'),
        (b'"key":"h2h"', b'"\\u006bey":"h2h"'),
        (b'"outcomes":[', b'"outcomes":[7,'),
        (b'"key":"h2h"', b'"key":7'),
        (b'"key":"h2h"', b'"key":"totals","key":"h2h"'),
    ],
)
def test_what_is_written_oddly_is_read_as_ever(was, now):
    body = b'[{"id":"e","sport_key":"basketball_nba","home_team":"A","away_team":"B","bookmakers":['
    body += b'{"key":"b","markets":[{"key":"h2h","outcomes":[{"name":"A","price":1.9}]}]}]}]'
    assert was in body
    payload = payload_of(body.replace(was, now), oddsFormat="decimal")
    feed = TheOddsApi()
    read(feed, body, oddsFormat="decimal")
    assert next(feed.read(payload)) == TheOddsApi().read_plainly(payload)


def an_answer(event: int, prices: int) -> bytes:
    said = [{"name": "Over", "price": 1.5 + n / 1000, "point": n + 0.5} for n in range(prices)]
    market = {"key": "alternate_totals", "outcomes": said}
    return json.dumps([{
        "id": f"e{event}", "sport_key": "basketball_nba", "home_team": "A", "away_team": "B",
        "bookmakers": [{"key": "b", "markets": [market]}],
    }]).encode()  # fmt: skip


def test_what_is_remembered_has_a_bound():
    seen = Seen(pieces=512, events=20)
    most = 0
    for event in range(100):
        found = seen.columns("s", an_answer(event, 30), Style.DECIMAL)
        assert found is not None
        assert len(found.quotes()) == 30
        most = max(most, len(found.places))
        assert seen._memo is not None
        assert seen._memo.events <= 21
    assert most < 512


def test_an_answer_of_more_than_can_be_remembered_is_read_piece_by_piece():
    feed = TheOddsApi()
    feed._seen = Seen(pieces=64)
    assert feed.columns(payload_of(an_answer(1, 100))) is None
    assert len(read(feed, an_answer(1, 100), oddsFormat="decimal").quotes) == 100
    assert len(read(feed, an_answer(1, 5), oddsFormat="decimal").quotes) == 5


def test_until_the_loops_are_loaded_the_readings_are_the_same(monkeypatch):
    payload = payload_of(recording("the_odds_api/decimal.json"))
    by_loops = list(TheOddsApi().read(payload))
    monkeypatch.setattr(odds_api_memo, "_LOADED", Flag())
    assert TheOddsApi().columns(payload) is None
    assert list(TheOddsApi().read(payload)) == by_loops


def test_where_nothing_is_compiled_no_loops_are_loaded(monkeypatch):
    monkeypatch.setenv("DUTCHBOOK_NO_NUMBA", "1")
    monkeypatch.setattr(odds_api_memo, "_LOADED", Flag())
    load_readers()
    assert TheOddsApi().columns(payload_of(recording("the_odds_api/decimal.json"))) is None


def test_importing_the_feed_compiles_nothing():
    code = "import sys, feeds.the_odds_api; print('numba' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


@pytest.mark.recorded
@pytest.mark.parametrize("name", ["nfl_2025-11-23_43snaps", "worldcup_2026-06-20_72snaps"])
def test_recorded_polls_are_read_as_if_each_were_the_first(recorded_dir, name):
    feed = TheOddsApi()
    lines = lzma.decompress((recorded_dir / f"odds_stream/{name}.jsonl.xz").read_bytes())
    for line in lines.splitlines()[:12]:
        payload = payload_of(line)
        assert feed.columns(payload) is not None
        assert next(feed.read(payload)) == TheOddsApi().read_plainly(payload)
