"""The web process: `python -m arb_app.serve` serves pages, sockets and doors on one port."""

import argparse
import gc
import importlib
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Literal

import uvicorn

from arb_app.build import build
from arb_app.edge.front import fronted
from arb_app.edge.sizes import MOST_HEADER_BYTES
from arb_app.fanout.protocol import RawProtocol, why_not
from arb_app.patience import PatientProtocol
from domain.errors import DutchbookError
from kit.log import set_up
from kit.settings import ROOT, settings

log = logging.getLogger(__name__)

_STOPS_WITHIN_S = 2
_LARGEST_MESSAGE = 262_144
_MOST_FILES = 65_536
_LARGEST_HEAD = 2 * MOST_HEADER_BYTES
"""Beyond it the server itself refuses, without reading on."""
# Whoever opens a socket can make these write.
_TALKATIVE = (
    "arb_app.arb_app",
    "arb_app.gate",
    "engineio",
    "reflex",
    "reflex_base",
    "socketio",
    "uvicorn",
    "websockets",
)
# Less than the minute after which proxies close what is silent, and fewer pings than Reflex's 25 s.
_PING_EVERY_S = "45"


def main() -> int:
    """Serve until told to stop; return the exit code."""
    _address_from_arguments()
    chosen = settings()
    production = chosen.environment == "production"
    set_up(level=chosen.log_level, as_json=production, talkative=_TALKATIVE)
    if chosen.database_url is None or chosen.redis_url is None:
        log.critical("DATABASE_URL and REDIS_URL must be set; `./arb servers` starts servers")
        return 2
    try:
        _prepare(build(chosen.data_dir), chosen.data_dir.resolve())
    except DutchbookError as e:
        log.critical("the web process cannot start: %s", e)
        return 1
    _open_as_many_files_as_allowed()
    configuration = _configuration(chosen.host, chosen.port, raw=chosen.raw_fanout)
    server = uvicorn.Server(configuration)
    log.info("serving", extra={"host": chosen.host, "port": chosen.port})
    # uvicorn stops in good order, then raises the signal again: by then nothing is left to do.
    signal.signal(signal.SIGTERM, lambda *_: None)
    server.run()
    return 0 if server.started else 1


def _address_from_arguments() -> None:
    chosen = settings()
    parser = argparse.ArgumentParser(prog="arb_app.serve", description=__doc__)
    parser.add_argument("--host", default=chosen.host, help="address to listen on")
    parser.add_argument("--port", default=chosen.port, type=int, help="port to listen on")
    given = parser.parse_args()
    os.environ |= {"DUTCHBOOK_HOST": given.host, "DUTCHBOOK_PORT": str(given.port)}
    settings.cache_clear()


def _prepare(home: Path, data_dir: Path) -> None:
    """Tell Reflex to serve what was built, compile nothing and reach for no network."""
    os.chdir(ROOT)
    os.environ |= {
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_BACKEND_ONLY": "true",
        "REFLEX_WEB_WORKDIR": str(home),
        "REFLEX_DIR": str(data_dir / "reflex"),
        "REFLEX_STATES_WORKDIR": str(data_dir / "states"),
        "REFLEX_SOCKET_INTERVAL": _PING_EVERY_S,
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "0",
        "__REFLEX_SKIP_COMPILE": "true",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    }


def _open_as_many_files_as_allowed() -> None:
    """Raise the soft limit, often 1,024, towards the hard one: every reader is a file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _protocol(*, raw: bool) -> "type[RawProtocol] | Literal['websockets-sansio']":
    """Return what speaks WebSocket: ours, unless it is switched off or its self-test fails."""
    reason = why_not() if raw else "DUTCHBOOK_RAW_FANOUT is off"
    if not reason:
        return RawProtocol
    log.warning("board messages go through Engine.IO", extra={"reason": reason})
    return "websockets-sansio"


def _configuration(host: str, port: int, *, raw: bool) -> uvicorn.Config:
    return uvicorn.Config(
        _application,
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http=PatientProtocol,
        ws=_protocol(raw=raw),
        ws_max_size=_LARGEST_MESSAGE,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=_LARGEST_HEAD,
        backlog=4096,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_STOPS_WITHIN_S,
    )


def _application() -> object:
    """Return the application, with the garbage collector set for thousands of open sockets.

    Full collections walk every client's state and stop the loop for seconds; what is there after
    the imports never dies, so it is taken out of the collector's sight, and the rest is looked
    through less often.
    """
    served = fronted(importlib.import_module("arb_app.arb_app").app())
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)
    return served


if __name__ == "__main__":
    sys.exit(main())
