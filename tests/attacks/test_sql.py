"""Members against members in SQL: every statement we know of, on every table of theirs."""

import logging
from itertools import product

import psycopg
import pytest

from store.tables import METADATA, OWNERS
from tests.attacks.conftest import ANN, BOB
from tests.attacks.rows import claim, everything_of

log = logging.getLogger(__name__)

# Each returns what it reaches as text. With the other's claim instead of one's own it reaches.
STATEMENTS = [
    "select t::text from {table} t",
    "select t::text from {table} t where {of} = '{other}'",
    "select t::text from {table} t where {of} = any(array['{other}'::uuid])",
    "select t::text from {table} t where {of} = '{other}' or true",
    "select t::text from {table} t left join {table} u on u.{of} <> t.{of}",
    "with w as materialized (select * from {table}) select w::text from w",
    "select t::text from lateral (select * from {table} limit 100) t",
    "select t::text from {table} t tablesample system (100)",
    "select t::text from {table} t where exists (select from {table} u where u.{of} = '{other}')",
    "select string_agg(t::text, ',') over () from {table} t",
    "select query_to_xml('select * from {table}', true, false, '')::text",
    "select table_to_xml('{table}', true, false, '')::text",
    "select jsonb_agg(t)::text from {table} t",
    "prepare p(uuid) as select t::text from {table} t where {of} = $1; execute p('{other}')",
    "declare c cursor for select t::text from {table} t; fetch all from c",
    "savepoint s; select 1; rollback to s; select t::text from {table} t",
    "update {table} set {of} = {of} where {of} = '{other}' returning {table}::text",
    "update {table} set {of} = {of} where {of} <> '{nobody}' returning {table}::text",
    "delete from {table} where {of} = '{other}' returning {table}::text",
    "delete from {table} t using {table} u where u.{of} = '{other}' returning t::text",
    "with d as (delete from {table} where {of} <> '{nobody}' returning *) select d::text from d",
    "select t::text from {table} t where {of} = '{other}' for update",
    "set local row_security = off; select t::text from {table} t",
    "create temp view v as select * from {table}; select v::text from v",
    "create temp table w as select * from {table}; select w::text from w",
]
# What would write into the name of another, or over their row: never done, whoever asks.
FORGERIES = [
    "{forged}",
    "{forged} on conflict do nothing",
    "{forged} on conflict ({key}) do update set {of} = '{me}'",
    "update {table} set {of} = '{other}' where {of} = '{me}'",
    """merge into {table} t using (select 1) one on t.{of} = '{other}'
        when matched then update set {of} = '{me}'
        when not matched then insert ({of}) values ('{other}')""",
]
CLAIMS = ["", "x", "%", "null", "' or '1'='1", "{{}}", str(BOB) + "'", "*", f"{{{ANN},{BOB}}}"]
NOBODY = "00000000-0000-0000-0000-000000000000"
KINDS = """
    select distinct m[1] from pg_policies,
      regexp_matches(coalesce(qual, '') || coalesce(with_check, ''),
        'current_setting\\(''app\\.(\\w+)''', 'g') m
    where schemaname = 'public' order by 1
"""


def written(statement, table, me, other):
    """Return a statement as the attacker would send it."""
    described, of = METADATA.tables[table], OWNERS[table]
    columns = [column.name for column in described.columns]
    for_other = ", ".join(f"'{other}'" if name == of else name for name in columns)
    forged = f"insert into {table} ({', '.join(columns)}) select {for_other} from {table}"
    key = ", ".join(column.name for column in described.primary_key)
    names = {"me": me, "other": other, "nobody": NOBODY, "forged": f"{forged} where {of} = '{me}'"}
    return statement.format(table=table, of=of, key=key, **names)


def reached(connection, statement, **claims):
    """Return what the last part of a statement brings, as text; it is undone."""
    try:
        for what, value in claims.items():
            claim(connection, what, value)
        cursor = connection.execute(statement)
        while cursor.nextset():
            pass
        rows = cursor.fetchall() if cursor.description else []
        return str(rows) if rows or not cursor.rowcount > 0 else f"{cursor.rowcount} rows"
    except psycopg.Error:
        return ""
    finally:
        connection.rollback()


def attempts(tables, kinds):
    """Yield statements with the claims they are tried under, none of which is the other's own."""
    for table, (me, other) in product(tables, [(ANN, BOB), (BOB, ANN)]):
        for statement in STATEMENTS:
            for claims in ({}, {"subject": me}, {"subject": NOBODY}):
                yield written(statement, table, me, other), claims, other
        for statement in FORGERIES:
            yield written(statement, table, me, other), {"subject": me}, other
        everything = written(STATEMENTS[0], table, me, other)
        for kind, value in product(kinds, CLAIMS):
            yield everything, {kind: value}, other


def leaks(connection, tables, kinds):
    """Return how many attempts were made, and those that reached somebody else's row."""
    found, tried = [], 0
    for statement, claims, other in attempts(tables, kinds):
        tried += 1
        told = reached(connection, statement, **claims)
        if str(other) in told or told.endswith("rows"):
            found.append((statement, claims))
    return tried, found


@pytest.fixture(params=["application", "owner"])
def connection(request, servers, settled):
    """A connection of the application's role, or of the tables' owner itself."""
    urls = {"application": servers.database_url, "owner": servers.owner_url}
    with psycopg.connect(urls[request.param]) as opened:
        yield opened


@pytest.fixture
def kinds(owner):
    """What a transaction can claim, as the policies say."""
    found = [kind for (kind,) in owner.execute(KINDS)]
    assert {"subject", "email", "session", "code", "oversight"} <= set(found)
    return found


@pytest.mark.parametrize("table", OWNERS)
def test_nobody_reaches_rows_of_another(connection, kinds, table):
    tried, found = leaks(connection, [table], kinds)
    assert found == []
    assert tried > 200


@pytest.mark.parametrize("table", OWNERS)
def test_whose_row_it_is_reaches_it_by_the_same_statements(connection, table):
    told = [
        reached(connection, written(statement, table, ANN, BOB), subject=BOB)
        for statement in STATEMENTS
    ]
    able = [each for each in told if str(BOB) in each]
    assert len(able) >= 12
    assert not [each for each in able if str(ANN) in each]


def test_enough_was_attempted_and_nothing_leaked(connection, kinds, record_property):
    tried, found = leaks(connection, OWNERS, kinds)
    record_property("attempts", tried)
    log.info("%d attempts, %d leaks", tried, len(found))
    assert found == []
    assert tried >= 1_000


@pytest.mark.parametrize("table", OWNERS)
def test_a_table_that_somebody_left_open_would_be_found(owner, connection, table):
    owner.execute(f"alter table {table} disable row level security")
    try:
        _, found = leaks(connection, [table], [])
    finally:
        owner.execute(f"alter table {table} enable row level security")
    assert len(found) > 20


@pytest.mark.parametrize("table", [name for name in OWNERS if name != "accounts"])
def test_what_is_a_members_goes_with_their_account(owner, servers, settled, table):
    with psycopg.connect(servers.owner_url) as opened:
        claim(opened, "subject", ANN)
        before = opened.execute(f"select count(*) from {table}").fetchone()
        opened.execute("delete from accounts where id = %s", (ANN,))
        after = opened.execute(f"select count(*) from {table}").fetchone()
        opened.rollback()
    assert (before, after) == ((1,), (0,))
    assert everything_of(owner, ANN)[table]


def test_a_new_database_has_no_account(owner):
    with owner.transaction():
        claim(owner, "oversight", "accounts")
        assert owner.execute("select count(*) from accounts").fetchone() == (0,)
