"""Places in streams: moved by their holder, from where it stood, and by nobody else."""

import asyncio

import pytest

from store import positions
from store.claims import Deposed

PLACE = "detector", "quotes:0/4"


async def test_a_place_begins_at_the_first_entry_and_is_where_it_was_moved_to(db):
    place = await positions.take(db, *PLACE, "me")
    assert place.entry == "0-0"
    place = await positions.move(db, place, "7-1")
    assert (place.entry, await positions.position(db, *PLACE)) == ("7-1", "7-1")
    assert (await positions.move(db, place, "7-1")).entry == "7-1"


async def test_who_takes_over_goes_on_where_the_last_one_stood_and_deposes_it(db):
    before = await positions.move(db, await positions.take(db, *PLACE, "one"), "7-1")
    after = await positions.take(db, *PLACE, "two")
    assert after.entry == "7-1"
    for to in ("7-1", "8-0"):
        with pytest.raises(Deposed):
            await positions.move(db, before, to)
    assert (await positions.move(db, after, "8-0")).entry == "8-0"


async def test_a_move_that_was_made_before_is_not_made_again(db):
    place = await positions.take(db, *PLACE, "me")
    await positions.move(db, place, "7-1")
    with pytest.raises(Deposed):
        await positions.move(db, place, "7-1")


@pytest.mark.usefixtures("emptied")
async def test_taking_over_waits_for_what_is_being_written(database):
    async with database.begin() as db:
        place = await positions.take(db, *PLACE, "one")

    async def take():
        async with database.begin() as db:
            return await positions.take(db, *PLACE, "two")

    async with database.begin() as db:
        await positions.move(db, place, "9-0")
        taking = asyncio.create_task(take())
        await asyncio.sleep(0)
    assert (await taking).entry == "9-0"


async def test_places_of_an_older_version_are_taken_over_too(db, owner):
    owner.execute("insert into stream_positions values ('detector', 'old', '5-2')")
    try:
        assert (await positions.take(db, "detector", "old", "me")).entry == "5-2"
    finally:
        await db.rollback()
        owner.execute("delete from stream_positions where stream = 'old'")
