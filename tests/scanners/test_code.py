"""The code, looked at by programs of others."""

import json

import pytest

from tests.scanners.conftest import ROOT
from tests.scanners.findings import Allowed, unexplained

FOLDERS = ("kit", "domain", "store", "feeds", "engine", "services", "jobs", "arb_app", "cli")
# Lists of hashes, which are no secrets.
LISTS = r"^(requirements[\w-]*|security/tools/\w+)\.txt$|^reflex\.lock$|^tests/recordings/"
BILL = ROOT / ".data" / "sbom.json"
pytestmark = pytest.mark.timeout(900)


async def test_no_flaw_by_pattern_is_unexplained(tool):
    said = await tool("code", "bandit", "-q", "-r", *FOLDERS, "-f", "json")
    found = json.loads(said.stdout)
    assert found["errors"] == []
    assert unexplained("bandit", [(r["test_id"], r["filename"]) for r in found["results"]]) == []


async def test_no_secret_was_left_in_the_code(tool):
    said = await tool("code", "detect-secrets", "scan", "--exclude-files", LISTS)
    found = [
        (each["type"], path) for path, all_ in json.loads(said.stdout)["results"].items()
        for each in all_
    ]  # fmt: skip
    assert unexplained("detect-secrets", found) == []


async def test_a_bill_of_materials_names_every_package(tool):
    BILL.parent.mkdir(exist_ok=True)
    said = await tool(
        "code", "cyclonedx-py", "requirements", "requirements.txt", "--of", "JSON", "-o", BILL
    )
    assert said.returncode == 0, said.stderr
    named = {(each["name"], each["version"]) for each in json.loads(BILL.read_text())["components"]}
    pins = [line.split(" ")[0] for line in (ROOT / "requirements.txt").open() if "==" in line]
    assert named == {tuple(pin.split("==")) for pin in pins}


ENTRY = Allowed("x", "B1", "a.py", "why")


@pytest.mark.parametrize(
    ("entry", "found", "told"),
    [
        (ENTRY, [("B1", "a.py")], 0),
        (ENTRY, [], 1),
        (ENTRY, [("B1", "a.py")] * 2, 1),
        (ENTRY, [("B2", "a.py")], 2),
        (Allowed("x", "B1", "*.py", "why"), [("B1", "a.py")] * 2, 0),
        (Allowed("x", "B1", "*.py", "why"), [], 1),
        (Allowed("y", "B1", "a.py", "why"), [("B1", "a.py")], 1),
    ],
)
def test_a_finding_without_an_entry_and_an_entry_without_a_finding_are_told(entry, found, told):
    assert len(unexplained("x", found, [entry])) == told
