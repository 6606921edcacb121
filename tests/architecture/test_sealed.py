"""Every sealed column is known to the rotation, which else would leave it to a key that goes."""

import ast
from pathlib import Path

import pytest

from store.sealing import SEALED
from store.tables import GRANTS, METADATA, OWNERS

ROOT = Path(__file__).resolve().parents[2]
KNOWN = {(each.table, each.column) for each in SEALED}


def places(code):
    """Yield table and column of every place that a text is sealed for."""
    tree = ast.parse(code)
    imported = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    if not any(n.module == "store.sealed" for n in imported):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Place":
            table, column = node.args[:2]
            yield (
                (table.value, column.value)
                if isinstance(table, ast.Constant) and isinstance(column, ast.Constant)
                else ("?", ast.unparse(node))
            )


def everywhere():
    for folder in ("store", "services", "jobs", "arb_app", "cli"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            # The registry itself makes places of what it lists.
            if path.name != "sealing.py":
                yield from places(path.read_text())


def unknown(found):
    return set(found) - KNOWN


def sealed_by_name():
    """Yield the columns that are called sealed, or that a constraint says to be."""
    for name, table in METADATA.tables.items():
        for column in table.columns:
            checked = any(
                f"{column.name} like 's1.%'" in str(getattr(each, "sqltext", ""))
                for each in table.constraints
            )
            if checked or "sealed" in column.name:
                yield name, column.name


def test_every_place_that_is_sealed_for_is_known_to_the_rotation():
    found = list(everywhere())
    assert unknown(found) == set()
    assert set(found) == KNOWN


def test_every_column_that_is_called_sealed_is_known_too():
    # How many rows a rotation has sealed is a number, and no secret.
    assert set(sealed_by_name()) - {("key_rotations", "resealed")} == KNOWN


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('seal(ring, Place("phones", "number", str(id)), text)', {("phones", "number")}),
        ('Place(TABLE, "number", "1")', {("?", "Place(TABLE, 'number', '1')")}),
        ('Place("letters", "sealed", "1")', set()),
    ],
)
def test_one_that_is_missing_would_be_found(code, found):
    assert unknown(places(f"from store.sealed import Place\n{code}")) == found
    assert set(places(code)) == set()


def test_the_rotation_may_see_and_change_what_it_seals_anew():
    for each in SEALED:
        assert {"SELECT", "UPDATE"} <= set(GRANTS[each.table].split(", "))
        assert (each.oversight != "") is (each.table in OWNERS)
        key = [column.name for column in METADATA.tables[each.table].primary_key]
        assert list(each.keys) == key
