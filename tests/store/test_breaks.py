"""Breaks and limits in PostgreSQL itself: whose they are, and that a break is not shortened."""

from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from store import breaks
from store.accounts import oversee
from tests.store.test_row_security import ACCOUNT, ANN, BOB, PEOPLE, claim

BREAK = """
    insert into member_breaks (user_id, began_at, ends_at)
    values (%s, now() - interval '1 day', now() + interval '1 day')
"""
LIMITS = """
    insert into member_limits (user_id, remind_min, firm, daily_min, strict_min, used_s, changed_at)
    values (%s, 30, false, 60, 0, 0, now())
"""
TABLES = ("member_breaks", "member_limits")


@pytest.fixture
def people(owner, emptied):
    with owner.transaction():
        claim(owner, "oversight", "accounts")
        for user_id, (email, _) in PEOPLE.items():
            owner.execute(ACCOUNT, (user_id, email))
            owner.execute(BREAK, (user_id,))
            owner.execute(LIMITS, (user_id,))


@pytest.fixture(params=["application", "owner"])
def connection(request, servers, people):
    """A transaction of the application's role, or of the tables' owner itself."""
    urls = {"application": servers.database_url, "owner": servers.owner_url}
    with psycopg.connect(urls[request.param]) as opened:
        yield opened
        opened.rollback()


def owners(connection, table):
    return {user_id for (user_id,) in connection.execute(f"select user_id from {table}")}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("what", "value", "seen"),
    [
        (None, "", set()),
        ("subject", ANN, {ANN}),
        ("subject", uuid4(), set()),
        ("email", "ann@example.com", set()),
        ("session", "a" * 64, set()),
        ("oversight", "x", set()),
        ("oversight", "accounts", {ANN, BOB}),
    ],
)
def test_a_claim_shows_what_it_names_and_no_more(connection, table, what, value, seen):
    if what:
        claim(connection, what, value)
    assert owners(connection, table) == seen


@pytest.mark.parametrize(
    "write",
    [
        "update member_breaks set ends_at = ends_at + interval '1 year' where user_id = %(other)s",
        "update member_limits set daily_min = 0 where user_id <> %(me)s",
        "delete from member_breaks where user_id = %(other)s",
        "delete from member_breaks b using member_limits l where b.user_id <> %(me)s",
    ],
)
def test_no_change_reaches_somebody_elses_rows(connection, write):
    claim(connection, "subject", ANN)
    assert connection.execute(write, {"me": ANN, "other": BOB}).rowcount == 0


@pytest.mark.parametrize("insert", [BREAK, LIMITS])
def test_nobody_makes_rows_in_the_name_of_another(connection, insert):
    claim(connection, "subject", ANN)
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        connection.execute(insert, (UUID(int=3),))


@pytest.mark.parametrize(
    "write",
    [
        "update member_breaks set ends_at = ends_at - interval '1 second'",
        "update member_breaks set ends_at = began_at + interval '1 second'",
        "delete from member_breaks",
    ],
)
@pytest.mark.parametrize(("what", "value"), [("subject", ANN), ("oversight", "accounts")])
def test_not_even_the_tables_owner_shortens_or_deletes_a_break_that_lasts(
    connection, write, what, value
):
    claim(connection, what, value)
    with pytest.raises(CheckViolation, match="a break"):
        connection.execute(write)


def test_a_break_can_be_lengthened(connection):
    claim(connection, "subject", ANN)
    longer = "update member_breaks set ends_at = ends_at + interval '1 year'"
    assert connection.execute(longer).rowcount == 1


def test_closing_an_account_erases_its_break_and_limits(owner, people):
    with owner.transaction():
        claim(owner, "oversight", "accounts")
        owner.execute("delete from accounts where id = %s", (ANN,))
        assert [owners(owner, table) for table in TABLES] == [{BOB}, {BOB}]


async def test_breaks_that_are_over_are_forgotten_and_no_others(database, owner, people):
    over = "insert into member_breaks values (%s, now() - interval '2 h', now() - interval '1 h')"
    with owner.transaction():
        claim(owner, "oversight", "accounts")
        owner.execute(ACCOUNT, (UUID(int=3), "cid@example.com"))
        owner.execute(over, (UUID(int=3),))
        (far,) = owner.execute("select now() + interval '100 years'").fetchone()
    async with database.begin() as db:
        await oversee(db)
        # Whatever a replay takes for the time, PostgreSQL's clock has a say.
        assert await breaks.forget_over(db, far) == 1
    with owner.transaction():
        claim(owner, "oversight", "accounts")
        assert owners(owner, "member_breaks") == {ANN, BOB}
