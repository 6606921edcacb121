"""What somebody with a second factor does: their app, and the steps that it is asked in."""

from dataclasses import dataclass

from pyotp.totp import TOTP

from domain.letters import Letter
from services import post, second_step, security, sessions
from services.access import ANONYMOUS, OPERATOR
from services.factors import STEP_S
from services.second_step import Said
from services.work import Resources, begin
from tests.accounts import ANN, HERE, CheapPasswords, an_attempt


def written(kind, code):
    """Write a letter that says nothing but its code."""
    return Letter(subject=str(kind), text=code, html="")


@dataclass
class Person:
    """One at a browser; `key` is what their app was told."""

    resources: Resources
    email: str = ANN
    address: str = HERE
    token: str = ""
    key: str = ""

    async def as_subject(self):
        async with begin(self.resources, ANONYMOUS) as work:
            return await sessions.resume(work, self.token)

    async def do(self, act, *told, **more):
        """Do something as who they are now."""
        async with begin(self.resources, await self.as_subject()) as work:
            return await act(work, *told, **more)

    async def give_password(self, **more):
        """Enter the password; keep the session if that is enough."""
        attempt = an_attempt(self.email, address=self.address, **more)
        async with begin(self.resources, ANONYMOUS) as work:
            found = await sessions.sign_in(
                work, attempt, passwords=CheapPasswords(), written=written
            )
        if isinstance(found, sessions.Granted):
            self.token = found.token
        return found

    async def give(self, step, kind, text, **more):
        """Say something for the second step; keep the session if that is enough."""
        said = Said(kind, text, more.pop("address", self.address), token=step.token, **more)
        async with begin(self.resources, ANONYMOUS) as work:
            found = await second_step.finish(work, said, written=written)
        if isinstance(found, sessions.Granted):
            self.token = found.token
        return found

    async def set_app_up(self, name="phone"):
        """Set an app up, and move on to its next code."""
        self.key = (await self.do(security.begin_app, name)).key
        granted = await self.do(
            security.confirm_app, self.code(), address=self.address, written=written
        )
        self.token = granted.token
        self.resources.clock.advance(STEP_S)

    def code(self, *, steps=0):
        """Return what the app shows, so many steps from now."""
        at = int(self.resources.clock.now().timestamp()) // STEP_S + steps
        return TOTP(self.key).generate_otp(at)

    async def letters(self):
        """Return the letters to them, the newest first: kind and code."""
        async with begin(self.resources, OPERATOR) as work:
            kept = await post.outbox(work, readable=True)
        return [(each.kind, each.letter.text) for each in kept if each.address == self.email]
