"""The runbook names everything that an operator can set or call."""

import re

import pytest

from kit.settings import Settings
from tests.cli.houses import ROOT
from tests.cli.test_program import COMMANDS

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()


def variable(name):
    return Settings.model_fields[name].validation_alias or f"DUTCHBOOK_{name.upper()}"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_has_a_row(name):
    assert re.search(rf"^\| `{re.escape(variable(name))}` \|", RUNBOOK, re.MULTILINE)


def test_no_row_is_of_a_setting_that_is_gone():
    rows = set(re.findall(r"^\| `([A-Z_<>]+)` \|", RUNBOOK, re.MULTILINE))
    assert rows == {variable(name) for name in Settings.model_fields} | {"DUTCHBOOK_CHROMIUM"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_named(command):
    assert f"`./arb {command}" in RUNBOOK
