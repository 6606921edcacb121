"""The runbook's table of outages says what the code promises, word by word."""

import pytest

from domain.outages import OUTAGES, Door
from domain.outages import Server as Down
from domain.vitals import CHAPTERS, Part
from tests.cli.houses import ROOT

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
CHAPTER = "## When a part is down"


def rows():
    """Return the cells of each row of the chapter's table, by the server that it names."""
    chapter = RUNBOOK.split(CHAPTER, 1)[1].split("\n## ", 1)[0]
    lines = [line for line in chapter.splitlines() if line.startswith("| ")]
    return {tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[1:]}


def test_the_table_is_what_the_code_promises():
    promised = {
        (down.value, door.value, answer.kept.value, answer.how)
        for down, doors in OUTAGES.items()
        for door, answer in doors.items()
    }
    assert rows() - {("---",) * 4} == promised


@pytest.mark.parametrize("down", Down)
def test_every_server_has_a_promise_for_every_class(down):
    assert OUTAGES[down].keys() == set(Door)


@pytest.mark.parametrize("part", Part)
def test_every_chapter_that_the_page_of_health_names_is_in_the_runbook(part):
    assert f" {CHAPTERS[part]}\n" in RUNBOOK
