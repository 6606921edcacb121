"""The house: servers, worker and web of one machine, started in order and kept running."""

import http.client
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from cli.backing import Backing, stand_up
from cli.board import announce_first
from cli.steps import Steps
from cli.supervisor import Kept, keep
from domain.errors import Refused, Unavailable
from kit.clock import SystemClock
from kit.settings import CREDENTIAL, ROOT, Settings
from store.anchors import anchor_file
from store.embedded import Guarded, Holder, Program, is_free

_WEB_STARTS_S, _TICK_S = 60.0, 0.05
_WRONG_USE = 2
_NOTHING: Mapping[str, str] = MappingProxyType({})
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - where to knock


@dataclass(frozen=True, slots=True)
class Commands:
    """The command lines of what runs beside the servers."""

    worker: Sequence[str]
    web: Sequence[str]
    build: Sequence[str] = (sys.executable, "-m", "arb_app.build")


class House:
    """One running product; `given.data_dir` holds its databases, builds and logs."""

    def __init__(self, given: Settings, commands: Commands) -> None:
        self._given = given
        self._commands = commands
        self._knock = _ANYWHERE.get(given.host, given.host)
        where = f"[{self._knock}]" if ":" in self._knock else self._knock
        self.address = f"http://{where}:{given.port}"

    def run(self, *, fresh: bool) -> None:
        """Start everything and keep it running; end by an exception, with all of it stopped.

        Raises:
            Refused: The address, the directory or an option cannot be used as given.
            Unavailable: The port is taken, or a part does not start.
        """
        steps = Steps(SystemClock())
        with ExitStack() as stack:
            holder = Holder.take(self._given.data_dir, address=self.address, since=steps.began_at)
            stack.callback(holder.release)
            self._require_port()
            if fresh:
                holder.wipe()
                if self._given.database_url is None:
                    anchor_file(self._given).set_aside(steps.began_at)
            steps.say(f"Dutchbook in {self._given.data_dir}")
            stack.callback(lambda: steps.say("stopped"))
            build = self._program("build", self._commands.build)
            stack.callback(build.stop)
            build.start()
            backing = stand_up(self._given, holder, steps, stack)
            worker = self._program("worker", self._commands.worker, backing.environment())
            stack.callback(worker.stop)
            worker.start()
            self._await_build(build, steps)
            web = self._program("web", self._commands.web, backing.environment())
            stack.callback(web.stop)
            with steps.step("web"):
                web.start()
                self._await_web(web, worker)
            self._keep(backing, [Kept("web", web), Kept("worker", worker)], steps, stack)

    def _keep(self, backing: Backing, kept: Sequence[Kept], steps: Steps, stack: ExitStack) -> None:
        stack.callback(lambda: steps.say("stopping ..."))
        steps.say(f"\n  {self.address}  (after {steps.elapsed_s:.1f} s; Ctrl-C stops it)\n")
        announce_first(backing.redis_url.get_secret_value(), self._given.namespace, steps)
        keep([*backing.kept, *kept], steps.clock, steps.say)

    def _require_port(self) -> None:
        host, port = self._given.host, self._given.port
        try:
            free = is_free(port, host)
        except OSError as e:
            raise Refused(
                f"{host} is not an address of this machine: choose another --host."
            ) from e
        if not free:
            raise Unavailable(
                f"Port {port} of {host} is taken: choose another with --port, or stop what uses it."
            )

    def _program(
        self, name: str, command: Sequence[str], told: Mapping[str, str] = _NOTHING
    ) -> Guarded:
        given = self._given
        own = {
            "DUTCHBOOK_DATA_DIR": str(given.data_dir),
            "DUTCHBOOK_HOST": given.host,
            "DUTCHBOOK_PORT": str(given.port),
            "DUTCHBOOK_VISITOR_PLAN": given.visitor_plan,
            "DUTCHBOOK_VISITOR_LEAGUE": given.visitor_league,
            # glibc: few heaps, and large buffers of their own that go back when they are done with.
            "MALLOC_ARENA_MAX": "2",
            "MALLOC_MMAP_THRESHOLD_": "131072",
            "MALLOC_TRIM_THRESHOLD_": "131072",
        }
        inherited = {k: v for k, v in os.environ.items() if not _withheld(k, name)}
        return Guarded(
            Program(
                name=name,
                command=command,
                log=self._log(name),
                environment={**inherited, **own, **told},
                directory=ROOT,
            )
        )

    def _log(self, name: str) -> Path:
        return self._given.data_dir / "logs" / f"{name}.log"

    def _await_build(self, build: Guarded, steps: Steps) -> None:
        if build.wait() != 0:
            raise Unavailable(f"The front end was not built: {_last_words(self._log('build'))}")
        steps.took("front end", steps.elapsed_s)

    def _await_web(self, web: Guarded, worker: Guarded) -> None:
        """Wait until the pages are served; a worker that refuses its options ends it all."""
        deadline = time.monotonic() + _WEB_STARTS_S
        while not self._answers():
            if not worker.alive() and worker.wait() == _WRONG_USE:
                raise Refused(_last_words(self._log("worker")))
            if not web.alive() or time.monotonic() > deadline:
                raise Unavailable(f"The web process failed: {_last_words(self._log('web'))}")
            time.sleep(_TICK_S)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(self._knock, self._given.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()


def _last_words(log: Path) -> str:
    """Return the last line of a log, and where the rest of it is."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    return f"{last} (all of it: {log})"


def _withheld(variable: str, program: str) -> bool:
    """Say whether a program is not told a variable: only the worker knows sources' credentials."""
    if variable in {"DATABASE_OWNER_URL", "DATABASE_BACKUP_URL"}:
        return True
    credential = variable.startswith(CREDENTIAL) or variable == "DUTCHBOOK_ODDS_API_KEY"
    return credential and program != "worker"
