"""`./arb history`: whole days of history, for operators: as a file, or let go."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from domain.errors import Refused
from kit.settings import settings

history = typer.Typer(help="Whole days of price history: as a file, or let go.")

Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="A day of UTC.")]


@history.command()
def export(
    day: Day, file: Annotated[Path, typer.Argument(dir_okay=False, help="The Parquet file.")]
) -> None:
    """Write every price of a day to a Parquet file."""
    from store.history_export import export_day

    url = _named(settings().database_url, "DATABASE_URL")
    count = export_day(url, day.replace(tzinfo=UTC).date(), file)
    typer.echo(f"{file}: {count:,} prices of {day:%Y-%m-%d}")


@history.command()
def drop(before: Day) -> None:
    """Let go of all days before one, as the tables' owner, without stopping those who write."""
    from store.history_retention import detach_before

    given = settings()
    url = _named(given.database_owner_url or given.database_url, "DATABASE_OWNER_URL")
    gone = detach_before(url, before.replace(tzinfo=UTC).date())
    typer.echo(f"{len(gone)} days dropped{': ' if gone else ''}{', '.join(gone)}")


def _named(url: SecretStr | None, variable: str) -> str:
    if url is None:
        raise Refused(f"set {variable}; `./arb servers` writes it to the data directory's `env`")
    return url.get_secret_value()
