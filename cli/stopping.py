"""Stopping: Ctrl-C, a terminal that closes and SIGTERM all mean the same."""

import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress


@contextmanager
def until_told() -> Generator[None]:
    """Run the block until it ends or we are told to stop, which is then no error.

    SIGINT is among the signs because a shell's background job begins with it ignored.
    """
    signs = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(sign, signal.default_int_handler) for sign in signs]
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for sign, handler in zip(signs, before, strict=True):
            signal.signal(sign, handler)
