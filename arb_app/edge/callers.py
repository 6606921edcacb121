"""Who calls, and how: as seen, or as the nearest proxy that we trust saw it."""

import ipaddress

from starlette.requests import HTTPConnection

from kit.settings import settings


def address_of(connection: HTTPConnection) -> str:
    """Return the caller's address: as seen, or as the nearest proxy that we trust saw it."""
    seen = connection.client.host if connection.client else ""
    told = ",".join(connection.headers.getlist("x-forwarded-for"))
    for hop in reversed([each.strip() for each in told.split(",") if told]):
        if not is_proxy(seen) or not _is_address(hop):
            return seen
        seen = hop
    return seen


def is_https(connection: HTTPConnection) -> bool:
    """Return whether the caller came over https, if need be as a proxy that we trust says."""
    if connection.scope.get("scheme") in {"https", "wss"}:
        return True
    told = connection.headers.getlist("x-forwarded-proto")
    return is_from_proxy(connection) and told == ["https"]


def is_from_proxy(connection: HTTPConnection) -> bool:
    """Return whether a proxy that we trust handed this on."""
    return connection.client is not None and is_proxy(connection.client.host)


def is_proxy(text: str) -> bool:
    """Return whether an address is that of a proxy that we trust."""
    if not _is_address(text):
        return False
    seen = ipaddress.ip_address(text)
    return any(seen in network for network in settings().trusted_proxies)


def is_here(address: str) -> bool:
    """Return whether an address is of this machine."""
    return _is_address(address) and ipaddress.ip_address(address).is_loopback


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
