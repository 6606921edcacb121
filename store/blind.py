"""Blind indexes: a sealed text is found again by a keyed hash that tells nothing without the key.

HMAC-SHA256 (RFC 2104) cut to 16 bytes, under a key of its own a column, derived from the master key
by HKDF (RFC 5869): the same text in another column has another index, and whoever holds one
column's key learns nothing of another's. Equal texts of a column are seen to be equal.
"""

import hmac
from typing import Final

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.keys import SIZE, KeyRing

LENGTH: Final = 16
_PURPOSE: Final = "dutchbook blind index 1"


def blinded(ring: KeyRing, table: str, column: str, text: str) -> bytes:
    """Return the index of a text under the current key.

    The text is taken as it is: who wants "A" and "a" to be one makes them so before.

    Raises:
        NoKeys: The ring is empty.
        KeysAway: The holder of the key does not hand it out just now.
    """
    return _index(ring.newest()[1], table, column, text)


def sought(ring: KeyRing, table: str, column: str, text: str) -> list[bytes]:
    """Return the indexes that a text may have been kept under: one a key, the current one first.

    While rows are sealed anew some have the index of the old key still.
    """
    current, newest = ring.newest()
    others = [key for key_id, key in ring.keys.items() if key_id != current]
    return [_index(key, table, column, text) for key in (newest, *others)]


def _index(key: bytes, table: str, column: str, text: str) -> bytes:
    purpose = msgspec.json.encode([_PURPOSE, table, column])
    own = HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=purpose).derive(key)
    return hmac.digest(own, text.encode(), "sha256")[:LENGTH]
