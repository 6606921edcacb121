"""`./arb audit verify`: exit 0 and figures, or exit 1 and the first broken place."""

import base64
import json

import psycopg
import pytest

from cli.main import main
from kit.settings import settings
from store.anchors import FILE, KEY_FILE, AnchorFile, public_keys
from store.audit_chain import Head
from store.embedded import Servers
from store.keys import KeyRing
from store.migrate import app_role, migrate
from tests.facts import NOON

ADD = "insert into audit (actor, action, subject, details) values ('x', 'try', %s, '{}')"


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Servers of their own with a chain of six links that is anchored: tests break it for good."""
    folder = tmp_path_factory.mktemp("own")
    folder.chmod(0o755)
    with Servers.start(folder) as running:
        migrate(running.owner_url, app_role=app_role(running.database_url, running.owner_url))
        with psycopg.connect(running.database_url, autocommit=True) as app:
            for number in range(6):
                app.execute(ADD, [f"{number}"])
            head = Head(*app.execute("select seq, hash from audit_chain order by 1").fetchall()[3])
        AnchorFile(folder / FILE).append(head, KeyRing.at(folder / KEY_FILE), at=NOON)
        yield running, folder


@pytest.fixture
def arb(own, capsys, monkeypatch):
    """Return a function that runs the command as the operator."""
    running, folder = own
    monkeypatch.setenv("DATABASE_URL", running.database_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", running.owner_url)
    monkeypatch.setenv("REDIS_URL", running.redis_url)
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(folder))
    settings.cache_clear()

    def run(*arguments):
        code = main(["audit", "verify", *map(str, arguments)])
        return code, *capsys.readouterr()

    yield run
    settings.cache_clear()


def test_a_whole_chain_is_exit_0_with_its_figures(arb):
    code, shown, complaint = arb()
    assert (code, complaint) == (0, "")
    assert shown.splitlines()[0].split() == ["links", "6"]
    assert shown.endswith("clean\n")
    code, shown, _ = arb("--json")
    told = json.loads(shown)
    assert (code, told["clean"], told["rows"], told["seq"], told["broken"]) == (0, True, 6, 6, None)
    assert (told["anchors"]["count"], told["anchors"]["seq"]) == (1, 4)


def test_a_copy_of_the_anchors_is_checked_by_the_public_key_alone(arb, own, tmp_path):
    folder = own[1]
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes((folder / FILE).read_bytes())
    (public,) = public_keys(KeyRing.read(folder / KEY_FILE)).values()
    key = base64.b64encode(public).decode()
    assert arb("--anchors", copy, "--public-key", key)[0] == 0
    other = base64.b64encode(bytes(32)).decode()
    code, shown, _ = arb("--anchors", copy, "--public-key", other)
    assert code == 1
    assert "signed with a key that is not ours" in shown


@pytest.mark.parametrize("key", ["x", "eA==", "é"])
def test_what_is_no_key_is_wrong_use(arb, key):
    code, _, complaint = arb("--public-key", key)
    assert code == 2
    assert "32 bytes in base64" in complaint


def test_a_file_that_is_not_there_is_wrong_use(arb, tmp_path):
    assert arb("--anchors", tmp_path / "none")[0] == 2


def test_without_anchors_it_is_said_what_cannot_be_seen(arb, tmp_path, monkeypatch):
    monkeypatch.setenv("DUTCHBOOK_AUDIT_ANCHOR", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    code, shown, _ = arb()
    assert code == 0
    assert "none: a cut of the end could not be seen" in shown


# Last of all, each on top of the one before: nothing of it is taken back.
@pytest.mark.parametrize(
    ("change", "fault", "part"),
    [
        ("update audit set actor = 'y' where subject = '5'", "changed", "link 6"),
        ("delete from audit where subject = '4'", "gone", "link 5"),
        ("delete from audit_chain where seq = 3", "gap", "link 3 is missing"),
        ("delete from audit_chain where seq >= 2", "cut", "ends before link 4"),
    ],
)
def test_a_broken_chain_is_exit_1_and_the_first_broken_place(arb, own, change, fault, part):
    with psycopg.connect(own[0].owner_url) as owner:
        owner.execute("alter table audit disable trigger user")
        owner.execute("alter table audit_chain disable trigger user")
        owner.execute(change)
    code, shown, complaint = arb()
    assert (code, complaint) == (1, "")
    last = shown.splitlines()[-1]
    assert last.startswith(f"BROKEN   {fault}: ")
    assert part in last
    code, shown, _ = arb("--json")
    assert (code, json.loads(shown)["broken"]["fault"]) == (1, fault)
