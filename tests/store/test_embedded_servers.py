"""The embedded servers keep what they acknowledged, let in who may, and never outlive us."""

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from domain.errors import Unavailable
from store.embedded import Held, Postgres, Servers, Valkey
from store.embedded.identity import account_identity
from store.embedded.passwords import Passwords
from store.embedded.roles import APP, OWNER

pytestmark = pytest.mark.servers
ROOT = Path(__file__).resolve().parents[2]
OWNING_PROCESS = """
import signal, sys
from pathlib import Path
from store.embedded import Servers
servers = Servers.start(Path(sys.argv[1]))
print(servers.postgres.pid, servers.valkey.pid, servers.redis_url, flush=True)
signal.pause()
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    with Servers.start(tmp_path_factory.mktemp("servers") / "data") as servers:
        yield servers


def rows(url, query, *arguments):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query, arguments)
        return cursor.fetchall() if cursor.description else []


def test_the_cluster_is_made_to_last(servers):
    names = ["data_checksums", "fsync", "server_encoding", "listen_addresses", "timezone"]
    shown = [rows(servers.database_url, f"SHOW {name}")[0][0] for name in names]
    assert shown == ["on", "on", "UTF8", "127.0.0.1", "UTC"]
    locale = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
    assert rows(servers.database_url, locale) == [("b", "C.UTF-8")]


def test_neither_role_has_powers_beyond_its_tables(servers):
    query = """SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication
               FROM pg_roles WHERE rolname = ANY(%s)"""
    assert rows(servers.database_url, query, [APP, OWNER]) == [(False,), (False,)]


@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE TABLE mine (n int)",
        "CREATE TEMPORARY TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE friend",
        "CREATE DATABASE mine",
        f"SET ROLE {OWNER}",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/hostname')",
    ],
)
def test_the_application_may_not(servers, forbidden):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(servers.database_url, forbidden)


def test_the_owner_may_make_tables_and_the_application_use_what_it_is_granted(servers):
    rows(servers.owner_url, "CREATE TABLE notes (n int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(servers.database_url, "INSERT INTO notes VALUES (1)")
    rows(servers.owner_url, f"GRANT INSERT, SELECT ON notes TO {APP}")
    rows(servers.database_url, "INSERT INTO notes VALUES (1)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(servers.database_url, "DROP TABLE notes")
    rows(servers.owner_url, "DROP TABLE notes")


def with_password(url, password):
    return url.replace(urlsplit(url).password, password)


def test_a_wrong_password_opens_nothing(servers):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(with_password(servers.database_url, "guess"))
    for password in ("guess", None):
        once = Retry(NoBackoff(), 0)
        with (
            redis.Redis(port=servers.valkey.port, password=password, retry=once) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()


def test_both_listen_on_the_loopback_alone(servers):
    for pid in (servers.postgres.pid, servers.valkey.pid):
        listening = psutil.Process(pid).net_connections("inet")
        assert {c.laddr.ip for c in listening if c.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_no_password_shows_on_a_command_line_or_in_a_log(servers):
    urls = [servers.database_url, servers.owner_url, servers.redis_url]
    passwords = [urlsplit(url).password for url in urls]
    pids = (servers.postgres.pid, servers.valkey.pid)
    lines = [" ".join(psutil.Process(pid).cmdline()) for pid in pids]
    lines += [log.read_text() for log in (servers.holder.data_dir / "logs").iterdir()]
    assert [p for p in passwords if any(p in line for line in lines)] == []


def test_valkey_refuses_what_does_not_fit_and_writes_a_log_of_everything(servers):
    with redis.Redis.from_url(servers.redis_url, decode_responses=True) as client:
        kept = client.config_get("maxmemory-policy", "appendonly", "appendfsync")
    assert kept == {
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "everysec",
    }


def test_a_second_holder_is_told_who_holds_the_directory(servers):
    with pytest.raises(Held, match=f"process {os.getpid()}"):
        Servers.start(servers.holder.data_dir)


def test_killed_servers_come_back_at_the_same_address_with_every_row(servers):
    rows(servers.owner_url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    with redis.Redis.from_url(servers.redis_url) as client:
        client.set("kept", "yes")
    for pid in (servers.postgres.pid, servers.valkey.pid):
        os.kill(pid, signal.SIGKILL)
    servers.postgres.start()
    servers.valkey.start()
    assert rows(servers.owner_url, "SELECT count(*) FROM kept") == [(1000,)]
    with redis.Redis.from_url(servers.redis_url) as client:
        assert client.get("kept") == b"yes"
    rows(servers.owner_url, "DROP TABLE kept")


def test_killed_guardians_do_not_stand_in_the_way_of_a_restart(servers):
    for server in (servers.postgres, servers.valkey):
        os.kill(psutil.Process(server.pid).ppid(), signal.SIGKILL)
        server.start()
        assert server.alive()
    assert rows(servers.database_url, "SELECT 1") == [(1,)]


def test_an_owner_that_is_killed_leaves_nothing_and_loses_nothing(tmp_path):
    command = [sys.executable, "-c", OWNING_PROCESS, str(tmp_path / "data")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        postgres, valkey, url = owner.stdout.readline().split()
        with redis.Redis.from_url(url) as client:
            client.set("kept", "yes")
        family = [psutil.Process(int(pid)) for pid in (postgres, valkey)]
        family += [c for parent in family for c in parent.children(recursive=True)]
        owner.kill()
    with Servers.start(tmp_path / "data") as servers:  # it waits for the old ones to be gone
        assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.get("kept") == b"yes"


def test_servers_run_beneath_a_directory_that_only_its_owner_may_enter(tmp_path):
    private = tmp_path / "home with a space"
    private.mkdir(mode=0o700)
    with Servers.start(private / "data") as servers:
        assert rows(servers.database_url, "SELECT 1") == [(1,)]
    for pid in (servers.postgres.pid, servers.valkey.pid):
        assert not psutil.pid_exists(pid)


def test_an_interrupted_initdb_is_begun_anew(tmp_path):
    cluster = tmp_path / "data" / "servers" / "postgres" / "cluster"
    with Servers.start(tmp_path / "data"):
        pass
    (cluster.parent / "made").unlink()
    (cluster / "global" / "pg_control").unlink()
    with Servers.start(tmp_path / "data") as servers:
        assert rows(servers.database_url, "SELECT 1") == [(1,)]


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(tmp_path):
    with Servers.start(tmp_path) as servers:
        cluster = servers.postgres.folder / "cluster"
        note = (cluster / "postmaster.pid").read_text()
        os.kill(servers.postgres.pid, signal.SIGKILL)
        servers.postgres.stop()
        own = note.replace(note.split("\n", 1)[0], str(os.getppid()), 1)
        (cluster / "postmaster.pid").write_text(own)
        servers.postgres.start()
        assert rows(servers.database_url, "SELECT 1") == [(1,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands a server to another account")
def test_where_user_namespaces_are_forbidden_an_account_runs_postgresql(tmp_path):
    tmp_path.chmod(0o700)
    folder, log = tmp_path / "postgres", tmp_path / "log"
    postgres = Postgres(folder, log, Passwords(), account_identity)
    postgres.start()
    try:
        assert psutil.Process(postgres.pid).uids().real != 0
        assert rows(postgres.database_url, "SELECT 1") == [(1,)]
        os.kill(postgres.pid, signal.SIGKILL)
        postgres.start()
        assert rows(postgres.database_url, "SELECT 1") == [(1,)]
    finally:
        postgres.stop()
        shutil.rmtree((folder / "cluster").resolve())


def test_a_server_that_cannot_start_says_where_to_look(tmp_path):
    valkey = Valkey(tmp_path / "valkey", tmp_path / "valkey.log", Passwords())
    valkey.port = 1 if os.geteuid() else 65536
    with pytest.raises(Unavailable, match=r"valkey\.log"):
        valkey.start()


def test_since_when_is_the_clocks_word(tmp_path):
    class Noon:
        def now(self):
            return datetime(2026, 7, 21, 12, tzinfo=UTC)

        def monotonic(self):
            return 0.0

    with (
        Servers.start(tmp_path, address="http://here", clock=Noon()),
        pytest.raises(Held, match=r"since 2026-07-21T12:00:00.*at http://here"),
    ):
        Servers.start(tmp_path)
