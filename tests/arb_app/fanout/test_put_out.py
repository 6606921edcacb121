"""Breaks and limits at the board: whoever may look no more is put out, and asks why."""

from datetime import timedelta

import pytest

from arb_app.live import Rooming
from domain.breaks import DAY, Length
from domain.plans import View
from services import breaks
from services.sessions import hash_of
from services.work import begin
from tests.accounts import BOB, open_account, signed_in
from tests.arb_app.fanout.house import ASKED, PATHS, PRO, House
from tests.facts import a_patch, a_row, a_snapshot

VISITORS = View.of("pro")


@pytest.fixture(params=PATHS)
def house(request):
    house = House(request.param)
    house.hub.publish(a_snapshot(1, rows=[a_row(id="a")]))
    return house


async def test_whoever_is_put_out_is_sent_nothing_more_but_the_question(house):
    reader, other = await house.joined("one", PRO, "t"), await house.joined("other", PRO, "u")
    reader.waiting()
    other.waiting()
    house.hub.see({"t": None, "u": PRO}, VISITORS)
    house.hub.publish(a_patch(2, rows=[a_row(id="b")]))
    assert reader.asked() == [ASKED]
    assert [message["kind"] for message in other.waiting()] == ["patch"]
    assert house.hub.token_hashes == {"u"}
    house.hub.see({"t": None, "u": PRO}, VISITORS)
    assert reader.asked() == []


async def test_nobody_is_put_out_because_somebody_else_is(house):
    visitor = await house.joined("visitor", PRO)
    visitor.waiting()
    house.hub.see({"t": None}, VISITORS)
    assert visitor.asked() == []


@pytest.mark.usefixtures("emptied")
async def test_a_member_who_takes_a_break_is_out_at_the_next_look_and_may_come_back_after_it(
    house, resources, clock
):
    ann, _ = await open_account(resources), await open_account(resources, BOB)
    anns, bobs = await signed_in(resources), await signed_in(resources, BOB)
    here = await house.joined("ann", VISITORS, hash_of(anns))
    there = await house.joined("bob", VISITORS, hash_of(bobs))
    rooms = Rooming(house.hub, resources, VISITORS)
    await rooms.look()
    assert house.hub.token_hashes == {hash_of(anns), hash_of(bobs)}
    here.waiting()
    there.waiting()
    async with begin(resources, ann) as work:
        await breaks.take(work, Length.HOUR)
    await rooms.look()
    assert here.asked() == [ASKED]
    assert house.hub.token_hashes == {hash_of(bobs)}
    clock.advance(3600)
    house.hub.join(here.session_id, VISITORS, hash_of(anns))
    await rooms.look()
    assert hash_of(anns) in house.hub.token_hashes


@pytest.mark.usefixtures("emptied")
async def test_the_time_at_the_board_counts_and_the_limit_puts_out(resources, clock):
    house = House()
    ann = await open_account(resources)
    token = await signed_in(resources)
    async with begin(resources, ann) as work:
        await breaks.limit(work, remind_min=0, daily_min=30, firm=False)
    reader = await house.joined("ann", VISITORS, hash_of(token))
    rooms, began = Rooming(house.hub, resources, VISITORS), clock.now()
    while hash_of(token) in house.hub.token_hashes:
        await rooms.count()
        await rooms.look()
        clock.advance(60)
    assert clock.now() - began == timedelta(minutes=31)
    clock.advance(DAY.total_seconds())
    house.hub.join(reader.session_id, VISITORS, hash_of(token))
    await rooms.look()
    assert hash_of(token) in house.hub.token_hashes
