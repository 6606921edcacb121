"""`./arb web`, `worker` and `migrate`: one role alone, against servers that are given by URL."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from domain.errors import Refused
from kit.settings import ROOT, settings

_NEEDS = "Set {}: for everything on one machine use `./arb up`, for servers alone `./arb servers`."

Replay = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE|DIR",
        exists=True,
        resolve_path=True,
        help="Play recordings instead of asking sources; may be given again.",
    ),
]
Speed = Annotated[float, typer.Option(min=0.01, help="How many times faster to play them.")]
Source = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Follow this source only; may be given again."),
]
Host = Annotated[str | None, typer.Option(help="Address to listen on  [default: 127.0.0.1]")]
Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help="Port to listen on  [default: 3000]")
]


def worker_command(replay: Sequence[Path], speed: float, source: Sequence[str]) -> list[str]:
    """Return the command line of a worker."""
    return [
        *(sys.executable, "-m", "jobs.worker", "--speed", str(speed)),
        *(part for path in replay for part in ("--replay", str(path))),
        *(part for name in source for part in ("--source", name)),
    ]


def web_command(host: str, port: int) -> list[str]:
    """Return the command line of a web process."""
    return [sys.executable, "-m", "arb_app.serve", "--host", host, "--port", str(port)]


def worker(replay: Replay = None, speed: Speed = 60.0, source: Source = None) -> None:
    """Collect odds, find opportunities and publish them: one worker process."""
    _require("DATABASE_URL", "REDIS_URL")
    _become(worker_command(replay or [], speed, source or []))


def web(host: Host = None, port: Port = None) -> None:
    """Serve the pages: one web process."""
    _require("DATABASE_URL", "REDIS_URL")
    _become(web_command(host or settings().host, port or settings().port))


def migrate() -> None:
    """Bring the database's schema up to date, as the role that owns it."""
    from cli.backing import migrate_as

    _require("DATABASE_URL")
    application = settings().database_url
    owner = settings().database_owner_url or application
    if owner and application:
        typer.echo(f"the schema is at revision {migrate_as(owner, application)}")


def _require(*names: str) -> None:
    from store.encrypted import require_encryption

    given = settings()
    require_encryption(given)
    urls = {"DATABASE_URL": given.database_url, "REDIS_URL": given.redis_url}
    if missing := [name for name in names if urls[name] is None]:
        raise Refused(_NEEDS.format(" and ".join(missing)))


def _become(command: Sequence[str]) -> NoReturn:
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(command[0], list(command))  # noqa: S606 - our own command, no shell is meant
