"""`./arb servers`: PostgreSQL and Valkey alone, for developers and tools."""

import shlex
import signal
from pathlib import Path
from typing import Annotated

import typer

from kit.settings import settings


def servers(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", file_okay=False, help="Where they keep it all.")
    ] = None,
) -> None:
    """Start PostgreSQL and Valkey, migrated, and keep them until Ctrl-C."""
    from cli.backing import write_addresses
    from cli.steps import Steps
    from cli.stopping import until_told
    from kit.clock import SystemClock
    from store.embedded import Servers
    from store.embedded.roles import APP
    from store.keys import FILE, KeyRing
    from store.migrate import migrate

    steps = Steps(SystemClock())
    folder = (data or settings().data_dir).resolve()
    with until_told():
        with steps.step("servers"):
            running = Servers.start(folder, clock=steps.clock)
        with running:
            with steps.step("migrations"):
                migrate(running.owner_url, app_role=APP)
            urls = {
                "DATABASE_URL": running.database_url,
                "DATABASE_OWNER_URL": running.owner_url,
                "DATABASE_BACKUP_URL": running.backup_url,
                "REDIS_URL": running.redis_url,
            }
            KeyRing.at(folder / FILE)
            file = write_addresses(folder, urls)
            steps.say(f"Their addresses: . {shlex.quote(str(file))}")
            steps.say("Ctrl-C stops them.")
            signal.pause()
