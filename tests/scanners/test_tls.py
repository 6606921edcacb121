"""The front that ends TLS: which versions and ciphers it speaks, and what it refuses."""

import json

import pytest

from store.embedded import free_port
from tests import front as shipped

REFUSED = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")
SPOKEN = ("tls_1_2", "tls_1_3")
WEAK = ("RC4", "3DES", "NULL", "EXPORT", "_CBC_", "anon", "MD5", "TLS_RSA_")
FLAWS = ("heartbleed", "openssl_ccs_injection", "robot", "tls_compression")


@pytest.fixture
async def front():
    """The port of the front as it is shipped, before nobody."""
    async with shipped.front(free_port()) as found:
        yield found.rpartition(":")[2]


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
