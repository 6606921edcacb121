"""`./arb keys`: listed, rotated here, retired; and wrong use told in one sentence."""

import asyncio

import pytest

from cli.main import main
from kit.settings import settings
from store import credentials
from store.db import Database
from store.keyhold import FileHold
from store.keys import KeyRing
from tests.facts import NOON


@pytest.fixture
def path(tmp_path):
    KeyRing.at(tmp_path / "keys.json")
    return tmp_path / "keys.json"


@pytest.fixture
def arb(servers, owner, emptied, capsys, monkeypatch, path):
    """Return a function that runs the command as the operator."""
    monkeypatch.setenv("DATABASE_URL", servers.database_url)
    monkeypatch.setenv("DATABASE_OWNER_URL", servers.owner_url)
    monkeypatch.setenv("REDIS_URL", servers.redis_url)
    monkeypatch.setenv("DUTCHBOOK_KEYS", f"file:{path}")
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(path.parent))
    owner.execute("truncate sealing_keys, key_rotations")
    settings.cache_clear()

    def run(*arguments):
        code = main(["keys", *arguments])
        return code, *capsys.readouterr()

    yield run
    settings.cache_clear()
    owner.execute("truncate sealing_keys, key_rotations")


def keep(servers, path):
    async def put():
        database = await Database.open(servers.database_url, application="tests")
        async with database.begin() as db:
            ring = FileHold(path, named=True).now()
            await credentials.put(db, ring, "s", "p", "s3cret", actor="x", at=NOON)
        await database.close()

    asyncio.run(put())


def test_a_key_takes_over_and_the_old_one_is_listed_until_it_is_retired(arb, servers, path):
    old = KeyRing.read(path)
    keep(servers, path)
    code, shown, complaint = arb("rotate", "--here")
    assert (code, complaint) == (0, "")
    assert "1 rows sealed anew, 0 do not open" in shown
    new = KeyRing.read(path)
    assert new.current != old.current
    code, shown, _ = arb("list")
    assert code == 0
    lines = {line.split()[0]: line for line in shown.splitlines()}
    assert "1 rows  current" in lines[new.current]
    assert "0 rows" in lines[old.current]
    assert all(key.hex() not in shown for key in new.keys.values())
    code, _, complaint = arb("retire", old.current)
    assert code == 2
    assert "an hour" in complaint
    assert arb("retire", "nobody")[0] == 2


def test_a_key_is_made_first_and_takes_over_when_told(arb, path):
    old = KeyRing.read(path).current
    code, shown, _ = arb("make")
    made = shown.strip()
    assert (code, KeyRing.read(path).current) == (0, old)
    assert made in KeyRing.read(path).keys
    assert arb("rotate", "--key", "nobody")[0] == 2
    assert arb("rotate", "--key", made, "--here")[0] == 0
    assert KeyRing.read(path).current == made


def test_a_file_wraps_nothing(arb):
    code, _, complaint = arb("rewrap")
    assert code == 2
    assert "transit" in complaint
