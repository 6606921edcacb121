"""How odd an arrival looks: what the second step of signing in is asked for."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from services.access import Permission
from services.work import Work
from store.tables import AccountRow


class Verdict(StrEnum):
    """What comes of it."""

    ALLOW = "allow"
    STEP_UP = "step_up"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Arrival:
    """From where somebody comes, with what; `device` is the device's own cookie."""

    address: str
    agent: str = ""
    device: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """The sum of what was odd, from 0 to 1, and the names of it."""

    verdict: Verdict
    score: float = 0.0
    reasons: tuple[str, ...] = ()


NOTHING_ODD: Final = Judged(Verdict.ALLOW)


async def of_sign_in(work: Work, account: AccountRow, arrival: Arrival) -> Judged:  # noqa: ARG001 - to come
    """Return how odd it is that the account's member arrives so."""
    work.subject.require(Permission.SIGN_IN)
    return NOTHING_ODD
