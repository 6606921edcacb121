"""Rules of our own: each finds its bad examples, leaves its good ones, and nothing in the code."""

import json
import re

import pytest

from tests.scanners.conftest import ROOT
from tests.scanners.findings import unexplained
from tests.scanners.test_code import FOLDERS

RULES, EXAMPLES = (ROOT / "security" / "semgrep" / f"rules.{kind}" for kind in ("yml", "py"))
QUIET = ("--metrics", "off", "--disable-version-check", "--config", RULES)
pytestmark = pytest.mark.timeout(900)


def test_every_rule_has_a_good_and_a_bad_example():
    ids = set(re.findall(r"^  - id: ([\w-]+)$", RULES.read_text(), re.MULTILINE))
    shown = {
        kind: set(re.findall(rf"# {kind}: ([\w-]+)", EXAMPLES.read_text()))
        for kind in ("ruleid", "ok")
    }
    assert shown == {"ruleid": ids, "ok": ids}


async def test_every_rule_finds_what_it_should_and_nothing_else(tool):
    said = await tool("rules", "semgrep", "scan", "--test", *QUIET, EXAMPLES)
    assert said.returncode == 0, said.stdout


async def test_nothing_in_the_code_is_against_our_rules(tool):
    said = await tool("rules", "semgrep", "scan", *QUIET, "--json", "--quiet", *FOLDERS)
    told = json.loads(said.stdout)
    assert told["errors"] == []
    assert len(told["paths"]["scanned"]) > 200
    found = [(each["check_id"].rpartition(".")[2], each["path"]) for each in told["results"]]
    assert unexplained("semgrep", found) == []
