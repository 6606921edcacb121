"""No table without a decision: how long it is kept, whose it is, and what the application may."""

import pytest

from store.tables import FUNCTIONS, GRANTS, METADATA, RETENTION

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

SECURED = """
    create table public.bets (user_id uuid);
    alter table public.bets enable row level security;
    alter table public.bets force row level security
"""
GRANTED = """
    select table_name, array_agg(privilege_type::text) from information_schema.table_privileges
    where grantee = 'dutchbook_app' and table_schema = 'public' group by 1
"""


def undecided(tables):
    """Return the tables that are neither public with a retention nor owned and secured."""
    return {
        name for name, secured, owned in tables if name not in RETENTION and not (secured and owned)
    }


def test_every_table_is_public_for_a_stated_time_or_has_an_owner_and_row_security(owner):
    tables = owner.execute(TABLES).fetchall()
    assert undecided(tables) == set()
    assert RETENTION.keys() <= {name for name, _, _ in tables}


@pytest.mark.parametrize(
    ("definition", "decided"),
    [
        ("create table public.bets (user_id uuid)", False),
        ("create table public.bets (id int)", False),
        (SECURED, True),
    ],
)
def test_a_new_table_without_a_decision_is_found(owner, definition, decided):
    with owner.transaction(force_rollback=True):
        owner.execute(definition)
        assert undecided(owner.execute(TABLES).fetchall()) == (set() if decided else {"bets"})


def test_the_application_is_granted_what_is_written_down_and_no_more(owner):
    granted = {name: set(verbs) for name, verbs in owner.execute(GRANTED)}
    assert granted == {name: set(verbs.split(", ")) for name, verbs in GRANTS.items()}
    assert GRANTS.keys() == METADATA.tables.keys()


def test_what_is_done_in_the_owners_name_is_listed_pinned_and_closed_to_others(owner):
    functions = owner.execute(DEFINERS).fetchall()
    assert {name for name, _, _ in functions} == set(FUNCTIONS)
    assert {
        name for name, config, _ in functions if "search_path=pg_catalog, pg_temp" not in config
    } == set()
    assert {name for name, _, anyone in functions if anyone} == set()
