"""Delivery: snapshot and patches in order, bounded queues, and what a slow reader sees."""

import json
from types import SimpleNamespace

import pytest
import socketio
from engineio.async_socket import AsyncSocket

from arb_app.live import MOST_WAITING, BoardHub, Sockets
from kit.clock import ManualClock
from tests.facts import NOON, a_patch, a_row, a_snapshot, some_refusals

NAMESPACE = "/_event"


class Reader:
    """One browser's socket, with nobody yet taking packets from its queue."""

    def __init__(self, session_id: str, socket: AsyncSocket) -> None:
        self.session_id = session_id
        self.socket = socket

    def waiting(self) -> list[dict]:
        taken = []
        while not self.socket.queue.empty():
            text = self.socket.queue.get_nowait().data
            assert text.startswith(f"2{NAMESPACE},")
            name, update = json.loads(text.removeprefix(f"2{NAMESPACE},"))
            assert (name, update["events"]) == ("event", [])
            taken.append(update["delta"]["app.board_state"]["message_rx_state_"])
        return taken


class House:
    """A hub over a real Socket.IO server, without a network."""

    def __init__(self) -> None:
        self.server = socketio.AsyncServer(async_mode="asgi")
        app = SimpleNamespace(sio=self.server, event_namespace=SimpleNamespace(namespace=NAMESPACE))
        self.clock = ManualClock(NOON)
        self.hub = BoardHub(Sockets(app, "app.board_state.message"), self.clock)

    async def reader(self, name: str) -> Reader:
        socket = AsyncSocket(self.server.eio, name)
        self.server.eio.sockets[name] = socket
        return Reader(await self.server.manager.connect(name, NAMESPACE), socket)


@pytest.fixture
def house():
    return House()


async def test_whoever_joins_gets_the_whole_board_and_then_what_changes(house):
    reader = await house.reader("one")
    house.hub.publish(a_snapshot(4, rows=[a_row(id="a"), a_row(id="b")]))
    house.hub.join(reader.session_id)
    house.hub.publish(a_patch(5, rows=[a_row(id="a", best_roi=0.5)], gone=["b"]))
    whole, patch = reader.waiting()
    assert (whole["kind"], whole["seq"], len(whole["rows"])) == ("snapshot", 4, 2)
    assert (patch["kind"], patch["seq"], patch["gone"]) == ("patch", 5, ["b"])
    assert [(row["id"], row["best_text"]) for row in patch["rows"]] == [("a", "+50.00 %")]


async def test_a_late_reader_gets_the_patches_worked_in(house):
    house.hub.publish(a_snapshot(1, rows=[a_row(id="a"), a_row(id="b")]))
    house.hub.publish(a_patch(2, rows=[a_row(id="c")], gone=["a"]))
    reader = await house.reader("late")
    house.hub.join(reader.session_id)
    (whole,) = reader.waiting()
    assert (whole["kind"], whole["seq"]) == ("snapshot", 2)
    assert {row["id"] for row in whole["rows"]} == {"b", "c"}


async def test_a_slow_reader_misses_patches_and_heals_by_a_snapshot(house):
    reader = await house.reader("slow")
    house.hub.publish(a_snapshot(0, rows=[a_row(id="a")]))
    house.hub.join(reader.session_id)
    for seq in range(1, MOST_WAITING * 3):
        house.hub.publish(a_patch(seq, rows=[a_row(id="a")]))
    assert reader.socket.queue.qsize() == MOST_WAITING
    seen = [message["seq"] for message in reader.waiting()]
    assert seen == list(range(MOST_WAITING))
    house.hub.publish(a_patch(MOST_WAITING * 3))
    (after_the_gap,) = reader.waiting()
    assert after_the_gap["seq"] > seen[-1] + 1
    house.hub.join(reader.session_id)
    (whole,) = reader.waiting()
    assert (whole["kind"], whole["seq"]) == ("snapshot", MOST_WAITING * 3)


async def test_one_slow_reader_costs_the_others_nothing(house):
    slow, quick = await house.reader("slow"), await house.reader("quick")
    house.hub.publish(a_snapshot(0))
    house.hub.join(slow.session_id)
    house.hub.join(quick.session_id)
    got = []
    for seq in range(1, MOST_WAITING * 2):
        house.hub.publish(a_patch(seq))
        got += [message["seq"] for message in quick.waiting()]
    assert got == list(range(MOST_WAITING * 2))


async def test_a_message_is_encoded_once_for_all(house):
    readers = [await house.reader(name) for name in "abc"]
    for reader in readers:
        house.hub.join(reader.session_id)
    house.hub.publish(a_snapshot(0, rows=[a_row()]))
    packets = {id(reader.socket.queue.get_nowait()) for reader in readers}
    assert len(packets) == 1


async def test_whoever_left_or_closed_gets_nothing_more(house):
    left, closed = await house.reader("left"), await house.reader("closed")
    house.hub.join(left.session_id)
    house.hub.join(closed.session_id)
    house.hub.leave(left.session_id)
    closed.socket.closed = True
    house.hub.publish(a_snapshot(0))
    assert (left.waiting(), closed.waiting()) == ([], [])


async def test_a_session_that_does_not_exist_is_no_error(house):
    house.hub.publish(a_snapshot(0))
    house.hub.join("nobody")
    house.hub.publish(a_patch(1))


async def test_the_near_misses_reach_late_readers_too(house):
    house.hub.refuse(some_refusals())
    reader = await house.reader("late")
    house.hub.join(reader.session_id)
    (message,) = reader.waiting()
    assert (message["kind"], message["total"]) == ("refusals", 1)


async def test_the_board_ages_until_the_worker_publishes_again(house):
    assert house.hub.age_s is None
    house.hub.publish(a_snapshot(0))
    house.clock.advance(12.0)
    assert house.hub.age_s == 12.0
    house.hub.publish(a_patch(1, published_at=house.clock.now()))
    assert house.hub.age_s == 0.0
