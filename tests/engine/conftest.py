"""The engine's deep tests take minutes together: the quick check leaves them to the full one."""

from pathlib import Path

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Mark what lies in a folder of its own as slow."""
    for item in items:
        if HERE in item.path.parents and item.path.parent != HERE:
            item.add_marker("slow")
