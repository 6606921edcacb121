"""An authenticator made of software: what a security key does, and what a forged one would."""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN, RP_ID = "http://localhost:3000", "localhost"
PRESENT, VERIFIED, BACKED_UP, ATTESTED = 0x01, 0x04, 0x18, 0x40


def text(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class SoftKey:
    """One key pair of one account; `copy` is what a thief has who took it all."""

    user: bytes
    rp_id: str = RP_ID
    origin: str = ORIGIN
    count: int = 0
    flags: int = PRESENT | VERIFIED
    id: bytes = field(default_factory=lambda: os.urandom(32))
    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def used(self, times=1):
        return replace(self, count=self.count + times)

    def but(self, **changes):
        return replace(self, **changes)

    @property
    def public(self):
        """The public half, as COSE writes it."""
        point = self.secret.public_key().public_numbers()
        curve = {1: 2, 3: -7, -1: 1}
        return cbor2.dumps(curve | {-2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})

    def made(self, challenge, **client):
        """Return the answer to `navigator.credentials.create`, as its `toJSON` writes it."""
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + self.public
        held = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        return self._answer(
            {
                "clientDataJSON": text(self._client("webauthn.create", challenge, client)),
                "attestationObject": text(cbor2.dumps(held)),
                "transports": ["internal", "unheard-of"],
            }
        )

    def signed(self, challenge, **client):
        """Return the answer to `navigator.credentials.get`, as its `toJSON` writes it."""
        told, what = self._data(), self._client("webauthn.get", challenge, client)
        signature = self.secret.sign(
            told + hashlib.sha256(what).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._answer(
            {
                "clientDataJSON": text(what),
                "authenticatorData": text(told),
                "signature": text(signature),
                "userHandle": text(self.user),
            }
        )

    def _answer(self, response):
        named = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return json.dumps(named | {"response": response, "clientExtensionResults": {}})

    def _data(self, more=0):
        flags = (self.flags | more).to_bytes(1)
        return hashlib.sha256(self.rp_id.encode()).digest() + flags + self.count.to_bytes(4)

    def _client(self, what, challenge, changes):
        told = {"type": what, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told | changes).encode()
