"""The key ring: made once, read by its owner alone, never shown."""

import json

import pytest

from domain.errors import Refused
from kit.settings import Settings
from store.keys import KeyRing, key_file, key_ring


def test_a_ring_is_made_once_in_a_private_file(tmp_path):
    path = tmp_path / "keys.json"
    first = KeyRing.at(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert KeyRing.at(path) == first == KeyRing.read(path)
    assert [len(key) for key in first.keys.values()] == [32]


def test_two_rings_have_nothing_in_common():
    assert not set(KeyRing().renewed().keys.values()) & set(KeyRing().renewed().keys.values())


def test_a_renewed_ring_keeps_its_older_keys(tmp_path):
    path = tmp_path / "keys.json"
    old = KeyRing.at(path)
    old.renewed().write(path)
    new = KeyRing.read(path)
    assert new.current != old.current
    assert new.keys[old.current] == old.keys[old.current]


def test_a_key_is_in_no_repr():
    ring = KeyRing("one", {"one": b"s3cret" * 5 + b"xx"})
    assert "s3cret" not in f"{ring} {ring!r}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    path = tmp_path / "keys.json"
    KeyRing.at(path)
    path.chmod(mode)
    with pytest.raises(Refused, match="read by others"):
        KeyRing.read(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        json.dumps({"current": "a", "keys": {}}),
        json.dumps({"current": "a", "keys": {"a": "c2hvcnQ="}}),
        json.dumps({"current": "A!", "keys": {"A!": "A" * 43 + "="}}),
        json.dumps({"current": "a", "keys": {"a": "not base64"}}),
    ],
)
def test_what_is_no_key_file_is_refused_and_not_shown(tmp_path, text):
    path = tmp_path / "keys.json"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(Refused, match="is no key file") as refused:
        KeyRing.read(path)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_file_that_is_named_has_to_be_there(tmp_path):
    named = Settings(data_dir=tmp_path, keys_file=tmp_path / "mine.json")
    assert key_file(named) == tmp_path / "mine.json"
    with pytest.raises(Refused, match="cannot be read"):
        key_ring(named)


def test_without_a_name_a_ring_may_be_empty(tmp_path):
    given = Settings(data_dir=tmp_path)
    assert key_ring(given) == KeyRing()
    made = KeyRing.at(key_file(given))
    assert key_ring(given) == made
