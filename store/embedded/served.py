"""What PostgreSQL and Valkey have in common as servers of ours."""

import time
from collections.abc import Callable
from pathlib import Path

from domain.errors import Unavailable
from store.embedded.guarded import Guarded
from store.embedded.passwords import Passwords

_TICK_S = 0.02


class Served:
    """What one server that we start has: its port, its log, and the program that runs it."""

    def __init__(self, folder: Path, log: Path, passwords: Passwords) -> None:
        self.folder = folder
        self.port = 0
        self._log = log
        self._passwords = passwords
        self._server: Guarded | None = None

    @property
    def pid(self) -> int:
        """Process id of the server, 0 if it was never started."""
        return self._server.pid if self._server else 0

    def alive(self) -> bool:
        """Say whether the server runs."""
        return self._server is not None and self._server.alive()

    def stop(self) -> None:
        """Stop the server in order: what it holds is written out first."""
        if self._server:
            self._server.stop()

    def _await(self, server: Guarded, ready: Callable[[], bool], timeout_s: float) -> None:
        """Wait until the server serves; raise `Unavailable` if it ends or takes too long."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and server.alive():
            if ready():
                return
            time.sleep(_TICK_S)
        server.stop()
        raise Unavailable(f"{server.program.name} did not start; {self._log} says why.")
