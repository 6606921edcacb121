"""Names that a source says and no table of ours knows: counted and listed, never guessed."""

from enum import StrEnum

import msgspec


class NameKind(StrEnum):
    """What a name is a name of."""

    SPORT = "sport"
    LEAGUE = "league"
    MARKET = "market"
    PERIOD = "period"
    OUTCOME = "outcome"
    BOOK = "book"
    PARTICIPANT = "participant"


class UnknownName(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A name as its source says it, why it was rejected, and how often in one reading.

    `example` says what it stood beside, "" where nobody noted that.
    """

    kind: str
    name: str
    reason: str
    count: int = 1
    example: str = ""
