"""Backups: the whole database as pg_dump writes it, encrypted with age before it reaches a disk."""

from store.backup.manifest import Manifest, signed, trustworthy
from store.backup.pack import new_identity, opened, packed
from store.backup.postgres import counts, dumped, emptied, is_empty, restored, snapshot

__all__ = [
    "Manifest",
    "counts",
    "dumped",
    "emptied",
    "is_empty",
    "new_identity",
    "opened",
    "packed",
    "restored",
    "signed",
    "snapshot",
    "trustworthy",
]
