"""Matching: which events of different sources are one."""

from enum import StrEnum
from typing import Any

import msgspec

from domain.markets import Event


class Verdict(StrEnum):
    """What a new event was found to be: one that is known, one that may be known, or a new one."""

    JOIN = "join"
    ASK = "ask"
    NEW = "new"


class ProposalState(StrEnum):
    """What became of a pair that was put to a person."""

    OPEN = "open"
    JOINED = "joined"
    PARTED = "parted"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """That a source's event is one of ours: `event` is the source's, `canonical_id` ours.

    `reversed` says that the source lists the sides the other way round. `chance` is that of the
    join, None where nobody had to judge. `evidence` is what the judgement rests on.
    """

    event: Event
    source: str
    canonical_id: str
    reversed: bool = False
    chance: float | None = None
    linked_by: str = "matcher"
    evidence: dict[str, Any] = {}


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A source's event that may be another of ours than the one it has; for a person to say."""

    event_id: str
    canonical_id: str
    reversed: bool
    chance: float
    evidence: dict[str, Any]
    state: ProposalState = ProposalState.OPEN
