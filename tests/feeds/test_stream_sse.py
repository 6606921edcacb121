"""Server-sent events: whatever the chunks, the events are those of the standard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.answers import Unreadable
from feeds.stream_sse import EventStream, Message

lines = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=12)
names = st.text(st.characters(exclude_characters="\r\n\x00", codec="utf-8"), max_size=6)
events = st.lists(st.tuples(names, st.lists(lines, min_size=1, max_size=3), names), max_size=5)
ends = st.sampled_from(["\n", "\r", "\r\n"])


def heard(chunks, **options):
    stream = EventStream(1000, **options)
    return [message for chunk in chunks for message in stream.feed(chunk)], stream


def written(said, end):
    """Write events as a server would: the space after a colon belongs to nobody."""
    text = ""
    for kind, data, id_ in said:
        fields = [f"event: {kind}", f"id: {id_}", *(f"data: {line}" for line in data)]
        text += end.join([*fields, "", ""])
    return text.encode()


@given(events, ends, st.data())
def test_events_do_not_depend_on_where_the_chunks_end(said, end, data):
    body = written(said, end)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=20)))
    chunks = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    got, _ = heard(chunks)
    assert got == [
        Message(kind or "message", "\n".join(lines).encode(), id_) for kind, lines, id_ in said
    ]


@given(st.binary(max_size=200), st.lists(st.integers(1, 7), min_size=1, max_size=50))
def test_noise_reads_alike_in_any_pieces(body, sizes):
    chunks, rest = [], body
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]

    def outcome(pieces):
        try:
            return heard(pieces)[0]
        except Unreadable as e:
            return str(e)

    assert outcome([*chunks, rest]) == outcome([body])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        # The examples of the HTML standard, §9.2.6.
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", b"YHOO\n+2\n10")]),
        (b": test stream\n\ndata: first event\nid: 1\n\n", [("message", b"first event")]),
        (b"data\n\ndata\ndata\n\ndata:", [("message", b""), ("message", b"\n")]),
        (b"data:test\n\ndata: test\n\n", [("message", b"test"), ("message", b"test")]),
        (b"\xef\xbb\xbfdata: a\n\n", [("message", b"a")]),
        (b"event: odds\n\ndata: b\n\n", [("message", b"b")]),
        (b"data: cut off", []),
        (b"unknown: x\ndata: c\n\n", [("message", b"c")]),
    ],
)
def test_what_the_standard_shows(body, told):
    got, _ = heard([body])
    assert [(message.kind, message.data) for message in got] == told


def test_an_id_stays_until_another_takes_its_place():
    got, stream = heard([b"id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\nid: x\0y\ndata: d\n\n"])
    assert [message.last_id for message in got] == ["7", "7", "", ""]
    assert stream.last_id == ""


def test_a_stream_that_is_taken_up_again_knows_where_it_was():
    got, _ = heard([b"data: a\n\n"], last_id="41")
    assert got[0].last_id == "41"


@pytest.mark.parametrize(
    ("said", "wait_s"), [(b"retry: 2500\n", 2.5), (b"retry: 2s\n", None), (b"retry: -1\n", None)]
)
def test_the_wait_that_a_source_asks_for_is_a_number(said, wait_s):
    assert heard([said])[1].retry_s == wait_s


@pytest.mark.parametrize("body", [b"data: " + b"x" * 2000, b"data: xxxxxxx\n" * 200, b":" * 2000])
def test_an_event_that_never_ends_is_refused_while_it_comes(body):
    with pytest.raises(Unreadable, match="larger than 1000 bytes"):
        heard([body[n : n + 100] for n in range(0, len(body), 100)])


def test_many_small_events_are_not_one_large_one():
    assert len(heard([b"data: xxxxxxx\n\n" * 500])[0]) == 500
