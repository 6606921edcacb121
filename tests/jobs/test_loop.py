"""The worker's loop: a fast one, on which threads and the collector of cycles give way."""

import asyncio
import gc
import sys
import threading

import pytest
import uvloop

from jobs.loop import run


@pytest.fixture
def put_back():
    thresholds, switch_s = gc.get_threshold(), sys.getswitchinterval()
    yield thresholds, switch_s
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(switch_s)


def test_a_job_runs_where_threads_give_way_early_and_old_objects_are_seldom_looked_through(
    put_back,
):
    ran = []

    async def job():
        ran.append((asyncio.get_running_loop(), gc.get_threshold(), sys.getswitchinterval()))

    thread = threading.Thread(target=lambda: run(job()))
    thread.start()
    thread.join()
    ((loop, thresholds, switch_s),) = ran
    assert isinstance(loop, uvloop.Loop)
    usual, usual_s = put_back
    assert all(ours > theirs for ours, theirs in zip(thresholds, usual, strict=True))
    assert switch_s < usual_s
