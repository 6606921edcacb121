"""Encryption on the way: in production no server on another machine is spoken to in the clear."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

from domain.errors import Refused
from kit.settings import Settings
from store.db import address

_CLEAR: Final = "; DUTCHBOOK_ALLOW_PLAINTEXT=true allows it in a network that is yours alone"


def require_encryption(given: Settings) -> None:
    """Return if every server is on this machine, or its certificate is checked for its name.

    Raises:
        Refused: In production: PostgreSQL without `sslmode=verify-full`, Valkey without
            `rediss://`, InfluxDB without `https://`, on another machine; or an address is none.
    """
    if given.environment != "production" or given.allow_plaintext:
        return
    urls = {
        "DATABASE_URL": given.database_url,
        "DATABASE_OWNER_URL": given.database_owner_url,
        "DATABASE_BACKUP_URL": given.database_backup_url,
    }
    for name, url in urls.items():
        if url is not None and not _postgres_is_safe(url.get_secret_value()):
            raise Refused(f"{name} needs ?sslmode=verify-full&sslrootcert=FILE{_CLEAR}")
    if given.redis_url is not None and not _valkey_is_safe(given.redis_url.get_secret_value()):
        raise Refused(f"REDIS_URL must begin with rediss:// and check certificates{_CLEAR}")
    if given.influx_url is not None and not _influx_is_safe(given.influx_url.get_secret_value()):
        raise Refused(f"DUTCHBOOK_INFLUX_URL must begin with https://{_CLEAR}")


def _postgres_is_safe(url: str) -> bool:
    parsed = address(url)
    modes = _values(parsed.query.get("sslmode"))
    hosts = [parsed.host or "", *_values(parsed.query.get("host"))]
    hosts += _values(parsed.query.get("hostaddr"))
    return all(map(_is_here, hosts)) or modes == ["verify-full"]


def _valkey_is_safe(url: str) -> bool:
    parts = urlsplit(url)
    told = {name: values[-1].lower() for name, values in parse_qs(parts.query).items()}
    checked = told.get("ssl_cert_reqs", "required") == "required"
    named = told.get("ssl_check_hostname", "true") in {"true", "yes", "1"}
    return (
        parts.scheme == "unix"
        or _is_here(parts.hostname or "")
        or (parts.scheme == "rediss" and checked and named)
    )


def _influx_is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or _is_here(parts.hostname or "")


def _is_here(host: str) -> bool:
    """Return whether a host is this machine, or a socket in its files."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _values(said: str | tuple[str, ...] | None) -> list[str]:
    """Return what a parameter says, each host of a list by itself."""
    return list(_parts(said or ()))


def _parts(said: str | tuple[str, ...]) -> Iterator[str]:
    for each in (said,) if isinstance(said, str) else said:
        yield from each.split(",")
