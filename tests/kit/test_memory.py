"""Memory: what was freed goes back to the system, wherever the C library can do that."""

import ctypes

import psutil
import pytest

from kit.memory import give_back


def test_freed_memory_leaves_the_process():
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("this C library has no way to give memory back")
    process = psutil.Process()
    give_back()
    kept, taken = [], []
    for _ in range(1_000):  # below the size that goes back by itself, each with something behind it
        taken.append(b"x" * 60_000)
        kept.append(b"x" * 600)
    full = process.memory_info().rss
    del taken
    give_back()
    assert full - process.memory_info().rss > 30e6
