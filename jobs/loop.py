"""The loop that a worker runs on, and what Python does beside it: as little as it can."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any

import uvloop

# A thread that parses gives the loop its turn after so long: five milliseconds, which is usual,
# are waited at every read and write.
_SWITCH_S = 0.0005
# A look through all of a worker's objects takes half a second where a million prices are held, and
# all of that time nothing else happens. Little of what we make is a cycle: look less often, but
# often enough that what is a cycle does not pile up for long.
_YOUNG, _MIDDLE, _OLD = 20_000, 20, 40


def run(job: Coroutine[Any, Any, None]) -> None:
    """Run a worker's job to its end."""
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    sys.setswitchinterval(_SWITCH_S)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(job)
