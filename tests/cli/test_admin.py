"""`./arb admin`: the first account, and what an operator does to the others."""

import io

import psycopg
import pytest

from cli.main import main
from kit.settings import settings
from tests.accounts import ANN, BOB, OTHER, PASSWORD

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def arb(capsys, monkeypatch, servers):
    """Return a function that runs the program as the operator, who types on standard input."""
    monkeypatch.setenv("DATABASE_URL", servers.database_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", servers.owner_url)
    monkeypatch.setenv("REDIS_URL", servers.redis_url)
    settings.cache_clear()

    def run(*arguments, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(["admin", *arguments])
        return code, *capsys.readouterr()

    yield run
    settings.cache_clear()


def kept(servers):
    """Return what is kept of each account, by e-mail address."""
    with psycopg.connect(servers.owner_url) as owner:
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        found = owner.execute("select email, role, password_hash from accounts")
        return {email: rest for email, *rest in found}


def test_the_first_admin_is_made_and_told_where_to_sign_in(arb, servers):
    code, shown, complaint = arb("create", "Ann@Example.com", typed=f"{PASSWORD}\n")
    assert (code, complaint) == (0, "")
    assert shown == f"{ANN} is now admin; sign in at http://127.0.0.1:3000/login\n"
    role, password_hash = kept(servers)[ANN]
    assert role == "admin"
    assert password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    with psycopg.connect(servers.owner_url) as owner:
        last = owner.execute("select actor, action from audit order by id desc limit 1")
        assert last.fetchone() == ("operator", "account.create")


def test_accounts_are_listed_and_given_roles_and_passwords(arb, servers):
    arb("create", ANN, "--role", "owner", typed=PASSWORD)
    arb("create", BOB, "--role", "member", typed=PASSWORD)
    assert arb("role", BOB, "analyst")[:2] == (0, f"{BOB} is now analyst; sessions ended: 0\n")
    code, shown, _ = arb("list")
    assert code == 0
    assert [line.split()[3:] for line in shown.splitlines()] == [
        ["owner", "free", "active", ANN],
        ["analyst", "free", "active", BOB],
    ]
    before = kept(servers)
    assert arb("password", BOB, typed=OTHER)[0] == 0
    after = kept(servers)
    assert (before[ANN], before[BOB][1] != after[BOB][1]) == (after[ANN], True)


@pytest.mark.parametrize(
    ("arguments", "typed", "part"),
    [
        (["create", ANN], PASSWORD, "has an account already"),
        (["create", "ann"], PASSWORD, "no e-mail address"),
        (["create", BOB], "", "on standard input"),
        (["create", BOB], "password1234", "easy to guess"),
        (["create", BOB], "short", "12 to 1024"),
        (["create", BOB, "--role", "emperor"], PASSWORD, "emperor"),
        (["role", BOB, "admin"], "", "has no account"),
        (["role", ANN, "member"], "", "last owner"),
        (["password", BOB], PASSWORD, "has no account"),
        (["password", ANN], "password1234", "easy to guess"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(arb, servers, arguments, typed, part):
    arb("create", ANN, "--role", "owner", typed=PASSWORD)
    before = kept(servers)
    code, shown, complaint = arb(*arguments, typed=typed)
    assert (code, shown) == (2, "")
    assert part in complaint
    assert complaint.count("\n") == 1
    assert not typed or typed not in complaint
    assert kept(servers) == before


def test_without_addresses_it_says_where_they_are(arb, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("DATABASE_OWNER_URL")
    settings.cache_clear()
    code, shown, complaint = arb("create", ANN, typed=PASSWORD)
    assert (code, shown) == (2, "")
    assert "Set DATABASE_OWNER_URL and REDIS_URL" in complaint


def test_an_account_is_given_a_plan_with_its_league(arb):
    arb("create", ANN, "--role", "member", typed=PASSWORD)
    assert arb("plan", ANN, "basic", "--league", "nba")[:2] == (
        0,
        f"{ANN} now has the plan basic\n",
    )
    assert "basic" in arb("list")[1]
    code, _, said = arb("plan", ANN, "basic")
    assert (code, "name it" in said) == (2, True)
    assert arb("plan", ANN, "golden")[0] == 2


def test_who_lost_a_second_factor_is_let_in_by_the_password_again(arb, servers):
    arb("create", ANN, "--role", "owner", typed=PASSWORD)
    assert arb("factors", ANN)[0] != 0
    code, shown, _ = arb("factors", ANN, "--remove")
    assert (code, shown) == (0, f"{ANN} has no second factor now; sessions ended: 0\n")
    with psycopg.connect(servers.owner_url) as owner:
        last = owner.execute("select actor, action from audit order by id desc limit 1")
        assert last.fetchone() == ("operator", "factor.forget")
