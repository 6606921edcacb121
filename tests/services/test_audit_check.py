"""Checking the audit: whatever was done to it behind its back is found, and nothing else is."""

from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotAllowed
from jobs.witness import Witness
from kit.clock import ManualClock
from kit.ids import fresh
from services import audit_check
from services.access import OPERATOR
from services.audit_check import Fault, checked
from services.work import Work
from store import audit, audit_chain
from store.anchors import AnchorFile, public_keys
from store.audit import Entry
from store.audit_chain import Head
from store.db import Database
from store.keys import KeyRing
from tests.facts import NOON

OPEN = """
    alter table audit disable trigger user;
    alter table audit_chain disable trigger user;
    alter table audit_chain drop constraint pk_audit_chain;
    alter table audit_chain drop constraint uq_audit_chain_entry
"""


@pytest.fixture(scope="module")
async def mighty(servers):
    """The database as whoever owns the tables reaches it."""
    pool = await Database.open(servers.owner_url, application="owner")
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
async def anchored(database, tmp_path_factory):
    """Twelve entries at the end of the audit, four anchors in it and one at its end."""
    ring, file = KeyRing().renewed(), AnchorFile(tmp_path_factory.mktemp("anchors") / "a.jsonl")
    for turn in range(4):
        async with database.begin() as db:
            entries = [
                Entry(actor=f"a{n % 2}", action="try", subject="s", details={"n": n, "t": turn})
                for n in range(3)
            ]
            await audit.record_all(db, entries)
        async with database.begin() as db:
            file.append(await audit_chain.head(db), ring, at=NOON + timedelta(days=turn))
    return file, ring


def keys(ring):
    return set(public_keys(ring).values())


async def asked(pool, file, ring):
    async with pool.begin() as db:
        await audit_chain.still(db)
        return await checked(db, file, keys(ring))


async def test_an_untouched_chain_is_clean_and_told_with_its_figures(mighty, anchored, owner):
    report = await asked(mighty, *anchored)
    rows, seq = owner.execute("select count(*), max(seq) from audit_chain").fetchone()
    (head,) = owner.execute("select hash from audit_chain where seq = %s", [seq]).fetchone()
    assert (report.clean, report.broken) == (True, None)
    assert (report.rows, report.seq, report.head) == (rows, seq, head.hex())
    assert (report.anchors.count, report.anchors.at) == (4, NOON + timedelta(days=3))


# Each takes one or two of the last twelve links, by numbers from their end, and leaves a trace.
CHANGES = {
    "a field of an entry": "update audit set actor = actor || 'x' where id = :a",
    "an instant by a microsecond": "update audit set at = at + interval '1 us' where id = :a",
    "a figure in the details": "update audit set details = details || '{\"n\": 9}' where id = :a",
    "an instant that is none": "update audit set at = 'infinity' where id = :a",
    "an entry": "delete from audit where id = :a",
    "an entry and its link": (
        "delete from audit where id = :a; delete from audit_chain where entry = :a"
    ),
    "a link": "delete from audit_chain where entry = :a",
    "all from a link on": (
        "with cut as (delete from audit_chain where entry >= :a returning entry)"
        " delete from audit using cut where id = cut.entry"
    ),
    "two entries that change their ids": (
        "update audit set id = -1 where id = :a; update audit set id = :a where id = :b;"
        " update audit set id = :b where id = -1"
    ),
    "two links that change places": (
        "update audit_chain set seq = -seq where entry in (:a, :b);"
        " update audit_chain set seq = (select sum(-seq) from audit_chain where seq < 0) + seq"
        " where seq < 0"
    ),
    "two links that change entries": (
        "update audit_chain set entry = :a + :b - entry where entry in (:a, :b)"
    ),
    "an entry without a link": (
        "insert into audit (actor, action, subject, details) values ('x', 'x', 'x', '{}')"
    ),
    "an entry behind the others": (
        "insert into audit (id, actor, action, subject, details) values (-7, 'x', 'x', 'x', '{}')"
    ),
    "a link twice": "insert into audit_chain select * from audit_chain where entry = :a",
    "a link moved away": "update audit_chain set seq = seq + 1000000 where entry = :a",
    "a link before the first": (
        "insert into audit_chain select 0, entry, version, previous, hash"
        " from audit_chain where entry = :a"
    ),
    "a hash": "update audit_chain set hash = sha256(hash) where entry = :a",
    "the hash before": "update audit_chain set previous = sha256(previous) where entry = :a",
    "the version": "update audit_chain set version = 2 where entry = :a",
    "everything": "delete from audit; delete from audit_chain",
    "another entry in a link, sealed anew": (
        "update audit set subject = 'forged' where id = :a;"
        " update audit_chain c set hash = public.audit_hash(c.seq, c.previous, a)"
        " from audit a where a.id = c.entry and c.entry = :a"
    ),
    "an entry, and everything from it on sealed anew": (
        "update audit set subject = 'forged' where id = :a; {again}"
    ),
    "an entry left out, and everything after it sealed anew": (
        "delete from audit where id = :a; {again}"
    ),
}
AGAIN = """
    do $$ declare
      old audit; n bigint := 0; before bytea := decode(repeat('00', 32), 'hex');
    begin
      create temporary table kept on commit drop as
        select entry from audit_chain join audit on id = entry order by seq;
      delete from audit_chain;
      for old in select a.* from kept join audit a on a.id = kept.entry loop
        n := n + 1;
        insert into audit_chain values (n, old.id, 1, before, public.audit_hash(n, before, old))
          returning hash into before;
      end loop;
    end $$
"""
places = st.lists(st.integers(1, 12), min_size=2, max_size=2, unique=True)


@settings(max_examples=150)
@given(st.sampled_from(sorted(CHANGES)), places)
async def test_whatever_an_owner_of_the_tables_does_is_found(mighty, anchored, what, which):
    file, ring = anchored
    async with mighty.begin() as db:
        ids = [await _entry(db, place) for place in which]
        await _run(db, OPEN)
        script = CHANGES[what].replace("{again}", AGAIN)
        await _run(db, script.replace(":a", str(ids[0])).replace(":b", str(ids[1])))
        report = await checked(db, file, keys(ring))
        await db.rollback()
    assert not report.clean, what
    assert report.broken.said


async def _entry(db, place):
    nth = "select entry from audit_chain order by seq desc limit 1 offset :n"
    return (await db.execute(sa.text(nth), {"n": place - 1})).scalar_one()


async def _run(db, script):
    """Run statements as they stand, many at once."""
    raw = await (await db.connection()).get_raw_connection()
    await raw.driver_connection.execute(script)


async def test_the_first_broken_place_is_named(mighty, anchored):
    file, ring = anchored
    async with mighty.begin() as db:
        entry = await _entry(db, 5)
        await db.execute(sa.text("alter table audit disable trigger user"))
        await db.execute(
            sa.text("update audit set actor = 'somebody else' where id >= :a"), {"a": entry}
        )
        report = await checked(db, file, keys(ring))
        head = await audit_chain.head(db)
        await db.rollback()
    assert (report.broken.fault, report.broken.entry) == (Fault.CHANGED, entry)
    assert report.broken.seq == head.seq - 4
    assert report.rows == report.seq == head.seq - 5


async def test_a_cut_of_the_end_is_known_to_the_anchor_alone(mighty, anchored, tmp_path):
    file, ring = anchored
    async with mighty.begin() as db:
        await _run(db, OPEN)
        gone = "with cut as (delete from audit_chain where entry >= :a returning entry)"
        gone += " delete from audit using cut where id = cut.entry"
        await db.execute(sa.text(gone), {"a": await _entry(db, 2)})
        report = await checked(db, file, keys(ring))
        without = await checked(db, AnchorFile(tmp_path / "none"), keys(ring))
        await db.rollback()
    assert report.broken.fault is Fault.CUT
    assert without.clean


def _replaced(line, **changes):
    return msgspec.json.encode(msgspec.json.decode(line) | changes)


OTHER = KeyRing().renewed()
ANCHOR_CHANGES = {
    "changed": lambda lines, n: [*lines[:n], _replaced(lines[n], seq=1), *lines[n + 1 :]],
    "backdated": lambda lines, n: [
        *lines[:n], _replaced(lines[n], at="2020-01-01T00:00:00Z"), *lines[n + 1 :]
    ],
    "cut out": lambda lines, n: [*lines[:n], *lines[n + 1 :]] if n < 3 else lines[1:],
    "put in": lambda lines, n: [*lines[: n + 1], *lines[n:]],
    "reversed": lambda lines, n: lines[::-1],
    "garbled": lambda lines, n: [*lines[:n], b"{", *lines[n + 1 :]],
    "no text": lambda lines, n: [*lines[:n], b"\xff\xfe", *lines[n + 1 :]],
    "endless": lambda lines, n: [*lines[:n], b"x" * 10_000, *lines[n + 1 :]],
    "spelled otherwise": lambda lines, n: [
        *lines[:n], lines[n].replace(b",", b", "), *lines[n + 1 :]
    ] if n < 3 else [lines[0].replace(b",", b", "), *lines[1:]],
}  # fmt: skip


@pytest.mark.parametrize("what", ANCHOR_CHANGES)
@pytest.mark.parametrize("place", range(4))
async def test_whatever_is_done_to_the_anchors_is_found(mighty, anchored, tmp_path, what, place):
    file, ring = anchored
    lines = ANCHOR_CHANGES[what](file.path.read_bytes().splitlines(), place)
    forged = AnchorFile(tmp_path / "forged")
    forged.path.write_bytes(b"\n".join(lines) + b"\n")
    report = await asked(mighty, forged, ring)
    assert report.broken.fault is Fault.ANCHORS


async def test_an_anchor_of_another_key_counts_for_nothing(mighty, anchored, tmp_path):
    forged = AnchorFile(tmp_path / "forged")
    async with mighty.begin() as db:
        forged.append(await audit_chain.head(db), OTHER, at=NOON)
    report = await asked(mighty, forged, anchored[1])
    assert report.broken.fault is Fault.ANCHORS
    assert "not ours" in report.broken.said
    assert (await asked(mighty, forged, OTHER)).clean


async def test_a_head_that_never_was_is_found_though_it_is_signed(mighty, tmp_path):
    file, ring = AnchorFile(tmp_path / "a"), KeyRing().renewed()
    file.append(Head(1, b"\x01" * 32), ring, at=NOON)
    assert (await asked(mighty, file, ring)).broken.fault is Fault.REWRITTEN


async def test_half_a_line_of_a_writer_that_died_is_no_anchor_and_is_written_over(
    mighty, anchored, tmp_path
):
    file, ring = AnchorFile(tmp_path / "a"), anchored[1]
    whole = anchored[0].path.read_bytes()
    file.path.write_bytes(whole + whole.splitlines()[0][:50])
    assert (await asked(mighty, file, ring)).clean
    async with mighty.begin() as db:
        file.append(await audit_chain.head(db), ring, at=NOON + timedelta(days=9))
    report = await asked(mighty, file, ring)
    assert (report.clean, report.anchors.count) == (True, 5)


def test_what_was_anchored_of_another_database_is_set_aside_and_kept(tmp_path):
    file = AnchorFile(tmp_path / "anchors.jsonl")
    file.set_aside(NOON)
    ring = KeyRing().renewed()
    file.append(Head(1, bytes(32)), ring, at=NOON)
    before = file.path.read_bytes()
    file.set_aside(NOON)
    assert file.last() is None
    (kept,) = tmp_path.iterdir()
    assert (kept.read_bytes(), kept.suffix) == (before, ".jsonl")
    assert file.append(Head(1, bytes(32)), ring, at=NOON).line == 1


async def test_anchors_that_were_recorded_must_be_there(mighty, database, tmp_path):
    witness = Witness(
        database=database, clock=ManualClock(NOON), anchors=AnchorFile(tmp_path / "a"),
        keys=tmp_path / "key.json", worker=fresh("worker-"),
    )  # fmt: skip
    await witness.anchor()
    ring = KeyRing.read(witness.keys)
    assert (await asked(mighty, witness.anchors, ring)).clean
    copy_ = AnchorFile(tmp_path / "copy")
    copy_.path.write_bytes(b"")
    report = await asked(mighty, copy_, ring)
    assert report.broken.fault is Fault.ANCHORS
    assert "anchor 1 was written" in report.broken.said
    async with mighty.begin() as db:
        assert (await checked(db, copy_, keys(ring), whole=False)).clean


async def test_after_a_restore_the_anchors_up_to_it_hold_and_the_next_one_follows(
    mighty, anchored, tmp_path
):
    ring, restored = anchored[1], AnchorFile(tmp_path / "restored")
    async with mighty.begin() as db:
        await _run(db, OPEN)
        gone = "with cut as (delete from audit_chain where entry >= :a returning entry)"
        gone += " delete from audit using cut where id = cut.entry"
        third = anchored[0].path.read_bytes().splitlines()[2]
        after = "select entry from audit_chain where seq = :seq + 2"
        lost = await db.execute(sa.text(after), {"seq": msgspec.json.decode(third)["seq"]})
        await db.execute(sa.text(gone), {"a": lost.scalar_one()})
        report = await checked(db, anchored[0], keys(ring))
        assert (report.broken.fault, report.anchors.count) == (Fault.CUT, 4)
        lines = anchored[0].path.read_bytes().splitlines(keepends=True)[:3]
        restored.path.write_bytes(b"".join(lines))
        assert (await checked(db, restored, keys(ring))).clean
        made = restored.append(await audit_chain.head(db), ring, at=NOON + timedelta(days=9))
        report = await checked(db, restored, keys(ring))
        await db.rollback()
    assert (made.line, report.clean, report.anchors.count) == (4, True, 4)


async def test_a_check_sees_one_state_while_others_go_on_writing(mighty, database, anchored):
    file, ring = anchored
    async with mighty.begin() as db:
        await audit_chain.still(db)
        before = await checked(db, file, keys(ring))
        async with database.begin() as other:
            await audit.record(other, actor="x", action="try", subject="s", details={})
        after = await checked(db, file, keys(ring))
    assert before == after
    assert (await asked(mighty, file, ring)).rows == before.rows + 1


async def test_whoever_may_not_see_the_audit_may_not_check_it(db, cache, clock, stranger, tmp_path):
    with pytest.raises(NotAllowed):
        await audit_check.verify(
            Work(stranger, db, cache, clock), AnchorFile(tmp_path / "a"), set()
        )
    report = await audit_check.verify(
        Work(OPERATOR, db, cache, clock), AnchorFile(tmp_path / "a"), set()
    )
    assert report.clean
