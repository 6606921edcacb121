"""The limit: a bare Starlette route on the same server and settings, and nothing around it."""

import socket
import sys

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.web_clients import most_files


async def fine(_: Request) -> Response:
    """Say what our own door says."""
    return PlainTextResponse("ok\n")


class Telling(uvicorn.Server):
    """A server that says in JSON when it serves."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        print("{}", flush=True)


async def main(port: int) -> None:
    """Serve on a port."""
    app = Starlette(routes=[Route("/healthz", fine)])
    config = uvicorn.Config(
        app, port=port, http="h11", log_config=None, access_log=False, backlog=4096
    )
    await Telling(config).serve()


if __name__ == "__main__":
    most_files()
    uvloop.run(main(int(sys.argv[1])))
