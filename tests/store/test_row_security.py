"""Row-level security: members' rows stay theirs, whatever statement is tried and by whom."""

from itertools import product
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

ANN, BOB = UUID(int=1), UUID(int=2)
PEOPLE = {ANN: ("ann@example.com", "a" * 64), BOB: ("bob@example.com", "b" * 64)}
ACCOUNT = """
    insert into accounts (id, email, password_hash, role, state, changed_at)
    values (%s, %s, '$argon2id$x', 'member', 'active', now())
"""
SESSION = """
    insert into sessions (id, user_id, token_hash, agent, address, created_at, proved_at,
      last_seen_at, idle_ends_at, ends_at)
    values (gen_random_uuid(), %s, %s, '', '', now(), now(), now(), now(), now())
"""


def claim(connection, what, value):
    connection.execute("select set_config(%s, %s, true)", (f"app.{what}", str(value)))


@pytest.fixture
def people(owner, emptied):
    with owner.transaction():
        claim(owner, "oversight", "accounts")
        for user_id, (email, token) in PEOPLE.items():
            owner.execute(ACCOUNT, (user_id, email))
            owner.execute(SESSION, (user_id, token))


@pytest.fixture(params=["application", "owner"])
def connection(request, servers, people):
    """A transaction of the application's role, or of the tables' owner itself."""
    urls = {"application": servers.database_url, "owner": servers.owner_url}
    with psycopg.connect(urls[request.param]) as opened:
        yield opened
        opened.rollback()


def counts(connection):
    accounts, sessions = "select email from accounts", "select token_hash from sessions"
    return tuple(len(connection.execute(each).fetchall()) for each in (accounts, sessions))


def test_who_claims_nothing_sees_nothing_not_even_the_tables_owner(connection):
    assert counts(connection) == (0, 0)


@pytest.mark.parametrize("value", ["", "x", "accounts", "true", "%"])
@pytest.mark.parametrize("what", ["email", "session", "oversight"])
def test_a_claim_that_names_no_row_shows_none(connection, what, value):
    claim(connection, what, value)
    expected = (2, 2) if (what, value) == ("oversight", "accounts") else (0, 0)
    assert counts(connection) == expected


@pytest.mark.parametrize(
    ("what", "value", "seen"),
    [
        ("subject", ANN, (1, 1)),
        ("subject", uuid4(), (0, 0)),
        ("email", "ann@example.com", (1, 0)),
        ("session", "a" * 64, (0, 1)),
    ],
)
def test_a_claim_shows_what_it_names_and_no_more(connection, what, value, seen):
    claim(connection, what, value)
    assert counts(connection) == seen


def test_a_claim_ends_with_its_transaction(connection):
    claim(connection, "subject", ANN)
    connection.commit()
    assert counts(connection) == (0, 0)


READS = [
    "select count(*) from {table} where {of} = '{other}'",
    "select count(*) from {table} where {of} = any(array['{other}'::uuid])",
    "select count(*) from {table} t join {table} u on u.{of} <> t.{of}",
    "select count(*) from {table} where {of} = '{other}' or true having count(*) > 1",
    "select count(*) from (table {table}) t where {of} <> '{me}'",
    "with t as materialized (select * from {table}) select count(*) from t where {of} = '{other}'",
    "select count(*) from {table} tablesample system (100) where {of} = '{other}'",
    "select count(*) from lateral (select * from {table} limit 100) t where {of} = '{other}'",
]
WRITES = {
    "accounts": [
        "update accounts set role = 'owner' where id = '{other}'",
        "update accounts set state = 'locked' where id <> '{me}'",
        "update accounts set email = 'x' || email where not id = '{me}'",
        "update accounts a set role = 'owner' from accounts b where b.id <> '{me}' and a.id = b.id",
    ],
    "sessions": [
        "update sessions set ends_at = 'infinity' where user_id = '{other}'",
        "update sessions set user_id = '{me}' where user_id = '{other}'",
        "delete from sessions where user_id = '{other}'",
        "delete from sessions where user_id <> '{me}'",
        "delete from sessions using accounts a where a.id = '{other}' and user_id = a.id",
    ],
}
OF = {"accounts": "id", "sessions": "user_id"}
PAIRS = [(ANN, BOB), (BOB, ANN)]
CLAIMS = [("subject", lambda me: me), ("session", lambda me: PEOPLE[me][1]),
          ("email", lambda me: PEOPLE[me][0])]  # fmt: skip


@pytest.mark.parametrize(("table", "read", "pair", "made"), list(product(OF, READS, PAIRS, CLAIMS)))
def test_no_question_reaches_somebody_elses_rows(connection, table, read, pair, made):
    me, other = pair
    what, value = made
    claim(connection, what, value(me))
    found = connection.execute(read.format(table=table, of=OF[table], me=me, other=other))
    assert found.fetchone() in {None, (0,)}


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("write", [write for writes in WRITES.values() for write in writes])
def test_no_change_reaches_somebody_elses_rows(connection, owner, write, pair):
    me, other = pair
    claim(connection, "subject", me)
    assert connection.execute(write.format(me=me, other=other)).rowcount == 0
    connection.commit()
    with owner.transaction():
        claim(owner, "oversight", "accounts")
        assert counts(owner) == (2, 2)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("what", ["subject", "email", "session", None])
@pytest.mark.parametrize("table", OF)
def test_nobody_makes_rows_in_the_name_of_another(connection, table, pair, what):
    me, other = pair
    if what:
        claim(connection, what, dict(CLAIMS)[what](me))
    forged = (ACCOUNT, (uuid4(), "c@example.com")) if table == "accounts" else (
        SESSION, (other, "c" * 64),
    )  # fmt: skip
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        connection.execute(*forged)


@pytest.mark.parametrize("pair", PAIRS)
def test_nobody_gives_a_row_of_theirs_away(connection, pair):
    me, other = pair
    claim(connection, "subject", me)
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        connection.execute("update sessions set user_id = %s where user_id = %s", (other, me))


@pytest.mark.parametrize(
    "forbidden",
    [
        "alter table accounts disable row level security",
        "alter table sessions no force row level security",
        "create policy mine on accounts using (true)",
        "drop policy own on accounts",
        "set row_security = off; select * from accounts",
        "set role dutchbook_owner",
        "delete from accounts",
        "truncate sessions",
        "copy accounts to '/tmp/x'",
    ],
)
def test_the_application_cannot_open_what_is_shut(servers, people, forbidden):
    with psycopg.connect(servers.database_url) as connection:
        with pytest.raises(InsufficientPrivilege):
            connection.execute(forbidden)
        connection.rollback()


async def test_a_transaction_is_of_the_subject_it_was_begun_for(database, people):
    from store import accounts

    async with database.begin(subject=ANN) as db:
        assert (await accounts.own(db, ANN)).email == "ann@example.com"
        assert await accounts.own(db, BOB) is None
        await db.rollback()
        assert (await accounts.own(db, ANN)).email == "ann@example.com"
    async with database.begin() as db:
        assert await accounts.own(db, ANN) is None
