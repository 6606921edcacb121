"""Bootstrap: makes `.venv` from the hash-pinned lists; needs nothing but a bare Python 3.11.

Run by `./arb` as `bootstrap.py LIST...` when the environment is missing or out of date.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WORK = ROOT / ".venv.install"  # the lock, the log and the installer
INSTALLED = VENV / "installed"  # a copy of every list that is wholly installed
BEGUN = VENV / "begun"  # there while the environment is ours and not yet whole
NEEDED_MB = 900
PIN = re.compile(r"^\S+==", re.MULTILINE)
PIN_OF_UV = re.compile(r"^uv==(?:.*\\\n)*.*\n", re.MULTILINE)
PIP_SETTING = re.compile(r"^\S+\.([\w-]+)='(.*)'$", re.MULTILINE)
REASONS = {
    "no space left on device|os error 28|errno 28|disk quota exceeded": (
        "The disk is full: make room and call again."
    ),
    "do not match the hashes|hash mismatch": (
        "A package is not the one that the lists pin by its hash: it was not installed."
    ),
    "failed to fetch|dns error|connection|connect error|name resolution|timed out|max retries"
    "|from versions: none|unreachable": (
        "The package index cannot be reached: check the network, or pip's settings of it."
    ),
}
INDEX_SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
    "proxy": "HTTPS_PROXY",
}


class Failed(Exception):
    """The environment could not be made; the text says why and what to do."""


def main(lists: Sequence[str]) -> int:
    """Install what the lists name, unless somebody else just did; return the exit code."""
    try:
        with only_one():
            if not all(is_installed(name) for name in lists):
                make(lists)
    except Failed as e:
        say(f"arb: {e}")
        return 1
    except OSError as e:
        say(f"arb: {reason(str(e)) or f'The installation failed: {e}.'}")
        return 1
    except KeyboardInterrupt:
        say("arb: Interrupted; the next call begins the installation anew.")
        return 130
    return 0


def say(text: str) -> None:
    """Show one line at once."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def only_one() -> Generator[None]:
    """Keep other installations waiting; the system frees the lock if we die."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            say(f"arb: waiting for the installation that process {lock.read() or '?'} has begun")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_installed(name: str) -> bool:
    """Say whether the list as it stands is what was last installed."""
    stamp = INSTALLED / name
    python = VENV / "bin" / "python"
    return python.exists() and stamp.exists() and stamp.read_bytes() == (ROOT / name).read_bytes()


def make(lists: Sequence[str]) -> None:
    """Make the environment or bring it up to date; a stamp is written only when all is there."""
    started = time.monotonic()
    say("arb: installing Dutchbook's Python packages (the first time, and when they change)")
    require_space(ROOT, NEEDED_MB * 1_000_000)
    if BEGUN.exists() or not (VENV / "bin" / "python").exists():
        make_venv()
    elif INSTALLED.exists():  # else somebody else made it: it is added to, and never removed
        BEGUN.touch()
        shutil.rmtree(INSTALLED)
    with timed(f"{count(lists)} packages, each checked against its hash"):
        install_all(lists)
    new = VENV / "installed.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    for name in lists:
        shutil.copy(ROOT / name, new / name)
    new.replace(INSTALLED)
    BEGUN.unlink(missing_ok=True)
    say(f"arb: installed in {time.monotonic() - started:.1f} s")


def require_space(folder: Path, needed: int) -> None:
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Failed(
            f"The disk is too full: {folder} has {free // 1_000_000} MB free and "
            f"{needed // 1_000_000} MB are needed; make room and call again."
        )


def count(lists: Sequence[str]) -> int:
    """Return how many packages the lists name."""
    return sum(len(PIN.findall((ROOT / name).read_text())) for name in lists)


@contextmanager
def timed(what: str) -> Generator[None]:
    """Show what is being done, and how many seconds it took."""
    started = time.monotonic()
    say(f"  {what} ...")
    yield
    say(f"  {what}: {time.monotonic() - started:.1f} s")


def make_venv() -> None:
    """Begin an empty environment; what an interrupted installation left is removed."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise Failed(
            "This Python cannot make virtual environments: install its venv module "
            f"(on Debian and Ubuntu `apt-get install python{version()}-venv`) and call again."
        )
    with timed(f"environment of Python {version()}"):
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir()
        BEGUN.touch()
        run([sys.executable, "-m", "venv", str(VENV)])


def version() -> str:
    """Return major and minor version of this Python."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def install_all(lists: Sequence[str]) -> None:
    """Install with uv, which takes a tenth of pip's time, or with pip where uv will not do."""
    wanted = [part for name in lists for part in ("-r", str(ROOT / name))]
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--no-input", "--disable-pip-version-check"]
    # The lists are whole: what a package asks for beyond them was left out on purpose.
    hashed = ["--require-hashes", "--only-binary", ":all:", "--no-deps"]
    uv = install_uv([*pip, "install", *hashed])
    if uv:
        command = [str(uv), "pip", "install", "--python", str(VENV), "--no-progress", *hashed]
        try:
            run([*command, *wanted], uv_environment(pip))
        except Failed as e:
            say(f"  uv could not ({e}); pip takes over")
        else:
            return
    run([*pip, "install", "--retries", "2", *hashed, *wanted])


def install_uv(install: Sequence[str]) -> Path | None:
    """Install beside the environment the uv that the developers' list pins, if it pins one."""
    pinned = PIN_OF_UV.search((ROOT / "requirements-dev.txt").read_text())
    if not pinned:
        return None
    (WORK / "uv.txt").write_text(pinned[0])
    target = WORK / "uv"
    shutil.rmtree(target, ignore_errors=True)
    run([*install, "--retries", "2", "--target", str(target), "-r", str(WORK / "uv.txt")])
    return target / "bin" / "uv"


def uv_environment(pip: Sequence[str]) -> dict[str, str]:
    """Return our environment with pip's own settings of indexes in the words of uv."""
    told = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    settings = dict(PIP_SETTING.findall(told.stdout))
    translated = {
        theirs: settings[ours] for ours, theirs in INDEX_SETTINGS.items() if ours in settings
    }
    own = {"UV_NO_CONFIG": "1", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    if not os.environ.get("HOME"):
        own["UV_CACHE_DIR"] = str(WORK / "cache")
    return {**translated, **own, **os.environ}


def run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run a step, its output in the log; a failure becomes one sentence."""
    log = WORK / "log"
    with log.open("w+") as output:
        code = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            check=False,
        ).returncode
        output.seek(0)
        text = output.read()
    if code != 0:
        last = next((line for line in reversed(text.splitlines()) if line.strip()), "no output")
        raise Failed(reason(text) or f"The installation failed: {last.strip()} (all of it: {log}).")


def reason(text: str) -> str | None:
    """Say in one sentence why an installation failed, if its output tells."""
    return next((why for sign, why in REASONS.items() if re.search(sign, text.lower())), None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
