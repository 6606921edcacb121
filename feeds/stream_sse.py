"""Server-sent events: how the bytes of a text/event-stream become messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from feeds.answers import Unreadable

_BOM = b"\xef\xbb\xbf"


class Message(NamedTuple):
    """One event of a stream: its name, its data, and the id to resume behind."""

    kind: str
    data: bytes
    last_id: str


@dataclass(slots=True)
class EventStream:
    """Takes bytes as they come and gives back whole events.

    As the WHATWG's HTML standard §9.2.6 says: lines end in CR LF, CR or LF; an event ends at an
    empty line, and one that is cut off by the end of the stream is dropped; an event without data
    is none. `retry_s` is what the source asks us to wait before coming back.

    Args:
        most_bytes: The most that one event, or one line, may hold.
        last_id: The id of the last event before the stream was lost.

    Raises:
        Unreadable: From `feed`: an event is larger than that, or is not UTF-8.
    """

    most_bytes: int
    last_id: str = ""
    retry_s: float | None = None
    _line: bytearray = field(default_factory=bytearray)
    _data: list[bytes] = field(default_factory=list[bytes])
    _size: int = 0
    _kind: str = ""
    _next_id: str = ""
    _began: bool = False
    _after_cr: bool = False

    def __post_init__(self) -> None:
        self._next_id = self.last_id

    def feed(self, chunk: bytes) -> Iterator[Message]:
        """Yield the events that `chunk` completes."""
        for line in self._lines(chunk):
            if line:
                self._take(line)
            elif message := self._finished():
                yield message

    def _lines(self, chunk: bytes) -> Iterator[bytes]:
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if chunk:
            self._after_cr = chunk.endswith(b"\r")
        for piece in chunk.splitlines(keepends=True):
            text = piece.rstrip(b"\r\n")
            self._line += text
            if self._size + len(self._line) > self.most_bytes:
                raise Unreadable(f"one of its events is larger than {self.most_bytes} bytes")
            if len(text) < len(piece):
                yield self._whole()

    def _whole(self) -> bytes:
        line = bytes(self._line)
        self._line.clear()
        if not self._began:
            self._began = True
            line = line.removeprefix(_BOM)
        return line

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._data.append(value)
                self._size += len(value) + 1
            case b"event":
                self._kind = _text(value)
            case b"id" if b"\x00" not in value:
                self._next_id = _text(value)
            case b"retry" if value.isdigit():
                self.retry_s = int(value[:9]) / 1000
            case _:  # a comment, or a field that nobody knows
                pass

    def _finished(self) -> Message | None:
        kind, data, self._kind, self._size = self._kind, self._data, "", 0
        self._data = []
        self.last_id = self._next_id
        return Message(kind or "message", b"\n".join(data), self.last_id) if data else None


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as e:
        raise Unreadable("the name of one of its events is not UTF-8") from e
