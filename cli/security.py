"""`./arb test --security`: the scanners' own environments, and the proofs that use them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import typer

from domain.errors import Unavailable
from kit.settings import ROOT

LISTS: Final = ROOT / "security" / "tools"
PLACE: Final = ROOT / ".venv.security"
SCANS: Final[Mapping[str, str]] = {
    "code": "flaws by pattern, secrets in the code, what it is made of",
    "rules": "rules of our own",
    "api": "the API, by its description",
    "pages": "every page, signed out and in",
    "tls": "the front that ends TLS",
}
"""What there is: a list of tools, and tests in tests/scanners/test_<name>.py."""
STEPS: Final[Mapping[str, Sequence[str]]] = {
    "code": ["code"],
    "rules": ["rules"],
    "TLS": ["tls"],
    "product": ["api", "pages"],
}
"""What is run in one go: one running product serves all that attack it."""


def environment(name: str) -> Path:
    """Return the environment of one list of tools, made anew where the list has changed.

    Each has its own, since the pins of one would move those of another and of the product.

    Raises:
        Unavailable: It could not be installed.
    """
    wanted, place = LISTS / f"{name}.txt", PLACE / name
    stamp = place / "installed.txt"
    if stamp.is_file() and stamp.read_bytes() == wanted.read_bytes():
        return place
    typer.echo(f"installing what looks at {SCANS[name]}")
    shutil.rmtree(place, ignore_errors=True)
    uv = [sys.executable, "-m", "uv"]
    python = str(place / "bin" / "python")
    hashed = ["--require-hashes", "--no-deps", "-r", str(wanted)]
    _run([*uv, "venv", "--quiet", "--python", sys.executable, str(place)])
    _run([*uv, "pip", "install", "--quiet", "--python", python, *hashed])
    shutil.copy(wanted, stamp)
    return place


def _run(command: list[str]) -> None:
    own = {"UV_NO_CONFIG": "1", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    done = subprocess.run(
        command, cwd=ROOT, env={**own, **os.environ}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip() or "no output").splitlines()[-1]
        raise Unavailable(f"the scanners cannot be installed: {last}")
