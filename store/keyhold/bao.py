"""OpenBao's and Vault's transit engine through hvac: keys that wrap ours and never leave it."""

import base64
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, cast
from urllib.parse import urlsplit

import hvac
from hvac.exceptions import Forbidden, InvalidPath, VaultError
from pydantic import SecretStr
from requests import RequestException

from domain.errors import Refused
from kit.settings import Settings
from store.keys import KeysAway

log = logging.getLogger(__name__)

_PATIENCE_S: Final = 5.0
_NEAR: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PLACE: Final = ("transit", "dutchbook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the engine is, which of its keys wraps ours, and who we are there."""

    url: str
    mount: str
    key: str
    role_id: str
    secret_id: SecretStr | None = field(default=None, repr=False)
    secret_file: Path | None = None
    ca: Path | None = None

    @classmethod
    def of(cls, given: Settings) -> Self:
        """Return the address in the settings.

        Raises:
            Refused: It is not encrypted on its way to another machine, or lacks something.
        """
        parts = urlsplit(given.keys.removeprefix("transit:"))
        if parts.scheme != "https" and parts.hostname not in _NEAR:
            raise Refused("DUTCHBOOK_KEYS must be transit:https://… unless it is this machine")
        if parts.username or parts.query or parts.fragment:
            raise Refused("DUTCHBOOK_KEYS holds an address alone: host, mount and key")
        if not given.keys_role_id or not (given.keys_secret_id or given.keys_secret_id_file):
            raise Refused("set DUTCHBOOK_KEYS_ROLE_ID and DUTCHBOOK_KEYS_SECRET_ID_FILE as well")
        place = parts.path.strip("/").rpartition("/")
        mount, key = (place[0], place[2]) if place[2] else _PLACE
        if not mount:
            raise Refused("DUTCHBOOK_KEYS ends in /mount/key of the transit engine")
        return cls(
            url=f"{parts.scheme}://{parts.netloc}",
            mount=mount,
            key=key,
            role_id=given.keys_role_id,
            secret_id=given.keys_secret_id,
            secret_file=given.keys_secret_id_file,
            ca=given.keys_ca,
        )

    def secret(self) -> str:
        """Return the secret id of now; raise `KeysAway` if its file cannot be read."""
        if self.secret_file is not None:
            try:
                return self.secret_file.read_text().strip()
            except OSError as e:
                raise KeysAway(f"the secret id cannot be read: {e.strerror}") from e
        return self.secret_id.get_secret_value() if self.secret_id else ""


class Bao:
    """One process's session with the engine; each call blocks for some seconds at most.

    Raises:
        KeysAway: It is sealed, cannot be reached, or does not let us; the text says which.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        verify: Any = str(address.ca) if address.ca else True
        # The environment has no say in where keys are asked for, nor in whether TLS is checked.
        self._client: Any = hvac.Client(
            address.url, token="", verify=verify, timeout=cast("int", _PATIENCE_S),
            allow_redirects=False, proxies={"http": "", "https": ""},
        )  # fmt: skip
        self._client.adapter.session.trust_env = False

    def data_key(self) -> tuple[bytes, str]:
        """Return a new key of 256 bits, and the same one wrapped."""
        made = self._asked("generate_data_key", key_type="plaintext", bits=256)
        return base64.b64decode(made["plaintext"], validate=True), str(made["ciphertext"])

    def unwrapped(self, wrapped: str) -> bytes:
        """Return the key that was wrapped."""
        opened = self._asked("decrypt_data", ciphertext=wrapped)
        return base64.b64decode(opened["plaintext"], validate=True)

    def rewrapped(self, wrapped: str) -> str:
        """Return the same key, wrapped by the engine's newest; it is not shown to us for that."""
        return str(self._asked("rewrap_data", ciphertext=wrapped)["ciphertext"])

    def _asked(self, what: str, **told: Any) -> dict[str, Any]:
        place = {"name": self._address.key, "mount_point": self._address.mount}
        ask: Any = getattr(self._client.secrets.transit, what)
        try:
            if not self._client.token:
                self._sign_in()
            try:
                return cast("dict[str, Any]", ask(**place, **told)["data"])
            except Forbidden:  # a session that is over looks like a right that was taken
                self._sign_in()
                return cast("dict[str, Any]", ask(**place, **told)["data"])
        except (VaultError, RequestException) as e:
            raise KeysAway(f"the holder of the keys: {_why(e)}") from e

    def _sign_in(self) -> None:
        secret = self._address.secret()
        self._client.token = ""
        self._client.auth.approle.login(self._address.role_id, secret)


def _why(error: Exception) -> str:
    """Say what went wrong without anything that was sent or answered."""
    if isinstance(error, Forbidden):
        return "it does not let us (Forbidden)"
    if isinstance(error, InvalidPath):
        return "it has no such key or mount (InvalidPath)"
    return type(error).__name__
