"""Rotation: everything is sealed anew while others read and write, and nobody notices."""

import asyncio
from dataclasses import replace
from secrets import token_bytes
from uuid import uuid4

import pytest

from domain.errors import NotAllowed, NotFound, ProofNeeded, Refused, Unavailable
from domain.letters import Letter
from jobs.resealing import Resealing
from services import keys as service
from services import post
from services.access import OPERATOR, PERMISSIONS_OF, Permission, Role, Subject
from services.audit_look import Filter, entries
from services.keys import RESTS
from services.post import opened
from services.work import begin
from store import credentials, mail
from store.credentials_opened import opened as credentials_opened
from store.keyhold import FileHold, TransitHold
from store.keyhold.transit import SETTLES
from store.keys import KeyRing, KeysAway
from tests.facts import NOON

LETTERS, CREDENTIALS = 240, 120
LETTER = Letter(subject="Hello", text="a code", html="<p>a code</p>")


@pytest.fixture
def path(tmp_path):
    KeyRing.at(tmp_path / "keys.json")
    return tmp_path / "keys.json"


@pytest.fixture
def hold(path):
    return FileHold(path, named=True)


@pytest.fixture
def office(resources, path):
    """What the web process has: its own look at the file."""
    return replace(resources, keys=FileHold(path, named=True))


@pytest.fixture
async def no_keys(owner, emptied):
    owner.execute("truncate sealing_keys, key_rotations")
    owner.execute("delete from letters")
    yield
    owner.execute("truncate sealing_keys, key_rotations")
    owner.execute("delete from letters")


@pytest.fixture
def resealing(database, hold, clock, no_keys):
    return Resealing(database=database, keys=hold, clock=clock, worker="a worker", batch=20)


async def stocked(office, *, letters=LETTERS, parts=CREDENTIALS):
    """Keep sealed rows of both kinds."""
    async with begin(office, OPERATOR_WITH_POST) as work:
        for number in range(letters):
            await post.post(work, "confirm", f"m{number}@example.com", LETTER)
        for number in range(parts):
            await credentials.put(
                work.db, work.keys, "s", f"{number}", f"secret {number}", actor="x", at=NOON
            )


OPERATOR_WITH_POST = replace(OPERATOR, permissions=OPERATOR.permissions | {Permission.SIGN_IN})


async def rotate(office, key_id=""):
    async with begin(office, OPERATOR) as work:
        await service.rotate(work, key_id)


async def overview(office):
    async with begin(office, OPERATOR) as work:
        return await service.overview(work)


async def read_all(office):
    """Open every sealed row as its readers do; return how many there were."""
    async with office.database.begin() as db:
        await mail.oversee(db)
        rows = await mail.newest(db, limit=10_000)
        ring = office.keys.now()
        assert {opened(ring, row).text for row in rows} <= {LETTER.text}
    async with office.database.begin() as db:
        found = await credentials_opened(db, office.keys.now())
    assert (found.unreadable, found.away) == ({}, False)
    return len(rows) + len(found.parts.get("s", {}))


@pytest.mark.slow
async def test_under_load_no_read_fails_and_at_the_end_nothing_names_the_old_key(
    office, resealing, hold
):
    await stocked(office)
    old = hold.now().current
    await rotate(office)
    going, failed, reads, writes = True, [], 0, 0

    async def read():
        nonlocal reads
        while going:
            try:
                assert await read_all(office) >= LETTERS + CREDENTIALS
            except Exception as e:  # noqa: BLE001  whatever it is, a read failed
                failed.append(repr(e))
            reads += 1
            await asyncio.sleep(0)

    async def write(number):
        nonlocal writes
        while going:
            async with begin(office, OPERATOR_WITH_POST) as work:
                text = f"secret {uuid4()}"
                await credentials.put(
                    work.db, work.keys, "s", f"{number}", text, actor="x", at=NOON
                )
                await post.post(work, "confirm", "new@example.com", LETTER)
            writes += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        tasks.create_task(write(3))
        async with asyncio.timeout(60):
            while not (await overview(office)).rotations[0].ended_at:
                await resealing.tend()
        going = False
    assert failed == []
    assert reads > 0
    assert writes > 0
    told = await overview(office)
    new = hold.now().current
    assert new != old
    rows = {key.id: key.rows for key in told.keys}
    assert rows[old] == 0
    assert rows[new] == LETTERS + CREDENTIALS + writes
    assert told.rotations[0].resealed >= LETTERS + CREDENTIALS
    assert told.rotations[0].left == 0
    assert await read_all(office) == rows[new]


async def test_one_that_dies_in_the_middle_is_gone_on_with_by_another(
    office, resealing, database, hold, clock
):
    await stocked(office, letters=50, parts=50)
    await rotate(office)
    batches = 0

    class Died(BaseException):
        pass

    async def dies(_):
        nonlocal batches
        batches += 1
        if batches == 2:
            raise Died

    resealing.sleep = dies
    with pytest.raises(Died):
        await resealing.tend()
    halfway = (await overview(office)).rotations[0]
    assert (halfway.resealed, halfway.left, halfway.ended_at) == (40, 60, None)
    assert await read_all(office) == 100
    other = Resealing(database=database, keys=hold, clock=clock, worker="another", batch=20)
    await other.tend()
    done = (await overview(office)).rotations[0]
    assert (done.resealed, done.left, done.ended_at) == (100, 0, NOON)
    assert await read_all(office) == 100


async def test_what_does_not_open_is_left_as_it_is_and_told(office, resealing, owner):
    await stocked(office, letters=30, parts=2)
    owner.execute(
        "update source_credentials set sealed = 's1.gone.' || split_part(sealed, '.', 3)"
        " where part = '1'"
    )
    await rotate(office)
    await resealing.tend()
    told = await overview(office)
    assert (told.rotations[0].resealed, told.rotations[0].left) == (31, 1)
    assert told.rotations[0].ended_at == NOON
    (gone,) = [key for key in told.keys if key.id == "gone"]
    assert (gone.held, gone.rows, gone.known_at) == (False, 1, None)


async def test_a_row_that_is_being_written_is_left_for_the_next_pass(
    office, resealing, owner, database
):
    await stocked(office, letters=0, parts=3)
    await rotate(office)
    async with database.begin() as db:
        await credentials.put(db, KeyRing.read(office.keys.path), "s", "1", "x", actor="x", at=NOON)
        await resealing.tend()
        told = (await overview(office)).rotations[0]
        assert (told.resealed, told.ended_at) == (2, None)
    await resealing.tend()
    told = (await overview(office)).rotations[0]
    assert (told.left, told.ended_at) == (0, NOON)


async def test_an_old_key_goes_when_nothing_names_it_and_an_hour_has_passed(
    office, resealing, hold, clock
):
    await stocked(office, letters=0, parts=3)
    await resealing.tend()
    old = hold.now().current

    async def retire(key_id):
        async with begin(office, OPERATOR) as work:
            await service.retire(work, key_id)

    with pytest.raises(Refused, match="current"):
        await retire(old)
    await rotate(office)
    await resealing.tend()
    with pytest.raises(Refused, match="an hour"):
        await retire(old)
    clock.advance(RESTS.total_seconds())
    async with begin(office, OPERATOR) as work:
        ring = KeyRing(old, {old: hold.now().key(old)})
        await credentials.put(work.db, ring, "s", "late", "x", actor="x", at=NOON)
    with pytest.raises(Refused, match="1 rows are sealed"):
        await retire(old)
    async with begin(office, OPERATOR) as work:
        await credentials.clear(work.db, "s", "late")
    await retire(old)
    await resealing.tend()
    assert old not in hold.now().keys
    assert await read_all(office) == 3
    with pytest.raises(NotFound):
        await retire(old)
    with pytest.raises(NotFound):
        await rotate(office, old)


async def test_a_key_that_was_made_before_takes_over(office, resealing, hold):
    await stocked(office, letters=0, parts=2)
    made = await hold.make()
    await resealing.tend()
    await rotate(office, made)
    await resealing.tend()
    assert hold.now().current == made
    assert {key.id: key.rows for key in (await overview(office)).keys}[made] == 2


class Engine:
    """A transit engine that wraps by turning bytes around."""

    def data_key(self):
        key = token_bytes(32)
        return key, f"vault:v1:{key[::-1].hex()}"

    def unwrapped(self, wrapped):
        return bytes.fromhex(wrapped.removeprefix("vault:v1:"))[::-1]


async def test_a_transit_engine_takes_over_from_the_file(office, database, hold, clock, no_keys):
    await stocked(office, letters=30, parts=2)
    old = hold.now().current
    keys = TransitHold(Engine(), database, clock, ttl_s=900, beside=hold.now())
    office = replace(office, keys=keys)
    resealing = Resealing(database=database, keys=keys, clock=clock, worker="a worker")
    await resealing.tend()
    assert await read_all(office) == 32
    await rotate(office)
    await resealing.tend()
    first = (await overview(office)).rotations[0]
    assert (first.left, first.ended_at) == (0, NOON)  # nobody else has to hear of the first key
    clock.advance(1)
    await rotate(office)
    await resealing.tend()
    await resealing.tend()
    waiting = (await overview(office)).rotations[0]
    assert (waiting.resealed, waiting.left, waiting.ended_at) == (0, 32, None)
    assert waiting.key_id not in {first.key_id, keys.now().current}
    clock.advance(SETTLES.total_seconds())
    await resealing.tend()
    told = await overview(office)
    assert told.rotations[0].ended_at == clock.now()
    assert {key.id: key.rows for key in told.keys} == {
        waiting.key_id: 32, first.key_id: 0, old: 0,
    }  # fmt: skip
    assert await read_all(office) == 32
    clock.advance(RESTS.total_seconds())
    await keys.refresh()
    async with begin(office, OPERATOR) as work:
        await service.retire(work, first.key_id)
    await keys.refresh()
    assert first.key_id not in keys.now().keys
    with pytest.raises(NotFound):
        await rotate(office, waiting.key_id)


async def test_one_rotation_at_a_time_and_both_ends_are_on_record(office, resealing):
    await rotate(office)
    with pytest.raises(Refused, match="under way"):
        await rotate(office)
    await resealing.tend()
    async with begin(office, OPERATOR) as work:
        told = [(e.actor, e.action) for e in (await service.history(work, limit=3)).entries]
        found = await entries(work, Filter(action="keys.rotate"), limit=1)
    both = [("a worker", "keys.rotated"), ("operator", "keys.rotate")]
    assert [each for each in told if each[1] != "keys.known"] == both
    assert found.entries[0].details["to"] == "a new key"
    await rotate(office)


async def test_who_may_and_has_proved_it_lately_may(office, clock):
    looker = Subject(uuid4(), PERMISSIONS_OF[Role.ADMIN])
    owner = Subject(uuid4(), PERMISSIONS_OF[Role.OWNER], proved_at=clock.now())
    async with begin(office, looker) as work:
        await service.overview(work)
        for act in (service.rotate(work), service.retire(work, "x")):
            with pytest.raises(NotAllowed):
                await act
    async with begin(office, Subject(uuid4(), PERMISSIONS_OF[Role.ANALYST])) as work:
        for look in (service.overview(work), service.history(work)):
            with pytest.raises(NotAllowed):
                await look
    clock.advance(3600)
    async with begin(office, owner) as work:
        for act in (service.rotate(work), service.retire(work, "x")):
            with pytest.raises(ProofNeeded):
                await act


async def test_while_the_keys_are_away_a_rotation_waits_and_reading_goes_on(
    office, resealing, hold
):
    await stocked(office, letters=0, parts=2)
    await rotate(office)

    async def away():
        raise KeysAway("the holder of the keys: VaultDown")

    make, hold.make = hold.make, away
    with pytest.raises(Unavailable):
        await resealing.tend()
    assert await read_all(office) == 2
    assert (await overview(office)).rotations[0].key_id == ""
    hold.make = make
    await resealing.tend()
    assert (await overview(office)).rotations[0].ended_at == NOON
