"""Devices: browsers that a member has signed in with, known by a cookie made for nothing else.

The cookie holds a random secret and our signature, so that no invention is looked up; here it is
known by a hash of its own for each account, so that no two accounts are seen to share a device.
What a browser says of itself is kept as a hash that the secret is the key of. All this lets nobody
in: it makes an arrival more or less odd, and that is all.
"""

import asyncio
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from domain.errors import NotAllowed, NotFound
from domain.letters import LetterKind, Visit
from domain.preferences import parsed
from kit.ids import secret
from kit.settings import settings
from services import post
from services.access import Permission
from services.places import called, network, of_file
from services.post import Told
from services.work import Work
from store import audit, preferences
from store import devices as stored
from store.keys import KeyRing
from store.tables import AccountRow, DeviceRow

LASTS: Final = timedelta(days=365)
"""For how long a browser keeps the cookie, and for how long a device that is not used is known."""
REMEMBERED: Final = 10
"""Networks and countries of a device that are remembered: so many, the latest ones."""
MOST: Final = 30
"""Devices that an account knows at most: so many, those that signed in last."""
_COOKIE: Final = re.compile(
    r"d1\.(?P<key>[a-z0-9]{1,32})\.(?P<secret>[A-Za-z0-9_-]{43})\.(?P<mac>[0-9a-f]{64})"
)
_FIGURES: Final = re.compile(r"[\d._]+")


@dataclass(frozen=True, slots=True)
class Arrival:
    """From where somebody comes, with what; `device` is the secret of the device's own cookie.

    `hints` is what the browser says of itself, and `told` writes the letters that may be due.
    """

    address: str
    agent: str = ""
    device: str = field(default="", repr=False)
    hints: str = field(default="", repr=False)
    told: Told | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Known:
    """A device as its member sees it; `here` is whether it is the one that asks."""

    id: UUID
    name: str
    network: str
    country: str
    first_seen_at: datetime
    last_seen_at: datetime
    here: bool


def made(keys: KeyRing) -> str:
    """Return the secret of a device that is new, or "" where there is no key to sign it with."""
    return secret() if keys.keys else ""


def signed(keys: KeyRing, device: str) -> str:
    """Return the text of the cookie that holds a device's secret; raise `NoKeys`."""
    key_id, key = keys.newest()
    return f"d1.{key_id}.{device}.{_mac(key, device)}"


def read(keys: KeyRing, cookie: str) -> str:
    """Return the secret that a cookie holds, or "" if no key that we still have has signed it."""
    found = _COOKIE.fullmatch(cookie)
    if found is None or found["key"] not in keys.keys:
        return ""
    good = _mac(keys.keys[found["key"]], found["secret"])
    return found["secret"] if hmac.compare_digest(good, found["mac"]) else ""


def hints_of(agent: str, *others: str) -> str:
    """Return what a browser says of itself, without the figures that every update changes.

    Examples:
        >>> hints_of("Firefox/140.0", "es") == hints_of("Firefox/141.0.2", "es")
        True
        >>> hints_of("Firefox/140.0", "es") == hints_of("Firefox/140.0", "en")
        False
    """
    return "\x1f".join((_FIGURES.sub("", agent), *others))[:1000]


def hash_of(user_id: UUID, device: str) -> str:
    """Return what is kept of a device's secret for one account: 256 random bits; "" of none."""
    return hashlib.sha256(f"{user_id}:{device}".encode()).hexdigest() if device else ""


def hints_hash(user_id: UUID, arrival: Arrival) -> str:
    """Return what is kept of a browser's hints, with the device's secret as the key; "" of none."""
    if not (arrival.device and arrival.hints):
        return ""
    text = f"{user_id}:{arrival.hints}".encode(errors="surrogatepass")
    return hmac.digest(arrival.device.encode(), text, "sha256").hex()


async def country_of(address: str) -> str:
    """Return an address's country by the operator's list, or "" where it is not known."""
    return (await asyncio.to_thread(of_file, settings().countries_file)).country(address)


async def seen(work: Work, account: AccountRow, arrival: Arrival, country: str) -> UUID | None:
    """Note with which device a member signs in, and write to them if the account had others.

    The transaction acts as the member. Returns the device, or None where it has no cookie.
    """
    work.subject.require(Permission.SIGN_IN)
    known = await stored.of_member(work.db, account.id)
    if not arrival.device:
        return None
    secret_hash, now = hash_of(account.id, arrival.device), work.clock.now()
    before = next((each for each in known if each.secret_hash == secret_hash), None)
    if known and before is None:
        await tell(work, LetterKind.NEW_DEVICE, account, arrival, country)
        await stored.forget_all(work.db, account.id, [each.id for each in known[MOST - 1 :]])
    device = DeviceRow(
        id=uuid4(),
        user_id=account.id,
        secret_hash=secret_hash,
        hints_hash=hints_hash(account.id, arrival),
        name=called(arrival.agent),
        networks=_latest(network(arrival.address), before.networks if before else []),
        countries=_latest(country, before.countries if before else []),
        first_seen_at=now,
        last_seen_at=now,
    )
    return await stored.keep(work.db, device)


async def tell(
    work: Work, kind: LetterKind, account: AccountRow, arrival: Arrival, country: str
) -> None:
    """Write to a member about an arrival, as they have chosen to be written to, where that goes.

    The transaction acts as the member. Without a key letters cannot be sealed; then none is kept.
    """
    work.subject.require(Permission.SIGN_IN)
    if arrival.told is None or not post.tellable(work.keys, kind):
        return
    chosen = await preferences.own(work.db, account.id)
    visit = Visit(
        device=called(arrival.agent),
        network=network(arrival.address),
        country=country,
        at=work.clock.now(),
    )
    letter = arrival.told(kind, visit, parsed(chosen) if chosen else None)
    await post.post(work, kind, account.email, letter, user_id=account.id)


async def known(work: Work) -> list[Known]:
    """Return one's devices, the one that signed in last first."""
    work.subject.require(Permission.USE_ACCOUNT)
    user_id = _member(work)
    here = await stored.of_session(work.db, user_id, work.subject.session_id)
    return [
        Known(
            id=row.id,
            name=row.name,
            network=row.networks[0] if row.networks else "",
            country=row.countries[0] if row.countries else "",
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            here=row.id == here,
        )
        for row in await stored.of_member(work.db, user_id)
    ]


async def forget(work: Work, device_id: UUID) -> int:
    """Forget one of one's devices and end its sessions but the one that asks; return how many.

    Raises:
        NotAllowed: Nobody is signed in, or it was not proved lately that it is them.
        NotFound: They have no such device.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    user_id, session = _member(work), work.subject.session_id
    ended = await stored.forget(work.db, user_id, device_id, but=session)
    if ended is None:
        raise NotFound("this device is not known, or no longer")
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="device.forget",
        subject=work.subject.actor,
        details={"sessions_ended": ended},
    )
    return ended


def _latest(new: str, before: list[str]) -> list[str]:
    return [*filter(None, dict.fromkeys((new, *before)))][:REMEMBERED]


def _member(work: Work) -> UUID:
    if work.subject.user_id is None:
        raise NotAllowed("nobody is signed in")
    return work.subject.user_id


def _mac(key: bytes, device: str) -> str:
    return hmac.digest(key, f"dutchbook device cookie 1:{device}".encode(), "sha256").hex()
