"""Kernels: loops that Numba compiles when first called, and what stands in where it is missing.

This is the one place that chooses. Without Numba, or with `DUTCHBOOK_NO_NUMBA=1` in the
environment, a kernel runs as plain Python, or as the NumPy version it was given; both give the
same bits, since nothing here allows the compiler to reorder or fuse floating-point operations.
"""

import os
from collections.abc import Callable, Iterable
from functools import update_wrapper
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")


def compiles() -> bool:
    """Say whether kernels are compiled here: Numba is there, and nobody has forbidden it."""
    return os.environ.get("DUTCHBOOK_NO_NUMBA") != "1" and find_spec("numba") is not None


class Kernel(Generic[P, R]):
    """A function that decides at its first call how it runs; until then nothing is imported."""

    def __init__(self, loops: Callable[P, R], plain: Callable[P, R], **options: Any) -> None:
        self._loops = cast("FunctionType", loops)
        self._plain = plain
        self._options: dict[str, Any] = {"cache": True, "nogil": True, **options}
        self._run: Callable[P, R] | None = None
        update_wrapper(self, loops)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what the kernel computes."""
        run = self._run or self.chosen()
        return run(*args, **kwargs)

    def chosen(self) -> Callable[P, R]:
        """Return what the calls run: compiled loops, or the plain version."""
        if self._run is None:
            self._run = self._compiled() or self._plain
        return self._run

    def _compiled(self) -> Callable[P, R] | None:
        if not compiles():
            return None
        from numba import njit  # noqa: PLC0415  (0.6 s and 60 MB that a web process never needs)

        compile_ = njit(error_model="numpy", **self._options)
        return cast("Callable[P, R]", compile_(self._bound()))

    def _bound(self) -> FunctionType:
        """Return the loops with the compiled versions of the kernels that they call.

        Numba's cache on disk is named after the function and notices changes of its own file only,
        so the name carries a digest of the other files whose kernels are compiled into it.
        """
        loops, code = self._loops, self._loops.__code__
        kernels = self._kernels_called()
        called = {name: kernel.chosen() for name, kernel in kernels.items()}
        bound = FunctionType(code, {**loops.__globals__, **called}, loops.__name__)
        bound.__module__ = loops.__module__
        bound.__qualname__ = loops.__qualname__ + _digest(self.files() - {code.co_filename})
        return bound

    def _kernels_called(self) -> "dict[str, Kernel[..., object]]":
        known = self._loops.__globals__
        return {
            name: cast("Kernel[..., object]", kernel)
            for name in self._loops.__code__.co_names
            if isinstance(kernel := known.get(name), Kernel)
        }

    def files(self) -> set[str]:
        """Return the files that the loops and all that they call are written in."""
        called = self._kernels_called().values()
        own = {self._loops.__code__.co_filename}
        return own.union(*(kernel.files() for kernel in called))


def _digest(files: Iterable[str]) -> str:
    read = b"".join(Path(file).read_bytes() for file in sorted(files))
    return f"_{sha256(read).hexdigest()[:12]}" if read else ""


def jit(loops: Callable[P, R]) -> Kernel[P, R]:
    """Compile a function at its first call; without Numba it runs as it stands.

    What it computes must be within Numba's nopython mode: arrays, numbers and tuples in and out.
    It may call other kernels by their bare names. Division by zero gives an infinity or NaN, as in
    NumPy.
    """
    return Kernel(loops, loops)


def jit_lean(loops: Callable[P, R]) -> Kernel[P, R]:
    """Compile a function as `jit` does that makes no array, nor does any kernel that it calls.

    None of them then counts who holds an array, which takes most of the time of short loops.
    """
    return Kernel(loops, loops, _nrt=False)


def jit_inline(loops: Callable[P, R]) -> Kernel[P, R]:
    """Compile a function as `jit_lean` does, once more into every kernel that calls it."""
    return Kernel(loops, loops, _nrt=False, forceinline=True, cache=False)


def jit_or(plain: Callable[P, R]) -> Callable[[Callable[P, R]], Kernel[P, R]]:
    """Compile the decorated loops; without Numba run `plain`, their NumPy version, instead.

    Examples:
        >>> import numpy as np
        >>> def _doubled_plain(values):
        ...     return values + values
        >>> @jit_or(_doubled_plain)
        ... def _doubled(values):
        ...     return values + values
        >>> callable(_doubled)
        True
    """

    def decorate(loops: Callable[P, R]) -> Kernel[P, R]:
        return Kernel(loops, plain)

    return decorate
