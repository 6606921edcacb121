"""Work: who asks, in which transaction, with what. The edges open it; nothing else commits."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from domain.errors import Refused
from kit.clock import Clock
from kit.settings import Settings
from services.access import Subject
from services.factor_policy import FactorPolicy
from services.flagged import Flags
from store.cache import Cache
from store.db import Database, Session
from store.encrypted import require_encryption
from store.keyhold import held
from store.keys import KeyRing, Keys


@dataclass(frozen=True, slots=True)
class Resources:
    """What a process opens once and shares among all its work."""

    database: Database
    cache: Cache
    clock: Clock
    keys: Keys = field(default_factory=KeyRing)
    flags: Flags = field(default_factory=Flags)
    factor_policy: FactorPolicy = field(default_factory=FactorPolicy)


@dataclass(frozen=True, slots=True)
class Work:
    """One event, job or request: its subject and its one transaction."""

    subject: Subject
    db: Session
    cache: Cache
    clock: Clock
    keys: KeyRing = field(default_factory=KeyRing)
    flags: Flags = field(default_factory=Flags)
    factor_policy: FactorPolicy = field(default_factory=FactorPolicy)


@asynccontextmanager
async def begin(resources: Resources, subject: Subject) -> AsyncGenerator[Work]:
    """Open one piece of work: committed at the end, rolled back on any error."""
    async with resources.database.begin(subject=subject.user_id) as db:
        told = resources.keys.now(), resources.flags, resources.factor_policy
        yield Work(subject, db, resources.cache, resources.clock, *told)


@asynccontextmanager
async def opened(
    settings: Settings, clock: Clock, *, application: str
) -> AsyncGenerator[Resources]:
    """Open what a process named `application` needs, and close it at the end.

    Raises:
        Refused: DATABASE_URL or REDIS_URL is not set, no address, or not encrypted in production;
            or the key file is unfit.
        Unavailable: PostgreSQL or Valkey cannot be reached.
    """
    require_encryption(settings)
    redis_url = _given(settings.redis_url, "REDIS_URL")
    database_url = _given(settings.database_url, "DATABASE_URL")
    cache = await Cache.open(redis_url, namespace=settings.namespace)
    try:
        database = await Database.open(database_url, application=application)
        try:
            async with held(settings, database, clock) as keys:
                policy = FactorPolicy.of(settings)
                yield Resources(database, cache, clock, keys, factor_policy=policy)
        finally:
            await database.close()
    finally:
        await cache.close()


def _given(secret: SecretStr | None, variable: str) -> str:
    if secret is None:
        raise Refused(f"{variable} is not set; `./arb up` or `./arb servers` start servers")
    return secret.get_secret_value()
