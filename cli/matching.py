"""`./arb matching`: the queue of doubtful pairs, and what an operator says about them."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.operating import as_operator
from domain.matching import Link

if TYPE_CHECKING:
    from services.matching_review import Doubt

matching = typer.Typer(
    name="matching",
    help="Which events of different sources are one: doubts, merges, splits.",
    no_args_is_help=True,
)

Reason = Annotated[str, typer.Option(help="Why, for those who come after; the audit keeps it.")]
Most = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]
SourceEvent = Annotated[str, typer.Argument(help="A source's event, as `doubts` names it.")]


@matching.command()
def doubts(most: Most = 50) -> None:
    """List the pairs that wait for an answer, the most likely first."""
    from services import matching_review as review

    for doubt in as_operator(lambda work: review.doubts(work, limit=most)):
        typer.echo("\n".join(_told(doubt)))


@matching.command()
def done(most: Most = 50) -> None:
    """List merges, splits and undoings, the latest first."""
    from services import matching_review as review

    for row in as_operator(lambda work: review.done(work, limit=most)):
        undone = "" if row.undone_by is None else f"  (undone by {row.undone_by})"
        typer.echo(f"{row.id}  {row.at:%Y-%m-%d %H:%M}  {row.kind} by {row.actor}{undone}")
        typer.echo(f"    {row.reason}")
        for event_id, before in row.before.items():
            moved = f"{before['canonical_id']} -> {row.after[event_id]['canonical_id']}"
            typer.echo(f"    {event_id}: {moved}")


@matching.command()
def merge(
    into: Annotated[str, typer.Argument(help="Our event that keeps its id.")],
    from_: Annotated[str, typer.Argument(metavar="FROM", help="Our event that becomes a part.")],
    *,
    reason: Reason,
    sides_reversed: Annotated[
        bool, typer.Option("--reversed", help="FROM lists the sides the other way round.")
    ] = False,
) -> None:
    """Make two events of ours one."""
    from services import matching_review as review

    number = as_operator(
        lambda work: review.merge(work, into, from_, reason=reason, sides_reversed=sides_reversed)
    )
    typer.echo(f"merged; to take it back: ./arb matching undo {number}")


@matching.command()
def part(
    event: SourceEvent,
    ours: Annotated[str, typer.Argument(help="Our event that it is not.")],
    *,
    reason: Reason,
) -> None:
    """Answer a doubt with no, for good."""
    from services import matching_review as review

    as_operator(lambda work: review.part(work, event, ours, reason=reason))
    typer.echo("parted; the pair is not raised again")


@matching.command()
def split(event: SourceEvent, *, reason: Reason) -> None:
    """Part a source's event from ours that it is linked to, for good."""
    from services import matching_review as review

    number = as_operator(lambda work: review.split(work, event, reason=reason))
    typer.echo(f"split; to take it back: ./arb matching undo {number}")


@matching.command()
def undo(
    number: Annotated[int, typer.Argument(help="The action, as `done` numbers it.")],
    *,
    reason: Reason,
) -> None:
    """Take a merge or a split back."""
    from services import matching_review as review

    undoing = as_operator(lambda work: review.undo(work, number, reason=reason))
    typer.echo(f"undone; to take that back: ./arb matching undo {undoing}")


def _told(doubt: "Doubt") -> list[str]:
    proposal = doubt.proposal
    way = ", sides reversed" if proposal.reversed else ""
    why = ", ".join(proposal.evidence.get("why", ()))
    same = f"{proposal.canonical_id} {doubt.event.canonical_id}{' --reversed' if way else ''}"
    return [
        f"{proposal.chance:.3f}{way}: {why}",
        f"    {_listed(doubt.event)}",
        *(f"    {_listed(link)}" for link in doubt.others),
        f"    yes: ./arb matching merge {same} --reason WHY",
        f"    no:  ./arb matching part {proposal.event_id} {proposal.canonical_id} --reason WHY",
    ]


def _listed(link: Link) -> str:
    event = link.event
    starts = "start unknown" if event.starts_at is None else f"{event.starts_at:%Y-%m-%d %H:%M}"
    return f"{link.source:<20} {starts:<17} {event.home} v {event.away} ({event.league})"
