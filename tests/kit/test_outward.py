"""The way out: whatever somebody gives us, only the public internet is reached, over https."""

import asyncio
import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import outward
from kit.outward import Destination, NotOutward, destination, dial, is_public, looked_up

INSIDE = [
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/29", "192.0.2.0/24", "192.168.0.0/16", "192.88.99.0/24", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "0.0.0.0/8",
]  # fmt: skip
INSIDE_V6 = [
    "::/96", "::1/128", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:10::/28", "2001:db8::/32",
    "2002::/16", "3fff::/20", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
NETWORKS = [ipaddress.ip_network(each) for each in INSIDE]
NETWORKS_V6 = [ipaddress.ip_network(each) for each in INSIDE_V6]


def within(network):
    first, last = int(network.network_address), int(network.broadcast_address)
    kind = type(network.network_address)
    return st.integers(first, last).map(kind)


inside_v4 = st.sampled_from(NETWORKS).flatmap(within)
inside = st.one_of(inside_v4, st.sampled_from(NETWORKS_V6).flatmap(within))


@given(inside)
def test_no_address_of_a_special_network_is_public(ip):
    assert not is_public(str(ip))


@given(inside_v4)
def test_nor_is_one_in_the_clothes_of_ipv6(ip):
    number = int(ip)
    dressed = (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80, number)
    assert not any(is_public(str(ipaddress.IPv6Address(each))) for each in dressed)


@given(st.text())
def test_what_is_no_address_is_not_public_and_no_error(text):
    assert is_public(text) in {True, False}


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_the_public_internet_is(text):
    assert is_public(text)


@pytest.mark.parametrize("text", ["2606:4700::1%eth0", "fe80::1%1", "1.1.1.1%1", "1.1.1.1/32"])
def test_a_zone_makes_no_address_public(text):
    assert not is_public(text)


@pytest.mark.parametrize(
    ("url", "to"),
    [
        ("https://hooks.example.com", Destination("hooks.example.com", "/")),
        ("https://Hooks.Example.com:443/a?b=c#d", Destination("hooks.example.com", "/a?b=c")),
        ("https://1.1.1.1/x", Destination("1.1.1.1", "/x")),
        ("https://[2606:4700:4700::1111]/", Destination("2606:4700:4700::1111", "/")),
        ("https://xn--bcher-kva.example/", Destination("xn--bcher-kva.example", "/")),
    ],
)
def test_a_public_host_over_https_is_a_destination(url, to):
    assert destination(url) == to


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/", "ftp://hooks.example.com/", "//hooks.example.com/", "",
        "https:",
        "https://hooks.example.com:8443/", "https://hooks.example.com:99999/", "https://:443/",
        "https://user:secret@hooks.example.com/", "https://hooks.example.com@10.0.0.1/",
        "https://10.0.0.1/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://0x7f.0.0.1/", "https://0/",
        "https://0.0.0.0/", "https://[::]/", "https://[::1]/", "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::7f00:1]/", "https://[fe80::1%25eth0]/", "https://169.254.169.254/latest",
        "https://localhost/", "https://a.localhost/", "https://db.internal/", "https://printer/",
        "https://printer.local./", "https://metadata.google.internal/", "https://a..example.com/",
        "https://-a.example.com/", "https://exa mple.com/", "https://example.com\\@10.0.0.1/",
        "https://ex\u0430mple.com/", "https://①②⑦.0.0.1/", "https://example.com/\r\nHost: x",
        "https://example.com/" + "a" * 2_000, "javascript:alert(1)", "https://1.1.1.1.1/",
        "https://[", "https://[::1", "https://[]/",
    ],
)  # fmt: skip
def test_nothing_else_is(url):
    with pytest.raises(NotOutward):
        destination(url)


@given(st.text())
def test_whatever_is_given_is_a_destination_or_refused_by_name(text):
    for url in (text, f"https://{text}"):
        try:
            found = destination(url)
        except NotOutward:
            continue
        except ValueError as e:
            pytest.fail(f"{url!r}: {e}")
        assert found.port == 443
        assert found.host


def leading_to(*addresses):
    async def lookup(host, port):
        return addresses

    return lookup


HOOKS = Destination("hooks.example.com", "/")


async def test_a_name_leads_to_what_was_looked_at():
    assert await looked_up(HOOKS, leading_to("1.1.1.1")) == ("1.1.1.1",)


@pytest.mark.parametrize("also", ["127.0.0.1", "10.0.0.1", "fd00::1", "::ffff:127.0.0.1"])
async def test_one_private_address_among_public_ones_spoils_them_all(also):
    with pytest.raises(NotOutward, match="not public"):
        await looked_up(HOOKS, leading_to("1.1.1.1", also))


async def test_a_name_that_leads_nowhere_is_no_destination():
    with pytest.raises(OSError, match="nowhere"):
        await looked_up(HOOKS, leading_to())


async def test_a_name_of_this_machine_is_not_dialled():
    with pytest.raises(NotOutward):
        await dial(Destination("localhost", "/"), within_s=1)


async def test_a_name_is_looked_up_once_and_the_connection_goes_where_it_led(monkeypatch):
    """A name that says 127.0.0.1 the second time is not asked a second time."""
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(outward, "is_public", {"127.0.0.1"}.__contains__)
    with socket.create_server(("127.0.0.1", 0)) as server:
        to = Destination("hooks.example.com", "/", server.getsockname()[1])
        with await dial(to, within_s=5, lookup=rebinding) as dialled:
            assert dialled.getpeername() == server.getsockname()
    assert asked == ["hooks.example.com"]


async def test_who_does_not_answer_in_time_is_given_up():
    async def asleep(host, port):
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await dial(HOOKS, within_s=0.01, lookup=asleep)
