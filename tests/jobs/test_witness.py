"""The witness: signs the head when it has moved, once a day at least, and checks it all daily."""

import json
import logging
from datetime import timedelta

import pytest

from jobs.witness import Witness
from kit.ids import fresh
from services.audit_check import checked
from store import audit, audit_chain
from store.anchors import AnchorFile
from store.keys import KeyRing

ENTRIES = "select action, details from audit where actor = %s order by id"


@pytest.fixture
def witness(database, clock, tmp_path):
    return Witness(
        database=database, clock=clock, anchors=AnchorFile(tmp_path / "anchors.jsonl"),
        keys=tmp_path / "audit_key.json", worker=fresh("worker-"),
    )  # fmt: skip


async def something(database):
    async with database.begin() as db:
        await audit.record(db, actor="x", action="try", subject="s", details={})


def lines(witness):
    return [json.loads(line) for line in witness.anchors.path.read_bytes().splitlines()]


async def test_a_head_is_signed_once_however_often_it_is_looked_at(witness, database, owner):
    await something(database)
    await witness.anchor()
    await witness.anchor()
    (told,) = lines(witness)
    assert (witness.keys.stat().st_mode & 0o777, told["line"]) == (0o600, 1)
    ((action, details),) = owner.execute(ENTRIES, [witness.worker]).fetchall()
    assert action == "audit.anchor"
    assert {name: told[name] for name in details} == details


async def test_it_is_signed_again_when_something_was_done_and_when_a_day_has_passed(
    witness, database, clock
):
    await something(database)
    await witness.anchor()
    await something(database)
    await witness.anchor()
    clock.advance(timedelta(days=1).total_seconds())
    await witness.anchor()
    await witness.anchor()
    told = lines(witness)
    assert [each["line"] for each in told] == [1, 2, 3]
    assert [each["seq"] - told[0]["seq"] for each in told] == [0, 2, 3]


async def test_an_anchor_is_told_in_the_log(witness, database, caplog):
    await something(database)
    with caplog.at_level(logging.INFO, "jobs.witness"):
        await witness.anchor()
    (record,) = caplog.records
    assert (record.message, record.hash) == ("audit anchored", lines(witness)[0]["hash"])


async def test_where_nothing_can_be_written_it_is_said_and_nothing_is_recorded(
    witness, database, owner, caplog
):
    witness.anchors.path.mkdir()
    await something(database)
    await witness.anchor()
    assert [record.message for record in caplog.records] == ["audit not anchored"]
    assert owner.execute(ENTRIES, [witness.worker]).fetchall() == []


async def test_the_whole_audit_is_checked_once_a_day_and_the_outcome_recorded(
    witness, database, owner, clock
):
    await something(database)
    await witness.anchor()
    (latest,) = owner.execute("select max(at) from audit").fetchone()
    clock.at = latest + timedelta(days=2)
    await witness.check()
    action, details = owner.execute(ENTRIES, [witness.worker]).fetchall()[-1]
    assert (action, details["clean"], details["broken"]) == ("audit.verify", True, "")
    (latest,) = owner.execute("select max(at) from audit").fetchone()
    clock.at = latest + timedelta(hours=23)
    await witness.check()
    assert len(owner.execute(ENTRIES, [witness.worker]).fetchall()) == 2


async def test_a_broken_audit_is_said_aloud(witness, database, owner, clock, caplog):
    await something(database)
    await witness.anchor()
    line = witness.anchors.path.read_bytes()
    witness.anchors.path.write_bytes(line.replace(b'"line":1', b'"line":2'))
    (latest,) = owner.execute("select max(at) from audit").fetchone()
    clock.at = latest + timedelta(days=2)
    await witness.check()
    assert "audit broken" in [record.message for record in caplog.records]
    _, details = owner.execute(ENTRIES, [witness.worker]).fetchall()[-1]
    assert (details["clean"], details["broken"]) == (
        False, "anchor 1 does not follow the one before it",
    )  # fmt: skip


async def test_a_key_that_was_renewed_goes_on_where_the_older_one_ended(witness, database):
    await something(database)
    await witness.anchor()
    KeyRing.read(witness.keys).renewed().write(witness.keys)
    await something(database)
    await witness.anchor()
    first, second = lines(witness)
    assert first["key"] != second["key"]
    async with database.begin() as db:
        await audit_chain.still(db)
        report = await checked(db, witness.anchors, witness._trusted())
    assert (report.clean, report.anchors.count) == (True, 2)
