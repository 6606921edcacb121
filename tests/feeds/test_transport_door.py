"""The way out: only hosts of the manifest, over TLS, at addresses of the public internet."""

import errno
import socket
import ssl
from types import SimpleNamespace

import pytest

from feeds.base import Basis, FeedDrifted, Manifest
from feeds.transport_door import Address, Door, NotPublic, tls
from feeds.transport_http import why

MANIFEST = Manifest(
    name="vendor", title="A vendor", basis=Basis.DOCUMENTED, sports=frozenset(),
    markets=frozenset(), hosts=frozenset({"api.vendor.invalid", "127.0.0.1"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("https://api.vendor.invalid/odds", 443),
        ("https://api.vendor.invalid:443/", 443),
        ("wss://api.vendor.invalid/ws", 443),
        ("lines+tls://api.vendor.invalid", 443),
        ("amqps://api.vendor.invalid/unifiedfeed", 5671),
    ],
)
def test_a_sources_own_host_is_reached_over_tls(url, port):
    assert Door().address(url, MANIFEST) == Address("api.vendor.invalid", port, tls=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.vendor.invalid/",
        "ws://api.vendor.invalid/",
        "https://api.vendor.invalid:8443/",
        "https://api.vendor.invalid:99999/",
        "https://user@api.vendor.invalid/",
        "https://api.vendor.invalid.evil.invalid/",
        "https://evil.invalid/?api.vendor.invalid",
        "file:///etc/passwd",
        "gopher://api.vendor.invalid/",
        "http://127.0.0.1/",
        "//api.vendor.invalid/",
        "",
    ],
)
def test_nothing_else_is(url):
    with pytest.raises(FeedDrifted, match="not its own"):
        Door().address(url, MANIFEST)


PRIVATE = [
    "10.0.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "0.0.0.0",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fd00::1", "ff02::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address):
    with pytest.raises(NotPublic, match="not on the public internet"):
        Door().admit(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111"])
def test_a_public_address_is_let_through(address):
    Door().admit(address)


@pytest.mark.parametrize("address", [a for a in PRIVATE if a not in {"127.0.0.1", "::1"}])
def test_tests_reach_this_machine_and_nothing_beside_it(address):
    Door(allow_loopback=True).admit("127.0.0.1")
    with pytest.raises(NotPublic):
        Door(allow_loopback=True).admit(address)


async def test_a_connection_to_a_private_address_is_cut_before_a_byte_is_sent():
    closed = []

    async def aclose():
        closed.append(True)

    stream = SimpleNamespace(get_extra_info=lambda _: ("10.0.0.1", 443), aclose=aclose)
    with pytest.raises(NotPublic):
        await Door().trace("connection.connect_tcp.complete", {"return_value": stream})
    assert closed == [True]


async def test_a_name_that_leads_to_this_machine_is_not_dialled():
    with pytest.raises(NotPublic):
        await Door().dial(Address("localhost", 443, tls=True), 1.0)


async def test_who_does_not_answer_cannot_be_dialled():
    with pytest.raises(OSError, match="Connect call failed"):
        await Door(allow_loopback=True).dial(Address("127.0.0.1", 1, tls=False), 1.0)


def test_tls_is_new_enough_and_always_checked():
    context = tls()
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "it is too slow"),
        (socket.gaierror(-2, "Name or service not known"), "it cannot be reached"),
        (ConnectionRefusedError(), "it cannot be reached"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "it cannot be reached"),
        (ConnectionResetError(), "it broke off"),
        (EOFError(), "it broke off"),
    ],
)
def test_why_a_source_was_not_heard_is_said_in_our_own_words(error, said):
    assert why(error) == said
