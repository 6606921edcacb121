"""The web process with an admin behind every socket: `python -m tests.e2e.admin_web`."""

import sys

from arb_app import gate
from arb_app.serve import main
from services.access import Permission, Subject

ADMIN = Subject(name="an admin of a test", permissions=frozenset(Permission))


async def an_admin(_state):
    return ADMIN


if __name__ == "__main__":
    gate.subject_of = an_admin  # before any state is imported
    sys.exit(main())
