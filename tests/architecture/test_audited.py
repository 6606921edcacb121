"""No act of those who look after others without an entry in the audit."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITES = {"insert", "insertion", "upsert", "update", "delete", "copy_rows", "copy_blocks"}
RECORDS = {"record", "record_all"}


class Module:
    """A module's functions: whom each calls, and whether it writes by itself."""

    def __init__(self, code):
        tree = ast.parse(code)
        self.functions = {
            node.name: node
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        self.names = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def reached(self, name):
        """Return a function and all of its module's that it leads to."""
        found, waiting = {}, [name]
        while waiting:
            if (each := waiting.pop()) not in found and each in self.functions:
                found[each] = self.functions[each]
                waiting += [called for _, called in calls(found[each])]
        return list(found.values())


def calls(function):
    """Yield what a function calls, as the name before the dot, or "", and the name after it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield "", node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            before = node.func.value
            yield (before.id if isinstance(before, ast.Name) else "?"), node.func.attr


def permissions(function):
    """Yield the permissions that a function requires itself."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "require":
            yield ast.unparse(node.args[0]).removeprefix("Permission.")


def writes_itself(function):
    """Whether a function of the store writes: a statement, a new row, or a Valkey command."""
    for before, called in calls(function):
        if called in WRITES and before in {"", "sa"}:
            return True
        if (before, called) in {("db", "add"), ("db", "add_all"), ("db", "delete")}:
            return True
    texts = (n.value for n in ast.walk(function) if isinstance(n, ast.Constant))
    return any(
        isinstance(text, str) and text.lower().startswith(("insert ", "update ", "delete "))
        for text in texts
    )


def changes(module, name, store):
    """Whether a service leads to a function of the store that writes, or changes a row it read."""
    for function in module.reached(name):
        for node in ast.walk(function):
            targets = node.targets if isinstance(node, ast.Assign) else []
            flat = [each for t in targets for each in (t.elts if isinstance(t, ast.Tuple) else [t])]
            if any(isinstance(each, ast.Attribute) for each in flat):
                return True
        for before, called in calls(function):
            where, own = module.names.get(before, ("", "")), module.names.get(called, ("", ""))
            path = f"{where[0]}.{where[1]}" if where[0] == "store" else own[0]
            known = store.get(path)
            if known and any(map(writes_itself, known.reached(called))):
                return True
    return False


def records(module, name):
    """Whether a service puts something on record."""
    return any(
        before == "audit" and called in RECORDS
        for function in module.reached(name)
        for before, called in calls(function)
    )


def acts(services, store):
    """Return what changes something, of an account or of what admins manage: is it recorded?"""
    found = {}
    for title, module in services.items():
        for name, function in module.functions.items():
            asked = set(permissions(function))
            guarded = {p for p in asked if p.startswith("MANAGE_") or p == "USE_ACCOUNT"}
            if guarded and changes(module, name, store):
                found[f"{title}.{name}"] = records(module, name)
    return found


def modules(folder):
    return {
        f"{folder}.{path.stem}": Module(path.read_text())
        for path in sorted((ROOT / folder).glob("*.py"))
    }


@pytest.fixture(scope="module")
def store():
    return modules("store")


def test_every_act_is_on_record(store):
    found = acts(modules("services"), store)
    # How figures look to a member is nobody's concern but theirs.
    assert {name for name, recorded in found.items() if not recorded} == {
        "services.preferences.keep"
    }
    # What is looked for is found: these are acts, whatever else there may be.
    assert found.keys() >= {
        "services.accounts.create", "services.accounts.change_role",
        "services.accounts.change_plan", "services.accounts.replace_password",
        "services.accounts.change_password", "services.sessions.sign_out",
        "services.sessions.end_others", "services.sources_admin.set_credential",
        "services.sources_admin.clear_credential", "services.sources_admin.switch",
        "services.matching_review.merge", "services.matching_review.split",
        "services.matching_review.part", "services.matching_review.reopen",
        "services.matching_review.undo",
    }  # fmt: skip


SILENT = """
from store import switches as stored, audit

async def switch(work, source):
    work.subject.require(Permission.MANAGE_SOURCES)
    await _save(work, source)

async def _save(work, source):
    await stored.save_switch(work.db, source)
"""


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (SILENT, {"x.switch": False}),
        (SILENT + "    await audit.record(work.db)\n", {"x.switch": True}),
        (SILENT.replace("save_switch", "switches"), {}),
        (SILENT.replace("await stored.save_switch(work.db, source)", "work.row.name = source"),
         {"x.switch": False}),
    ],
)  # fmt: skip
def test_an_act_that_is_not_on_record_would_be_found(store, code, found):
    assert acts({"x": Module(code)}, store) == found
