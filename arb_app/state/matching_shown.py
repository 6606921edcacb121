"""Doubts, events and actions as the matching page shows them: text, and nothing decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from arb_app import format as as_text
from arb_app import words
from arb_app.words import say
from domain.markets import Outcome
from domain.matching import Link
from services.matching_look import Pair, Priced
from services.matching_review import ActionRow

_SIDES: Final = {Outcome.HOME: "home", Outcome.AWAY: "away", Outcome.DRAW: "draw"}
_FEATURES: Final = (
    "better_side_unlike",
    "worse_side_uncovered",
    "contradictions",
    "minutes_apart",
    "reversed",
)


@dataclass(frozen=True)
class Described:
    """An event as its source describes it; the start is ISO 8601."""

    source: str = ""
    home: str = ""
    away: str = ""
    league: str = ""
    starts_at: str = ""
    prices: str = ""
    more: str = ""


@dataclass(frozen=True)
class DoubtLine:
    """A pair that waits for an answer; `key` names it, `reversed` is what the matcher believes."""

    key: str = ""
    score: str = ""
    why: str = ""
    parts: str = ""
    reversed: bool = False
    one: Described = Described()
    other: Described = Described()


@dataclass(frozen=True)
class LinkLine:
    """A source's event that a search found; `head` opens the list of an event of ours."""

    event_id: str = ""
    head: str = ""
    alone: bool = False
    reversed: bool = False
    linked_by: str = ""
    of: Described = Described()


@dataclass(frozen=True)
class ActionLine:
    """What a person did; `number` is that of the action, 0 for an answer no of a moment ago."""

    key: str = ""
    number: int = 0
    kind: str = ""
    at: str = ""
    actor: str = ""
    reason: str = ""
    moved: str = ""
    undone: str = ""
    can_undo: bool = False


def key_of(event_id: str, canonical_id: str) -> str:
    """Return what names a pair."""
    return f"{canonical_id} {event_id}"


def pair_of(key: str) -> tuple[str, str]:
    """Return the source's event and the one of ours that a key names."""
    canonical_id, _, event_id = key.partition(" ")
    return event_id, canonical_id


def doubt_line(pair: Pair) -> DoubtLine:
    """Return a pair side by side with the evidence."""
    proposal, event, others = pair.doubt.proposal, pair.doubt.event, pair.doubt.others
    whys = cast("list[Any]", proposal.evidence.get("why") or [])
    first = others[0] if others else None
    return DoubtLine(
        key=key_of(proposal.event_id, proposal.canonical_id),
        score=as_text.percent(proposal.chance, digits=1, signed=False),
        why="; ".join(words.doubt(str(each)) for each in whys),
        parts=_parts(proposal.evidence),
        reversed=proposal.reversed,
        one=described(event, prices=pair.event_prices),
        other=described(first, others[1:], pair.other_prices) if first else Described(),
    )


def described(link: Link, more: Sequence[Link] = (), prices: Sequence[Priced] = ()) -> Described:
    """Return how a source describes an event, and which other sources have it too."""
    event = link.event
    told = (
        say(
            "matching.price",
            outcome=say(f"matching.{_SIDES[one.outcome]}"),
            odds=as_text.odds(one.odds),
            books=one.books,
        )
        for one in prices
        if one.outcome in _SIDES
    )
    others = ", ".join(sorted({other.source for other in more}))
    return Described(
        source=link.source,
        home=event.home,
        away=event.away,
        league=f"{words.sport(event.sport)} · {words.league(event.league)}",
        starts_at=event.starts_at.isoformat() if event.starts_at else "",
        prices=", ".join(told),
        more=say("matching.more", sources=others) if others else "",
    )


def link_lines(links: Sequence[Link]) -> list[LinkLine]:
    """Return the found links, those of one event of ours together."""
    lines: list[LinkLine] = []
    last = ""
    together = {link.canonical_id: 0 for link in links}
    for link in links:
        together[link.canonical_id] += 1
    for link in links:
        count = together[link.canonical_id]
        key = "matching.found.one" if count == 1 else "matching.found.many"
        head = say(key, id=link.canonical_id, count=count)
        lines.append(
            LinkLine(
                event_id=link.event.id,
                head="" if link.canonical_id == last else head,
                alone=count == 1,
                reversed=link.reversed,
                linked_by=_linked(link),
                of=described(link),
            )
        )
        last = link.canonical_id
    return lines


def action_line(row: ActionRow) -> ActionLine:
    """Return a merge, a split or an undoing, and whether it can be taken back."""
    undone = "" if row.undone_by is None else say("matching.undone", number=row.undone_by)
    names = (_event(cast("dict[str, Any]", told)) for told in row.evidence.values())
    return ActionLine(
        key=str(row.id),
        number=row.id or 0,
        kind=say(f"matching.kind.{row.kind}"),
        at=row.at.isoformat(),
        actor=as_text.actor(row.actor),
        reason=row.reason,
        moved="\n".join(names),
        undone=undone,
        can_undo=row.undone_by is None,
    )


def parted_line(key: str, line: DoubtLine, *, at: str, reason: str) -> ActionLine:
    """Return an answer no, given a moment ago, as an action that can be taken back."""
    return ActionLine(
        key=key,
        kind=say("matching.kind.part"),
        at=at,
        reason=reason,
        moved=f"{line.one.source}: {line.one.home} v {line.one.away}",
        can_undo=True,
    )


def _event(told: dict[str, Any]) -> str:
    return f"{told.get('source', '')}: {told.get('home', '')} v {told.get('away', '')}"


def _linked(link: Link) -> str:
    if link.chance is None:
        return say("matching.linked", by=link.linked_by)
    chance = as_text.percent(link.chance, digits=1, signed=False)
    return say("matching.linked.chance", by=link.linked_by, chance=chance)


def _parts(evidence: dict[str, Any]) -> str:
    """Return the parts of the score, a line each, then how good the best other candidate is."""
    features = cast("dict[str, Any]", evidence.get("features") or {})
    figures = {**features, "minutes_apart": evidence.get("minutes_apart")}
    told = [
        say(f"matching.part.{name}", figure=_figure(figures[name]))
        for name in _FEATURES
        if isinstance(figures.get(name), int | float)
    ]
    rival = evidence.get("rival_chance")
    if isinstance(rival, int | float) and rival:
        told.append(
            say("matching.part.rival", figure=as_text.percent(rival, digits=1, signed=False))
        )
    return "\n".join(told)


def _figure(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
