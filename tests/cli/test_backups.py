"""`./arb backup` and `./arb restore`: everything is lost, and then everything is there again."""

import base64
import os
import stat
import subprocess

import psycopg
import pytest

from cli.main import main
from domain.errors import Refused
from kit.settings import settings
from store.anchors import FILE, KEY_FILE, AnchorFile, public_keys
from store.audit_chain import Head
from store.backup import counts, opened
from store.embedded import Servers
from store.keys import KeyRing
from store.migrate import app_role, migrate
from tests.facts import NOON

ADD = "insert into audit (actor, action, subject, details) values ('x', 'try', %s, '{}')"
SECRET = "$argon2id$v=19$m=64,t=1,p=1$bm9ib2R5LXJlYWRzLXRoaXM$bm9ib2R5LXJlYWRzLXRoaXM"
MEMBER = (
    "insert into accounts (id, email, password_hash, role, state, plan, league, created_at,"
    " changed_at) values (gen_random_uuid(), %s, %s, 'member', 'active', 'free', '', now(), now())"
)


def table_rows(url, table="accounts"):
    return counts(url)[table]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Servers of their own with members and an anchored chain: tests destroy what is in them."""
    folder = tmp_path_factory.mktemp("own")
    folder.chmod(0o755)
    with Servers.start(folder) as running:
        migrate(running.owner_url, app_role=app_role(running.database_url, running.owner_url))
        with psycopg.connect(running.database_url, autocommit=True) as app:
            for number in range(6):
                app.execute(ADD, [f"{number}"])
            head = Head(*app.execute("select seq, hash from audit_chain order by 1").fetchall()[3])
            app.execute("select set_config('app.oversight', 'accounts', false)")
            for number in range(3):
                app.execute(MEMBER, [f"m{number}@example.com", SECRET])
        AnchorFile(folder / FILE).append(head, KeyRing.at(folder / KEY_FILE), at=NOON)
        yield running, folder


@pytest.fixture
def arb(own, capsys, monkeypatch):
    """Return a function that runs a command as the operator."""
    running, folder = own
    monkeypatch.setenv("DATABASE_URL", running.database_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", running.owner_url)
    monkeypatch.setenv("DATABASE_BACKUP_URL", running.backup_url)
    monkeypatch.setenv("REDIS_URL", running.redis_url)
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(folder))
    settings.cache_clear()

    def run(*arguments):
        code = main([*map(str, arguments)])
        return code, *capsys.readouterr()

    yield run
    settings.cache_clear()


@pytest.fixture
def identity(arb, tmp_path):
    """A file with an identity, and its recipient."""
    code, recipient, _ = arb("backup", "keygen", tmp_path / "identity")
    assert code == 0
    return tmp_path / "identity", recipient.strip()


@pytest.fixture
def taken(arb, identity, tmp_path):
    file = tmp_path / "all.backup"
    code, shown, complaint = arb("backup", "--recipient", identity[1], "--to", file)
    assert (code, complaint) == (0, "")
    assert "rows in" in shown
    return file


@pytest.mark.slow
def test_all_is_lost_and_all_is_there_again(arb, own, identity, taken):
    running, folder = own
    before = counts(running.owner_url)
    assert before["accounts"] == 3
    anchors = (folder / FILE).read_bytes()
    with psycopg.connect(running.owner_url, autocommit=True) as owner:
        owner.execute("drop schema public cascade")
        owner.execute("create schema public")
    (folder / FILE).unlink()
    code, shown, complaint = arb("restore", taken, "--identity", identity[0])
    assert (code, complaint) == (0, "")
    assert "audit: clean" in shown
    # That the backup was made is on record since, and so not in it.
    after = counts(running.owner_url)
    gone = {name for name in before if before[name] != after[name]}
    assert gone == {"audit", "audit_chain"}
    assert {before[name] - after[name] for name in gone} == {1}
    assert (folder / FILE).read_bytes() == anchors
    assert arb("audit", "verify")[0] == 0
    with psycopg.connect(running.database_url, autocommit=True) as app:
        assert app.execute("select count(*) from accounts").fetchone() == (0,)
        app.execute("select set_config('app.oversight', 'accounts', false)")
        assert app.execute("select count(*) from accounts").fetchone() == (3,)
        app.execute(ADD, ["after"])
    assert arb("audit", "verify")[0] == 0


@pytest.mark.slow
def test_a_target_that_holds_something_is_dropped_only_when_told(arb, own, identity, taken):
    rows = table_rows(own[0].owner_url)
    code, _, complaint = arb("restore", taken, "--identity", identity[0])
    assert (code, table_rows(own[0].owner_url)) == (2, rows)
    assert "--force" in complaint
    with psycopg.connect(own[0].owner_url, autocommit=True) as owner:
        owner.execute("create table more (id int)")
    code, shown, _ = arb("restore", taken, "--identity", identity[0], "--force")
    assert (code, table_rows(own[0].owner_url)) == (0, rows)
    assert "more" not in counts(own[0].owner_url)
    assert "as in the manifest" in shown


@pytest.mark.slow
def test_a_changed_or_cut_file_another_identity_and_another_signature_are_refused(
    arb, own, identity, taken, tmp_path
):
    rows, damaged, whole = table_rows(own[0].owner_url), tmp_path / "damaged", taken.read_bytes()
    flipped = bytearray(whole)
    for where in (30, len(whole) // 2, len(whole) - 1):
        flipped[where] ^= 1
        damaged.write_bytes(flipped)
        assert arb("restore", damaged, "--identity", identity[0], "--force")[0] == 2
        flipped[where] ^= 1
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        damaged.write_bytes(whole[:size])
        assert arb("restore", damaged, "--identity", identity[0], "--force")[0] == 2
    other = tmp_path / "other"
    arb("backup", "keygen", other)
    code, _, complaint = arb("restore", taken, "--identity", other, "--force")
    assert code == 2
    assert "does not open" in complaint
    other.write_text("AGE-SECRET-KEY-1\n")
    assert arb("restore", taken, "--identity", other, "--force")[0] == 2
    key = base64.b64encode(bytes(32)).decode()
    code, _, complaint = arb(
        "restore", taken, "--identity", identity[0], "--force", "--public-key", key
    )
    assert code == 2
    assert "not ours" in complaint
    assert table_rows(own[0].owner_url) == rows


def test_nothing_in_the_file_is_readable_and_only_its_owner_may_try(taken, identity):
    data = taken.read_bytes()
    assert data.startswith(b"age-encryption.org/v1\n")
    assert SECRET.encode() not in data
    assert b"m0@example.com" not in data
    assert stat.S_IMODE(taken.stat().st_mode) == stat.S_IMODE(identity[0].stat().st_mode) == 0o600
    assert list(taken.parent.glob("*.part")) == []
    pieces = []
    kept, anchors = opened(taken, identity[0].read_text().splitlines()[1], pieces.append)
    assert b"".join(pieces).startswith(b"PGDMP")
    assert b"signature" in kept
    assert anchors


def test_no_file_is_written_over_and_none_is_left_of_an_attempt(arb, own, identity, taken):
    before = taken.read_bytes()
    code, _, complaint = arb("backup", "--recipient", identity[1], "--to", taken)
    assert (code, taken.read_bytes()) == (2, before)
    assert "there already" in complaint
    assert arb("backup", "keygen", identity[0])[0] == 2
    elsewhere = taken.with_name("elsewhere")
    assert arb("backup", "--recipient", "age1nobody", "--to", elsewhere)[0] == 2
    assert not elsewhere.exists()
    assert arb("backup")[0] == 2


@pytest.mark.parametrize(
    ("role", "said"), [("database_url", "BYPASSRLS"), ("owner_url", "BYPASSRLS")]
)
def test_a_role_that_does_not_see_every_row_makes_no_backup(
    arb, own, identity, tmp_path, monkeypatch, role, said
):
    monkeypatch.setenv("DATABASE_BACKUP_URL", getattr(own[0], role))
    settings.cache_clear()
    file = tmp_path / "part.backup"
    code, _, complaint = arb("backup", "--recipient", identity[1], "--to", file)
    assert (code, file.exists()) == (2, False)
    assert said in complaint


def test_the_backups_role_changes_nothing(own):
    with psycopg.connect(own[0].backup_url, autocommit=True) as role:
        assert role.execute("select count(*) from accounts").fetchone() == (3,)
        role.execute("set default_transaction_read_only = off")
        for statement in ("delete from accounts", "create table x (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                role.execute(statement)


def test_an_address_is_not_taken_from_the_command_line(arb, own, identity, taken):
    code, _, complaint = arb(
        "restore", taken, "--identity", identity[0], "--into", own[0].owner_url
    )
    assert code == 2
    assert own[0].owner_url not in complaint
    assert "shows its password" in complaint
    assert arb("restore", taken, "--identity", identity[0], "--into", "NO_SUCH")[0] == 2


def test_no_password_is_on_a_command_line(own, monkeypatch):
    from store.backup import postgres

    seen, popen = [], subprocess.Popen

    def watched(command, **more):
        seen.append(command)
        return popen(command, **more)

    monkeypatch.setattr(postgres.subprocess, "Popen", watched)
    with postgres.snapshot(own[0].backup_url) as held:
        assert next(iter(postgres.dumped(own[0].backup_url, held.name))).startswith(b"PGDMP")
    password = psycopg.conninfo.conninfo_to_dict(own[0].backup_url)["password"]
    assert seen
    assert password not in " ".join(seen[0])
    assert password not in os.environ.values()


def test_an_archive_of_something_else_is_refused(tmp_path, identity):
    import pyrage

    to = pyrage.x25519.Recipient.from_str(identity[1])
    file = tmp_path / "other.age"
    file.write_bytes(pyrage.encrypt(b"hello" * 1000, [to]))
    with pytest.raises(Refused, match="whole backup"):
        opened(file, identity[0].read_text().splitlines()[1], lambda _: None)


def test_the_public_key_of_the_anchors_signs_the_manifest(own, taken, identity):
    from store.backup import trustworthy

    kept, _ = opened(taken, identity[0].read_text().splitlines()[1], lambda _: None)
    trusted = set(public_keys(KeyRing.read(own[1] / KEY_FILE)).values())
    assert trustworthy(kept, trusted).counts["accounts"] == 3
    with pytest.raises(Refused, match="not what was signed"):
        trustworthy(kept.replace(b'"accounts":3', b'"accounts":4'), trusted)
