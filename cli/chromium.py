"""Chromium for the browser tests: the system's, or Playwright's, or Debian's package."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence

import typer

from domain.errors import Unavailable

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLAYWRIGHTS = (
    "from playwright.sync_api import sync_playwright as p\n"
    "with p() as driver: print(driver.chromium.executable_path)"
)


def provide_chromium() -> str:
    """Return the path of a Chromium that runs, installing one if there is none.

    Raises:
        Unavailable: There is none and none could be installed; the text says what to do.
    """
    for offer in (_given, _found, _installed_by_playwright, _installed_by_apt):
        for path in offer():
            if _runs([path, "--version"]):
                return path
    raise Unavailable(
        "The browser tests need Chromium: install it (on Debian `apt-get install chromium`) "
        "or name one in DUTCHBOOK_CHROMIUM."
    )


def _given() -> Iterable[str]:
    return filter(None, [os.environ.get("DUTCHBOOK_CHROMIUM")])


def _found() -> Iterable[str]:
    return filter(None, map(shutil.which, _NAMES))


def _installed_by_playwright() -> Iterable[str]:
    typer.echo("installing Chromium: playwright install chromium")
    if not _runs([sys.executable, "-m", "playwright", "install", "chromium"]):
        return []
    answer = subprocess.run(
        [sys.executable, "-c", _PLAYWRIGHTS], capture_output=True, text=True, check=False
    )
    return answer.stdout.split("\n")[:1]


def _installed_by_apt() -> Iterable[str]:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return []
    typer.echo("installing Chromium: apt-get install chromium")
    os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
    _runs(["apt-get", "update"])
    _runs(["apt-get", "install", "-y", "--no-install-recommends", "chromium"])
    return _found()


def _runs(command: Sequence[str]) -> bool:
    """Say whether a command succeeds; what it prints is for nobody."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=600,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
