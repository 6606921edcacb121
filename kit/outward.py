"""The way out to an address that somebody gave us: https, a public host, and the one looked at.

Whoever can have us open an address of their choice asks in our name, from inside our network. So a
name is looked up once, every address that it leads to must be of the public internet, and the
connection is made to what was looked at: a name that says something else a moment later is not
asked again.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

HTTPS: Final = 443
LONGEST: Final = 2_000
_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
# Written as public ones, they lead into other networks or nowhere.
_V6_APART: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_V4_APART: Final = tuple(map(ipaddress.IPv4Network, ("192.88.99.0/24", "192.31.196.0/24")))
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
_INSIDE: Final = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp",
                  ".arpa", ".onion")  # fmt: skip

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]


class NotOutward(ValueError):
    """An address does not lead to the public internet over https; the text says why."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an address leads; `target` is what is asked there, its path and query."""

    host: str
    target: str
    port: int = HTTPS


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the public internet, seen through translations.

    Examples:
        >>> [is_public(each) for each in ("1.1.1.1", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0")]
        [True, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return False
    return _is_public_v4(ip) if isinstance(ip, IPv4Address) else _is_public_v6(ip)


def destination(url: str) -> Destination:
    """Return where an address leads that somebody gave.

    Raises:
        NotOutward: It is not https on its usual port, names no public host, or bears credentials.
    """
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or set(url) & set('\\ "<>'):
        raise NotOutward("the address has characters that none has, or too many")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotOutward("the address is none: its host or its port cannot be read") from None
    if parts.scheme != "https" or port not in {None, HTTPS}:
        raise NotOutward("the address must begin with https:// and name no other port")
    if "@" in parts.netloc:
        raise NotOutward("the address must not bear a name or a password")
    host = (parts.hostname or "").rstrip(".")
    if not (_is_name(host) or is_public(host)):
        raise NotOutward("the address must name a host of the public internet")
    query = f"?{parts.query}" if parts.query else ""
    return Destination(host, f"{parts.path or '/'}{query}")


async def looked_up(to: Destination, lookup: Lookup | None = None) -> Sequence[str]:
    """Return the IP addresses of a destination; one that is not public spoils them all.

    Raises:
        NotOutward: Its name leads into a network that is not public.
        OSError: Its name leads nowhere.
    """
    found = await (lookup or _lookup)(to.host, to.port)
    if not all(map(is_public, found)):
        raise NotOutward("the host's name leads to an address that is not public")
    if not found:
        raise OSError("the host's name leads nowhere")
    return found


async def dial(to: Destination, *, within_s: float, lookup: Lookup | None = None) -> socket.socket:
    """Return a TCP connection to an address that was looked at; TLS must check `to.host` on it.

    Raises:
        NotOutward: As `looked_up`.
        OSError: None of the addresses answers.
        TimeoutError: Not in time.
    """
    loop, failed = asyncio.get_running_loop(), OSError("none of its addresses answers")
    async with asyncio.timeout(within_s):
        for address in await looked_up(to, lookup):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            dialled = socket.socket(family, socket.SOCK_STREAM)
            dialled.setblocking(False)
            try:
                await loop.sock_connect(dialled, (address, to.port))
            except OSError as e:
                dialled.close()
                failed = e
            except BaseException:
                dialled.close()
                raise
            else:
                return dialled
    raise failed


async def _lookup(host: str, port: int) -> Sequence[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def _is_name(host: str) -> bool:
    inside = host.endswith(_INSIDE)
    return len(host) <= 253 and _NAME.fullmatch(host) is not None and not inside


def _is_public_v4(ip: IPv4Address) -> bool:
    apart = ip.is_multicast or ip.is_reserved or any(ip in each for each in _V4_APART)
    return ip.is_global and not apart


def _is_public_v6(ip: IPv6Address) -> bool:
    if ip.scope_id is not None:
        return False
    if ip.ipv4_mapped is not None:
        return _is_public_v4(ip.ipv4_mapped)
    if ip in _NAT64:
        return _is_public_v4(IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip in _UNICAST and ip.is_global and not any(ip in each for each in _V6_APART)
