"""Limits: what a request costs, whose quota pays, and what was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec

from kit.ids import stable
from services.access import Permission
from services.sessions import network, place_of
from services.work import Resources, Work
from store import audit, rates
from store.rates import Quota, Refusals, Taken

MEMBER: Final = Quota("member", 100)
ADDRESS: Final = Quota("address", 1_000)
EVENTS: Final = Quota("events", 1_200)
"""A member's events over all their sockets; a single socket is heard at 20 a second anyway."""
HOURS_KEPT: Final = 24


class Without(StrEnum):
    """What becomes of a class of requests while Valkey cannot count."""

    REFUSE = "refuse"
    COUNT_HERE = "count_here"
    """Each process counts by itself."""
    PASS = "pass"  # noqa: S105 - not a password


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of requests: the beginnings of its paths, its methods (all if none), its cost."""

    name: str
    starts: tuple[str, ...]
    cost: int
    without: Without = Without.COUNT_HERE
    methods: frozenset[str] = field(default_factory=frozenset[str])
    spares_this_machine: bool = False


_READS: Final = frozenset({"GET", "HEAD"})
_FILES: Final = (
    *(".css", ".js", ".map", ".svg", ".png", ".ico", ".webp", ".woff2", ".webmanifest", ".txt"),
)
FILES: Final = Kind("files", ("/assets/", "/fonts/", "/icons/"), 0, Without.PASS, _READS)
PAGES: Final = Kind("pages", ("/",), 1, methods=_READS)
OTHER: Final = Kind("other", ("/",), 2)
KINDS: Final = (
    Kind("health", ("/healthz", "/readyz", "/metrics"), 0, Without.PASS, _READS),
    FILES,
    Kind("sign_out", ("/auth/sign-out",), 1),
    Kind("auth", ("/auth/",), 5, Without.REFUSE),
    Kind("sockets", ("/_event",), 2, spares_this_machine=True),
    Kind("exports", ("/exports/",), 20),
    Kind("api", ("/api/",), 1),
    PAGES,
    OTHER,
)
"""The first that fits counts."""


def kind_of(method: str, path: str) -> Kind:
    """Return the class of a request.

    Examples:
        >>> [kind_of("GET", path).name for path in ("/healthz", "/theme.css", "/board")]
        ['health', 'files', 'pages']
        >>> kind_of("POST", "/auth/sign-in").name, kind_of("DELETE", "/board").name
        ('auth', 'other')
    """
    if method in _READS and path.endswith(_FILES):
        return FILES
    return next(
        kind
        for kind in KINDS
        if path.startswith(kind.starts) and (not kind.methods or method in kind.methods)
    )


def caller(address: str) -> str:
    """Return whose quota an address takes from: an IPv6 address counts as its /64."""
    return stable("address", place_of(address))


def member(user_id: object) -> str:
    """Return whose quota a member takes from."""
    return stable("member", user_id)


async def take(resources: Resources, quota: Quota, who: str, *, cost: int) -> Taken:
    """Take from somebody's quota; raise `Unavailable` where Valkey cannot count."""
    return await rates.take(resources.cache, quota, who, cost=cost, now=resources.clock.now())


async def weigh(resources: Resources, who: str, factor: float, *, lasts_s: int) -> None:
    """Leave somebody (`caller` or `member`) the `factor`-th part of each quota for a while."""
    await rates.put_risk(resources.cache, who, factor, lasts_s=lasts_s)


async def note(
    resources: Resources, refused: Mapping[tuple[str, str], int], addresses: Mapping[str, int]
) -> None:
    """Keep for a day how often what was refused; of whom it was, only the network."""
    networks: dict[str, int] = {}
    for address, count in addresses.items():
        near = network(address) or "unknown"
        networks[near] = networks.get(near, 0) + count
    await rates.note(resources.cache, refused, networks, now=resources.clock.now())


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What was refused in the last day, the latest first, and the networks of whom, by count."""

    refused: Sequence[Refusals]
    loudest: Mapping[str, int]


async def seen(work: Work) -> Seen:
    """Return what was refused in the last day.

    Raises:
        NotAllowed: The subject may not see it.
        Unavailable: Valkey does not answer.
    """
    work.subject.require(Permission.VIEW_SYSTEM)
    now = work.clock.now()
    return Seen(
        refused=await rates.refusals(work.cache, minutes=HOURS_KEPT * 60, now=now),
        loudest=await rates.loudest(work.cache, hours=HOURS_KEPT, now=now),
    )


async def exported(work: Work) -> Sequence[Refusals]:
    """Return the last day's refusals for taking away, which is put on record."""
    work.subject.require(Permission.VIEW_SYSTEM)
    found = await rates.refusals(work.cache, minutes=HOURS_KEPT * 60, now=work.clock.now())
    details = {"rows": len(found)}
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="limits.export",
        subject="limits",
        details=details,
    )
    return found
