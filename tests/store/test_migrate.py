"""Migrations: up and down, two at once, and the role that may not change the tables."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege

from domain.errors import Refused
from store.migrate import ONE_AT_A_TIME, app_role, configuration, migrate, owner_engine
from store.tables import METADATA

TABLES = "select table_name from information_schema.tables where table_schema = 'public'"


@pytest.fixture
def empty_schema(servers, owner):
    """The database without its tables; they are put back afterwards."""
    run(servers.owner_url, command.downgrade, "base")
    yield servers.owner_url
    migrate(servers.owner_url, app_role=app_role(servers.database_url, servers.owner_url))


def run(owner_url, step, revision):
    engine = owner_engine(owner_url)
    with engine.begin() as connection:
        step(configuration(connection), revision)


def newest(owner_url):
    """Return the revision that the migrations lead to."""
    with owner_engine(owner_url).begin() as connection:
        return ScriptDirectory.from_config(configuration(connection)).get_current_head()


def test_down_leaves_nothing_and_up_again_brings_everything_back(empty_schema, owner):
    assert {name for (name,) in owner.execute(TABLES)} == {"alembic_version"}
    assert owner.execute(
        "select count(*) from pg_proc where pronamespace = 'public'::regnamespace"
    ).fetchone() == (0,)
    migrate(empty_schema, app_role=None)
    assert {name for (name,) in owner.execute(TABLES)} >= set(METADATA.tables)


def test_two_migrations_at_once_take_turns(empty_schema, owner):
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with ThreadPoolExecutor(2) as pool:
        with owner.transaction():
            owner.execute("select pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            both = [pool.submit(migrate, empty_schema, app_role="dutchbook_app") for _ in range(2)]
            while owner.execute(waiting).fetchone() != (2,):
                assert not any(each.done() for each in both)
        assert [each.result() for each in both] == [newest(empty_schema)] * 2


OLD_QUOTES = """
    insert into quotes (seen_at, market_id, outcome, side, book, odds, commission, max_stake,
      changed_at, source, origin) values
    ('2030-01-01 12:00+00', 'm', 'home', 'back', 'alpha', 2.5, 0, null, null, 's', 'live'),
    ('2030-01-01 12:00+00', 'm', 'away', 'lay', 'beta', 1.5, 0.02, 9, '2030-01-01', 's', 'live'),
    ('2030-01-02 12:00+00', 'm', 'home', 'back', 'alpha', null, 0, null, null, 's', 'live')
"""


def test_history_of_before_is_gathered_by_market_and_reading_and_taken_apart_again(
    empty_schema, owner
):
    run(empty_schema, command.upgrade, "0004")
    owner.execute("select ensure_quote_days(array['2030-01-01', '2030-01-02']::date[])")
    owner.execute(OLD_QUOTES)
    every = "select * from quotes order by seen_at, outcome desc"
    before = owner.execute(every).fetchall()
    run(empty_schema, command.upgrade, "0005")
    gathered = "select odds, sides, commissions, max_stakes from quotes order by seen_at"
    assert owner.execute(gathered).fetchall() == [
        ([2.5, 1.5], ["back", "lay"], [0.0, 0.02], [None, 9.0]),
        ([None], None, None, None),
    ]
    run(empty_schema, command.downgrade, "0004")
    assert owner.execute(every).fetchall() == before
    owner.execute("truncate quotes")


def test_what_was_there_before_counts_the_score_and_is_about_nobody(empty_schema, owner):
    run(empty_schema, command.upgrade, "0001")
    owner.execute(
        "insert into events (id, source, source_id, sport, league, home, away)"
        " values ('e', 's', 'x', 'soccer', 'l', 'h', 'a')"
    )
    owner.execute(
        "insert into markets (id, event_id, kind, period, ways)"
        " values ('m', 'e', 'winner', 'full_time', 3)"
    )
    migrate(empty_schema, app_role=None)
    kept = owner.execute("select id, kind, ways, statistic, subject from markets").fetchall()
    assert kept == [("m", "winner", 3, "score", None)]
    run(empty_schema, command.downgrade, "0001")
    assert owner.execute("select id from markets").fetchall() == [("m",)]
    owner.execute("delete from events")


def test_legs_that_were_there_before_are_of_their_opportunitys_source(empty_schema, owner):
    run(empty_schema, command.upgrade, "0002")
    owner.execute(BEFORE_0003)
    migrate(empty_schema, app_role=None)
    assert owner.execute("select source from opportunity_legs").fetchall() == [("s",)]
    owner.execute("truncate opportunities, events cascade")


def test_entries_that_were_there_before_are_chained_in_their_order(empty_schema, owner):
    run(empty_schema, command.upgrade, "0011")
    for actor in ("first", "second", "third"):
        owner.execute(
            "insert into audit (actor, action, subject, details) values (%s, 'x', 'x', '{}')",
            [actor],
        )
    migrate(empty_schema, app_role=None)
    chained = (
        "select c.seq, a.actor, c.previous, c.hash,"
        " c.hash = public.audit_hash(c.seq, c.previous, a)"
        " from audit_chain c join audit a on a.id = c.entry order by c.seq"
    )
    links = owner.execute(chained).fetchall()
    assert [(seq, actor, right) for seq, actor, _, _, right in links] == [
        (1, "first", True), (2, "second", True), (3, "third", True),
    ]  # fmt: skip
    hashes = [bytes(32), *(hash_ for _, _, _, hash_, _ in links)]
    assert [previous for _, _, previous, _, _ in links] == hashes[:-1]


BEFORE_0003 = """
    insert into events (id, source, source_id, sport, league, home, away)
    values ('e', 's', 'x', 'soccer', 'l', 'h', 'a');
    insert into markets (id, event_id, kind, period, ways)
    values ('m', 'e', 'winner', 'full_time', 3);
    insert into opportunities (id, key, event_id, market_id, source, origin, in_play, as_of,
      arrived_at, first_seen_at, last_seen_at, roi, best_roi, proof)
    values ('o', 'k', 'e', 'm', 's', 'live', false, now(), now(), now(), now(), 0, 0, '{}');
    insert into opportunity_legs (opportunity_id, position, market_id, book, outcome, side, odds,
      commission, share) values ('o', 0, 'm', 'b', 'home', 'back', 2, 0, 1)
"""


def test_the_models_describe_the_tables_as_they_are(servers):
    engine = owner_engine(servers.owner_url)

    def ours(name, kind, parents):
        return kind != "table" or name in METADATA.tables

    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours})
        assert compare_metadata(context, METADATA) == []


def test_a_role_that_does_not_exist_is_refused_by_name(servers):
    with pytest.raises(Refused, match="nobody_of_that_name"):
        migrate(servers.owner_url, app_role="nobody_of_that_name")


def test_the_application_is_told_apart_from_the_owner():
    owner, other = "postgresql://owner:a@127.0.0.1/db", "postgresql://app:b@127.0.0.1/db"
    assert app_role(other, owner) == "app"
    assert app_role(owner, owner) is None


@pytest.mark.parametrize(
    "forbidden",
    [
        "create table public.mine (a int)",
        "create temporary table mine (a int)",
        "alter table quotes add column a int",
        "drop table audit",
        "truncate quotes",
        "delete from quotes",
        "update quotes set odds = '{2}'",
        "delete from opportunities",
        "delete from audit",
        "update audit set actor = 'somebody else'",
        "truncate audit",
        "select * from alembic_version",
    ],
)
def test_the_application_may_not(servers, forbidden):
    with psycopg.connect(servers.database_url) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(forbidden)


@pytest.mark.parametrize(
    "forbidden", ["delete from audit", "update audit set actor = 'x'", "truncate audit"]
)
def test_not_even_the_owner_rewrites_the_audit(owner, forbidden):
    with pytest.raises(InsufficientPrivilege, match="append-only"):
        owner.execute(forbidden)
