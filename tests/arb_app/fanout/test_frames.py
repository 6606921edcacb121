"""Frames: what is written past uvicorn is what any WebSocket client reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arb_app.fanout import protocol
from arb_app.fanout.frames import Encoded
from arb_app.fanout.protocol import KNOWN, is_deflating, why_not
from tests.arb_app.fanout.house import Wire


class Said:
    def __init__(self, text):
        self.text = text

    def encode(self):
        return self.text


@given(texts=st.lists(st.text(max_size=300), min_size=1, max_size=4), deflating=st.booleans())
def test_whatever_is_framed_arrives_in_order(texts, deflating):
    wire = Wire(deflating=deflating)
    for text in texts:
        encoded = Encoded(Said(text))
        wire.write(encoded.deflated if deflating else encoded.plain)
    assert wire.read() == [f"4{text}" for text in texts]


@pytest.mark.parametrize("size", [0, 124, 125, 126, 65_534, 65_535, 65_536, 300_000])
@pytest.mark.parametrize("deflating", [True, False])
def test_every_length_has_its_own_head(size, deflating):
    wire, encoded = Wire(deflating=deflating), Encoded(Said("x" * size))
    wire.write(encoded.deflated if deflating else encoded.plain)
    assert wire.read() == ["4" + "x" * size]


def test_frames_of_ours_stand_between_those_of_the_server():
    wire = Wire(deflating=True)
    for n in range(3):
        wire.write(Encoded(Said(f"ours {n}")).deflated)
        wire.conn.send_text(f"theirs {n}".encode() * 50)
        wire.write(b"".join(wire.conn.data_to_send()))
    assert [text[:8] for text in wire.read()] == [
        each for n in range(3) for each in (f"4ours {n}"[:8], f"theirs {n}"[:8])
    ]


def test_only_who_agreed_is_sent_what_is_deflated():
    assert is_deflating(Wire(deflating=True))
    assert not is_deflating(Wire(deflating=False))


def test_the_versions_that_are_installed_pass_the_self_test():
    assert why_not() == ""


def test_another_version_is_named_and_not_trusted():
    assert "uvicorn" in why_not(KNOWN | {"uvicorn": "9."})


def test_frames_that_nobody_can_read_are_not_trusted(monkeypatch):
    monkeypatch.setattr(Encoded, "deflated", b"\xc1\x03not")
    assert why_not().startswith("a frame of ours was not read")


def test_a_server_that_remembers_earlier_messages_is_not_trusted(monkeypatch):
    monkeypatch.setattr(protocol, "_stands_alone", lambda _: False)
    assert why_not().startswith("a frame of ours was not read")
