"""No table without a decision: how long it is kept, whose it is, and what the application may."""

import re

import pytest

from store.tables import EXPORTS, FUNCTIONS, GRANTS, METADATA, OWNERS, RETENTION, TRIGGERS

TABLES = """
    select c.relname, c.relrowsecurity and c.relforcerowsecurity,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id')
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition
"""
DEFINERS = """
    select oid::regprocedure::text, coalesce(array_to_string(proconfig, ';'), ''),
      has_function_privilege('public', oid, 'execute')
    from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
"""

POLICIES = """
    select tablename, policyname, qual, with_check, cmd from pg_policies
    where schemaname = 'public' order by 1, 2
"""
SECURED = """
    create table public.bets (user_id uuid);
    alter table public.bets enable row level security;
    alter table public.bets force row level security
"""
# Of a whole table, or else of some columns.
GRANTED = """
    with whole as (
      select table_name, privilege_type::text as verb from information_schema.table_privileges
      where grantee = 'dutchbook_app' and table_schema = 'public'
    ), part as (
      select table_name, privilege_type::text as verb, string_agg(column_name, ', ' order by
        (select ordinal_position from information_schema.columns c
          where (c.table_schema, c.table_name, c.column_name)
            = (p.table_schema, p.table_name, p.column_name))) as columns
      from information_schema.column_privileges p
      where grantee = 'dutchbook_app' and table_schema = 'public'
        and (table_name, privilege_type) not in (select table_name, verb from whole)
      group by table_name, table_schema, privilege_type
    )
    select table_name, array_agg(verb) from (
      select table_name, verb from whole
      union all select table_name, format('%s (%s)', verb, columns) from part
    ) granted group by 1
"""


def undecided(tables):
    """Return the tables that are kept for no stated time, or a member's and not secured."""
    return {
        name
        for name, secured, owned in tables
        if (name not in RETENTION and not (secured and owned))
        or (secured is not (owned or name in OWNERS))
    }


def test_every_table_is_kept_for_a_stated_time_and_secured_if_it_is_members(owner):
    tables = owner.execute(TABLES).fetchall()
    assert undecided(tables) == set()
    assert {name for name, _, _ in tables} == RETENTION.keys()
    assert {name for name, secured, _ in tables if secured} == OWNERS.keys()


def test_every_members_table_shows_its_rows_by_the_column_that_names_the_member(owner):
    policies = owner.execute(POLICIES).fetchall()
    subject = "(NULLIF(current_setting('app.subject'::text, true), ''::text))::uuid"
    own = {table: (using, check) for table, name, using, check, _ in policies if name == "own"}
    assert own == {table: (f"({of} = {subject})",) * 2 for table, of in OWNERS.items()}
    # Whatever else a policy opens is opened by a claim of the transaction, and never to everybody.
    assert [p for p in policies if "current_setting('app." not in p[2]] == []
    assert {name for _, name, _, _, verb in policies if verb != "SELECT"} == {"own", "overseen"}


@pytest.mark.parametrize(
    ("definition", "decided"),
    [
        ("create table public.bets (user_id uuid)", False),
        ("create table public.bets (id int)", False),
        (SECURED, True),
        ("alter table public.sessions no force row level security", False),
    ],
)
def test_a_new_table_without_a_decision_is_found(owner, definition, decided):
    with owner.transaction(force_rollback=True):
        owner.execute(definition)
        found = undecided(owner.execute(TABLES).fetchall())
        assert found == (set() if decided else {"sessions" if "sessions" in definition else "bets"})


def test_the_application_is_granted_what_is_written_down_and_no_more(owner):
    granted = {name: set(verbs) for name, verbs in owner.execute(GRANTED)}
    of_columns = r", (?![^(]*\))"
    assert granted == {name: set(re.split(of_columns, verbs)) for name, verbs in GRANTS.items()}
    assert GRANTS.keys() == METADATA.tables.keys()


def test_what_is_done_in_the_owners_name_is_listed_pinned_and_closed_to_others(owner):
    functions = owner.execute(DEFINERS).fetchall()
    assert {name for name, _, _ in functions} == {*FUNCTIONS, *TRIGGERS}
    assert {
        name for name, config, _ in functions if "search_path=pg_catalog, pg_temp" not in config
    } == set()
    assert {name for name, _, anyone in functions if anyone} == set()


@pytest.mark.parametrize("function", TRIGGERS)
def test_what_only_a_trigger_does_is_called_by_nobody(owner, function):
    asked = "select has_function_privilege('dutchbook_app', %s, 'execute')"
    assert owner.execute(asked, [function]).fetchone() == (False,)


def test_a_member_is_given_something_of_every_table_that_holds_what_is_theirs():
    columns = {name: set(METADATA.tables[name].columns.keys()) for name in OWNERS}
    given = {name: set(told.split(", ")) for name, told in EXPORTS.items()}
    assert given.keys() == columns.keys()
    for name, told in given.items():
        assert told <= columns[name]
        assert not {each for each in told if "hash" in each or "sealed" in each}
