"""The attacks: each takes a target, and raises `Breach` if it gets or brings down anything."""

import asyncio
import contextlib
import os
import zlib
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import httpx
import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from kit.ids import fresh
from tests.hostile import arguments
from tests.hostile.judge import BOARD, Breach, Target
from tests.hostile.wire import EVENT, HYDRATE, Wire, opened, socket_url

AT_ONCE = 6
BATCH = 25
Attack = Callable[[Target], Awaitable[str]]


async def every_event(target: Target) -> str:
    """Send every registered event with every hostile argument, as everybody there is."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(who: str, cookie: str, name: str, parameters: list[str]) -> int:
        async with gate, opened(target.url, cookie=cookie) as wire:
            return await _fire_all(target, wire, name, arguments.payloads(parameters), who)

    jobs = [
        one(who, cookie, name, parameters)
        for who, cookie in target.cookies.items()
        for name, parameters in target.events.items()
    ]
    sent = await asyncio.gather(*jobs, return_exceptions=True)
    if failed := [each for each in sent if isinstance(each, BaseException)]:
        raise failed[0]
    return f"{len(target.events)} events, sent {sum(sent)} times"


async def no_event(target: Target) -> str:
    """Send what is no event, or one with forged particulars of where it comes from."""
    names, sent = [n for n in target.events if n.startswith(BOARD)], 0
    for who, cookie in target.cookies.items():
        for event in arguments.strange_events(names):
            async with _hostile(target, cookie=cookie) as wire:
                await wire.send(event)
                await wire.answered()
                target.judge(wire.said, f"{who} sending {str(event)[:80]}")
                sent += 1
    return f"{sent} sent"


async def vars_of_ours(target: Target) -> str:
    """Name vars of ours in Reflex's own events, which may only set those kept in browsers."""
    states = sorted({name.rpartition(".")[0] for name in target.events})
    own = [name for name in target.events if name.endswith(("update_vars_internal", ".hydrate"))]
    for who, cookie in target.cookies.items():
        for name in (*own, HYDRATE):
            async with opened(target.url, cookie=cookie) as wire:
                await _fire_all(target, wire, name, arguments.reaching(states), who)
                if any(
                    '"email_rx_state_": [1]' in t or '"message_rx_state_": [1]' in t
                    for t in wire.said
                ):
                    raise Breach(f"{who} set a var by {name}")
    return f"{len(states)} states"


async def rooms(target: Target) -> str:
    """Ask to be let into rooms: by arguments, by forged headers, and from paths of admins."""
    claims = (
        {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "X-User": "owner"},
        {"Authorization": "Bearer x", "X-Forwarded-User": "owner", "X-Original-URL": "/admin"},
    )
    for who, cookie in target.cookies.items():
        for more in claims:
            headers = more | ({"Cookie": cookie} if cookie else {})
            async with opened(target.url, additional_headers=headers) as wire:
                for forged in arguments.FORGED:
                    await wire.fire(f"{BOARD}.join", forged)
                for path in ("/admin/sources", "/admin/quality", "/admin"):
                    await wire.fire(HYDRATE, path=path)
                await wire.fire(f"{BOARD}.join")
                await wire.answered()
                await asyncio.sleep(1)
                target.judge(wire.said, f"{who} joining")
    for cookie in (
        "dutchbook=" + "a" * 43,
        "dutchbook=\"'; --",
        "dutchbook=" + "%00" * 50,
        "a" * 8_000,
    ):
        async with _hostile(target, cookie=cookie) as wire:
            await wire.fire(f"{BOARD}.join")
            await wire.answered()
            target.judge(wire.said, "an invented cookie")
    return "nothing that was not theirs"


async def other_tabs(target: Target) -> str:
    """Open sockets with the client token of a tab that is open, and with strange ones."""
    token = fresh()
    async with opened(target.url, token=token) as first:
        await first.fire(f"{BOARD}.join")
        await first.until('"snapshot"')
        async with opened(target.url, token=token) as second:
            await second.fire(f"{BOARD}.leave")
            await second.until("new_token")
            await second.answered()
        heard = len(first.said)
        await first.settle()
        if len(first.said) <= heard:
            raise Breach("a tab was silenced by another with its token")
        for strange in ("", "x" * 3_000, "../../x", "%00", "%F0%28%8C", "a&token=b", f"{token}%20"):
            async with _hostile(target, token=strange or "%20") as wire:
                await wire.answered()
                target.judge(wire.said, "a strange client token")
    return "a token of its own each"


async def old_sessions(target: Target) -> str:
    """Come back with the cookies of sessions that are over."""
    for number, cookie in enumerate(target.old):
        async with opened(target.url, cookie=cookie) as wire:
            for name, parameters in target.events.items():
                if ".arb_app___" in name:
                    await wire.fire(name, dict.fromkeys(parameters, "1"))
            await wire.answered()
            target.judge(wire.said, f"session {number} that is over")
    return f"{len(target.old)} sessions"


async def packets(target: Target) -> str:
    """Break the two protocols below Reflex's, before a namespace is joined and after."""
    for joined in (False, True):
        for packet in arguments.PACKETS:
            async with _hostile(target, joining=joined) as wire:
                for _ in range(3):
                    await wire.raw.send(packet)
                await _settled(wire)
                target.judge(wire.said, f"the packet {packet[:40]!r}")
    raw = urlsplit(target.url)
    for frame in (
        b"\x00",
        b"\xff\xff\xff\xff",
        b"\x81\x05hello",
        b"\x81\xff" + b"\x7f" + b"\xff" * 7,
    ):
        async with _hostile(target) as wire:
            wire.raw.transport.write(frame * 3)
            await _settled(wire)
            target.judge(wire.said, f"the frame {frame!r}")
    for head in (
        b"GET /_event/ HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01" * 50,
        b"GET /" + b"a" * 100_000,
        b"\0" * 500,
    ):
        reader, writer = await asyncio.open_connection(raw.hostname, raw.port)
        with contextlib.suppress(OSError, TimeoutError):
            writer.write(head)
            await asyncio.wait_for(reader.read(65_536), 3)
        writer.close()
    return f"{2 * len(arguments.PACKETS)} packets"


async def oversized(target: Target) -> str:
    """Send frames beyond every limit: plain, in pieces, and small until they are inflated."""
    for size in (262_145, 1_100_000, 4_000_000):
        async with _hostile(target, compression=None) as wire:
            await _must_close(wire, EVENT + "x" * size, f"a frame of {size} bytes")
    async with _hostile(target, compression=None) as wire:
        pieces = (("x" * 60_000) for _ in range(200))
        await _must_close(wire, pieces, "a message of 12 MB in pieces")
    async with _hostile(target) as wire:
        if wire.raw.protocol.extensions:
            await _must_close(wire, EVENT + " " * 100_000_000, "a frame that inflates to 100 MB")
    async with _hostile(target) as wire:
        bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = bomb.compress(bytes(200_000_000)) + bomb.flush(zlib.Z_SYNC_FLUSH)
        await _must_close(wire, None, "a bomb by hand", frame=_masked(0xC1, body))
    return "closed, each of them"


async def never_reads(target: Target) -> str:
    """Ask for much on many sockets, and read none of it."""
    async with contextlib.AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(opened(target.url)) for _ in range(20)]
        for wire in wires:
            await wire.stop_reading()
        await asyncio.gather(*(_ask_for_much(wire) for wire in wires))
        await target.healthy("sockets that never read")
        for wire in wires:
            wire.raw.transport.abort()
    return f"{len(wires)} sockets"


async def silent(target: Target) -> str:
    """Open connections that say nothing, or half of something, and stay."""
    at = urlsplit(target.url)
    kept = []
    for number in range(300):
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        kept.append((reader, writer))
        half = f"GET /_event/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {at.netloc}\r\nX-A: "
        writer.write(
            ("", half, "POST /auth/sign-in HTTP/1.1\r\nContent-Length: 9000\r\n")[
                number % 3
            ].encode()
        )
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(100):
            await stack.enter_async_context(
                websockets.connect(socket_url(target.url, fresh()), origin=target.url, proxy=None)
            )
        await target.healthy("400 connections that say nothing")
    for _, writer in kept:
        writer.transport.abort()
    return "400 connections"


async def flood(target: Target) -> str:
    """Come and go in crowds, each time with another client token."""
    came = 0

    async def come_and_go() -> None:
        nonlocal came
        with contextlib.suppress(OSError, TimeoutError, InvalidHandshake, ConnectionClosed):
            async with opened(target.url) as wire:
                await wire.fire(f"{BOARD}.join")
                came += 1

    for _ in range(8):
        await asyncio.gather(*(come_and_go() for _ in range(100)))
    await target.healthy("a flood of connections")
    return f"{came} came"


async def strangers(target: Target) -> str:
    """Come from other sites, to other names, by other roads."""
    for more in ({"origin": "https://evil.example"}, {"origin": "null"}, {"origin": None}):
        with contextlib.suppress(InvalidStatus, ConnectionClosed):
            async with opened(target.url, **more) as wire:
                if more["origin"] is not None:
                    raise Breach(f"a socket was opened from {more['origin']}")
                target.judge(wire.said, "no origin")
    at = urlsplit(target.url)
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        for host in ("evil.example", f"{at.netloc}.evil.example", "", "127.0.0.1:1"):
            answer = await client.get(f"{target.url}/board", headers={"Host": host})
            if answer.status_code < 400:
                raise Breach(f"answered to the name {host!r}")
        target.judge(await _polled(client, target), "long polling")
    return "refused"


async def _polled(client: httpx.AsyncClient, target: Target) -> list[str]:
    """Try the transport that was never offered; return what was said."""
    said = []
    for path in (
        "/_event/?EIO=4&transport=polling",
        "/_event/?EIO=4",
        "/_event/?EIO=3&transport=x",
        "/_event/?EIO=4&transport=polling&sid=x",
        "/_event/?EIO=4&transport=polling&j=0",
    ):
        for answer in (
            await client.get(f"{target.url}{path}&token={fresh()}", headers={"Origin": target.url}),
            await client.post(f"{target.url}{path}", content="4" * 2_000_000),
        ):
            if answer.status_code == 200:
                raise Breach(f"{path} was answered: {answer.text[:200]}")
            said.append(answer.text)
    return said


@contextlib.asynccontextmanager
async def _hostile(target: Target, **more: Any):
    """Open a socket that may be closed on us at any time, which is a fine answer."""
    with contextlib.suppress(ConnectionClosed, ConnectionError, InvalidHandshake, InvalidStatus):
        async with opened(target.url, **more) as wire:
            yield wire


async def _fire_all(
    target: Target, wire: Wire, name: str, payloads: Iterable[dict[str, Any]], who: str
) -> int:
    sent, waiting = 0, iter(payloads)
    while batch := list(islice(waiting, BATCH)):
        for payload in batch:
            await wire.fire(name, payload, path="/board")
        await wire.answered()
        target.judge(wire.said, f"{who} firing {name.rpartition('___')[2]}")
        wire.said.clear()
        wire.heard_at.clear()
        sent += len(batch)
    return sent


async def _settled(wire: Wire) -> None:
    """Wait a moment for an answer to a ping, which need not come after nonsense."""
    with contextlib.suppress(TimeoutError):
        await wire.settle(within_s=0.5)


async def _must_close(wire: Wire, text: Any, what: str, *, frame: bytes = b"") -> None:
    try:
        if frame:
            wire.raw.transport.write(frame)
        else:
            await wire.raw.send(text)
        await wire.closed(within_s=20)
    except (ConnectionClosed, ConnectionError):
        return
    except TimeoutError as e:
        raise Breach(f"{what} was taken") from e


async def _ask_for_much(wire: Wire) -> None:
    """Fire what is answered at length, as long as it is taken."""
    with contextlib.suppress(ConnectionClosed, TimeoutError):
        async with asyncio.timeout(8):
            for number in range(4_000):
                await wire.fire(*((HYDRATE,) if number % 2 else (f"{BOARD}.join",)))


def _masked(first: int, payload: bytes) -> bytes:
    """Return a client's frame (RFC 6455, section 5.2)."""
    key = os.urandom(4)
    body = bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))
    return bytes((first, 255)) + len(payload).to_bytes(8, "big") + key + body


ATTACKS: tuple[Attack, ...] = (
    every_event,
    no_event,
    vars_of_ours,
    rooms,
    other_tabs,
    old_sessions,
    packets,
    oversized,
    never_reads,
    silent,
    flood,
    strangers,
)
