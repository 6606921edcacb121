"""Where a credential goes: into headers, the query, a body or a first message, never elsewhere."""

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import msgspec

from domain.errors import Unavailable
from feeds.base import SESSION, Manifest

Credential = str | Mapping[str, str]

_BASIC = "Basic "
_PLACE = re.compile(rb"\{\{([a-z_]+)\}\}")
_NOT_IN_A_HEADER = re.compile(r"[^\x20-\x7e]")


class NoCredential(Unavailable):
    """A source is not asked because no credential, or not all of it, is set."""

    code = "no_credential"


def parts_of(manifest: Manifest, credential: Credential | None) -> dict[str, str]:
    """Return a credential's parts by name; of one text the only part is `key`.

    Raises:
        NoCredential: The source needs one and it, or a part of it, is not there or cannot be sent.
    """
    if not manifest.needs_credential:
        return {}
    named = {"key": credential} if isinstance(credential, str) else dict(credential or {})
    parts = {name: text for name, text in named.items() if text}
    if not parts:
        raise NoCredential(f"{manifest.name}: no credential is set for it")
    if missing := [name for name in manifest.credential_parts if name not in parts]:
        raise NoCredential(f"{manifest.name}: its credential lacks {', '.join(missing)}")
    if odd := [name for name, text in parts.items() if _NOT_IN_A_HEADER.search(text)]:
        raise NoCredential(f"{manifest.name}: {odd[0]} holds characters that no key has")
    return parts


def headers(manifest: Manifest, parts: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that bear the credential; those of a session that is not open are left."""
    if not parts:
        return {}
    made = dict[str, str]()
    for name, template in manifest.credential_headers.items():
        if f"{{{SESSION}}}" in template and SESSION not in parts:
            continue
        text = template.format_map(parts)
        made[name] = _basic(text) if text.startswith(_BASIC) else text
    return made


def query(manifest: Manifest, parts: Mapping[str, str]) -> dict[str, str]:
    """Return the query parameter that bears the credential."""
    if not manifest.credential_param or "key" not in parts:
        return {}
    return {manifest.credential_param: parts["key"]}


def filled(text: bytes, kind: str, parts: Mapping[str, str]) -> bytes:
    r"""Return `text` with every `{{part}}` replaced; a name that is no part stays as it is.

    Args:
        text: A body or message as the feed wrote it.
        kind: Its content type, which says how a part is escaped.
        parts: The credential by name.

    Examples:
        >>> filled(b'{"key":"{{key}}"}', "application/json", {"key": 'a"b'})
        b'{"key":"a\\"b"}'
    """

    def put(found: re.Match[bytes]) -> bytes:
        part = parts.get(found[1].decode())
        return found[0] if part is None else _escaped(part, kind).encode()

    return _PLACE.sub(put, text)


def _basic(text: str) -> str:
    return _BASIC + base64.b64encode(text.removeprefix(_BASIC).encode()).decode()


def _escaped(part: str, kind: str) -> str:
    if "xml" in kind:
        return escape(part, {'"': "&quot;"})
    if kind == "application/x-www-form-urlencoded":
        return quote_plus(part)
    return msgspec.json.encode(part).decode()[1:-1]
