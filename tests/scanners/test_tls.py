"""The front that ends TLS, as it is shipped: how it speaks, what it refuses, what it promises."""

import json

import pytest

from store.embedded import free_port
from tests import front as shipped

REFUSED = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")
SUITES = {
    "tls_1_2": {
        f"TLS_ECDHE_ECDSA_WITH_{cipher}"
        for cipher in ("AES_256_GCM_SHA384", "AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256")
    },
    "tls_1_3": {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"},
}
"""With the certificate that it makes here, which is of an elliptic curve."""
TWO_YEARS_S = 63_072_000


@pytest.fixture(scope="module")
async def scanned(tool, tmp_path_factory):
    """What sslyze found at the front before nobody, and whether Mozilla's list agrees with it."""
    folder, found = tmp_path_factory.mktemp("tls"), {}
    looks = {
        "tls": ("--mozilla_config", "intermediate"),
        "https": ("--http_headers", "--early_data", "--mozilla_config", "disable"),
    }
    async with shipped.front(free_port()) as front:
        for name, look in looks.items():
            report, own = folder / f"{name}.json", ("--certinfo_ca_file", front.ca)
            host = front.removeprefix("https://")
            said = await tool("tls", "sslyze", host, *look, *own, "--json_out", report)
            (scan,) = json.loads(report.read_text())["server_scan_results"]
            assert (scan["connectivity_status"], said.returncode) == ("COMPLETED", 0), said.stdout
            done = {k: v for k, v in scan["scan_result"].items() if v["status"] == "COMPLETED"}
            found |= {key: value["result"] for key, value in done.items()}
    return found


def test_only_what_is_strong_is_spoken(scanned):
    spoken = {
        version: {each["cipher_suite"]["name"] for each in told["accepted_cipher_suites"]}
        for version in (*REFUSED, *SUITES)
        if (told := scanned[f"{version}_cipher_suites"])
    }
    assert spoken == {version: set() for version in REFUSED} | SUITES
    curves = {each["name"] for each in scanned["elliptic_curves"]["supported_curves"]}
    assert curves == {"X25519", "secp256r1"}


def test_no_known_flaw_of_tls_is_there(scanned):
    assert scanned["heartbleed"]["is_vulnerable_to_heartbleed"] is False
    assert scanned["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"] is False
    assert scanned["robot"]["robot_result"].startswith("NOT_VULNERABLE")
    assert scanned["tls_compression"]["supports_compression"] is False
    renewed = scanned["session_renegotiation"]
    assert renewed["supports_secure_renegotiation"] is True
    assert renewed["is_vulnerable_to_client_renegotiation_dos"] is False
    assert scanned["tls_fallback_scsv"]["supports_fallback_scsv"] is True
    assert scanned["tls_extended_master_secret"]["supports_ems_extension"] is True


def test_what_is_sent_early_could_be_sent_again_and_is_not_taken(scanned):
    assert scanned["tls_1_3_early_data"]["supports_early_data"] is False


def test_its_certificate_is_believed_by_whoever_knows_who_made_it(scanned):
    (chain,) = scanned["certificate_info"]["certificate_deployments"]
    by_ours = [
        each
        for each in chain["path_validation_results"]
        if "Supplied" in each["trust_store"]["name"]
    ]
    assert [each["was_validation_successful"] for each in by_ours] == [True]
    assert chain["received_chain_has_valid_order"] is True
    assert chain["verified_chain_has_sha1_signature"] is False


def test_it_says_that_it_will_be_https_for_two_years_even_when_nobody_is_behind_it(scanned):
    promised = scanned["http_headers"]["strict_transport_security_header"]
    assert promised == {
        "max_age": TWO_YEARS_S, "preload": False, "include_subdomains": True
    }  # fmt: skip
