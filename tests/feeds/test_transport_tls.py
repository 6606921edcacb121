"""TLS against a server on this machine whose certificate nobody vouches for."""

import asyncio
import shutil
import ssl
import subprocess
from dataclasses import replace

import pytest

from domain.errors import Unavailable
from feeds.base import Request, Wire
from tests.jobs.vendors import MANIFEST, a_transport


@pytest.fixture(scope="session")
def untrusted(tmp_path_factory):
    """TLS settings of a server with a certificate that it made itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", folder / "key.pem", "-out", folder / "cert.pem",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(
    ("wire", "scheme"),
    [
        (Wire.REST, "https"),
        (Wire.SSE, "https"),
        (Wire.WEBSOCKET, "wss"),
        (Wire.LINES, "lines+tls"),
        (Wire.AMQP, "amqps"),
    ],
)
async def test_who_cannot_prove_who_they_are_hear_nothing_from_us(untrusted, wire, scheme):
    heard = []

    async def serve(reader, writer):
        heard.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=untrusted)
    port = server.sockets[0].getsockname()[1]
    told = replace(MANIFEST, wire=wire, needs_credential=True, credential_param="key")
    asked = Request(source="vendor", scope="all", url=f"{scheme}://127.0.0.1:{port}/odds")
    async with a_transport(credential={"vendor": "s3cret"}) as transport:
        with pytest.raises(Unavailable, match="vendor: its certificate is not to be trusted"):
            _ = [payload async for payload in transport.payloads(asked, told)]
    server.close()
    assert heard == []
