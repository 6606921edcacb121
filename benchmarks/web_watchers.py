"""Many clients of the bare server, who read what comes and count it."""

import asyncio
import gc
import sys

import uvloop
from picows import WSFrame, WSListener, WSTransport, ws_connect  # pyright: ignore[reportMissingImports] - the bench list alone has it

from benchmarks.web_clients import most_files


class Watcher(WSListener):
    """One client; all of them count together."""

    seen = 0

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:  # noqa: ARG002 - picows' signature
        """Count it."""
        Watcher.seen += bool(frame.get_payload_as_bytes())


async def main() -> None:
    """Connect so many, say that they are there, and stay until standard input ends."""
    port, count = int(sys.argv[1]), int(sys.argv[2])
    gate = asyncio.Semaphore(100)

    async def connect() -> object:
        async with gate:
            url = f"ws://127.0.0.1:{port}/"
            return await ws_connect(Watcher, url, read_buffer_init_size=4096)

    kept = await asyncio.gather(*(connect() for _ in range(count)))
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)
    print(len(kept), flush=True)
    while (await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)).strip():
        print(Watcher.seen, flush=True)


if __name__ == "__main__":
    most_files()
    uvloop.run(main())
