"""What is wrong now, for everybody to see."""

from domain.alerts import Alert
from services.access import Permission
from services.work import Work
from store import alerts as stored


async def open_alerts(work: Work) -> list[Alert]:
    """Return what is wrong now, the latest first.

    Raises:
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_STATUS)
    return await stored.open_alerts(work.db)
