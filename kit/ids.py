"""Identifiers: random ones for what is new, stable ones for what is the same thing again."""

import base64
import hashlib
import secrets


def fresh(prefix: str = "") -> str:
    """Return a new random id of 96 bits in hexadecimal, after `prefix`."""
    return prefix + secrets.token_hex(12)


def secret() -> str:
    """Return a new random text of 256 bits, fit for a cookie: 43 letters, digits, - and _."""
    return secrets.token_urlsafe(32)


def digits(many: int) -> str:
    """Return so many random digits, fit for a code that somebody types."""
    return f"{secrets.randbelow(10**many):0{many}d}"


def words_of(groups: int) -> str:
    """Return so many random groups of six letters and digits, 30 bits each, as `a2b3c4-...`."""
    text = base64.b32encode(secrets.token_bytes(5 * groups)).decode().lower()
    return "-".join(text[at : at + 6] for at in range(0, 6 * groups, 6))


def stable(*parts: object) -> str:
    """Return the id that these parts always have: 96 bits in hexadecimal.

    Examples:
        >>> stable("event", "a", 1) == stable("event", "a", 1)
        True
        >>> stable("ab", "c") == stable("a", "bc")
        False
    """
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2s(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()
