"""Unknown names on their way from readings into the table, and what is told beside the board."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from domain.board import Compared
from domain.errors import Unavailable
from domain.names import UnknownName
from domain.opportunities import GateCode
from domain.quotes import Origin
from jobs.lives import Lives
from jobs.requote import Judged, Requotes
from jobs.told import Told
from jobs.unknown import Unknown, noting
from services.detect import Detector
from services.held import Scope
from store import questions
from store.unknown import MOST_A_SOURCE, Noted, counted, save_unknown, unknown
from tests.facts import NOON, a_reading, an_opportunity, some_refusals


@pytest.fixture(autouse=True)
def _clean(owner):
    yield
    owner.execute("delete from unknown_names")
    owner.execute("delete from refused_crossings")


def said(name="Moon phase", **changes):
    told = UnknownName(kind="market", name=name, reason="market_unsupported")
    return msgspec.structs.replace(told, **changes)


async def listed(database, **asked):
    async with database.begin() as db:
        return await unknown(db, **asked)


async def test_names_are_summed_over_readings_and_saves(database, clock):
    names = Unknown(clock)
    for minutes in range(3):
        names.hear(a_reading(unknown=[said(count=2)]), NOON + timedelta(minutes=minutes))
    await names.save(database, clock.now())
    assert len(names) == 0
    names.hear(a_reading(unknown=[said(example="Lions v Bears")]), NOON + timedelta(hours=1))
    await names.save(database, clock.now())
    (told,) = await listed(database)
    assert (told.count, told.example) == (7, "Lions v Bears")
    assert (told.first_seen_at, told.last_seen_at) == (NOON, NOON + timedelta(hours=1))


async def test_readings_go_on_without_the_names_and_the_last_are_saved_at_the_end(database, clock):
    handed = []

    async def hand_on(reading):
        handed.append(reading)

    never = asyncio.Event()
    async with noting(database, clock, sleep=lambda _: never.wait()) as names:
        await names.noted(hand_on)(a_reading(unknown=[said()]))
    assert handed == [a_reading()]
    assert [one.name for one in await listed(database)] == ["Moon phase"]


async def test_a_reading_that_cannot_be_handed_on_is_not_counted_twice(database, clock):
    tries = iter([Unavailable("away"), None])

    async def hand_on(_):
        if error := next(tries):
            raise error

    never = asyncio.Event()
    async with noting(database, clock, sleep=lambda _: never.wait()) as names:
        noted = names.noted(hand_on)
        with pytest.raises(Unavailable):
            await noted(a_reading(unknown=[said()]))
        await noted(a_reading(unknown=[said()]))
    assert [one.count for one in await listed(database)] == [1]


async def test_what_cannot_be_saved_is_kept_until_it_can(database, clock):
    class Away:
        def begin(self):
            raise Unavailable("PostgreSQL is away")

    names = Unknown(clock)
    names.hear(a_reading(unknown=[said()]), NOON)
    with pytest.raises(Unavailable):
        await names.save(Away(), clock.now())
    names.hear(a_reading(unknown=[said()]), NOON + timedelta(minutes=1))
    await names.save(database, clock.now())
    (told,) = await listed(database)
    assert (told.count, told.first_seen_at) == (2, NOON)


def test_a_source_that_never_stops_inventing_names_is_bounded(clock):
    names = Unknown(clock)
    for n in range(MOST_A_SOURCE + 50):
        names.hear(a_reading(unknown=[said(f"name {n}")]), NOON)
    assert len(names) == MOST_A_SOURCE


async def test_the_table_keeps_of_each_source_what_was_said_last_and_forgets_the_old(db):
    def noted(source, name, at):
        return Noted(source=source, kind="market", name=name, reason="x", count=1,
                     first_seen_at=at, last_seen_at=at)  # fmt: skip

    old = [noted("a", f"old {n}", NOON) for n in range(MOST_A_SOURCE)]
    await save_unknown(db, [*old, noted("b", "other", NOON)], now=NOON)
    later = NOON + timedelta(days=1)
    await save_unknown(db, [noted("a", f"new {n}", later) for n in range(10)], now=later)
    assert await counted(db) == {"a": MOST_A_SOURCE, "b": 1}
    names = {one.name for one in await unknown(db, source="a", limit=MOST_A_SOURCE)}
    assert {f"new {n}" for n in range(10)} <= names
    assert [one.name for one in await unknown(db, source="b")] == ["other"]
    much_later = NOON + timedelta(days=40)
    await save_unknown(db, [noted("c", "newest", much_later)], now=much_later)
    assert await counted(db) == {"c": 1}


async def crossings(database):
    async with database.begin() as db:
        rows = await db.execute(
            sa.text("select key, codes, first_seen_at, last_seen_at from refused_crossings")
        )
        return [tuple(row) for row in rows]


def held_back(*codes):
    (row,) = some_refusals().rows
    refusal = row.opportunity.refusals[0]
    refusals = [msgspec.structs.replace(refusal, code=code) for code in codes]
    opportunity = an_opportunity(refusals=refusals)
    lives = Lives()
    lives.judged([opportunity.market], [opportunity], NOON, heard_at=NOON)
    return lives


async def test_each_crossing_held_back_is_kept_with_its_codes(database, cache, clock):
    told = Told("one", database, cache, clock)
    await told.tell(Detector(), held_back(GateCode.LEG_TOO_OLD))
    ((key, codes, first, _),) = await crossings(database)
    assert (key, codes, first) == (an_opportunity().key, ["leg_too_old"], NOON)
    clock.advance(2)
    await told.tell(Detector(), held_back(GateCode.LEG_TOO_OLD, GateCode.IN_PLAY))
    ((_, codes, first, last),) = await crossings(database)
    assert codes == ["leg_too_old", "in_play"]
    assert (first, last) == (NOON, NOON + timedelta(seconds=2))


async def test_what_is_being_checked_is_not_kept_and_what_was_gone_is(database, cache, clock):
    scope = Scope("slow", Origin.LIVE, NOON - timedelta(minutes=1), NOON - timedelta(minutes=1))
    found, requotes = an_opportunity(), Requotes(lambda _: scope)
    told = Told("one", database, cache, clock)
    requotes.sifted(Judged([found.market]), [found], (), NOON, NOON)
    told.note(requotes)
    await told.tell(Detector(), held_back(GateCode.BEING_CHECKED))
    assert (await crossings(database), await questions.counts(cache)) == ([], {})
    requotes.sifted(Judged([found.market]), [], (), NOON, NOON)
    told.note(requotes)
    clock.advance(1)
    await told.tell(Detector(), Lives())
    ((key, codes, _, _),) = await crossings(database)
    assert (key, codes) == (found.key, ["gone_when_checked"])
    assert await questions.counts(cache) == {"gone": 1}


async def test_what_is_compared_is_told_by_every_detector_and_summed(database, cache, clock):
    assert await cache.compared() is None
    detector = Detector()
    detector.absorb(a_reading())
    assert detector.compared == Compared(events=1, markets=1, prices=2)
    for name in ("one", "two"):
        await Told(name, database, cache, clock).tell(detector, Lives())
    assert await cache.compared() == Compared(events=2, markets=2, prices=4)


async def test_notes_wait_while_a_server_is_away(cache, clock):
    class Away:
        def begin(self):
            raise Unavailable("PostgreSQL is away")

    told = Told("one", Away(), cache, clock)
    await told.tell(Detector(), held_back(GateCode.LEG_TOO_OLD))
    assert await cache.compared() is None
