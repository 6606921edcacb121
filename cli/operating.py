"""The operator's work: one transaction through the address of the tables' owner."""

import asyncio
from typing import TYPE_CHECKING, TypeVar

from domain.errors import Refused
from kit.clock import SystemClock
from kit.settings import settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.work import Work

T = TypeVar("T")


def as_operator(ask: "Callable[[Work], Awaitable[T]]") -> T:
    """Do one piece of work as the operator, through the address of the tables' owner."""
    from services.access import OPERATOR
    from services.work import begin, opened

    given = settings()
    owner = given.database_owner_url or given.database_url
    if owner is None or given.redis_url is None:
        raise Refused(
            "Set DATABASE_OWNER_URL and REDIS_URL; the file `env` in the data directory of a"
            " running `./arb up` or `./arb servers` holds both."
        )

    async def work() -> T:
        as_owner = given.model_copy(update={"database_url": owner})
        async with (
            opened(as_owner, SystemClock(), application="operator") as resources,
            begin(resources, OPERATOR) as work,
        ):
            return await ask(work)

    return asyncio.run(work())
