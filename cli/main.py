"""The program behind `./arb`; exit codes are 0 fine, 1 failed, 2 wrong use."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import ValidationError
from typer.exceptions import TyperException
from typer.main import get_command

from cli.admin import admin
from cli.asvs import asvs
from cli.audit import audit
from cli.backups import backup, restore
from cli.benchmarks import bench
from cli.checks import check, test
from cli.history import history
from cli.keys import keys
from cli.lock import lock
from cli.matching import matching
from cli.processes import migrate, web, worker
from cli.scan import scan
from cli.screens import screens
from cli.servers import servers
from cli.up import up
from domain.errors import DutchbookError, Refused
from kit.settings import Settings
from kit.version import VERSION

_WRONG_USE = 2

app = typer.Typer(
    name="arb",
    help="Dutchbook: bets that cannot lose, found in live odds.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    *(up, scan, test, check, bench, asvs),
    *(screens, servers, web, worker, migrate, lock),
):
    passes_on = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(context_settings=passes_on if command is test else None)(command)
app.add_typer(history, name="history")
app.add_typer(matching)
app.add_typer(admin)
app.add_typer(audit)
app.add_typer(backup)
app.add_typer(keys)
app.command()(restore)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dutchbook {VERSION}")
        raise typer.Exit


@app.callback()
def program(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Dutchbook: bets that cannot lose, found in live odds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code, after one sentence about what went wrong."""
    try:
        code = get_command(app).main(arguments, prog_name="arb", standalone_mode=False)
    except TyperException as e:
        return _told(e.format_message(), e.exit_code)
    except Refused as e:
        return _told(str(e), _WRONG_USE)
    except DutchbookError as e:
        return _told(str(e), 1)
    except ValidationError as e:
        return _told(_wrong_setting(e), _WRONG_USE)
    return code if isinstance(code, int) else 0


def _wrong_setting(error: ValidationError) -> str:
    """Name the variable and what is wrong with it, and never show its value."""
    if error.title != Settings.__name__:
        raise error
    first = error.errors(include_input=False, include_url=False)[0]
    name = str(first["loc"][0])
    variable = name if name.isupper() else f"{Settings.model_config.get('env_prefix')}{name}"
    return f"The setting {variable.upper()} is wrong: {first['msg']}."


def _told(sentence: str, code: int) -> int:
    print(sentence if sentence.startswith("Usage") else f"arb: {sentence}", file=sys.stderr)
    return code
