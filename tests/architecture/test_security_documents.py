"""What docs/security says of the product is so."""

import ast
import re

import pytest

from cli.security_tables import CLASSES, FOLDER, MADE, classes, purposes, refreshed
from store.tables import METADATA, OWNERS
from tests.architecture.test_secure_code import product
from tests.architecture.test_sources import ROOT

# What opens a connection, or listens for one.
LISTEN_OR_CONNECT = re.compile(
    r"^(?:import|from) (httpx|redis|psycopg|aiosmtplib|pamqp|websockets|hvac|uvicorn|socket)\b",
    re.MULTILINE,
)
PRIMITIVE = re.compile(
    r"\bhashlib\.([a-z0-9_]+)|\bhmac\.(?:digest|new)\([^)]*?(?<!errors=)[\"'](\w+)[\"']"
    r"|\b(argon2)\b|\b(AESGCM|Ed25519|X25519|ChaCha20Poly1305|HKDF\w*|RSA\w*|ECDSA)\b"
)
SECRET_NAMES = re.compile(r"hash$|^sealed|token|secret")


def document(name):
    return (FOLDER / name).read_text()


@pytest.mark.parametrize("name", MADE)
def test_the_tables_in_the_documents_are_what_the_code_says(name):
    assert document(name) == refreshed(name), "./arb asvs --write"


def test_the_document_of_access_says_what_the_code_does():
    assert document("access.md") == refreshed("access.md"), "./arb asvs --write"


def test_every_column_has_a_class_and_every_table_a_purpose():
    told = purposes()
    assert told.keys() == METADATA.tables.keys()
    for table, entry in told.items():
        columns = set(METADATA.tables[table].columns.keys())
        named = [each for kind in CLASSES for each in entry.get(kind, ())]
        assert set(named) <= columns
        assert len(named) == len(set(named))
        assert entry["is"] in CLASSES
        assert len(entry["purpose"]) > 5
    assert {table for table, entry in told.items() if entry["is"] == "personal"} == OWNERS.keys()


def test_what_is_secret_is_hashed_or_sealed():
    secret = {
        (table, column) for table, own in classes().items() for column, kind in own.items()
        if kind == "secret"
    }  # fmt: skip
    named = {
        (table, column.name)
        for table in METADATA.tables
        for column in METADATA.tables[table].columns
        if SECRET_NAMES.search(column.name)
    }
    assert secret == named - {("audit_chain", "hash")}
    assert {column for _, column in secret if not re.search(r"hash$|^sealed", column)} == set()


def test_every_algorithm_in_the_code_stands_in_the_inventory():
    told = document("cryptography.md")
    used = {
        next(filter(None, found))
        for _, text in product()
        for found in PRIMITIVE.findall(text)
    }  # fmt: skip
    listed = set(re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE))
    assert used == listed
    assert used.isdisjoint({"md5", "sha1", "new", "RSA"})


def test_every_module_that_connects_stands_in_the_threat_model():
    told = document("threats.md")
    places = {str(path) for path, text in product() if LISTEN_OR_CONNECT.search(text)}
    ours = {path for path in places if not path.startswith("cli/")}
    assert {path for path in ours if f"`{path}`" not in told} == set()


def test_every_log_of_the_product_stands_in_the_inventory():
    told = document("logs.md")
    files = set(re.findall(r"`(\w+)\.log`", told))
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    assert files >= set(re.findall(r"`(?:logs/)?(\w+)\.log`", runbook))
    handlers = [
        str(path) for path, text in product()
        if re.search(r"FileHandler|SysLogHandler|HTTPHandler|SocketHandler", text)
    ]  # fmt: skip
    assert handlers == []


def test_every_threat_names_a_control_and_a_test_that_is_there():
    rows = re.findall(r"^\| [STRIDE] \|.*\|$", document("threats.md"), re.MULTILINE)
    assert len(rows) >= 18
    for row in rows:
        tests = re.findall(r"`(\S+\.py)::(test_\w+)`", row)
        assert tests, row
        for file, name in tests:
            body = ast.parse((ROOT / "tests" / file).read_text()).body
            assert name in {getattr(node, "name", "") for node in body}, row


def test_every_command_of_the_runbook_of_incidents_exists():
    from typer.main import get_command

    from cli.main import app

    known = get_command(app).commands
    for name in re.findall(r"\./arb ([a-z]+(?: [a-z]+)?)", document("incidents.md")):
        first, _, second = name.partition(" ")
        assert first in known, name
        assert (
            not second or not hasattr(known[first], "commands") or second in known[first].commands
        ), name
