"""Sealed fields: texts that only we can read, each bound to the place that it was sealed for.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits; what is authenticated beside the text
is the version, the key's id, and table, column and row. A sealed text that was cut, changed or put
into another row or column thus does not open.
"""

import base64
import binascii
import os
import re
from dataclasses import dataclass
from typing import ClassVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Broken
from store.keys import KeyRing

_VERSION, _NONCE, _TAG = "s1", 12, 16
_SEALED = re.compile(r"s1\.(?P<key_id>[a-z0-9]{1,32})\.(?P<data>[A-Za-z0-9_-]+={0,2})")


class SealBroken(Broken):
    """A sealed text was damaged, moved, or not sealed with the key that it names."""

    code: ClassVar[str] = "seal_broken"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed text lives: its table, column, and the row's own key."""

    table: str
    column: str
    row: str


def seal(ring: KeyRing, place: Place, text: str) -> str:
    """Return `text` sealed for `place`; raise `NoKeys` if the ring is empty."""
    key_id, key = ring.newest()
    nonce = os.urandom(_NONCE)
    data = nonce + AESGCM(key).encrypt(nonce, text.encode(), _bound(place, key_id))
    return f"{_VERSION}.{key_id}.{base64.urlsafe_b64encode(data).decode()}"


def unseal(ring: KeyRing, place: Place, sealed: str) -> str:
    """Return the text that was sealed for `place`.

    Raises:
        KeyMissing: The key that it names is not in the ring.
        SealBroken: It is not, or is no longer, what was sealed for this place.
    """
    key_id, data = _parts(sealed)
    key = ring.key(key_id)
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], _bound(place, key_id)).decode()
    except InvalidTag:
        raise SealBroken(f"what is sealed in {place.table}.{place.column} does not open") from None


def key_id_of(sealed: str) -> str:
    """Return the id of the key that a text was sealed with; raise `SealBroken` if it is none."""
    return _parts(sealed)[0]


def _parts(sealed: str) -> tuple[str, bytes]:
    found = _SEALED.fullmatch(sealed)
    try:
        data = base64.b64decode(found["data"], altchars=b"-_", validate=True) if found else b""
    except binascii.Error:
        data = b""
    # Base64 leaves bits over at its end: of the texts that mean the same bytes only one is ours.
    ours = found is not None and base64.urlsafe_b64encode(data).decode() == found["data"]
    if found is None or not ours or len(data) < _NONCE + _TAG:
        raise SealBroken("this is not a sealed text")
    return found["key_id"], data


def _bound(place: Place, key_id: str) -> bytes:
    """Return what a seal is bound to; as JSON no two places share it."""
    return msgspec.json.encode([_VERSION, key_id, place.table, place.column, place.row])
