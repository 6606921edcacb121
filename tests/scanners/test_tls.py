"""The front that ends TLS: which versions and ciphers it speaks, and what it refuses."""

import asyncio
import json
import ssl
import time

import pytest

from cli.security import PLACE
from store.embedded import free_port

MINIMAL = """{{
  admin off
  auto_https disable_redirects
  skip_install_trust
  local_certs
  storage file_system {data}
}}
https://localhost:{port} {{
  bind 127.0.0.1
  tls internal
  respond "here"
}}
"""
REFUSED = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")
SPOKEN = ("tls_1_2", "tls_1_3")
WEAK = ("RC4", "3DES", "NULL", "EXPORT", "_CBC_", "anon", "MD5", "TLS_RSA_")
FLAWS = ("heartbleed", "openssl_ccs_injection", "robot", "tls_compression")


async def opens(port):
    """Wait until somebody speaks TLS there."""
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    ends_at = time.monotonic() + 30
    while True:
        try:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=blind, server_hostname="localhost"
            )
        except OSError:
            assert time.monotonic() < ends_at
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


@pytest.fixture
async def front(tmp_path):
    """The front's port, with a certificate of its own making."""
    if not (PLACE / "tls" / "installed.txt").is_file():
        pytest.skip("its tools are not installed: ./arb test --security does that")
    port, config = free_port(), tmp_path / "Caddyfile"
    config.write_text(MINIMAL.format(port=port, data=tmp_path / "data"))
    caddy = [str(PLACE / "tls" / "bin" / "caddy"), "run", "--adapter", "caddyfile"]
    home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    with (tmp_path / "log").open("w") as log:
        command = [*caddy, "--config", str(config)]
        process = await asyncio.create_subprocess_exec(*command, env=home, stderr=log)
    await opens(port)
    yield port
    process.terminate()
    await process.wait()


async def test_only_what_is_strong_is_spoken(tool, front, tmp_path):
    report = tmp_path / "tls.json"
    said = await tool(
        "tls", "sslyze", f"localhost:{front}", "--json_out", report, "--sslv2", "--sslv3",
        "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3",
    )  # fmt: skip
    (scan,) = json.loads(report.read_text())["server_scan_results"]
    assert scan["connectivity_status"] == "COMPLETED", said.stdout
    found = scan["scan_result"]
    spoken = {
        version: [each["cipher_suite"]["name"] for each in told["accepted_cipher_suites"]]
        for version in (*REFUSED, *SPOKEN)
        if (told := found[f"{version}_cipher_suites"]["result"])
    }
    assert {version for version, suites in spoken.items() if suites} == set(SPOKEN)
    suites = [suite for version in SPOKEN for suite in spoken[version]]
    assert [suite for suite in suites if any(sign in suite for sign in WEAK)] == []


async def test_no_known_flaw_of_tls_is_there(tool, front, tmp_path):
    report = tmp_path / "tls.json"
    await tool(
        "tls", "sslyze", f"localhost:{front}", "--json_out", report, "--heartbleed",
        "--openssl_ccs", "--robot", "--compression", "--reneg",
    )  # fmt: skip
    (scan,) = json.loads(report.read_text())["server_scan_results"]
    found = {name: scan["scan_result"][name]["result"] for name in FLAWS}
    assert found["heartbleed"]["is_vulnerable_to_heartbleed"] is False
    assert found["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"] is False
    assert found["robot"]["robot_result"].startswith("NOT_VULNERABLE")
    assert found["tls_compression"]["supports_compression"] is False
    renewed = scan["scan_result"]["session_renegotiation"]["result"]
    assert renewed["is_vulnerable_to_client_renegotiation_dos"] is False
