"""How members want things shown, wherever they sign in."""

from uuid import UUID

from domain.errors import NotAllowed
from domain.preferences import Preferences, parsed, written
from services.access import Permission
from services.work import Work
from store import preferences as stored


async def kept(work: Work) -> Preferences | None:
    """Return what the member chose last, on whichever device, or None if they never chose."""
    work.subject.require(Permission.USE_ACCOUNT)
    text = await stored.own(work.db, _member(work))
    return None if text is None else parsed(text)


async def keep(work: Work, chosen: Preferences) -> None:
    """Keep what the member has chosen; raise `NotAllowed` where nobody is signed in."""
    work.subject.require(Permission.USE_ACCOUNT)
    await stored.keep(work.db, _member(work), written(chosen), work.clock.now())


def _member(work: Work) -> UUID:
    if work.subject.user_id is None:
        raise NotAllowed("nobody is signed in")
    return work.subject.user_id
