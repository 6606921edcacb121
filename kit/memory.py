"""Memory of this process: how much there is, and what was freed given back to the system."""

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any


def give_back() -> bool:
    """Give freed memory back to the system, where the C library can; return whether any went.

    glibc keeps what was freed in the middle of its arenas: a process that takes and frees many
    sizes, as one that parses in threads, seems to grow without needing more.
    """
    library = _library()
    return library is not None and bool(library.malloc_trim(0))


@cache
def _library() -> Any:
    """Return the C library if it knows how to give back, else None."""
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None


def resident_mb() -> float:
    """Return how much memory this process holds, in megabytes; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
