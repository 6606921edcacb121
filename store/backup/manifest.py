"""The manifest of a backup: what must come out of it again, signed by the key of the anchors."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import Refused
from store.keys import KeyRing

_SIGNED: Final = b"dutchbook backup 1\n"


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup holds: rows by table, the schema's revision, its files by their SHA-256.

    `key_ids` are the master keys that its sealed texts name; the keys themselves are not in it.
    """

    version: int = 1
    at: datetime
    revision: str
    counts: dict[str, int]
    key_ids: list[str]
    files: dict[str, str]
    public: bytes = b""
    signature: bytes = b""


def signed(manifest: Manifest, ring: KeyRing) -> bytes:
    """Return the manifest as kept, signed with the newest key of the ring; raise `NoKeys`."""
    key = Ed25519PrivateKey.from_private_bytes(ring.newest()[1])
    told = msgspec.structs.replace(manifest, public=key.public_key().public_bytes_raw())
    return msgspec.json.encode(msgspec.structs.replace(told, signature=key.sign(_said(told))))


def trustworthy(kept: bytes, trusted: Collection[bytes]) -> Manifest:
    """Return a manifest; with no key to trust, the one that it names is taken at its word.

    Raises:
        Refused: It cannot be read, is not what was signed, or was signed with another key.
    """
    try:
        found = msgspec.json.decode(kept, type=Manifest)
        Ed25519PublicKey.from_public_bytes(found.public).verify(found.signature, _said(found))
    except (msgspec.MsgspecError, InvalidSignature, ValueError) as e:
        raise Refused("the backup's manifest is not what was signed") from e
    if trusted and found.public not in trusted:
        raise Refused("the backup is signed with a key that is not ours: see --public-key")
    return found


def _said(manifest: Manifest) -> bytes:
    return _SIGNED + msgspec.json.encode(msgspec.structs.replace(manifest, signature=b""))
