"""Ports of the loopback address."""

import errno
import secrets
import socket

LOOPBACK = "127.0.0.1"
_FIRST, _COUNT = 20_000, 12_000  # beneath the range that systems hand out to callers


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Say whether a server could listen on `port` now.

    Raises:
        OSError: `host` is not an address of this machine.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
        except PermissionError:
            return False
        except OSError as e:
            if e.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    return next(
        port for port in iter(lambda: _FIRST + secrets.randbelow(_COUNT), None) if is_free(port)
    )
