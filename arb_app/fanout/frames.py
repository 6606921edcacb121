"""A message encoded once: as Engine.IO has it, and as WebSocket frames that fit every socket."""

import zlib
from functools import cached_property
from typing import Any, Final

from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket

WINDOW_BITS: Final = 12
_LEVEL, _MEMORY = 6, 5
_TEXT, _DEFLATED_TEXT = 0x81, 0xC1  # final frame of text; RSV1 says that it is deflated
_TAIL: Final = b"\x00\x00\xff\xff"


class Encoded:
    """One message; what a socket needs of it is made when the first one needs it."""

    def __init__(self, packet: Any) -> None:
        """Take a packet of Socket.IO."""
        self.packet: Final = EnginePacket(MESSAGE, packet.encode())

    @cached_property
    def plain(self) -> bytes:
        """The whole frame for sockets that did not agree on compression."""
        return frame(self._payload, _TEXT)

    @cached_property
    def deflated(self) -> bytes:
        """The whole frame for the others: it stands alone, so it is the same for all of them."""
        return frame(deflated(self._payload), _DEFLATED_TEXT)

    @cached_property
    def _payload(self) -> bytes:
        return str(self.packet.encode()).encode()


def deflated(payload: bytes) -> bytes:
    """Return a message as permessage-deflate sends it (RFC 7692, section 7.2.1)."""
    squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, -WINDOW_BITS, _MEMORY)
    return (squeeze.compress(payload) + squeeze.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_TAIL)


def frame(payload: bytes, first: int) -> bytes:
    r"""Return a server's frame (RFC 6455, section 5.2): unmasked, with its length.

    Examples:
        >>> frame(b"hi", 0x81), frame(b"x" * 200, 0x81)[:4].hex()
        (b'\x81\x02hi', '817e00c8')
    """
    size = len(payload)
    if size < 126:
        head = bytes((first, size))
    elif size < 65_536:
        head = bytes((first, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 127)) + size.to_bytes(8, "big")
    return head + payload
