"""Backing: PostgreSQL and Valkey that the product stands on, given by URL or embedded."""

import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from cli.steps import Steps
from cli.supervisor import Kept
from domain.errors import Refused
from kit.settings import Settings
from store.embedded import Holder, Postgres, Servers, Valkey
from store.embedded.passwords import write_private
from store.encrypted import require_encryption
from store.keys import KeyRing, key_file
from store.migrate import app_role, migrate


@dataclass(frozen=True, slots=True)
class Backing:
    """Where truth and cache are, and which of the two are ours to keep running."""

    database_url: SecretStr
    redis_url: SecretStr
    kept: list[Kept]

    def environment(self) -> dict[str, str]:
        """Return what worker and web are told; the owner's URL is not among it."""
        return {
            "DATABASE_URL": self.database_url.get_secret_value(),
            "REDIS_URL": self.redis_url.get_secret_value(),
        }


def stand_up(given: Settings, holder: Holder, steps: Steps, stack: ExitStack) -> Backing:
    """Start what no URL is given for, migrate, and leave it to `stack` to stop it again.

    Raises:
        Refused: An embedded server is asked for in production, or the key file is not private.
        Unavailable: A server does not start, or the given one cannot be reached.
    """
    require_encryption(given)
    embedded = Servers(holder)
    kept: list[Kept] = []
    ours: dict[str, SecretStr] = {}
    database_url, owner_url = given.database_url, given.database_owner_url or given.database_url
    if database_url is None or owner_url is None:
        kept += _started("PostgreSQL", embedded.postgres, given, steps, stack)
        database_url, owner_url = map(SecretStr, (embedded.database_url, embedded.owner_url))
        ours |= {"DATABASE_URL": database_url, "DATABASE_OWNER_URL": owner_url}
        ours["DATABASE_BACKUP_URL"] = SecretStr(embedded.backup_url)
    redis_url = given.redis_url
    if redis_url is None:
        kept += _started("Valkey", embedded.valkey, given, steps, stack)
        redis_url = ours["REDIS_URL"] = SecretStr(embedded.redis_url)
    with steps.step("migrations"):
        migrate_as(owner_url, database_url)
    if given.keys_file is None and not given.keys:
        KeyRing.at(key_file(given))
    if ours:
        urls = {name: url.get_secret_value() for name, url in ours.items()}
        write_addresses(given.data_dir, urls)
    return Backing(database_url, redis_url, kept)


def migrate_as(owner_url: SecretStr, database_url: SecretStr) -> str:
    """Migrate with the owner's role and grant the application's what it needs."""
    owner, application = owner_url.get_secret_value(), database_url.get_secret_value()
    return migrate(owner, app_role=app_role(application, owner))


def write_addresses(folder: Path, urls: Mapping[str, str]) -> Path:
    """Write where embedded servers are into a file that a shell can read and nobody else may.

    The folder is among it: the operator's commands find keys and anchors there.
    """
    told = {**urls, "DUTCHBOOK_DATA_DIR": str(folder.resolve())}
    lines = (f"export {name}={shlex.quote(url)}\n" for name, url in told.items())
    write_private(folder / "env", "".join(lines))
    return folder / "env"


def _started(
    name: str, server: Postgres | Valkey, given: Settings, steps: Steps, stack: ExitStack
) -> list[Kept]:
    if given.environment == "production":
        raise Refused(f"Set DATABASE_URL and REDIS_URL: production has no embedded {name}.")
    stack.callback(server.stop)
    with steps.step(name):
        server.start()
    return [Kept(name, server)]
