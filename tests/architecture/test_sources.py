"""Rules about our source that no reviewer has to remember."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("kit", "domain", "store", "feeds", "engine", "services", "jobs", "cli", "arb_app")
MOST_LINES = 500
LEFT_UNDONE = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "datetime.datetime.now", "datetime.date.today"),
}


def modules(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def asks_the_clock(path):
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS
        for node in ast.walk(tree(path))
    )


def draws_by_chance(path):
    nodes = list(ast.walk(tree(path)))
    imports = [alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names]
    return "random" in [*imports, *(n.module for n in nodes if isinstance(n, ast.ImportFrom))]


def test_the_product_is_where_these_rules_look_for_it():
    assert all(modules(folder) for folder in PRODUCT)


@pytest.mark.parametrize("forbidden", [asks_the_clock, draws_by_chance])
def test_only_the_kit_knows_the_time_and_chance(forbidden):
    others = [folder for folder in PRODUCT if folder != "kit"]
    assert named(filter(forbidden, modules(*others))) == []
    assert named(filter(forbidden, modules("kit"))) != []


def test_every_module_says_what_it_is():
    everything = modules(*PRODUCT, "benchmarks")
    assert named(path for path in everything if not ast.get_docstring(tree(path))) == []


def test_no_file_is_too_long_to_read():
    everything = [*modules(*PRODUCT, "tests", "benchmarks"), *(ROOT / "assets").rglob("*.js")]
    long = (path for path in everything if len(path.read_text().splitlines()) > MOST_LINES)
    assert named(long) == []


def test_nothing_is_left_undone():
    everything = modules(*PRODUCT, "tests", "benchmarks")
    undone = (path for path in everything if LEFT_UNDONE.search(path.read_text(encoding="utf-8")))
    assert named(undone) == []
