"""The list of requirements: whole, with tests that are there, and the document made of it."""

import csv

import pytest

from cli.asvs import LIST, TABLE, Requirement, exists, figures, requirements, shown, table
from cli.asvs import results as run
from domain.errors import Refused

HERE = "tests/cli/test_asvs.py::test_a_test_is_there_or_not"


def test_the_document_is_what_the_list_says():
    assert TABLE.read_text() == table(requirements()), "./arb asvs --write"


LEAST = 0.96
"""The share of what applies that tests show; it only grows."""


def test_no_less_of_what_applies_is_shown_by_tests_than_was():
    told = figures(requirements(), {})
    assert told["requirements"] == 253
    assert told["tested"] >= LEAST * told["applicable"]


def test_the_ids_are_those_of_the_standard(recorded_dir):
    file = recorded_dir / "asvs" / "asvs-5.0.0.csv"
    if not file.exists():
        pytest.skip("the standard is not beside the project")
    with file.open(encoding="utf-8-sig") as opened:
        ids = [row["req_id"] for row in csv.DictReader(opened) if row["L"] in {"1", "2"}]
    assert [each.id for each in requirements()] == ids


def test_nothing_of_the_standard_stands_in_the_list_but_its_ids(recorded_dir):
    file = recorded_dir / "asvs" / "asvs-5.0.0.csv"
    if not file.exists():
        pytest.skip("the standard is not beside the project")
    ours = LIST.read_text().lower().split()
    runs = {" ".join(ours[i : i + 8]) for i in range(len(ours))}
    with file.open(encoding="utf-8-sig") as opened:
        texts = [row["req_description"].lower().split() for row in csv.DictReader(opened)]
    theirs = {" ".join(text[i : i + 8]) for text in texts for i in range(len(text) - 7)}
    assert runs & theirs == set()


def test_a_test_is_there_or_not():
    assert exists(HERE)
    assert not exists("tests/cli/test_asvs.py::test_nothing")
    assert not exists("tests/cli/test_nothing.py::test_a_test_is_there_or_not")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('state = "met"\nwhere = "x"\nhow = "y"', "why by none"),
        ('state = "met"\nhow = "y"\nreason = "z"', "where"),
        ('state = "not_applicable"', "needs a reason"),
        (f'state = "not_met"\nreason = "z"\ntests = ["{HERE}"]', "has no tests"),
        ('state = "perhaps"\nreason = "z"', "no state"),
        ('state = "met"\nwhere = "x"\nhow = "y"\ntests = ["tests/x.py::test_x"]', "not there"),
        ('state = "not_met"\nreason = "z"\nnote = ""', "note"),
    ],
)
def test_an_entry_that_says_too_little_or_what_is_not_so_is_refused(tmp_path, entry, why):
    file = tmp_path / "asvs.toml"
    file.write_text(f'["V1.1.1"]\n{entry}\n')
    with pytest.raises(Refused, match=why):
        requirements(file)


MET = Requirement("V1.1.1", "met", "x", "y", tests=("a", "b"))
ALONE = Requirement("V1.1.2", "met", "x", "y", reason="it is a document")
LACKING = Requirement("V1.2.1", "not_met", reason="not yet")
ELSEWHERE = Requirement("V1.2.2", "not_applicable", reason="none here")
FOUR = [MET, ALONE, LACKING, ELSEWHERE]


@pytest.mark.parametrize(("b", "passed"), [(True, 1), (False, 0)])
def test_a_requirement_has_passed_when_all_of_its_tests_have(b, passed):
    told = figures(FOUR, {"a": True, "b": b})
    assert told == {
        "requirements": 4, "applicable": 3, "met": 2, "tested": 1, "passed": passed,
        "not_applicable": 1, "not_met": 1, "tests": 2,
    }  # fmt: skip


def test_every_requirement_is_shown_with_its_tests_or_its_reason():
    outcomes = {"a": True, "b": False}
    text = shown(FOUR, outcomes, figures(FOUR, outcomes))
    for part in ("passed  a", "FAILED  b", "it is a document", "not yet", "none here", "33.3 %"):
        assert part in text


@pytest.mark.slow
def test_tests_are_run_and_told_apart():
    other = "tests/cli/test_asvs.py::test_every_requirement_is_shown_with_its_tests_or_its_reason"
    nowhere = "tests/cli/test_asvs.py::test_that_is_not_there"
    assert run([HERE, other]) == {HERE: True, other: True}
    assert run([nowhere]) == {nowhere: False}
