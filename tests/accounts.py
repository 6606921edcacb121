"""Invented people with accounts, and a cheap way to compare their passwords."""

from dataclasses import replace
from itertools import count

from domain.plans import EVERYTHING
from kit.ids import stable
from services import accounts, sessions
from services.access import ANONYMOUS, OPERATOR, PERMISSIONS_OF, Role, Subject
from services.passwords import Passwords
from services.sessions import Attempt
from services.work import begin

READER = replace(ANONYMOUS, view=EVERYTHING)
"""A visitor who is shown everything, as on one's own machine."""
ANN, BOB = "ann@example.com", "bob@example.com"
PASSWORD = "seven quiet lanterns"
OTHER = "eleven loud trombones"
_networks = count(1)
HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


class CheapPasswords(Passwords):
    """Argon2id at the least cost, which counts how often it compared."""

    def __init__(self, **cost):
        super().__init__(**{"memory_kib": 64, "passes": 1} | cost)
        self.compared = 0

    async def verify(self, password, kept):
        self.compared += 1
        return await super().verify(password, kept)


async def open_account(resources, email=ANN, role=Role.MEMBER, *, password=PASSWORD):
    """Make an account and keep it; return its subject."""
    cheap = CheapPasswords()
    async with begin(resources, OPERATOR) as work:
        row = await accounts.create(work, email, password, role=role, passwords=cheap)
    return Subject(row.id, PERMISSIONS_OF[role], row.email, role)


def an_attempt(email=ANN, password=PASSWORD, address=HERE, **more):
    return Attempt(email=email, password=password, address=address, **more)


async def signed_in(resources, email=ANN, **more):
    """Sign somebody in beside the web process, each from elsewhere; return the token.

    It is with the device that is theirs, unless another is given: only the network is new then.
    """
    address = f"2001:db8:{next(_networks):x}::1"
    attempt = an_attempt(email, **{"address": address, "device": stable("device", email)} | more)
    async with begin(resources, ANONYMOUS) as work:
        granted = await sessions.sign_in(work, attempt, passwords=CheapPasswords())
    return granted.token


def browser_of(token):
    """Return what a browser of a play begins with to be the member whose token it is."""
    cookie = {"name": "dutchbook", "value": token, "domain": "127.0.0.1", "path": "/"}
    flags = {"httpOnly": True, "sameSite": "Lax", "secure": False, "expires": -1}
    return {"storage_state": {"cookies": [cookie | flags], "origins": []}}
