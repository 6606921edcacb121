"""`./arb bench`: run the side-by-side benchmarks beneath `benchmarks/`."""

import ast
import contextlib
import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import DutchbookError
from kit.settings import ROOT

FOLDER = ROOT / "benchmarks"
# What one name also stands for.
_TOGETHER = {"feeds": ("feeds_matching", "answer_to_opportunity"), "web": ("web_page",)}

# What takes an hour runs only for those who ask for it by name.
_BY_NAME_ONLY = frozenset({"soak"})


def available(folder: Path = FOLDER) -> list[str]:
    """Return the names of the benchmarks: the modules that define a function `run`."""
    return sorted(path.stem for path in folder.glob("*.py") if _runs(path))


def by_default(known: list[str]) -> list[str]:
    """Return which of them run when none is named: not those that take an hour."""
    return [name for name in known if name not in _BY_NAME_ONLY]


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Which; all but soak if none is named."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object of all figures.")
    ] = False,
) -> None:
    """Measure against the alternatives, side by side in one run."""
    known = available()
    if unknown := sorted(set(names or []) - set(known)):
        raise typer.BadParameter(
            f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(known)}."
        )
    figures: dict[str, float] = {}
    failed = False
    asked = [one for name in names or by_default(known) for one in (name, *_TOGETHER.get(name, ()))]
    for name in dict.fromkeys(asked):
        try:
            measured = _measured(name)
        except DutchbookError as e:
            typer.echo(f"{name}: {e}", err=True)
            failed = True
            continue
        figures |= measured
        if not as_json:
            _show(name, measured)
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
    if failed:
        raise typer.Exit(1)


def _runs(path: Path) -> bool:
    body = ast.parse(path.read_text()).body
    return any(isinstance(part, ast.FunctionDef) and part.name == "run" for part in body)


def _measured(name: str) -> Mapping[str, float]:
    """Run one benchmark; what it prints itself goes to standard error."""
    with contextlib.redirect_stdout(sys.stderr):
        return importlib.import_module(f"{FOLDER.name}.{name}").run()


def _show(name: str, measured: Mapping[str, float]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=name, title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for key, value in measured.items():
        table.add_row(key, f"{value:,.4g}")
    Console().print(table)
