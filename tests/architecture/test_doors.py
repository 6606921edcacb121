"""What a person may do is asked in every service, by the service itself."""

import ast

from tests.architecture.test_sources import ROOT, modules, tree


def served():
    """Yield every public function of the services that works for a subject."""
    for path in modules("services"):
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.args.args[:1]
                if first and first[0].arg == "work" and not node.name.startswith("_"):
                    yield f"{path.relative_to(ROOT)}:{node.name}", node


def first_statement(function):
    """Return what a function does first, as text."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return ast.unparse(body[0])


def test_every_service_asks_for_a_permission_before_anything_else():
    doors = {name: first_statement(function) for name, function in served()}
    opening = "work.subject.require(Permission."
    assert len(doors) >= 5
    assert {name for name, first in doors.items() if not first.startswith(opening)} == set()
