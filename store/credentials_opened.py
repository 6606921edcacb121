"""Sources' credentials as they are, for the one process that asks the sources."""

from dataclasses import dataclass, field, replace

from sqlmodel import col, select

from store.credentials import place
from store.db import Session
from store.keys import KeyMissing, KeyRing, KeysAway
from store.sealed import SealBroken, unseal
from store.tables import CredentialRow


@dataclass(frozen=True, slots=True)
class Opened:
    """Credentials by source and part, and the parts that do not open.

    `away`: some did not open because the keys are away, so what is missing is not gone.
    """

    parts: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]], repr=False)
    unreadable: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    away: bool = False


async def opened(db: Session, ring: KeyRing) -> Opened:
    """Return every credential that is in the store."""
    found, row, away = Opened(), CredentialRow, False
    chosen = select(row.source, row.part, row.sealed).order_by(col(row.source), col(row.part))
    for source, part, sealed in await db.execute(chosen):
        try:
            text = unseal(ring, place(source, part), sealed)
        except KeysAway:
            away = True
        except (KeyMissing, SealBroken):
            found.unreadable.setdefault(source, []).append(part)
        else:
            found.parts.setdefault(source, {})[part] = text
    return replace(found, away=away)
