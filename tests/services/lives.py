"""What tests of the life of an account share: letters with their codes, and who proved lately."""

from dataclasses import replace

from domain.letters import Letter
from services import post, sessions
from services.access import ANONYMOUS, OPERATOR
from services.work import begin
from tests.accounts import PASSWORD, CheapPasswords, an_attempt


def written(kind, code):
    """Write a letter that says nothing but its code."""
    return Letter(subject=str(kind), text=code, html="")


def proved(subject, clock):
    """Return a member who has just proved that it is them."""
    return replace(subject, proved_at=clock.now())


async def letters(resources):
    """Return kind, address and code of every letter in the outbox, the newest first."""
    async with begin(resources, OPERATOR) as work:
        kept = await post.outbox(work, readable=True)
    return [(each.kind, each.address, each.letter.text) for each in kept]


async def codes(resources):
    """Return the code in the newest letter of every kind."""
    return {kind: code for kind, _, code in reversed(await letters(resources))}


async def enters(resources, email, password=PASSWORD):
    """Return the token of somebody who is let in, or None."""
    async with begin(resources, ANONYMOUS) as work:
        attempt = an_attempt(email, password)
        granted = await sessions.sign_in(work, attempt, passwords=CheapPasswords())
    return granted and granted.token


async def behind(resources, token):
    """Return who is behind a token."""
    async with begin(resources, ANONYMOUS) as work:
        return await sessions.resume(work, token)


def audited(owner, subject):
    """Return what the audit has of somebody: action and details, the first one first."""
    asked = "select action, details from audit where subject = %s order by id"
    return owner.execute(asked, [str(subject.user_id)]).fetchall()
