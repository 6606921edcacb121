"""What an admin does to matches: answers doubts, merges, splits and undoes; all of it audited."""

from collections.abc import Mapping
from typing import Any

import msgspec

from domain.errors import NotFound, Refused
from domain.matching import Link, Proposal, ProposalState
from kit.ids import fresh
from services.access import Permission
from services.work import Work
from store import audit
from store import matching as stored
from store.tables import ActionRow

MOST_REASON = 500

replace = msgspec.structs.replace


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A pair that waits for a person: the source's event, and those already linked to the other."""

    proposal: Proposal
    event: Link
    others: list[Link]


async def doubts(work: Work, *, limit: int = 50, offset: int = 0) -> list[Doubt]:
    """Return pairs that wait for an answer, the most likely first, with their evidence."""
    work.subject.require(Permission.MANAGE_MATCHING)
    found: list[Doubt] = []
    for proposal in await stored.open_proposals(work.db, limit=limit, offset=offset):
        links = await stored.links_by_event(work.db, [proposal.event_id])
        others = await stored.links_of(work.db, proposal.canonical_id)
        found.append(Doubt(proposal=proposal, event=links[proposal.event_id], others=others))
    return found


async def place_of(work: Work, event_id: str) -> str:
    """Return the event of ours that a source's event is linked to; raise `NotFound` if none is."""
    work.subject.require(Permission.MANAGE_MATCHING)
    link = (await stored.links_by_event(work.db, [event_id])).get(event_id)
    if link is None:
        raise NotFound(f"no source's event is called {event_id}")
    return link.canonical_id


async def done(work: Work, *, limit: int = 50) -> list[ActionRow]:
    """Return the merges, splits and undoings of late, the latest first."""
    work.subject.require(Permission.MANAGE_MATCHING)
    return await stored.actions(work.db, limit=limit)


async def merge(
    work: Work, into: str, from_: str, *, reason: str, sides_reversed: bool = False
) -> int:
    """Make two events of ours one, under the id `into`; return the number of the action.

    Args:
        work: Its subject must hold MANAGE_MATCHING.
        into: Our event that keeps its id.
        from_: Our event whose sources' events move.
        reason: Why, for those who come after.
        sides_reversed: Whether `from_` lists the sides the other way round.

    Raises:
        NotAllowed: The subject may not.
        NotFound: No source's event is linked to one of them.
        Refused: They are the same event, or one source lists both, or there is no reason.
    """
    work.subject.require(Permission.MANAGE_MATCHING)
    actor, reason = work.subject.actor, _reason(reason)
    if into == from_:
        raise Refused("an event cannot be merged with itself")
    staying, moving = await _linked(work, into), await _linked(work, from_)
    if twice := {link.source for link in staying} & {link.source for link in moving}:
        raise Refused(f"{', '.join(sorted(twice))} lists both; split them first")
    after = [
        replace(link, canonical_id=into, reversed=link.reversed is not sides_reversed)
        for link in moving
    ]
    pairs = [_paired(link, into) for link in after]
    pairs += [_paired(link, from_) for link in staying]
    await stored.decide_pairs(work.db, pairs, ProposalState.JOINED, actor=actor)
    return await _act(
        work, "merge", list(zip(moving, after, strict=True)), reason=reason, subject=into
    )


async def split(work: Work, event_id: str, *, reason: str) -> int:
    """Part a source's event from ours that it is linked to, for good; return the action's number.

    The source's event gets an id of its own; ours keeps its id for those that stay.

    Raises:
        NotAllowed: The subject may not.
        NotFound: There is no such event.
        Refused: Nothing else is linked to ours, or there is no reason.
    """
    work.subject.require(Permission.MANAGE_MATCHING)
    actor, reason = work.subject.actor, _reason(reason)
    link = (await stored.links_by_event(work.db, [event_id])).get(event_id)
    if link is None:
        raise NotFound(f"no source's event is called {event_id}")
    linked = await _linked(work, link.canonical_id)
    if len(linked) == 1:
        raise Refused("no other source's event is linked to this one; there is nothing to split")
    after = replace(link, canonical_id=fresh(), reversed=False)
    number = await _act(work, "split", [(link, after)], reason=reason, subject=event_id)
    pairs = [_paired(link, link.canonical_id)]
    pairs += [_paired(o, after.canonical_id) for o in linked if o != link]
    await stored.decide_pairs(work.db, pairs, ProposalState.PARTED, actor=actor)
    return number


async def part(work: Work, event_id: str, canonical_id: str, *, reason: str) -> None:
    """Answer a doubt with no: the pair is two events, and is never raised again.

    Raises:
        NotAllowed: The subject may not.
        NotFound: There is no such source's event.
        Refused: They are linked, or there is no reason.
    """
    work.subject.require(Permission.MANAGE_MATCHING)
    actor, reason = work.subject.actor, _reason(reason)
    link = (await stored.links_by_event(work.db, [event_id])).get(event_id)
    if link is None:
        raise NotFound(f"no source's event is called {event_id}")
    if link.canonical_id == canonical_id:
        raise Refused("the two are linked; split them instead")
    await _linked(work, canonical_id)
    pair = _pair(event_id, canonical_id, sides_reversed=False)
    await stored.decide_pairs(work.db, [pair], ProposalState.PARTED, actor=actor)
    await audit.record(
        work.db,
        actor=actor,
        action="matching.part",
        subject=event_id,
        details={"canonical_id": canonical_id, "reason": reason},
    )


async def reopen(work: Work, event_id: str, canonical_id: str, *, reason: str) -> None:
    """Take the answer no back: the pair waits for a person again.

    Raises:
        NotAllowed: The subject may not.
        NotFound: Nobody parted such a pair.
        Refused: There is no reason.
    """
    work.subject.require(Permission.MANAGE_MATCHING)
    actor, reason = work.subject.actor, _reason(reason)
    if not await stored.reopen(work.db, event_id, canonical_id):
        raise NotFound("nobody parted these two")
    await audit.record(
        work.db,
        actor=actor,
        action="matching.reopen",
        subject=event_id,
        details={"canonical_id": canonical_id, "reason": reason},
    )


async def undo(work: Work, number: int, *, reason: str) -> int:
    """Take a merge or a split back; return the number of the undoing, which is an action too.

    Raises:
        NotAllowed: The subject may not.
        NotFound: There is no such action.
        Refused: It was undone before, or a later action moved the same events, or no reason.
    """
    work.subject.require(Permission.MANAGE_MATCHING)
    actor, reason = work.subject.actor, _reason(reason)
    action = await stored.action(work.db, number)
    if action is None:
        raise NotFound(f"no action has the number {number}")
    if action.undone_by is not None:
        raise Refused(f"action {number} was undone by action {action.undone_by}")
    links = await stored.links_by_event(work.db, action.after)
    now = {event_id: _place(link) for event_id, link in links.items()}
    if now != action.after:
        raise Refused("a later action moved the same events; undo that first")
    moved = [(link, _placed(link, action.before[event_id])) for event_id, link in links.items()]
    undoing = await _act(work, "undo", moved, reason=reason, subject=str(number))
    action.undone_by = undoing
    was = [_paired(link, link.canonical_id) for link in links.values()]
    again = [_paired(link, link.canonical_id) for _, link in moved]
    await stored.decide_pairs(work.db, was, ProposalState.PARTED, actor=actor)
    await stored.decide_pairs(work.db, again, ProposalState.JOINED, actor=actor)
    return undoing


async def _act(
    work: Work, kind: str, moved: list[tuple[Link, Link]], *, reason: str, subject: str
) -> int:
    actor, before = work.subject.actor, [link for link, _ in moved]
    after = [link for _, link in moved]
    await stored.relink(work.db, {link.event.id: link for link in after}, actor=actor)
    told: dict[str, Any] = {
        "before": {link.event.id: _place(link) for link in before},
        "after": {link.event.id: _place(link) for link in after},
    }
    evidence = {link.event.id: _shown(link) for link in before}
    action = {"kind": kind, "actor": actor, "reason": reason, "evidence": evidence, **told}
    number = await stored.add_action(work.db, action)
    await audit.record(
        work.db,
        actor=actor,
        action=f"matching.{kind}",
        subject=subject,
        details={"number": number, "reason": reason, **told},
    )
    return number


async def _linked(work: Work, canonical_id: str) -> list[Link]:
    if links := await stored.links_of(work.db, canonical_id):
        return links
    raise NotFound(f"nothing is linked to an event {canonical_id}")


def _reason(text: str) -> str:
    if not 0 < len(told := text.strip()) <= MOST_REASON:
        raise Refused(f"give a reason of 1 to {MOST_REASON} characters")
    return told


def _paired(link: Link, canonical_id: str) -> Proposal:
    return _pair(link.event.id, canonical_id, sides_reversed=link.reversed)


def _pair(event_id: str, canonical_id: str, *, sides_reversed: bool) -> Proposal:
    return Proposal(
        event_id=event_id,
        canonical_id=canonical_id,
        reversed=sides_reversed,
        chance=1.0,
        evidence={"why": ["a person said so"]},
    )


def _place(link: Link) -> dict[str, Any]:
    return {"canonical_id": link.canonical_id, "reversed": link.reversed}


def _placed(link: Link, place: Mapping[str, Any]) -> Link:
    return replace(link, canonical_id=place["canonical_id"], reversed=place["reversed"])


def _shown(link: Link) -> dict[str, Any]:
    event = link.event
    start = None if event.starts_at is None else event.starts_at.isoformat()
    shown = {"source": link.source, "league": event.league, "home": event.home, "away": event.away}
    return {**shown, "starts_at": start, "chance": link.chance, "evidence": link.evidence}
