"""`./arb screens`: pictures of every page for the documentation, taken from the running product."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.chromium import provide_chromium
from cli.processes import Replay, Speed
from kit.settings import ROOT

_FOLDER = ROOT / "docs" / "screens"
_SIMULATED = ("--source", "simulator")


def screens(
    replay: Replay = None,
    speed: Speed = 60.0,
    to: Annotated[
        Path, typer.Option(metavar="DIR", file_okay=False, help="Where the pictures go.")
    ] = _FOLDER,
) -> None:
    """Take the pictures of the pages anew: of the simulator, or of recordings."""
    played = [part for path in replay or [] for part in ("--replay", str(path))]
    options = [*played, "--speed", str(speed)] if played else _SIMULATED
    done = subprocess.run(
        [sys.executable, "-m", "tests.screens", str(to.resolve()), *options],
        cwd=ROOT,
        env={**os.environ, "DUTCHBOOK_CHROMIUM": provide_chromium()},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    raise typer.Exit(done.returncode and 1)
