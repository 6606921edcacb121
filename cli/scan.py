"""`./arb scan`: find the arbitrage in recorded prices, without a server."""

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.scan_views import as_text, counts, matches, summary
from engine.gates import DEFAULT_GATES, NO_GATES
from services.export import opportunity_json
from services.scan import Scan


class GateChoice(StrEnum):
    """Which gates judge."""

    DEFAULT = "default"
    NONE = "none"


_GATES = {GateChoice.DEFAULT: DEFAULT_GATES, GateChoice.NONE: NO_GATES}


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as e:
        raise typer.BadParameter(f"{text!r} is no instant such as 2026-07-21T12:00:49Z") from e
    if at.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no time zone; end it with Z for UTC")
    return at


def scan(
    files: Annotated[
        list[Path], typer.Argument(help="Recorded answers or native quotes; .xz, .gz, .bz2 too.")
    ],
    *,
    source: Annotated[
        str | None, typer.Option(help="The feed to read them with, if it is not recognised.")
    ] = None,
    gates: Annotated[
        GateChoice, typer.Option(help="Refuse what looks false, or accept all that crosses.")
    ] = GateChoice.DEFAULT,
    joint: Annotated[
        bool,
        typer.Option("--joint/--per-market", help="All markets of an event together, or each."),
    ] = True,
    min_roi: Annotated[
        float, typer.Option(min=0.0, help="Smallest return to accept: 0.01 is one percent.")
    ] = 0.0,
    at: Annotated[
        str | None,
        typer.Option(help="The instant of answers that do not say when they were given."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    together: Annotated[
        bool, typer.Option("--together", help="All files as one world: equal events are matched.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="The refused ones too, with every reason.")
    ] = False,
    summarise: Annotated[
        bool, typer.Option("--summary", help="Only a Markdown table of what the gates did.")
    ] = False,
) -> None:
    """Find the arbitrage in recorded prices; counts go to standard error."""
    work = Scan(
        files,
        source=source,
        gates=_GATES[gates],
        min_roi=min_roi,
        joint=joint,
        at=_instant(at),
        together=together,
    )
    try:
        for line in _lines(work, as_json=as_json, everything=everything, summarise=summarise):
            typer.echo(line)
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter's last flush must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    for line in (*counts(work.tallies.values()), *(matches(work) if together else ())):
        typer.echo(line, err=True)


def _lines(work: Scan, *, as_json: bool, everything: bool, summarise: bool) -> Iterator[str]:
    for opportunity in work:
        if summarise or not (everything or opportunity.accepted):
            continue
        yield opportunity_json(opportunity).decode() if as_json else as_text(opportunity)
    if summarise:
        yield from summary(work.tallies)
