"""`./arb audit`: whether the record of what was done is still what was written."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from cli.operating import as_operator
from domain.errors import Refused
from kit.settings import settings

if TYPE_CHECKING:
    from services.audit_check import Report

_PUBLIC_KEY_SIZE = 32

audit = typer.Typer(
    name="audit", help="The record of what was done: is it whole?", no_args_is_help=True
)


@audit.callback()
def _group() -> None:
    """Keep `verify` a command of its own, though it is the only one."""


@audit.command()
def verify(
    anchors: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A copy of the anchors, kept elsewhere."),
    ] = None,
    public_key: Annotated[
        list[str] | None,
        typer.Option(help="A key whose signatures count, in base64; else those of the key file."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Walk the chain from its first link; exit 1 at the first that was changed, cut or put in."""
    from services import audit_check
    from store.anchors import AnchorFile, anchor_file

    file = AnchorFile(anchors) if anchors else anchor_file(settings())
    trusted = {public_key_of(text) for text in public_key} if public_key else own_keys()
    report = as_operator(
        lambda work: audit_check.verify(work, file, trusted, whole=anchors is None)
    )
    typer.echo(msgspec.json.encode(report).decode() if as_json else _told(report))
    if not report.clean:
        raise typer.Exit(1)


def own_keys() -> set[bytes]:
    """Return the public keys of the file that anchors are signed with, as far as there is one."""
    from store.anchors import anchor_keys, public_keys
    from store.keys import KeyRing

    path = anchor_keys(settings())
    return set(public_keys(KeyRing.read(path)).values()) if path.exists() else set()


def public_key_of(text: str) -> bytes:
    """Return a public key that was given in base64; raise `Refused` if it is none."""
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _PUBLIC_KEY_SIZE:
        raise Refused(f"a public key is {_PUBLIC_KEY_SIZE} bytes in base64, as anchors name it")
    return key


def _told(report: "Report") -> str:
    last = report.anchors
    anchored = f"{last.count:,}, the last at link {last.seq} by key {last.key}, {last.at}"
    lines = [
        f"links    {report.rows:,}",
        f"head     {report.seq} {report.head}",
        f"anchors  {anchored if last.count else 'none: a cut of the end could not be seen'}",
    ]
    if report.broken:
        lines.append(f"BROKEN   {report.broken.fault}: {report.broken.said}")
    else:
        lines.append("clean")
    return "\n".join(lines)
