"""Members at their browsers: what they do, each act as whoever their cookie says they are."""

import json

from domain.letters import Letter
from services import passkeys, sessions
from services.access import ANONYMOUS
from services.passkey_checks import Relying
from services.work import begin
from tests.accounts import CheapPasswords, an_attempt
from tests.soft_key import SoftKey

RELYING = Relying("localhost", "http://localhost:3000")
LETTERS = []


def written(kind, code):
    LETTERS.append(kind.value)
    return Letter(subject=kind.value, text=code, html=code)


def challenge_of(options):
    return json.loads(options)["challenge"]


class Member:
    """Somebody at a browser that is signed in."""

    def __init__(self, resources, token):
        self.resources, self.token = resources, token

    async def subject(self):
        async with begin(self.resources, ANONYMOUS) as work:
            return await sessions.resume(work, self.token)

    async def does(self, act, *args, **kwargs):
        async with begin(self.resources, await self.subject()) as work:
            return await act(work, *args, **kwargs)

    async def key(self, **traits):
        return SoftKey(user=(await self.subject()).user_id.bytes, **traits)

    async def asks_to_register(self):
        return challenge_of(await self.does(passkeys.registering, RELYING))

    async def registers(self, answer, name=""):
        came = {"name": name, "agent": "Firefox/1 Linux", "written": written}
        granted = await self.does(passkeys.register, answer, **came)
        self.token = granted.token if granted else self.token
        return granted

    async def has_key(self, **traits):
        key = await self.key(**traits)
        assert await self.registers(key.made(await self.asks_to_register()))
        return key

    async def listed(self):
        return await self.does(passkeys.listed)


async def halfway(resources):
    async with begin(resources, ANONYMOUS) as work:
        attempt = an_attempt(address="2001:db8:ffff::1")
        return await sessions.sign_in(work, attempt, passwords=CheapPasswords(), written=written)
