"""`./arb lock`: resolve the hand-written lists anew, every package pinned by its hash."""

import subprocess
import sys

import typer

from kit.settings import ROOT

_OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"),
    *("--no-header", "--no-emit-index-url", "--no-annotate"),
)
_LISTS: dict[str, tuple[str, ...]] = {
    "requirements": (),
    "requirements-dev": (),
    "requirements-bench": ("--override", "requirements-bench.overrides"),
    **{f"security/tools/{name}": () for name in ("code", "rules", "api", "pages", "tls")},
}


def lock(
    upgrade: bool = typer.Option(False, "--upgrade", help="Take the newest releases allowed."),
) -> None:
    """Remake every list of pinned packages from its .in file."""
    for name, more in _LISTS.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", f"{name}.in", "-o", f"{name}.txt"]
        newest = ["--upgrade"] if upgrade else []
        if subprocess.run([*command, *_OPTIONS, *more, *newest], cwd=ROOT, check=False).returncode:
            raise typer.Exit(1)
        typer.echo(f"{name}.txt is made")
