"""What every source of the registry keeps to, whatever it is sent."""

import csv
import io
import json
import math
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import feeds
from domain.errors import Refused
from domain.quotes import Reading, decode_reading, encode_reading
from feeds.base import Feed, FeedDrifted
from feeds.registry import FEEDS, build
from tests.feeds.samples import RECORDINGS, payload_of

NAMES = sorted(FEEDS)
RECORDED = {name: sorted((RECORDINGS / name).iterdir()) for name in NAMES}
QUALITY = tomllib.loads((Path(feeds.__file__).parent / "quality.toml").read_text("utf-8"))

every_feed = pytest.mark.parametrize("name", NAMES)
some = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

ODD_TEXT = [
    "",
    "-",
    "NaN",
    "1e400",
    "#",
    "0",
    "-0.0",
    "\x00",
    "\ud800",
    "\u202egulls",
    "\u200b",
    "ﬀ" * 300,
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "draw",
    "١٢٣",
]
ODD_XML = [text for text in ODD_TEXT if text.isprintable()]
# Suffixes of recordings that hold an answer a line.
LINES = frozenset({".jsonl", ".xmls"})
ODD = [
    *ODD_TEXT,
    None,
    True,
    0,
    1,
    -1,
    -100,
    0.0001,
    math.nan,
    math.inf,
    1e308,
    10**30,
    [],
    {},
    [[]],
    {"a": 1},
]


def readings(feed: Feed, body: bytes) -> list[Reading]:
    """Return what a feed makes of a body; drift is a way to say that it is nothing."""
    try:
        return list(feed.read(payload_of(body)))
    except FeedDrifted:
        return []


def keeps_the_contract(feed: Feed, reading: Reading) -> None:
    """Check everything that whoever takes a reading relies on."""
    events = {event.id for event in reading.events}
    assert len(events) == len(reading.events)
    assert len({q.price for q in reading.quotes}) == len(reading.quotes)
    for quote in reading.quotes:
        assert 1 < quote.odds <= 10_000
        assert quote.market.kind in feed.manifest.markets
        assert quote.market.event_id in events
        assert quote.outcome in quote.market.outcomes
        assert quote.market.line is None or math.isfinite(quote.market.line)
        assert quote.changed_at is None or quote.changed_at.utcoffset() is not None
        assert 0 <= quote.commission < 1
        assert quote.max_stake is None or 0 < quote.max_stake < math.inf
        assert "\x00" not in quote.book
    for event in reading.events:
        assert event.home != event.away
        assert not {"\x00", "\u202e", "\u200b"} & set(event.home + event.away + event.source_id)
        assert event.starts_at is None or event.starts_at.utcoffset() is not None
    assert reading.as_of.utcoffset() is not None
    assert all(count > 0 for count in reading.rejected.values())
    assert decode_reading(encode_reading(reading)) == reading


def places(answer: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every part of a JSON answer but the whole."""
    inside = answer.items() if isinstance(answer, dict) else ()
    inside = enumerate(answer) if isinstance(answer, list) else inside
    found = [path] if path else []
    return found + [deep for key, part in inside for deep in places(part, (*path, key))]


def with_part(answer: Any, path: tuple[Any, ...], change: Any) -> Any:
    """Return a copy with one part replaced, taken out (`...`) or joined by one unheard of."""
    copy = json.loads(json.dumps(answer))
    at = copy
    for key in path[:-1]:
        at = at[key]
    if change is not ...:
        at[path[-1]] = change
    elif isinstance(at, dict):
        at["unheard_of"] = at.pop(path[-1])
    else:
        del at[path[-1]]
    return copy


def odd_json(data: st.DataObject, body: bytes) -> bytes:
    """Return JSON, or JSON lines, with something odd in one place."""
    documents = [json.loads(body)] if body[:2] in (b"[\n", b"{\n") else None
    documents = documents or [json.loads(line) for line in body.splitlines()]
    n = data.draw(st.integers(0, len(documents) - 1))
    path = data.draw(st.sampled_from(places(documents[n])))
    change = data.draw(st.sampled_from([*ODD, ...]))
    documents[n] = with_part(documents[n], path, change)
    return "\n".join(map(json.dumps, documents)).encode()


def odd_xml(data: st.DataObject, body: bytes) -> bytes:
    """Return XML documents, one a line, with something odd in one attribute or tag."""
    documents = [ET.fromstring(line) for line in body.splitlines()]
    document = data.draw(st.sampled_from(documents))
    element = data.draw(st.sampled_from(list(document.iter())))
    change = data.draw(st.sampled_from([*ODD_XML, ...]))
    name = data.draw(st.sampled_from([*element.attrib, "unheard_of"]))
    if change is ...:
        element.attrib.pop(name, None)
    elif data.draw(st.booleans()):
        element.attrib[name] = change
    else:
        element.tag = "unheard_of"
    return b"\n".join(ET.tostring(document) for document in documents)


def odd_csv(data: st.DataObject, body: bytes) -> bytes:
    """Return a table with something odd in one cell."""
    table = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    row = data.draw(st.integers(0, len(table) - 1))
    column = data.draw(st.integers(0, len(table[row]) - 1))
    table[row][column] = data.draw(st.sampled_from([*ODD_TEXT, '"', "a,b", "a\nb"]))
    text = io.StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue().encode("utf-8", "surrogatepass")


@every_feed
def test_what_is_recorded_is_read(name):
    for path in RECORDED[name]:
        feed = build(name)
        body = path.read_bytes()
        bodies = body.splitlines() if path.suffix in LINES else [body]
        got = [reading for body in bodies for reading in readings(feed, body)]
        assert sum(len(reading.quotes) for reading in got) > 0
        for reading in got:
            keeps_the_contract(feed, reading)


@every_feed
@some
@given(data=st.data())
def test_damaged_bytes_drift_or_are_counted_and_never_crash(name, data):
    body = data.draw(st.sampled_from(RECORDED[name])).read_bytes()
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 40)))
    damaged = body[:start] + data.draw(st.binary(max_size=12)) + body[end:]
    feed = build(name)
    for reading in readings(feed, damaged):
        keeps_the_contract(feed, reading)


@every_feed
@some
@given(data=st.data())
def test_something_odd_in_one_place_spoils_little_and_never_crashes(name, data):
    path = data.draw(st.sampled_from(RECORDED[name]))
    body = path.read_bytes()
    odd = {".csv": odd_csv, ".xmls": odd_xml}.get(path.suffix, odd_json)(data, body)
    feed = build(name)
    bodies = odd.splitlines() if path.suffix in LINES and name != "native" else [odd]
    for reading in [reading for part in bodies for reading in readings(feed, part)]:
        keeps_the_contract(feed, reading)


@every_feed
@some
@given(body=st.binary(max_size=60))
def test_noise_is_drift_or_nothing(name, body):
    assert [q for reading in readings(build(name), body) for q in reading.quotes] == []


@every_feed
def test_reading_twice_gives_the_same(name):
    for path in RECORDED[name]:
        body = path.read_bytes()
        assert readings(build(name), body) == readings(build(name), body)


@every_feed
def test_plans_are_the_same_each_time_and_stay_within_the_manifest(name):
    feed = build(name)
    asked = sorted(feed.manifest.sports)
    plan = feed.plan(asked)
    assert plan == build(name).plan(asked)
    assert len({request.scope for request in plan}) == len(plan)
    for request in plan:
        parts = urlsplit(request.url)
        assert request.source == name
        assert parts.scheme in {"https", "wss", "amqps"}
        assert parts.hostname in feed.manifest.hosts
        assert feed.manifest.credential_param not in request.params
    assert bool(plan) == bool(feed.manifest.hosts)


@every_feed
def test_a_manifest_says_what_it_must(name):
    manifest = FEEDS[name].manifest
    assert manifest.name == name
    assert manifest.title
    assert manifest.markets
    assert manifest.min_interval_s > 0
    assert bool(manifest.credential_parts) == manifest.needs_credential


@every_feed
def test_every_rule_of_quality_is_answered(name):
    rules = [rule for level in QUALITY["rules"].values() for rule in level]
    answers = QUALITY["feeds"][name]
    assert list(answers) == rules
    assert all(
        answer in {"done", "todo"} or answer.startswith("exempt: ") for answer in answers.values()
    )


@every_feed
def test_no_feed_is_admitted_before_its_time(name):
    answers = QUALITY["feeds"][name]
    assert not [rule for rule in QUALITY["rules"]["admitted"] if answers[rule] == "todo"]
    assert answers["basis"] != "done" or FEEDS[name].manifest.terms.startswith("https://")
    assert answers["recording"] != "done" or RECORDED[name]


def test_quality_knows_no_feed_that_is_none():
    assert sorted(QUALITY["feeds"]) == NAMES


def test_a_feed_that_is_none_cannot_be_built():
    with pytest.raises(Refused, match="choose one of"):
        build("quidditch")
