"""Guarded processes: children that cannot outlive the process that started them."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Unavailable
from store.embedded import guardian

_LOG_LIMIT_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: output goes to the end of `log`, or to our standard error if that is None.

    `stop_signal` asks for an orderly end, which may take `grace_s` seconds before the whole
    process group is killed; `death_signal` is what the kernel sends if the guardian is killed.
    """

    name: str
    command: Sequence[str]
    log: Path | None = None
    environment: Mapping[str, str] | None = None
    directory: Path | None = None
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL
    grace_s: float = 10.0
    identity: str = guardian.PLAIN


class Guarded:
    """One running program and its guardian; may be stopped and started again."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.pid = 0
        self._guardian: subprocess.Popen[bytes] | None = None
        self._handle: int | None = None

    def start(self, *, keep_open: Sequence[int] = ()) -> None:
        """Start the program, once nothing is left of its last run.

        Args:
            keep_open: File descriptors that the program inherits and holds while it lives.

        Raises:
            Unavailable: The guardian could not be started.
        """
        self._clear()
        p = self.program
        arguments = [str(p.stop_signal), str(p.death_signal), str(p.grace_s), p.identity]
        output = None if p.log is None else _opened(p.log)
        try:
            self._guardian = subprocess.Popen(  # noqa: S603 (the commands are our own)
                [sys.executable, "-I", "-S", guardian.__file__, *arguments, *p.command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                env=None if p.environment is None else dict(p.environment),
                cwd=p.directory,
                pass_fds=keep_open,
                start_new_session=True,
            )
            self.pid = int(self._guardian.stdout.readline()) if self._guardian.stdout else 0
            self._handle = _handle_of(self.pid)
        except (OSError, ValueError) as e:
            raise Unavailable(f"{p.name} could not be started: {e}") from e
        finally:
            if output is not None:
                os.close(output)

    def alive(self) -> bool:
        """Say whether the program still runs under its guardian."""
        return self._guardian is not None and self._guardian.poll() is None

    def wait(self, timeout_s: float | None = None) -> int:
        """Return the exit code once the program has ended: 128 + n after signal n.

        Raises:
            subprocess.TimeoutExpired: It has not ended in time.
        """
        return 0 if self._guardian is None else self._guardian.wait(timeout_s)

    def stop(self) -> None:
        """Ask the program to end and return when it has; harmless when it runs no more."""
        if self._guardian is None:
            return
        if self._guardian.stdin:
            self._guardian.stdin.close()
        try:
            self._guardian.wait(2 * self.program.grace_s + 5)
        except subprocess.TimeoutExpired:
            self._guardian.kill()
        self._clear()

    def _clear(self) -> None:
        """See to it that nothing is left of the last run, whoever was killed in it."""
        if self._guardian is None:
            return
        if self._guardian.wait() < 0:  # the guardian was killed: the kernel has told the program
            self._end_group()
        for pipe in (self._guardian.stdin, self._guardian.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        if self._handle is not None:
            os.close(self._handle)
        self._guardian = self._handle = None

    def _end_group(self) -> None:
        """Let the program end, for as long as its grace, then kill what is left of its group."""
        if self._handle is not None:
            select.select([self._handle], [], [], self.program.grace_s)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def _handle_of(pid: int) -> int | None:
    """Return a descriptor that can be waited on for the end of `pid`, where there is such a thing.

    It tells of the end even where nobody buries the dead, as in a container without an init.
    """
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _opened(log: Path) -> int:
    """Open a log for appending, readable by us alone; one that has grown large is set aside."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".old.log"))
    return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
