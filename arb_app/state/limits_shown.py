"""Limits as their page shows them: rules and refusals turned into text, and nothing decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from arb_app import format as as_text
from arb_app.words import say
from kit.clock import epoch_ms
from services.limits import ADDRESS, EVENTS, KINDS, MEMBER, Kind, Seen

_HOURS: Final = (1, 6, 24)


@dataclass(frozen=True)
class RuleLine:
    """One class of requests: what it costs, what follows while Valkey is away, what was refused."""

    kind: str = ""
    text: str = ""
    cost: str = ""
    without: str = ""
    hour: str = ""
    six: str = ""
    day: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class LoudLine:
    """A network, and how often it was refused in the last day."""

    network: str = ""
    count: str = ""


def rules(seen: Seen, now: datetime) -> list[RuleLine]:
    """Return every class with how often it was refused in the last hour, six hours and day."""
    return [_rule(kind, _counted(seen, kind.name, now)) for kind in KINDS]


def quotas() -> str:
    """Return what everybody may."""
    return say(
        "limits.quotas",
        member=as_text.count(MEMBER.most),
        address=as_text.count(ADDRESS.most),
        events=as_text.count(EVENTS.most),
    )


def loud(loudest: Mapping[str, int], search: str) -> Sequence[LoudLine]:
    """Return the networks whose name has what was searched for, the loudest first."""
    return [
        LoudLine(network, as_text.count(count))
        for network, count in loudest.items()
        if search in network
    ]


def _rule(kind: Kind, refused: Sequence[int]) -> RuleLine:
    hour, six, day = map(as_text.count, refused)
    return RuleLine(
        kind=say(f"limits.kind.{kind.name}"),
        text=" ".join(kind.starts),
        cost=as_text.count(kind.cost) if kind.cost else say("limits.free"),
        without=say(f"limits.without.{kind.without}"),
        hour=hour,
        six=six,
        day=day,
        tone="warn" if refused[0] else "plain",
    )


def _counted(seen: Seen, kind: str, now: datetime) -> list[int]:
    minute = epoch_ms(now) // 60_000
    told = [(minute - one.minute, one.count) for one in seen.refused if one.kind == kind]
    return [sum(count for ago, count in told if ago < hours * 60) for hours in _HOURS]
