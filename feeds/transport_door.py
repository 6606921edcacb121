"""The way out: which hosts may be asked, at which addresses, and how a connection is made safe."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from feeds.base import FeedDrifted, Manifest
from kit.outward import is_public

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE = {"https": 443, "wss": 443, "lines+tls": 443, "amqps": 5671}
_PLAIN = {"http": 80, "ws": 80, "lines": 443, "amqp": 5672}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much one question or stream may take; sizes are of what is decoded.

    A stream that says nothing for `silence_s`, not even that it lives, counts as lost.
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 30.0
    most_bytes: int = 32 * 1024 * 1024
    most_message_bytes: int = 8 * 1024 * 1024
    silence_s: float = 90.0
    ping_s: float = 20.0
    tries: int = 3
    most_wait_s: float = 60.0
    first_wait_s: float = 0.5


class NotPublic(FeedDrifted):
    """A source's own name leads to an address that is not on the public internet."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a connection goes: `tls` is False on this machine in tests, and nowhere else."""

    host: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class Door:
    """Lets through what a manifest names, over TLS, to public addresses.

    `allow_loopback` also lets through to this machine, without TLS; for tests. Behind a proxy
    (`proxied`) the addresses are the proxy's to choose.
    """

    allow_loopback: bool = False
    proxied: bool = False

    def address(self, url: str, manifest: Manifest) -> Address:
        """Return where `url` leads.

        Raises:
            FeedDrifted: It leads to a host outside the manifest, or past TLS.
        """
        parts, port = urlsplit(url), -1
        with contextlib.suppress(ValueError):  # a port that is none
            port = parts.port
        host = parts.hostname or ""
        loopback = self.allow_loopback and host in _LOOPBACK
        usual = _SAFE.get(parts.scheme)
        known = "@" not in parts.netloc and host in manifest.hosts
        safe = usual is not None and port in {None, usual}
        if not known or not (safe or (loopback and (usual or parts.scheme in _PLAIN))):
            raise FeedDrifted(f"{manifest.name}: it points to {host}, which is not its own")
        tls = usual is not None
        return Address(host, port or usual or _PLAIN[parts.scheme], tls)

    def admit(self, address: str) -> None:
        """Raise `NotPublic` unless an IP address is one of the public internet."""
        if self.proxied:
            return
        ip = ipaddress.ip_address(address.partition("%")[0])
        if not is_public(str(ip)) and not (self.allow_loopback and ip.is_loopback):
            raise NotPublic(f"its name leads to {ip}, which is not on the public internet")

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Cut an HTTP connection to an address that is not public before a byte is sent."""
        if event != "connection.connect_tcp.complete":
            return
        stream = info["return_value"]
        try:
            self.admit(stream.get_extra_info("server_addr")[0])
        except NotPublic:
            await stream.aclose()
            raise

    async def dial(self, to: Address, timeout_s: float) -> socket.socket:
        """Return a connected TCP socket.

        Raises:
            NotPublic: The host's name leads to no public address.
            OSError: None of its addresses answers.
            TimeoutError: Not in time.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeout_s):
            found = await loop.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
            for *_, place in found:
                self.admit(str(place[0]))
            failed = OSError("its name leads nowhere")
            for family, kind, proto, _, place in found:
                dialled = socket.socket(family, kind, proto)
                dialled.setblocking(False)
                try:
                    await loop.sock_connect(dialled, place)
                except OSError as e:
                    dialled.close()
                    failed = e
                except BaseException:
                    dialled.close()
                    raise
                else:
                    return dialled
            raise failed


def tls() -> ssl.SSLContext:
    """Return the TLS settings of every connection: 1.2 or later, certificate and name checked."""
    context = httpx.create_ssl_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
