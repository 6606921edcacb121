"""The web process with an admin behind every page: `python -m tests.e2e.as_admin`."""

import sys

from arb_app import gate, serve
from services.access import ANONYMOUS, Permission, Subject

ADMIN = Subject(name="the admin", permissions=ANONYMOUS.permissions | {Permission.MANAGE_SOURCES})


async def _admin(_: object) -> Subject:
    return ADMIN


if __name__ == "__main__":
    gate.subject_of = _admin
    sys.exit(serve.main())
