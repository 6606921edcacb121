"""The limit: a bare picows server that sends given bytes to everybody, and does nothing else."""

import asyncio
import gc
import sys
import time
from pathlib import Path

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server  # pyright: ignore[reportMissingImports] - the bench list alone has it

from benchmarks.web_clients import most_files


class Watcher(WSListener):
    """One client."""

    def __init__(self, watching: set[WSTransport]) -> None:
        self.watching = watching

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Watch from now on."""
        self.watching.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Watch no more."""
        self.watching.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Look at nothing that is said."""


async def main(port: int, payload: bytes) -> None:
    """Serve on a port, and send the payload once a second."""
    watching: set[WSTransport] = set()

    def seat(_: WSUpgradeRequest) -> WSListener:
        return Watcher(watching)

    await ws_create_server(seat, "127.0.0.1", port, backlog=4096)
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)
    due = time.monotonic()
    while True:
        for transport in watching:
            transport.send(WSMsgType.TEXT, payload)
        due += 1.0
        await asyncio.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    most_files()
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
