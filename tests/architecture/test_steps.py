"""What `./arb test` runs: no test is left out for its place, its name or its marks."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

from cli.checks import FAST, SLOW
from cli.security import SCANS

ROOT = Path(__file__).resolve().parents[2]
MARKS = ("slow", "servers", "recorded", "hypothesis")
RUNS = [step.arguments for step in (*FAST, *SLOW) if "pytest" in step.arguments]
TEST = re.compile(r"^ *(?:async )?def test_|^class Test|^Test\w+ = ", re.MULTILINE)
EXAMPLE = re.compile(r"^ *>>> ", re.MULTILINE)
SCANNERS = [ROOT / "tests" / "scanners" / f"test_{name}.py" for name in SCANS]


def beneath(path, folders):
    return any((ROOT / folder).resolve() in (path, *path.parents) for folder in folders)


def looks_at(arguments, path):
    """Say whether a run of pytest collects a file."""
    named = [each for each in arguments if (ROOT / each).exists()]
    ignored = [each.removeprefix("--ignore=") for each in arguments if "--ignore=" in each]
    return beneath(path, named) and not beneath(path, ignored)


def asks_for(arguments, marks):
    expression = Expression.compile(arguments[arguments.index("-m", 2) + 1])
    return expression.evaluate(lambda name, **_: name in marks)


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def holding(pattern, paths):
    return [path for path in paths if pattern.search(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    "marks", [each for n in range(len(MARKS) + 1) for each in combinations(MARKS, n)]
)
def test_every_file_of_tests_is_run_whatever_its_tests_are_marked(marks):
    left = []
    for path in holding(TEST, sources("tests")):
        marked = {*marks, "e2e"} if beneath(path, ["tests/e2e"]) else set(marks)
        ran = any(looks_at(each, path) and asks_for(each, marked) for each in RUNS)
        left += [] if ran or path in SCANNERS else [str(path)]
    assert left == []


def test_every_file_of_tests_is_called_as_pytest_wants():
    tests = holding(TEST, sources("tests"))
    assert [str(path) for path in tests if not path.name.startswith("test_")] == []


# Folders of ours that Python can be in; packages and what is built are in none of them.
PRODUCT = [each.name for each in ROOT.iterdir() if each.is_dir() and each.name[0] != "."]


def test_every_example_of_a_docstring_is_run():
    shown = holding(EXAMPLE, sources(*PRODUCT))
    examples = [each for each in RUNS if "--doctest-modules" in each]
    assert [str(p) for p in shown if not any(looks_at(each, p) for each in examples)] == []
