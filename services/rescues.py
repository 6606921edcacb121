"""The rescue of a half-placed opportunity, for whom it is offered."""

import asyncio

from domain.flags import Flag
from domain.opportunities import Opportunity
from services import stakes
from services.access import Permission
from services.stakes import Position, Rescued, Wish
from services.work import Work
from store.db import release


async def offered(work: Work) -> None:
    """Return if the rescue is there for whoever asks.

    Raises:
        NotAllowed: The subject may not see opportunities.
        SwitchedOff: It is switched off, for everybody or for them.
    """
    work.subject.require(Permission.VIEW_OPPORTUNITY)
    await work.flags.require(Flag.RESCUE, work)


async def rescued(work: Work, found: Opportunity, position: Position, wish: Wish) -> Rescued:
    """Return every way on, in exact money: see `services.stakes.rescued`.

    Raises:
        NotAllowed: The subject may not see opportunities.
        SwitchedOff: The rescue is switched off, for everybody or for them.
        Refused: Nothing can be made of what stands.
    """
    work.subject.require(Permission.VIEW_OPPORTUNITY)
    await work.flags.require(Flag.RESCUE, work)
    await release(work.db)
    return await asyncio.to_thread(stakes.rescued, found, position, wish)
