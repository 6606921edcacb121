"""Which protocol the web process speaks: ours where it is allowed and trusted, else uvicorn's."""

from arb_app import serve
from arb_app.fanout.protocol import RawProtocol
from arb_app.serve import _protocol


def test_frames_are_written_raw_unless_that_is_switched_off():
    assert _protocol(raw=True) is RawProtocol
    assert _protocol(raw=False) == "websockets-sansio"


def test_a_self_test_that_fails_leaves_the_path_through_engine_io(monkeypatch):
    monkeypatch.setattr(serve, "why_not", lambda: "uvicorn 9.9 is not 0.54.x")
    assert _protocol(raw=True) == "websockets-sansio"
