"""The page on sources: what the code says of them, and what was read of the recordings."""

from pathlib import Path

import pytest

from benchmarks.recorded import rows, table
from feeds.page import END, page, written
from feeds.registry import FEEDS

PAGE = Path(__file__).resolve().parents[2] / "docs/sources.md"


def test_the_page_is_what_the_code_says():
    made, _, _ = PAGE.read_text(encoding="utf-8").partition(END)
    assert made == page(), "run: python -m feeds.page"


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_every_source_has_one_row(name):
    assert page().count(f"\n| `{name}` |") == 1


def test_what_was_measured_outlives_a_new_first_part():
    assert written(f"old{END}figures\n", "new\n") == f"new\n{END}figures\n"


def test_what_the_table_says_of_the_vendors_answers_is_what_is_read_now(recorded_dir):
    told = PAGE.read_text(encoding="utf-8")
    found = {
        (f"providers/{name}", source): row
        for (name, source), row in rows(recorded_dir / "providers").items()
    }
    lines = [line for line in table(found).splitlines() if line.startswith("| `providers/")]
    assert len(lines) > 40
    assert [line for line in lines if line not in told.splitlines()] == []
