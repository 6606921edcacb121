"""The chain of the audit: whole under many writers, and closed to whoever is not its trigger."""

import asyncio

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import IntegrityError

from kit.ids import fresh
from services.audit_check import checked
from store import audit, audit_chain
from store.anchors import AnchorFile
from store.audit import Entry
from store.db import Database

LINKS = """
    select c.seq, c.previous, c.hash, a.details from audit a join audit_chain c on c.entry = a.id
    where a.actor = %s order by c.seq
"""


@pytest.fixture
async def report(database, tmp_path):
    """Return a function that checks the audit without anchors."""

    async def ask():
        async with database.begin() as db:
            await audit_chain.still(db)
            return await checked(db, AnchorFile(tmp_path / "none"), ())

    return ask


async def record(database, actor, **details):
    async with database.begin() as db:
        await audit.record(db, actor=actor, action="try", subject="chain", details=details)


async def test_twenty_writers_of_fifty_entries_make_one_chain_without_a_gap(servers, owner, report):
    before, me = await report(), fresh("writers-")
    many = await Database.open(servers.database_url, application="writers", size=20)

    async def write(writer):
        for number in range(50):
            await record(many, me, writer=writer, number=number)

    await asyncio.gather(*map(write, range(20)))
    await many.close()
    links = owner.execute(LINKS, [me]).fetchall()
    seqs = [seq for seq, *_ in links]
    assert seqs == list(range(before.seq + 1, before.seq + 1001))
    assert [previous for _, previous, _, _ in links[1:]] == [hash_ for _, _, hash_, _ in links[:-1]]
    for writer in range(20):
        told = [details["number"] for *_, details in links if details["writer"] == writer]
        assert told == list(range(50))
    after = await report()
    assert (after.clean, after.rows, after.seq) == (True, before.rows + 1000, before.seq + 1000)


async def test_what_is_rolled_back_leaves_no_gap(database, report):
    before = await report()
    async with database.begin() as db:
        await audit.record(db, actor="x", action="try", subject="chain", details={})
        await db.rollback()
    await record(database, "x")
    after = await report()
    assert (after.clean, after.seq) == (True, before.seq + 1)


async def test_a_transaction_that_takes_its_time_keeps_no_other_waiting(database, report):
    me = fresh("slow-")
    async with database.begin() as slow:
        await audit.record(slow, actor=me, action="slow", subject="chain", details={})
        async with asyncio.timeout(30):
            await record(database, me)
    async with database.begin() as db:
        found = [
            (link.seq, link.action)
            async for some in audit_chain.links(db)
            for link in some
            if link.actor == me
        ]
    assert [action for _, action in found] == ["try", "slow"]
    assert (await report()).clean


async def test_entries_of_one_statement_are_chained_in_their_order(database, owner, report):
    me = fresh("many-")
    some = [Entry(actor=me, action="try", subject="x", details={"n": n}) for n in range(40)]
    async with database.begin() as db:
        await audit.record_all(db, some)
    assert [details["n"] for *_, details in owner.execute(LINKS, [me])] == list(range(40))
    assert (await report()).clean


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c", "", "{}"], ["a", "bc", "", "{}"]),
        (["", "a", "b", "{}"], ["a", "", "b", "{}"]),
        (["1", "a", "b", "{}"], ["1", "a", "b", "{} "]),
    ],
)
def test_no_two_entries_have_one_encoding(one, other):
    first = audit_chain.FIRST
    assert audit_chain.sealed(1, first, 1, one) != audit_chain.sealed(1, first, 1, other)
    assert audit_chain.sealed(1, first, 11, one) != audit_chain.sealed(11, first, 1, one)


@pytest.mark.parametrize(
    "texts",
    [
        {"actor": "ä ß 漢字 🏇", "subject": "quotes ' \" \\ \n\t and ; --"},
        {"details": {"ä": [1, 2.5, None, True], "nested": {"b": "\u00a0", "a": 1e300}}},
        {"actor": "", "subject": "", "details": {}},
        {"details": {"long": "x" * 100_000}},
    ],
)
async def test_postgresql_and_we_seal_alike_whatever_the_text(database, report, texts):
    entry = {"actor": "x", "action": "try", "subject": "chain", "details": {}} | texts
    async with database.begin() as db:
        await audit.record(db, **entry)
    assert (await report()).clean


ROW = "(999999999, 1, 1, decode(repeat('00', 32), 'hex'), decode(repeat('11', 32), 'hex'))"


@pytest.mark.parametrize(
    "forbidden",
    [
        f"insert into audit_chain (seq, entry, version, previous, hash) values {ROW}",
        "update audit_chain set hash = previous",
        "delete from audit_chain",
        "truncate audit_chain",
        "alter table audit disable trigger chained",
        "drop trigger chained on audit",
        "set session_replication_role = replica",
        "select public.chain_audit()",
        "select public.audit_hash(1, '', a) from audit a",
        "insert into audit (actor, action, subject, details, at) values ('', '', '', '{}', now())",
        "insert into audit (id, actor, action, subject, details) values (1, '', '', '', '{}')",
        "create or replace function public.chain_audit() returns trigger language sql as ''",
    ],
)
def test_the_application_can_neither_forge_nor_skip_a_link(servers, forbidden):
    with (
        psycopg.connect(servers.database_url) as connection,
        pytest.raises(InsufficientPrivilege),
    ):
        connection.execute(forbidden)


@pytest.mark.parametrize("when", ["immediate", "deferred"])
def test_whenever_the_application_has_constraints_checked_the_entry_is_chained(
    servers, owner, when
):
    me = fresh("when-")
    with psycopg.connect(servers.database_url) as connection:
        connection.execute(f"set constraints all {when}")
        connection.execute(
            "insert into audit (actor, action, subject, details) values (%s, 'x', 'x', '{}')", [me]
        )
    assert len(owner.execute(LINKS, [me]).fetchall()) == 1


@pytest.mark.parametrize("change", ["update {} set {}", "delete from {}", "truncate {}"])
def test_not_even_the_owner_rewrites_the_chain(owner, change):
    with pytest.raises(InsufficientPrivilege, match="append-only"):
        owner.execute(change.format("audit_chain", "seq = seq + 1"))


async def test_a_writer_that_sees_an_older_state_is_refused_and_not_chained_twice(database, report):
    async with database.begin() as db:
        await db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        await audit_chain.head(db)
        await record(database, "first")
        await audit.record(db, actor="late", action="try", subject="chain", details={})
        with pytest.raises(IntegrityError, match="pk_audit_chain"):
            await db.commit()
        await db.rollback()
    assert (await report()).clean


async def test_a_trigger_of_somebody_elses_table_makes_no_link(owner, database):
    with owner.transaction(force_rollback=True):
        owner.execute("create table public.decoy (like audit)")
        owner.execute(
            "create trigger t after insert on public.decoy for each row"
            " execute function public.chain_audit()"
        )
        with pytest.raises(InsufficientPrivilege, match="only the audit"):
            owner.execute(
                "insert into public.decoy (id, at, actor, action, subject, details)"
                " values (1, now(), 'x', 'x', 'x', '{}')"
            )


async def test_what_is_no_json_is_refused_before_it_is_sent(db):
    with pytest.raises(TypeError, match="unsupported"):
        await audit.record(db, actor="x", action="x", subject="x", details={"what": object()})
