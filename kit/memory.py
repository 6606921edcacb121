"""Memory that was freed, given back to the system."""

import ctypes
from functools import cache
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
