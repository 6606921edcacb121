"""The hub: snapshot and patches in order by every path, bounded buffers, and slow readers."""

import pytest

from arb_app.fanout.rooms import SKIPPED
from arb_app.fanout.sockets import MOST_BUFFERED, MOST_WAITING
from tests.arb_app.fanout.house import ENTERPRISE, PATHS, PRO, Browser, House
from tests.facts import a_patch, a_row, a_snapshot, an_event, an_opportunity, some_refusals


@pytest.fixture(params=PATHS)
def house(request):
    return House(request.param)


async def test_whoever_joins_gets_the_whole_board_and_then_what_changes(house):
    house.hub.publish(a_snapshot(4, rows=[a_row(id="a"), a_row(id="b")]))
    reader = await house.joined("one")
    house.hub.publish(a_patch(5, rows=[a_row(id="a", best_roi=0.5)], gone=["b"]))
    whole, patch = reader.waiting()
    assert (whole["kind"], whole["seq"], len(whole["rows"])) == ("snapshot", 4, 2)
    assert (patch["kind"], patch["seq"], patch["gone"]) == ("patch", 5, ["b"])
    assert [(row["id"], row["best_text"]) for row in patch["rows"]] == [("a", "+50.00 %")]


async def test_a_late_reader_gets_the_patches_worked_in(house):
    house.hub.publish(a_snapshot(1, rows=[a_row(id="a"), a_row(id="b")]))
    house.hub.publish(a_patch(2, rows=[a_row(id="c")], gone=["a"]))
    reader = await house.joined("late")
    (whole,) = reader.waiting()
    assert whole["kind"] == "snapshot"
    assert {row["id"] for row in whole["rows"]} == {"b", "c"}
    house.hub.publish(a_patch(3))
    (patch,) = reader.waiting()
    assert (patch["epoch"], patch["seq"]) == (whole["epoch"], whole["seq"] + 1)


async def test_a_row_that_reads_as_before_is_not_sent_again(house):
    row = a_row(id="a")
    house.hub.publish(a_snapshot(1, rows=[row]))
    reader = await house.joined("one")
    house.hub.publish(a_patch(2, rows=[row]))
    assert [len(message["rows"]) for message in reader.waiting()] == [1, 0]


def a_patch_of_size(seq):
    """Return a patch that hardly deflates: many rows, each unlike the others."""
    return a_patch(seq, rows=[a_row(id=f"{seq}.{n}") for n in range(10)])


async def test_a_slow_reader_misses_patches_and_is_given_a_snapshot_once_it_reads(house):
    house.hub.publish(a_snapshot(0, rows=[a_row(id="a")]))
    slow, quick = await house.joined("slow"), await house.joined("quick")
    before, browser, other = SKIPPED._value.get(), Browser(), Browser()
    for seq in range(1, 200):
        house.hub.publish(a_patch_of_size(seq))
        other.take(quick.waiting())
    assert SKIPPED._value.get() > before
    browser.take(slow.waiting())
    assert (browser.gaps, browser.seq < other.seq) == (0, True)
    house.hub.publish(a_patch_of_size(200))
    browser.take(slow.waiting())
    other.take(quick.waiting())
    assert (browser.gaps, other.gaps) == (0, 0)
    assert (browser.rows, browser.seq) == (other.rows, other.seq)


async def test_what_waits_for_a_slow_reader_is_bounded(house):
    house.hub.publish(a_snapshot(0))
    slow = await house.joined("slow")
    for seq in range(1, 300):
        house.hub.publish(a_patch_of_size(seq))
    if house.path == "queue":
        assert slow.socket.queue.qsize() == MOST_WAITING
    else:
        largest = max(map(len, slow.wire.pending))
        assert MOST_BUFFERED <= slow.wire.get_write_buffer_size() < MOST_BUFFERED + largest


async def test_a_slow_reader_is_left_alone_until_all_has_left(house):
    house.hub.publish(a_snapshot(0))
    slow = await house.joined("slow")
    for seq in range(1, 300):
        house.hub.publish(a_patch_of_size(seq))
    if house.path == "queue":
        slow.socket.queue.get_nowait()
        house.hub.publish(a_patch(300))
        assert slow.socket.queue.qsize() == MOST_WAITING - 1
    else:
        slow.wire.pending = slow.wire.pending[-1:]
        house.hub.publish(a_patch(300))
        assert len(slow.wire.pending) == 1


async def test_a_message_is_encoded_once_for_all(house):
    readers = [await house.joined(name) for name in "abc"]
    house.hub.publish(a_snapshot(0, rows=[a_row()]))
    if house.path == "queue":
        sent = {id(reader.socket.queue.get_nowait()) for reader in readers}
    else:
        sent = {id(reader.wire.pending[0]) for reader in readers}
    assert len(sent) == 1


async def test_whoever_left_or_closed_gets_nothing_more(house):
    left, closed = await house.joined("left"), await house.joined("closed")
    house.hub.leave(left.session_id)
    closed.socket.closed = True
    house.hub.publish(a_snapshot(0))
    assert (left.waiting(), closed.waiting()) == ([], [])


@pytest.mark.parametrize("how", ["close_sent", "closed"])
async def test_a_wire_that_is_closing_gets_nothing_more(how):
    house = House("deflated")
    house.hub.publish(a_snapshot(0))
    reader, late = await house.joined("one"), await house.reader("late")
    reader.waiting()
    for each in (reader, late):
        setattr(each.wire, how, True)
    house.hub.join(late.session_id, PRO)
    house.hub.publish(a_patch(1))
    assert (reader.waiting(), late.waiting()) == ([], [])


async def test_a_session_that_does_not_exist_is_no_error(house):
    house.hub.publish(a_snapshot(0))
    house.hub.join("nobody", PRO)
    house.hub.publish(a_patch(1))


async def test_the_near_misses_reach_late_readers_too(house):
    house.hub.refuse(some_refusals())
    reader = await house.joined("late")
    (message,) = reader.waiting()
    assert (message["kind"], message["total"]) == ("refusals", 1)


async def test_a_new_epoch_is_a_snapshot_and_no_gap(house):
    house.hub.publish(a_snapshot(7, rows=[a_row(id="a")]))
    reader, browser = await house.joined("one"), Browser()
    house.hub.publish(a_snapshot(1, epoch="second", rows=[a_row(id="b")]))
    house.hub.publish(a_patch(2, epoch="second", rows=[a_row(id="c")]))
    browser.take(reader.waiting())
    assert (set(browser.rows), browser.gaps) == ({"b", "c"}, 0)


async def test_readers_by_different_paths_see_the_same():
    houses = [House(path) for path in PATHS]
    rows = [a_row(an_event(f"Lions {n} v Bears"), id=str(n)) for n in range(30)]
    readers = [await house.joined("one") for house in houses]
    for house in houses:
        house.hub.publish(a_snapshot(1, rows=rows))
        house.hub.publish(a_patch(2, gone=["3"], rows=[a_row(id="4", best_roi=0.9)]))
        house.hub.refuse(some_refusals(rows=[]))
    seen = [
        [{k: v for k, v in each.items() if k != "epoch"} for each in reader.waiting()]
        for reader in readers
    ]
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == 3


async def test_the_board_ages_until_the_worker_publishes_again():
    house = House()
    assert house.hub.age_s is None
    house.hub.publish(a_snapshot(0))
    house.clock.advance(12.0)
    assert house.hub.age_s == 12.0
    house.hub.publish(a_patch(1, published_at=house.clock.now()))
    assert house.hub.age_s == 0.0


async def test_enterprise_gets_every_figure_as_the_engine_has_it():
    house = House()
    house.hub.publish(a_snapshot(1, rows=[a_row(opportunity=an_opportunity())]))
    whole = await house.joined("whole", ENTERPRISE)
    plain = await house.joined("plain", PRO)
    assert whole.waiting()[0]["rows"][0]["raw"]["legs"][0]["odds"] == 21 / 11
    assert "raw" not in plain.waiting()[0]["rows"][0]
