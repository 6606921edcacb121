"""The tables within docs/security that the code itself can write."""

import tomllib
from typing import Any, Final

from kit.settings import ROOT
from services.access import PERMISSIONS_OF, PUBLIC, Permission, Role
from store.tables import EXPORTS, METADATA, OWNERS, RETENTION

FOLDER: Final = ROOT / "docs" / "security"
CLASSES: Final = ("public", "internal", "personal", "secret")
_BEGIN, _END = "<!-- made -->\n", "<!-- end -->\n"


def classes() -> dict[str, dict[str, str]]:
    """Return the class of every column by table, as docs/security/data-map.toml says it."""
    return {
        table: {column.name: _class(told, column.name) for column in METADATA.tables[table].columns}
        for table, told in purposes().items()
    }


def purposes() -> dict[str, dict[str, Any]]:
    """Return what is said of each table."""
    return tomllib.loads((FOLDER / "data-map.toml").read_text())


def _class(told: dict[str, Any], column: str) -> str:
    return next((kind for kind in CLASSES if column in told.get(kind, ())), told["is"])


def data_map() -> str:
    """Return the table of tables: purpose, classes, retention, export, erasure."""
    head = "| table | for | classes | kept | export | erased |\n|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{table}` | {told['purpose']} | {_told(classes()[table])} | {RETENTION[table]} | "
        f"{EXPORTS.get(table, '')} | {_erased(table)} |\n"
        for table, told in purposes().items()
    )


def _told(columns: dict[str, str]) -> str:
    groups = {kind: [c for c, own in columns.items() if own == kind] for kind in CLASSES}
    most = max(groups, key=lambda kind: len(groups[kind]))
    rest = [f"{kind}: {', '.join(groups[kind])}" for kind in CLASSES if groups[kind]]
    return (
        most
        if len(rest) == 1
        else "; ".join(r for r in rest if not r.startswith(most)) + (f"; else {most}")
    )


def _erased(table: str) -> str:
    if table not in OWNERS:
        return "holds no member's row"
    return "itself" if table == "accounts" else "with its account"


def access() -> str:
    """Return the table of permissions by role."""
    head = "| permission | of |\n|---|---|\n"
    return head + "".join(f"| `{each}` | {_holders(each)} |\n" for each in Permission)


def _holders(permission: Permission) -> str:
    if permission in PUBLIC:
        return "everybody"
    return ", ".join(role for role in Role if permission in PERMISSIONS_OF[role]) or "no role"


MADE: Final = {"data-map.md": data_map, "access.md": access}
"""The documents that have a table of ours, and what makes it."""


def refreshed(name: str) -> str:
    """Return a document with its table as it is now."""
    before, _, rest = (FOLDER / name).read_text().partition(_BEGIN)
    return f"{before}{_BEGIN}\n{MADE[name]()}\n{_END}{rest.partition(_END)[2]}"


def write_all() -> None:
    """Make the tables anew."""
    for name in MADE:
        (FOLDER / name).write_text(refreshed(name))
