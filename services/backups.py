"""Backups on record: that one was made, and what of."""

from collections.abc import Mapping

from services.access import Permission
from services.work import Work
from store import audit


async def made(work: Work, name: str, counts: Mapping[str, int], sha256: str) -> None:
    """Put on record that a backup was made; raise `NotAllowed` unless the subject manages keys."""
    work.subject.require(Permission.MANAGE_KEYS)
    details = {"rows": sum(counts.values()), "tables": len(counts), "dump": sha256}
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="backup.made",
        subject=f"backup {name}",
        details=details,
    )
