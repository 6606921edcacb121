"""The wall around the tests: nothing of ours leaves this machine."""

import asyncio
import socket

import pytest

ELSEWHERE = ("192.0.2.1", 80)  # an address that belongs to nobody, for documentation


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_a_socket_does_not_leave(method):
    with socket.socket() as door, pytest.raises(RuntimeError, match="a test tried to reach"):
        getattr(door, method)(ELSEWHERE)


async def test_neither_does_asyncio():
    with pytest.raises(RuntimeError, match="a test tried to reach"):
        await asyncio.open_connection(*ELSEWHERE)


def test_the_machine_itself_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
