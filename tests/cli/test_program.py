"""Commands say what they do; wrong use is exit 2 and one sentence, failure exit 1."""

import json
import os
import signal
import socket
import subprocess
import sys

import psycopg
import pytest

from cli.benchmarks import available
from cli.main import main
from kit.settings import settings
from kit.version import VERSION
from store.embedded import Servers
from tests.cli.houses import ROOT, environment

PROGRAM = [sys.executable, str(ROOT / "cli" / "__main__.py")]
COMMANDS = [
    *("up", "scan", "test", "check", "bench", "servers", "web", "worker", "migrate", "lock"),
    *("screens", "history", "matching", "admin", "audit", "keys", "backup", "restore", "asvs"),
]


@pytest.fixture
def arb(capsys, monkeypatch, tmp_path):
    """Return a function that runs the program here and returns code, output and complaint."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DUTCHBOOK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    yield run
    settings.cache_clear()


def test_the_version_is_told(arb):
    assert arb("--version") == (0, f"dutchbook {VERSION}\n", "")


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(arb, command, option):
    code, shown, complaint = arb(command, option)
    assert (code, complaint) == (0, "")
    assert f"arb {command}" in shown


def test_the_overview_names_every_command(arb):
    shown = arb("--help")[1]
    assert [c for c in COMMANDS if f" {c} " not in shown] == []


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["up", "--replay", "no/such/file"], "no/such/file"),
        (["up", "--port", "70000"], "65535"),
        (["up", "--speed", "0"], "--speed"),
        (["up", "--wings"], "--wings"),
        (["up", "--host", "192.0.2.1"], "192.0.2.1 is not an address of this machine"),
        (["fly"], "fly"),
        (["web"], "Set DATABASE_URL and REDIS_URL"),
        (["worker"], "Set DATABASE_URL and REDIS_URL"),
        (["migrate"], "Set DATABASE_URL"),
        (["bench", "no_such_benchmark"], "no_such_benchmark"),
        (["lock", "extra"], "extra"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(arb, arguments, part):
    code, shown, complaint = arb(*arguments)
    assert (code, shown) == (2, "")
    assert part in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("command", ["up", "web"])
def test_a_wrong_setting_is_named_and_its_value_is_not_shown(arb, monkeypatch, command):
    monkeypatch.setenv("DUTCHBOOK_PORT", "looks-secret")
    code, shown, complaint = arb(command)
    assert (code, shown) == (2, "")
    assert "DUTCHBOOK_PORT" in complaint
    assert "looks-secret" not in complaint


def test_a_taken_port_is_a_failure(arb):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, shown, complaint = arb("up", "--port", port)
    assert (code, shown) == (1, "")
    assert f"Port {port}" in complaint


def test_neither_help_nor_scan_loads_what_only_other_commands_need():
    code = "import cli.main, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"reflex", "sqlalchemy", "psycopg", "redis", "uvicorn", "alembic"})


def test_a_program_runs_from_anywhere_and_what_lies_there_does_not_matter(tmp_path):
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "__init__.py").write_text("raise SystemExit('the wrong cli')")
    done = subprocess.run([*PROGRAM, "--version"], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout.startswith(b"dutchbook")


def test_bench_lists_what_there_is_by_the_modules_that_can_run(tmp_path):
    (tmp_path / "copy.py").write_text("def run():\n    return {'ratio': 2.0}\n")
    (tmp_path / "helper.py").write_text("def walk():\n    return {}\n")
    assert available(tmp_path) == ["copy"]


@pytest.mark.servers
def test_servers_write_their_addresses_to_a_private_file_and_not_to_the_terminal(tmp_path):
    command = [*PROGRAM, "servers", "--data", str(tmp_path)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as servers:
        said = list(iter(servers.stdout.readline, "Ctrl-C stops them.\n"))
        file = tmp_path / "env"
        shown = subprocess.run(
            ["sh", "-c", f". '{file}' && {sys.executable} -c \"$0\"", PRINT_URLS],
            env={},
            capture_output=True,
            text=True,
            check=True,
        )
        urls = json.loads(shown.stdout)
        with psycopg.connect(urls["DATABASE_OWNER_URL"]) as owner:
            assert owner.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        assert file.stat().st_mode & 0o077 == 0
        assert not any("://" in line for line in said)
        servers.send_signal(signal.SIGTERM)
        assert servers.wait(30) == 0


PRINT_URLS = "import json, os; print(json.dumps(dict(os.environ)))"


@pytest.mark.servers
def test_migrate_brings_a_given_database_up_to_date(arb, monkeypatch, tmp_path):
    with Servers.start(tmp_path) as given:
        monkeypatch.setenv("DATABASE_URL", given.database_url)
        monkeypatch.setenv("DATABASE_OWNER_URL", given.owner_url)
        code, shown, _ = arb("migrate")
    assert code == 0
    assert "revision" in shown


@pytest.mark.servers
def test_a_held_directory_is_a_failure_that_names_its_holder(arb, tmp_path):
    with Servers.start(tmp_path):
        for command in ("up", "servers"):
            code, shown, complaint = arb(command, "--data", tmp_path)
            assert (code, shown) == (1, "")
            assert f"is in use by process {os.getpid()}, since" in complaint
