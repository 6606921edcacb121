"""Codes by text message: a backup for those who have another second factor, and nothing more.

Six digits say little, so that what is kept of them is keyed: a copy of the table tells none. A text
costs money: how many go to a number, an account and from an address is bounded, by the day as well.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import msgspec
import phonenumbers

from domain.errors import Refused, Unavailable
from domain.factors import Proof
from kit.ids import digits, stable
from kit.settings import Settings
from services import post
from services.access import Permission
from services.halfway import Throttled
from services.unsealed import unsealed
from services.work import Work
from store import audit
from store import texts as stored
from store.blind import blinded, sought
from store.keys import KeyMissing, KeyRing
from store.sealed import Place, SealBroken, seal, unseal
from store.tables import AccountRow, PhoneRow, TextCodeRow, TextRow
from store.throttle import Allowance

NEW_NUMBER: Final = "phone"
DIGITS: Final = 6
TRIES: Final = 5
LASTS: Final = timedelta(minutes=10)
A_DAY: Final = 10
"""How many texts go to one number, or are sent for one account, in a day."""
MOST_ACCOUNTS: Final = 3
"""How many accounts one number may stand for: a household's, and not a farm's."""
_COLUMN: Final = ("phones", "sealed")
_DAY_S: Final = 86_400.0
_DEAR: Final = frozenset({"PREMIUM_RATE", "SHARED_COST", "PAGER", "UAN", "VOICEMAIL", "FIXED_LINE"})


class Text(msgspec.Struct, frozen=True):
    """A text message: to whom, and what it says."""

    to: str
    body: str


def offered(given: Settings) -> bool:
    """Return whether there is a provider that sends texts."""
    return given.sms_account is not None


def numbered(text: str) -> str:
    """Return a telephone number as E.164 writes it; raise `Refused` for what is none, or dear.

    Examples:
        >>> numbered("+44 7400 123456")
        '+447400123456'
    """
    try:
        parsed = phonenumbers.parse(text[:40])
    except phonenumbers.NumberParseException:
        raise Refused("the number has to begin with + and the code of its country") from None
    if not phonenumbers.is_valid_number(parsed):
        raise Refused("the number is not one that can be called")
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(parsed))
    if kind in _DEAR:
        raise Refused("the number has to be of a mobile telephone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


async def send(work: Work, phone: PhoneRow, about: str, *, address: str, said: str) -> None:
    """Put a text with a new code into the outbox; a code that was sent before is good no longer.

    Args:
        work: It acts as the member.
        phone: Where it goes.
        about: What the code is for; it is good for nothing else. With `NEW_NUMBER` it confirms the
            telephone, whose number waits with the code until then.
        address: From where it was asked for.
        said: What the text says, with `{code}` where the code stands.

    Raises:
        Throttled: Too many were sent to that number, for that account or from there.
        Unavailable: There is no key to seal it with, the number does not open, or texts cannot be
            counted.
    """
    work.subject.require(Permission.SIGN_IN)
    if not post.sealable(work.keys):
        raise Unavailable("texts cannot be sealed: there is no key file")
    number = opened_number(work.keys, phone)
    await _spend(work, _allowances(work.keys, phone.user_id, number, address))
    code, now, text_id = digits(DIGITS), work.clock.now(), uuid4()
    row = TextCodeRow(
        user_id=phone.user_id,
        about=about,
        code_hash=keyed(work.keys, f"{phone.user_id}.{about}.{code}"),
        made_at=now,
        ends_at=now + LASTS,
    )
    if about == NEW_NUMBER:
        row.sealed = seal(work.keys, _waiting_place(phone.user_id), number)
        row.shown = phone.shown
    await stored.keep_code(work.db, row)
    text = msgspec.json.encode(Text(number, said.format(code=code))).decode()
    sent = TextRow(
        id=text_id,
        user_id=phone.user_id,
        sealed=seal(work.keys, _text_place(text_id), text),
        written_at=now,
        due_at=now,
        ends_at=now + LASTS,
    )
    await stored.post(work.db, sent)


async def right(work: Work, user_id: UUID, about: str, code: str) -> bool:
    """Return whether that is the code that was sent, and use it up; a wrong one is counted.

    Raises:
        KeysAway: The key that it was kept by is not there just now.
    """
    work.subject.require(Permission.SIGN_IN)
    row = await stored.held_code(work.db, user_id)
    if row is None or row.about != about or row.ends_at <= work.clock.now():
        return False
    if row.tries >= TRIES:
        return False
    row.tries += 1
    plain = "".join(code[:20].split())
    if not is_keyed(work.keys, f"{user_id}.{about}.{plain}", row.code_hash):
        return False
    await stored.forget_code(work.db, user_id)
    return True


async def confirmed(work: Work, user_id: UUID, code: str) -> PhoneRow | None:
    """Return the new telephone that a code confirms, to be kept; None if it is not its code.

    Raises:
        Unavailable: The number that waits with the code does not open.
    """
    work.subject.require(Permission.SIGN_IN)
    row = await stored.held_code(work.db, user_id)
    waits = row.sealed if row is not None else None
    if not await right(work, user_id, NEW_NUMBER, code) or waits is None:
        return None
    return telephone(work, user_id, unsealed(work.keys, _waiting_place(user_id), waits))


def telephone(work: Work, user_id: UUID, number: str) -> PhoneRow:
    """Return a telephone as it is kept once it is confirmed, which is now; raise `NoKeys`."""
    work.subject.require(Permission.SIGN_IN)
    now = work.clock.now()
    sealed = sealed_number(work.keys, user_id, number)
    return PhoneRow(
        user_id=user_id,
        sealed=sealed,
        shown=number[-2:],
        found_hash=blinded(work.keys, *_COLUMN, number),
        made_at=now,
        confirmed_at=now,
    )


async def crowded(work: Work, phone: PhoneRow) -> bool:
    """Return whether a telephone stands for as many other accounts as one may."""
    work.subject.require(Permission.SIGN_IN)
    found = sought(work.keys, *_COLUMN, opened_number(work.keys, phone))
    return await stored.others_with(work.db, found, phone.user_id) >= MOST_ACCOUNTS


async def has(work: Work, user_id: UUID) -> bool:
    """Return whether a member has a telephone that is confirmed."""
    work.subject.require(Permission.SIGN_IN)
    phone = await stored.phone(work.db, user_id)
    return phone is not None and phone.confirmed_at is not None


async def check(work: Work, account: AccountRow, proof: Proof) -> bool:
    """Return whether that is the code that was sent for this sign-in, or this session."""
    work.subject.require(Permission.SIGN_IN)
    return await right(work, account.id, str(proof.about), proof.said)


async def forget(work: Work, user_id: UUID) -> None:
    """Forget a member's telephone."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    await stored.remove_phone(work.db, user_id)
    actor, whose = work.subject.actor, str(user_id)
    await audit.record(work.db, actor=actor, action="phone.forget", subject=whose, details={})


def sealed_number(keys: KeyRing, user_id: UUID, number: str) -> str:
    """Return a number sealed for its member's row; raise `NoKeys`."""
    return seal(keys, Place("phones", "sealed", str(user_id)), number)


def opened_number(keys: KeyRing, phone: PhoneRow) -> str:
    """Return where a telephone is; raise `Unavailable` if it does not open."""
    return unsealed(keys, Place("phones", "sealed", str(phone.user_id)), phone.sealed)


def opened(keys: KeyRing, row: TextRow) -> Text:
    """Return a text of the outbox; raise `SealBroken` or `KeyMissing` if it cannot be opened."""
    try:
        return msgspec.json.decode(unseal(keys, _text_place(row.id), row.sealed), type=Text)
    except msgspec.MsgspecError as e:
        raise SealBroken("what was sealed is no text message") from e


def keyed(keys: KeyRing, text: str) -> str:
    """Return what is kept of something short: its HMAC by the newest key, after that key's id."""
    key_id, key = keys.newest()
    return f"{key_id}.{_hmac(key, text)}"


def is_keyed(keys: KeyRing, text: str, kept: str) -> bool:
    """Return whether `kept` was made of the text, by a key that somebody still has.

    Raises:
        KeysAway: The key's holder has it, and does not answer.
    """
    key_id, _, digest = kept.partition(".")
    try:
        key = keys.key(key_id) if key_id else b""
    except KeyMissing:
        return False
    return bool(key) and hmac.compare_digest(_hmac(key, text), digest)


def _hmac(key: bytes, text: str) -> str:
    # A key of its own, so that what seals secrets is used for nothing else.
    own = hmac.digest(key, b"dutchbook text codes", "sha256")
    return hmac.new(own, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def _allowances(keys: KeyRing, user_id: UUID, number: str, address: str) -> list[Allowance]:
    to = _hmac(keys.newest()[1], f"number {number}")
    # Half of a day's at once and the other half as the day goes by: never more in any 24 hours.
    burst, every_s = A_DAY // 2, _DAY_S / (A_DAY - A_DAY // 2)
    return [
        Allowance(stable("text", user_id), burst=3, every_s=60.0),
        Allowance(stable("text a day", user_id), burst, every_s),
        Allowance(stable("text to", to), burst=3, every_s=60.0),
        Allowance(stable("text to a day", to), burst, every_s),
        Allowance(stable("text from", address), burst=5, every_s=300.0),
    ]


async def _spend(work: Work, allowances: Sequence[Allowance]) -> None:
    if wait_s := await work.cache.spend(allowances, now=work.clock.now()):
        raise Throttled(wait_s)


def _waiting_place(user_id: UUID) -> Place:
    return Place("text_codes", "sealed", str(user_id))


def _text_place(text_id: UUID) -> Place:
    return Place("texts", "sealed", str(text_id))
