"""The TLS front as it is shipped, before any web process of this machine."""

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

from store.embedded import free_port

CADDYFILE = Path(__file__).resolve().parents[1] / "deploy" / "Caddyfile"
STARTS_WITHIN_S = 30.0


class Front(str):
    """The https address of a front: a text, with the plain address and the CA's certificate."""

    __slots__ = ("ca", "plain")

    def __new__(cls, port, plain_port, folder):
        self = super().__new__(cls, f"https://localhost:{port}")
        self.plain = f"http://localhost:{plain_port}"
        self.ca = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        return self

    def context(self) -> ssl.SSLContext:
        """Return TLS settings that believe in this front alone."""
        return ssl.create_default_context(cafile=self.ca)


def caddy() -> str | None:
    """Return where Caddy is, if it is here: beside Python, or on the path."""
    beside = Path(sys.executable).with_name("caddy")
    return str(beside) if beside.exists() else shutil.which("caddy")


def environment_of(folder, **more):
    return os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)} | more


@asynccontextmanager
async def front(port_of_web: int, *, port: int | None = None, plain_port: int | None = None):
    """Start the front before a web process; yield its address, `https://localhost:…`.

    The web process answers it if it was told `DUTCHBOOK_PUBLIC_URL` with that `port`.
    """
    port, plain_port = port or free_port(), plain_port or free_port()
    with tempfile.TemporaryDirectory(prefix="dutchbook-front-") as name:
        folder = Path(name)
        environment = environment_of(
            folder,
            DUTCHBOOK_DOMAIN="localhost",
            DUTCHBOOK_TLS="internal",
            DUTCHBOOK_UPSTREAM=f"127.0.0.1:{port_of_web}",
            DUTCHBOOK_HTTP_PORT=str(plain_port),
            DUTCHBOOK_HTTPS_PORT=str(port),
        )
        process = await asyncio.to_thread(_spawn, environment, folder / "log")
        found = Front(port, plain_port, folder)
        try:
            await _answering(found, process)
            yield found
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 10)


def _spawn(environment: dict[str, str], log: Path) -> subprocess.Popen:
    command = [caddy(), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    with log.open("wb") as written:
        return subprocess.Popen(command, env=environment, stdout=written, stderr=written)


async def _answering(found: Front, process: subprocess.Popen) -> None:
    """Wait until its own certificate is there and spoken with."""
    port = int(found.rpartition(":")[2])
    async with asyncio.timeout(STARTS_WITHIN_S):
        while True:
            assert process.poll() is None, "the front has ended"
            try:
                context = found.context()
                _, writer = await asyncio.open_connection("localhost", port, ssl=context)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
