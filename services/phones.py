"""A member's telephone, for codes by text message: a backup beside another second factor."""

from dataclasses import dataclass

from domain.errors import NotAllowed, NotFound, Refused
from domain.factors import Kind
from services import security, sessions, text_codes
from services.access import Permission
from services.post import Written
from services.second_kinds import kinds_of
from services.second_step import pending
from services.sessions import Granted, place_of
from services.text_codes import NEW_NUMBER
from services.work import Work
from store import audit
from store import texts as stored
from store.tables import PhoneRow, TextCodeRow


@dataclass(frozen=True, slots=True)
class Phone:
    """What a member sees of their telephone: its last digits, "" for none.

    `waiting` are those of a number that takes its place once its code was said.
    """

    shown: str = ""
    waiting: str = ""


async def look(work: Work) -> Phone:
    """Return one's telephone."""
    work.subject.require(Permission.USE_ACCOUNT)
    row, code = await _mine(work), await _waiting(work)
    kept = row.shown if row and row.confirmed_at else ""
    waits = code.shown if code and code.ends_at > work.clock.now() else None
    return Phone(kept, waits or "")


async def begin(work: Work, number: str, *, address: str, said: str) -> None:
    """Send a code to a number, which takes the place of the one before once the code was said.

    Args:
        work: Its subject is the member.
        number: As they wrote it, with the code of its country.
        address: From where.
        said: What the text says, with `{code}` where the code stands.

    Raises:
        ProofNeeded: It was not proved lately that it is them.
        Refused: It is no number of a mobile telephone, or they have no other second factor.
        Throttled: Too many texts were sent.
        Unavailable: There is no key to seal it with.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    user_id = work.subject.user_id
    if user_id is None or not await kinds_of(work, user_id):
        raise Refused("texts are a backup: set up an authenticator app or a passkey first")
    plain = text_codes.numbered(number)
    phone = text_codes.telephone(work, user_id, plain)
    place = place_of(address)
    await text_codes.send(work, phone, NEW_NUMBER, address=place, said=said)
    await _note(work, "phone.begin")


async def confirm(work: Work, code: str, *, written: Written) -> Granted | None:
    """Confirm one's telephone by the code that was sent to it; None if that is not it.

    The session has a new token then, and all others end.

    Raises:
        NotFound: No telephone is being set up.
        ProofNeeded: It was not proved lately that it is the member.
        Refused: The number stands for too many accounts already.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    waiting = await _waiting(work)
    if waiting is None:
        raise NotFound("no telephone is being set up")
    phone = await text_codes.confirmed(work, waiting.user_id, code)
    if phone is None:
        await _note(work, "phone.refuse")
        return None
    if await text_codes.crowded(work, phone):
        raise Refused("this number stands for as many other accounts as one may")
    await stored.keep_phone(work.db, phone)
    await _note(work, "phone.add")
    return await security.gained(work, Kind.SMS, written=written)


async def remove(work: Work, *, written: Written) -> None:
    """Forget one's telephone and a number that waits to be it, and end all other sessions.

    Raises:
        NotFound: There is none.
        ProofNeeded: It was not proved lately that it is the member.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    row = await _mine(work) or await _waiting(work)
    if row is None:
        raise NotFound("there is no telephone")
    await stored.remove_phone(work.db, row.user_id)
    await _note(work, "phone.remove")
    await security.lost(work, Kind.SMS, written=written)


async def send_to_prove(work: Work, *, address: str, said: str) -> None:
    """Send a code that proves once more that it is the member, in this session alone.

    Raises:
        NotAllowed: The session is over.
        NotFound: They have no telephone.
        Throttled: Too many texts were sent.
        Unavailable: There is no key to seal it with.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    row, session = await _mine(work), await sessions.own(work)
    if row is None or row.confirmed_at is None:
        raise NotFound("there is no telephone")
    await text_codes.send(work, row, str(session.id), address=place_of(address), said=said)
    await _note(work, "phone.send")


async def send_for_step(work: Work, token: str, *, address: str, said: str) -> None:
    """Send a code that finishes a half-way sign-in, and no other.

    Raises:
        StepOver: It is over, or unknown.
        NotFound: Its member has no telephone, or it waits for something else.
        Throttled: Too many texts were sent.
        Unavailable: There is no key to seal it with.
    """
    work.subject.require(Permission.SIGN_IN)
    step = await pending(work, token)
    row = await stored.phone(work.db, step.user_id)
    asked = Kind.SMS in await kinds_of(work, step.user_id) and step.why == "factor"
    if row is None or row.confirmed_at is None or not asked:
        raise NotFound("there is no telephone")
    await text_codes.send(work, row, str(step.id), address=place_of(address), said=said)


async def _mine(work: Work) -> PhoneRow | None:
    if work.subject.user_id is None:
        raise NotAllowed("nobody is signed in")
    return await stored.phone(work.db, work.subject.user_id)


async def _waiting(work: Work) -> TextCodeRow | None:
    """Return the code of a number that is being set up."""
    user_id = work.subject.user_id
    code = await stored.code(work.db, user_id) if user_id else None
    return code if code is not None and code.about == NEW_NUMBER else None


async def _note(work: Work, act: str) -> None:
    actor = work.subject.actor
    await audit.record(work.db, actor=actor, action=act, subject=actor, details={})
