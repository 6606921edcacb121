"""Devices and odd arrivals in PostgreSQL itself: whose they are, and what no code should write."""

from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from tests.store.test_row_security import ACCOUNT, ANN, BOB, PEOPLE, claim

DEVICE = """
    insert into devices (id, user_id, secret_hash, hints_hash, name, networks, countries,
      first_seen_at, last_seen_at)
    values (gen_random_uuid(), %s, repeat('a', 64), '', 'Firefox', '{192.0.2.0/24}', '{}',
      now(), now())
"""
EVENT = """
    insert into risk_events (id, user_id, at, score, reasons, verdict, network, country, agent)
    values (gen_random_uuid(), %s, now(), 0.5, '{new_network}', 'step_up', '', '', '')
"""
TABLES = {"devices": "accounts", "risk_events": "risk"}


@pytest.fixture
def people(owner, emptied):
    with owner.transaction():
        claim(owner, "oversight", "accounts")
        for user_id, (email, _) in PEOPLE.items():
            owner.execute(ACCOUNT, (user_id, email))
            owner.execute(DEVICE, (user_id,))
        claim(owner, "oversight", "risk")
        for user_id in PEOPLE:
            owner.execute(EVENT, (user_id,))


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
        ("oversight", "mail", set()),
        ("oversight", "x", set()),
    ],
)
def test_a_claim_shows_what_it_names_and_no_more(connection, table, what, value, seen):
    if what:
        claim(connection, what, value)
    assert owners(connection, table) == seen


@pytest.mark.parametrize(("table", "overseer"), TABLES.items())
def test_each_is_overseen_by_its_own_claim_alone(connection, table, overseer):
    for other in {*TABLES.values()} - {overseer}:
        claim(connection, "oversight", other)
        assert owners(connection, table) == set()
    claim(connection, "oversight", overseer)
    assert owners(connection, table) == {ANN, BOB}


@pytest.mark.parametrize(
    "write",
    [
        "update devices set name = 'mine' where user_id = %(other)s",
        "delete from devices where user_id = %(other)s",
        "delete from risk_events where user_id <> %(me)s",
    ],
)
def test_no_change_reaches_somebody_elses_rows(connection, write):
    claim(connection, "subject", ANN)
    assert connection.execute(write, {"me": ANN, "other": BOB}).rowcount == 0


@pytest.mark.parametrize("insert", [DEVICE, EVENT])
def test_nobody_puts_a_row_into_somebody_elses_name(connection, insert):
    claim(connection, "subject", ANN)
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        connection.execute(insert.replace("repeat('a', 64)", "repeat('b', 64)"), (BOB,))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("update devices set secret_hash = 'a secret'", "ck_devices_secret_hashed"),
        ("update devices set hints_hash = 'Firefox'", "ck_devices_hints_hashed"),
        (
            "update devices set last_seen_at = first_seen_at - interval '1 s'",
            "ck_devices_seen_in_order",
        ),
    ],
)
def test_what_no_code_should_write_is_refused_by_name(connection, change, named):
    claim(connection, "subject", ANN)
    with pytest.raises(CheckViolation, match=named):
        connection.execute(change)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("0.5", "1.01", "ck_risk_events_score_of_one"),
        ("0.5", "-0.01", "ck_risk_events_score_of_one"),
        ("'step_up'", "'perhaps'", "ck_risk_events_verdict_known"),
    ],
)
def test_an_arrival_that_cannot_be_is_refused_by_name(connection, before, after, named):
    claim(connection, "subject", ANN)
    with pytest.raises(CheckViolation, match=named):
        connection.execute(EVENT.replace(before, after), (ANN,))


def test_what_was_odd_is_not_made_up_afterwards(servers, people):
    with psycopg.connect(servers.database_url) as connection:
        claim(connection, "subject", ANN)
        with pytest.raises(InsufficientPrivilege):
            connection.execute("update risk_events set verdict = 'allow'")


def test_both_go_with_their_account(owner, people):
    with owner.transaction():
        claim(owner, "subject", ANN)
        owner.execute("delete from accounts where id = %s", (ANN,))
        claim(owner, "oversight", "accounts")
        assert owners(owner, "devices") == {BOB}
        claim(owner, "oversight", "risk")
        assert owners(owner, "risk_events") == {BOB}
