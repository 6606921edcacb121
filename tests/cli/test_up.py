"""`./arb up` starts a house, keeps it standing, and leaves nothing behind."""

import base64
import os
import shlex
import signal
import socket
import time
import urllib.request

import psutil
import psycopg
import pytest
import redis

from cli.main import main
from store.embedded import Servers, free_port
from store.keys import KeyRing
from tests.cli.houses import all_ended, environment, house

pytestmark = pytest.mark.servers


def page(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        return answer.read().decode()


def test_every_step_is_timed_and_the_address_comes_last(live):
    said = "".join(live.said)
    order = [said.index(w) for w in ("PostgreSQL", "Valkey", "migrations", "front end", "web")]
    assert order == sorted(order)
    assert f"http://127.0.0.1:{live.port}" in live.said[-1]
    assert set(live.parts()) == {"postgres", "valkey", "worker", "web"}


def test_the_pages_know_neither_the_owners_url_nor_a_credential(tmp_path):
    secret = {
        "DATABASE_OWNER_URL": "postgresql://nobody",
        "DUTCHBOOK_CREDENTIAL_BETSAPI": "s3cret",
        "DUTCHBOOK_ODDS_API_KEY": "s3cret",
    }
    with house(tmp_path, env=environment(**secret)) as running:
        running.hear("Ctrl-C stops it")
        known = page(running.port)
    assert "DATABASE_URL" in known
    assert "REDIS_URL" in known
    assert [name for name in secret if name in known] == []


def test_the_addresses_of_its_servers_are_in_a_private_file_for_the_operator(live, tmp_path):
    file = tmp_path / "data" / "env"
    lines = (line.removeprefix("export ").partition("=") for line in file.read_text().splitlines())
    urls = {name: shlex.split(url)[0] for name, _, url in lines}
    assert urls.pop("DUTCHBOOK_DATA_DIR") == str(tmp_path / "data")
    assert urls.keys() == {
        *("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL"),
        "REDIS_URL",
    }
    with psycopg.connect(urls["DATABASE_OWNER_URL"]) as owner:
        assert owner.execute("select count(*) from event_links").fetchone() == (0,)
    assert file.stat().st_mode & 0o077 == 0
    assert "://" not in "".join(live.said[:-1])


def test_the_master_keys_are_in_a_file_that_only_the_operator_can_read(live, tmp_path):
    file = tmp_path / "data" / "keys.json"
    assert file.stat().st_mode & 0o777 == 0o600
    (key,) = KeyRing.read(file).keys.values()
    told = [log.read_bytes() for log in (tmp_path / "data" / "logs").iterdir()]
    assert base64.b64encode(key) not in b"".join([*told, "".join(live.said).encode()])


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_stop_ends_everything_in_order(live, sign):
    family = live.family()
    assert live.stop(sign) == 0
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
    assert live.said[-2:] == ["stopping ...\n", "stopped\n"]


def test_nothing_survives_a_house_that_is_killed(live):
    family = live.family()
    live.process.kill()
    assert all_ended(family)


def test_whatever_is_killed_comes_back_at_the_same_address(live):
    names = {"postgres": "PostgreSQL", "valkey": "Valkey", "worker": "worker", "web": "web"}
    first = live.parts()
    for name, spoken in names.items():
        first[name].kill()
        live.hear(f"{spoken} has ended")
        live.hear(f"{spoken} runs again")
    second = live.parts()
    assert set(second) == set(names)
    assert {p.pid for p in first.values()}.isdisjoint(p.pid for p in second.values())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            assert page(live.port)
            break
        except OSError:
            time.sleep(0.05)


def test_a_killed_guardian_takes_its_part_down_and_both_come_back(live):
    worker = live.parts()["worker"]
    os.kill(worker.ppid(), signal.SIGKILL)
    live.hear("worker runs again")
    assert all_ended([worker])


def test_a_second_house_on_the_same_directory_is_told_who_holds_it(live, tmp_path):
    with house(tmp_path / "data") as second:
        assert second.process.wait(30) == 1
        told = second.process.stdout.read()
    assert f"process {live.process.pid}" in told
    assert f"http://127.0.0.1:{live.port}" in told
    assert live.parts()


def test_a_taken_port_is_named_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with house(tmp_path / "data", port=port) as running:
            assert running.process.wait(30) == 1
            assert f"Port {port} of 127.0.0.1 is taken" in running.process.stdout.read()
    assert not (tmp_path / "data" / "servers" / "postgres").exists()


def test_a_front_end_that_cannot_be_built_is_explained_and_all_is_stopped(tmp_path):
    with house(tmp_path, build="raise SystemExit('no packages to be had')") as running:
        assert running.process.wait(30) == 1
        assert "no packages to be had" in running.process.stdout.read()


def test_a_worker_that_refuses_its_options_ends_it_with_its_own_words(tmp_path):
    refusing = "import sys; print('no source is called x', file=sys.stderr); sys.exit(2)"
    slow_web = "import time; time.sleep(60)"
    with house(tmp_path, worker=refusing, web=slow_web) as running:
        assert running.process.wait(30) == 2
        assert "no source is called x" in running.process.stdout.read()


def test_a_fresh_start_begins_with_empty_databases_and_another_does_not(tmp_path):
    with Servers.start(tmp_path) as servers:
        with psycopg.connect(servers.owner_url) as owner:
            owner.execute("CREATE TABLE remembered (n int)")
        with redis.Redis.from_url(servers.redis_url) as client:
            client.set("remembered", 1)
    for fresh, expected in ((False, ("remembered", 1)), (True, (None, 0))):
        with house(tmp_path, fresh=fresh) as running:
            running.hear("Ctrl-C stops it")
            running.stop()
        with Servers.start(tmp_path) as servers:
            with psycopg.connect(servers.owner_url) as owner:
                table = owner.execute("SELECT to_regclass('remembered')::text").fetchone()[0]
            with redis.Redis.from_url(servers.redis_url) as client:
                assert (table, client.exists("remembered")) == expected


def test_servers_that_are_given_are_used_and_none_is_started(tmp_path):
    with Servers.start(tmp_path / "theirs") as given:
        env = environment(
            DATABASE_URL=given.database_url,
            DATABASE_OWNER_URL=given.owner_url,
            REDIS_URL=given.redis_url,
        )
        with house(tmp_path / "ours", env=env) as running:
            running.hear("Ctrl-C stops it")
            assert set(running.parts()) == {"worker", "web"}
            running.stop()
        assert given.postgres.alive()
        assert given.valkey.alive()


def test_production_does_not_start_servers_of_its_own(tmp_path):
    env = environment(DUTCHBOOK_ENVIRONMENT="production")
    with house(tmp_path, env=env, port=free_port()) as running:
        assert running.process.wait(30) == 2
        assert "Set DATABASE_URL" in running.process.stdout.read()


@pytest.fixture
def given(monkeypatch):
    """The settings of every house that was to be run."""
    seen = []

    class NoHouse:
        def __init__(self, given, _):
            seen.append(given)

        def run(self, *, fresh):
            assert not fresh

    monkeypatch.setattr("cli.house.House", NoHouse)
    return seen


def test_visitors_are_shown_the_board_by_the_plan_that_was_asked_for(given):
    assert main(["up", "--plan", "basic", "--league", "nba"]) == 0
    assert main(["up"]) == 0
    plans = [(each.visitor_plan, each.visitor_league) for each in given]
    assert plans == [("basic", "nba"), ("", "")]


def test_a_plan_of_one_league_wants_to_know_which(given, capsys):
    assert main(["up", "--plan", "basic"]) == 2
    assert "--league" in capsys.readouterr().err
    assert main(["up", "--plan", "golden"]) == 2
    assert given == []
