"""`./arb backup` and `./arb restore`: the whole database, encrypted, and back again."""

import asyncio
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.operating import as_operator
from domain.errors import Refused, Unavailable
from kit.clock import SystemClock
from kit.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from store.backup import Manifest
    from store.keys import KeyRing

backup = typer.Typer(
    name="backup",
    help="An encrypted backup of the whole database.",
    invoke_without_command=True,
)


@backup.callback()
def make(
    context: typer.Context,
    recipient: Annotated[
        str, typer.Option(metavar="age1…", help="To whom it is encrypted: see `keygen`.")
    ] = "",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Where it is written.")
    ] = None,
) -> None:
    """Write an encrypted backup; what it holds is never on a disk unencrypted."""
    if context.invoked_subcommand is not None:
        return
    if not recipient:
        raise Refused("say for whom: --recipient age1… (`./arb backup keygen` makes one)")
    from store.backup import Manifest, dumped, packed, signed, snapshot

    url, now = _url("database_backup_url"), SystemClock().now()
    path = to or Path(f"dutchbook-{now:%Y%m%dT%H%M%SZ}.backup")
    manifest: list[Manifest] = []
    with snapshot(url) as held:

        def closed(files: "Mapping[str, str]") -> bytes:
            told = Manifest(
                at=now,
                revision=held.revision,
                counts=held.counts,
                key_ids=held.key_ids,
                files=dict(files),
            )
            manifest.append(told)
            return signed(told, _signing())

        packed(path, recipient, _anchors(held.head), dumped(url, held.name), closed)
    _on_record(manifest[0], path)
    typer.echo(f"{path}: {_told(manifest[0])}")
    if keys := manifest[0].key_ids:
        typer.echo(f"not in it: the master keys that it names ({', '.join(keys)})")


@backup.command()
def keygen(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The identity's new file.")],
) -> None:
    """Make an identity: whoever has its file opens every backup that is made for it."""
    from store.backup import new_identity
    from store.embedded.passwords import write_private

    if file.exists():
        raise Refused(f"{file} is there already: choose another file")
    identity, recipient = new_identity()
    write_private(file, f"# public key: {recipient}\n{identity}\n")
    typer.echo(recipient)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup.")],
    identity: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The file that `keygen` made.")
    ],
    into: Annotated[
        str,
        typer.Option(
            metavar="VARIABLE", help="The variable that holds the address of the target's owner."
        ),
    ] = "DATABASE_OWNER_URL",
    force: Annotated[
        bool, typer.Option("--force", help="Drop first what is in the target, for good.")
    ] = False,
    public_key: Annotated[
        list[str] | None,
        typer.Option(help="A key whose signature counts, in base64; else those of the key file."),
    ] = None,
) -> None:
    """Put a backup into an empty database, and check that all of it is there."""
    from store.backup import counts, emptied, is_empty, opened, restored, trustworthy
    from store.migrate import app_role, migrate

    owner, secret = _target(into), _identity(identity)
    whole = hashlib.sha256()
    kept, anchors = opened(file, secret, whole.update)
    trusted = _trusted(public_key)
    manifest = trustworthy(kept, trusted)
    found = {"audit_anchors.jsonl": hashlib.sha256(anchors).hexdigest(), "dump": whole.hexdigest()}
    if found != manifest.files:
        raise Refused("the backup's files are not what its manifest says")
    if not trusted:
        typer.echo("nobody vouches for its signature: there is no key file and no --public-key")
    if not is_empty(owner):
        if not force:
            raise Refused("the target is not empty: --force drops all that is in it, for good")
        emptied(owner)
    with restored(owner) as write:
        opened(file, secret, write)
    rows = counts(owner)
    if rows != manifest.counts:
        wrong = sorted(
            t for t in {*rows, *manifest.counts} if rows.get(t) != manifest.counts.get(t)
        )
        raise Unavailable(f"restored, but rows are missing or too many in {', '.join(wrong)}")
    typer.echo(f"restored: {_told(manifest)}, as in the manifest")
    application = settings().database_url
    role = app_role(application.get_secret_value(), owner) if application else None
    typer.echo(f"the schema is at revision {migrate(owner, app_role=role)}")
    _put_anchors(anchors)
    if not _verified(owner, trusted or {manifest.public}):
        raise typer.Exit(1)


def _url(name: str) -> str:
    url = getattr(settings(), name)
    if url is None:
        raise Refused(f"set {name.upper()}; the file `env` in the data directory holds it")
    return str(url.get_secret_value())


def _target(variable: str) -> str:
    """Return the address that a variable holds: on the command line it would be seen by others."""
    if "://" in variable:
        raise Refused("--into names a variable: an address on the command line shows its password")
    if url := os.environ.get(variable):
        return url
    raise Refused(f"{variable} is not set: it holds the address of the target's owner")


def _identity(file: Path) -> str:
    lines = [line.strip() for line in file.read_text().splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if len(found) != 1:
        raise Refused(f"{file} holds no identity, or more than one")
    return found[0]


def _signing() -> "KeyRing":
    from store.anchors import anchor_keys
    from store.keys import KeyRing

    return KeyRing.at(anchor_keys(settings()))


def _anchors(head: int) -> bytes:
    """Return the anchors of heads that the instant knows."""
    from store.anchors import anchor_file

    return anchor_file(settings()).until(head)


def _put_anchors(anchors: bytes) -> None:
    from store.anchors import anchor_file

    file = anchor_file(settings())
    file.set_aside(SystemClock().now())
    file.path.parent.mkdir(parents=True, exist_ok=True)
    file.path.write_bytes(anchors)


def _trusted(given: list[str] | None) -> set[bytes]:
    from cli.audit import own_keys, public_key_of

    return {public_key_of(text) for text in given} if given else own_keys()


def _on_record(manifest: "Manifest", path: Path) -> None:
    from services import backups

    as_operator(lambda work: backups.made(work, path.name, manifest.counts, manifest.files["dump"]))


def _verified(owner: str, trusted: set[bytes]) -> bool:
    """Walk the restored chain; nothing but PostgreSQL is needed, whatever else was lost."""
    from services.audit_check import Report, checked
    from store import audit_chain
    from store.anchors import anchor_file
    from store.db import Database

    async def check() -> Report:
        database = await Database.open(owner, application="restore")
        try:
            async with database.begin() as db:
                await audit_chain.still(db)
                return await checked(db, anchor_file(settings()), trusted)
        finally:
            await database.close()

    report = asyncio.run(check())
    typer.echo(f"audit: {report.broken.said if report.broken else f'clean, {report.rows:,} links'}")
    return report.clean


def _told(manifest: "Manifest") -> str:
    rows = sum(manifest.counts.values())
    tables = len(manifest.counts)
    return f"{rows:,} rows in {tables} tables, schema {manifest.revision}"
