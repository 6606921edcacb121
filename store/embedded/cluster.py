"""PostgreSQL's cluster: its files, made by initdb once and to the end."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from domain.errors import Unavailable
from store.embedded.guarded import Guarded, Program
from store.embedded.identity import Identity
from store.embedded.passwords import write_private

ADMIN = "postgres"
_INITDB_S = 120.0


def make_cluster(identity: Identity, made: Path, password: str, *, log: Path, lock: int) -> None:
    """Run initdb unless `made` says that it once ran to its end.

    What an interrupted run left behind is removed first; data pages carry checksums, text is
    UTF-8 in the order of its code points, and every connection needs a password.

    Raises:
        Unavailable: initdb fails; the text names the log.
    """
    if made.exists() and (identity.files / "PG_VERSION").exists():
        return
    for rest in identity.files.glob("*"):
        shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    secret = identity.files.with_suffix(".password")
    write_private(secret, password)
    owner = identity.files.stat()
    os.chown(secret, owner.st_uid, owner.st_gid)
    initdb = Guarded(_initdb(identity, secret, log))
    try:
        initdb.start(keep_open=[lock])
        code = initdb.wait(_INITDB_S)
    finally:
        initdb.stop()
        secret.unlink()
    if code != 0:
        raise Unavailable(f"initdb of PostgreSQL failed; {log} says why.")
    made.touch()


def _initdb(identity: Identity, secret: Path, log: Path) -> Program:
    return Program(
        name="initdb",
        command=[
            *(str(identity.programs / "initdb"), "-D", str(identity.files)),
            *("--username", ADMIN, "--pwfile", str(secret), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin"),
            *("--builtin-locale", "C.UTF-8", "--data-checksums", "--no-instructions"),
        ],
        log=log,
        identity=identity.name,
    )


def clear_stale_pid(files: Path) -> None:
    """Remove the note of a postmaster that was killed: its number may be another's by now.

    The lock that we hold says that no server of ours runs here; a server that somebody started
    by hand is recognised by where it works, and PostgreSQL then refuses to start beside it.
    """
    note = files / "postmaster.pid"
    with suppress(OSError, ValueError):
        pid = int(note.read_text().split("\n", 1)[0])
        with suppress(OSError):
            if Path(f"/proc/{pid}/cwd").resolve(strict=True) == files:
                return
        note.unlink()
