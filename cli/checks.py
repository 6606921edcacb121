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
_PRODUCT = ("kit", "domain", "store", "feeds", "engine", "services", "jobs", "cli", "arb_app")
_QUICK = ("--hypothesis-profile=quick",)
_EXAMPLES = (*_PRODUCT, "--ignore=store/migrations", "--doctest-modules")
_APART = "servers or slow or recorded or e2e"
_WIDER = "(recorded or hypothesis) and not servers and not slow"


@dataclass(frozen=True, slots=True)
class Step:
    """One proof: arguments of Python, and whether it needs a browser."""

    name: str
    arguments: Sequence[str]
    browser: bool = False


# The longest first: all the rest runs beside it, each with servers and ports of its own.
FAST = (
    Step("unit tests", (*_PYTEST, *_QUICK, *_INNER, *_EXAMPLES, "-m", f"not ({_APART})")),
    Step("format", ("-m", "ruff", "format", "--check", "--quiet", ".")),
    Step("lint", ("-m", "ruff", "check", "--quiet", ".")),
    Step("types", ("-m", "pyright")),
    Step("layers", ("-c", _LINT_IMPORTS)),
)
SLOW = (
    Step("browser tests", (*_PYTEST, "tests/e2e", "-m", "e2e"), browser=True),
    Step("recorded odds", (*_PYTEST, *_INNER, "-m", _WIDER)),
    Step("server tests", (*_PYTEST, *_INNER, "-m", "servers or slow")),
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
        Step(f"scan: {name}", (*_PYTEST, *(f"tests/scanners/test_{s}.py" for s in each), *more))
        for name, each in scanners.STEPS.items()
    ]
    _conclude(singly=steps)


def _conclude(*pairwise: Sequence[Step], singly: Sequence[Step] = ()) -> None:
    """Run groups of steps, two at a time, then others singly; end with a table and exit code."""
    began = time.monotonic()
    outcomes: list[Outcome] = []
    for steps in pairwise:
        with ThreadPoolExecutor(2) as pool:
            outcomes += pool.map(_quietly, steps)
    outcomes += [_run(step) for step in singly]
    typer.echo("")
    for outcome in outcomes:
        word = "passed" if outcome.passed else "FAILED"
        typer.echo(f"  {outcome.name:<14}{word:<8}{outcome.seconds:7.1f} s")
    typer.echo(f"  {'all':<22}{time.monotonic() - began:7.1f} s")
    raise typer.Exit(0 if all(o.passed for o in outcomes) else 1)


def _quietly(step: Step) -> Outcome:
    """Run a step and show its output when it has ended, apart from that of others."""
    outcome = _outcome(step, subprocess.PIPE)
    typer.echo(f"\n== {outcome.name}\n{outcome.output}".rstrip())
    return outcome


def _run(step: Step) -> Outcome:
    """Run a step and let its output be seen as it comes."""
    typer.echo(f"\n== {step.name}")
    sys.stdout.flush()
    outcome = _outcome(step, None)
    typer.echo(outcome.output, nl=False)
    return outcome


def _outcome(step: Step, output: int | None) -> Outcome:
    began = time.monotonic()
    passed, said = False, ""
    try:
        more = {"DUTCHBOOK_CHROMIUM": provide_chromium()} if step.browser else {}
        done = subprocess.run(
            [sys.executable, *step.arguments],
            **_surroundings(more),
            stdout=output,
            stderr=output and subprocess.STDOUT,
            text=True,
            check=False,
        )
        passed, said = done.returncode == 0, done.stdout or ""
    except Unavailable as e:
        said = f"{e}\n"
    return Outcome(step.name, passed, time.monotonic() - began, said)


def _surroundings(more: Mapping[str, str] = MappingProxyType({})) -> Surroundings:
    # A dozen processes and all that they start import the same: compiled once, it is read after.
    own = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "PYTHONDONTWRITEBYTECODE": ""}
    environment = {**os.environ, **own, **more}
    return {"cwd": ROOT, "env": environment, "stdin": subprocess.DEVNULL}
