"""`./arb test` and `./arb check`: every proof that the product is in order."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, TypedDict

import typer

from cli import security as scanners
from cli.chromium import provide_chromium
from domain.errors import Unavailable
from kit.settings import ROOT

_LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
_PYTEST = ("-m", "pytest", "-q")
_INNER = ("tests", "--ignore=tests/e2e", "--ignore=tests/scanners")
_UNIT = (*_INNER, "engine", "kit", "domain", "--doctest-modules")
_APART = "servers or slow or recorded or e2e"


@dataclass(frozen=True, slots=True)
class Step:
    """One proof: arguments of Python, and whether it needs a browser."""

    name: str
    arguments: Sequence[str]
    browser: bool = False


FAST = (
    Step("format", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    Step("lint", ("-m", "ruff", "check", "--quiet", ".")),
    Step("types", ("-m", "pyright")),
    Step("layers", ("-c", _LINT_IMPORTS)),
    Step("unit tests", (*_PYTEST, *_UNIT, "-m", f"not ({_APART})")),
)
SLOW = (
    Step("recorded odds", (*_PYTEST, *_INNER, "-m", "recorded and not servers and not slow")),
    Step("server tests", (*_PYTEST, *_INNER, "-m", "servers or slow")),
    Step("browser tests", (*_PYTEST, "tests/e2e", "-m", "e2e"), browser=True),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step went."""

    name: str
    passed: bool
    seconds: float
    output: str = ""


class Surroundings(TypedDict):
    """Where every step runs: at the root, with nobody to ask."""

    cwd: Path
    env: dict[str, str]
    stdin: int


def check() -> None:
    """Run the fast part of `./arb test`: formats, lints, types, layers and unit tests."""
    _conclude(FAST)


def test(
    context: typer.Context,
    security: Annotated[
        bool, typer.Option("--security", help="Run the scanners instead, on code and product.")
    ] = False,  # noqa: PT028 - a command, and no test
) -> None:
    """Prove everything; with arguments, run pytest with those and nothing else."""
    if security:
        _scan(context.args)
    if context.args:
        browser = any("e2e" in argument for argument in context.args)
        passed = _run(Step("pytest", ("-m", "pytest", *context.args), browser=browser)).passed
        raise typer.Exit(0 if passed else 1)
    _conclude(FAST, SLOW)


def _scan(more: Sequence[str]) -> None:
    """Run every scanner in an environment of its own, one after the other."""
    for name in scanners.SCANS:
        scanners.environment(name)
    steps = [
        Step(f"scan: {name}", (*_PYTEST, f"tests/scanners/test_{name}.py", *more))
        for name in scanners.SCANS
    ]
    _conclude((), steps)


def _conclude(together: Sequence[Step], one_by_one: Sequence[Step] = ()) -> None:
    """Run steps, two at a time and then singly, and end with a table and the exit code."""
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        outcomes = [_shown(outcome) for outcome in pool.map(_quietly, together)]
    outcomes += [_run(step) for step in one_by_one]
    typer.echo("")
    for outcome in outcomes:
        word = "passed" if outcome.passed else "FAILED"
        typer.echo(f"  {outcome.name:<14}{word:<8}{outcome.seconds:7.1f} s")
    typer.echo(f"  {'all':<22}{time.monotonic() - began:7.1f} s")
    raise typer.Exit(0 if all(o.passed for o in outcomes) else 1)


def _shown(outcome: Outcome) -> Outcome:
    typer.echo(f"\n== {outcome.name}\n{outcome.output}".rstrip())
    return outcome


def _quietly(step: Step) -> Outcome:
    """Run a step and keep its output."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *step.arguments],
        **_surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(step.name, done.returncode == 0, time.monotonic() - began, done.stdout)


def _run(step: Step) -> Outcome:
    """Run a step and let its output be seen as it comes."""
    typer.echo(f"\n== {step.name}")
    sys.stdout.flush()
    began = time.monotonic()
    try:
        passed = _passes(step)
    except Unavailable as e:
        typer.echo(str(e), err=True)
        passed = False
    return Outcome(step.name, passed, time.monotonic() - began)


def _passes(step: Step) -> bool:
    more = {"DUTCHBOOK_CHROMIUM": provide_chromium()} if step.browser else {}
    command = [sys.executable, *step.arguments]
    return subprocess.run(command, **_surroundings(more), check=False).returncode == 0


def _surroundings(more: Mapping[str, str] = MappingProxyType({})) -> Surroundings:
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", **more}
    return {"cwd": ROOT, "env": environment, "stdin": subprocess.DEVNULL}
