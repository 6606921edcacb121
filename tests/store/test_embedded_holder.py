"""One data directory, one holder; the next is told who; only what is ours is ever removed."""

import json
from datetime import UTC, datetime

import pytest

from domain.errors import Refused
from store.embedded import Held, Holder, free_port, is_free
from store.embedded.passwords import Passwords

SINCE = datetime(2026, 7, 21, 12, 0, tzinfo=UTC)


def hold(folder, address="http://127.0.0.1:3000"):
    return Holder.take(folder, address=address, since=SINCE)


def test_a_second_holder_is_told_who_where_and_since_when(tmp_path):
    holder = hold(tmp_path)
    with pytest.raises(Held, match=r"process \d+, since 2026-07-21T12:00:00.*127.0.0.1:3000"):
        hold(tmp_path)
    holder.release()


def test_a_released_directory_can_be_taken_again(tmp_path):
    hold(tmp_path).release()
    hold(tmp_path).release()


def test_what_a_dead_holder_wrote_does_not_matter(tmp_path):
    (tmp_path / "lock").write_text("{half a no")
    hold(tmp_path).release()
    assert json.loads((tmp_path / "lock").read_text())["since"] == "2026-07-21T12:00:00+00:00"


def test_wiping_removes_the_databases_and_nothing_else(tmp_path):
    holder = hold(tmp_path)
    (tmp_path / "servers" / "postgres").mkdir()
    (tmp_path / "mine.txt").write_text("keep")
    holder.wipe()
    assert not (tmp_path / "servers" / "postgres").exists()
    assert (tmp_path / "mine.txt").read_text() == "keep"
    holder.release()
    hold(tmp_path).release()


def test_a_servers_folder_of_somebody_else_is_refused_and_untouched(tmp_path):
    (tmp_path / "servers").mkdir()
    (tmp_path / "servers" / "theirs").write_text("keep")
    with pytest.raises(Refused, match="not a folder of Dutchbook"):
        hold(tmp_path)
    assert [p.name for p in (tmp_path / "servers").iterdir()] == ["theirs"]


def test_a_directory_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot be written"):
        hold(tmp_path / "file" / "data")


def test_passwords_are_made_once_private_and_never_shown(tmp_path):
    path = tmp_path / "passwords.json"
    made = Passwords.at(path)
    assert Passwords.at(path) == made
    assert path.stat().st_mode & 0o077 == 0
    assert len({made.admin, made.owner, made.app, made.valkey}) == 4
    assert made.admin not in repr(made)


def test_a_free_port_is_free():
    assert is_free(free_port())
