"""Chains of events: nothing of one that is over waits for the garbage collector."""

import asyncio
import gc
import weakref

import pytest
from reflex_base.event.processor.event_processor import EventProcessor
from reflex_base.event.processor.future import EventFuture

from arb_app.chains import let_chains_go


@pytest.fixture
def cleaned(monkeypatch):
    """Chains that are let go, for this test."""
    monkeypatch.setattr(EventProcessor, "_try_clean_future", EventProcessor._try_clean_future)
    let_chains_go()
    let_chains_go()


def chained(processor, txid, parent=None):
    """Book a future as the processor does."""
    future = EventFuture(txid=txid, parent=parent)
    if parent is not None:
        parent.add_child(future)
    processor._futures[txid] = future
    future.add_done_callback(processor._try_clean_future)
    return future


async def ended(*futures):
    for future in futures:
        future.set_result(None)
        await asyncio.sleep(0)


async def test_a_chain_that_is_over_is_freed_at_once(cleaned):
    processor = EventProcessor()
    first = chained(processor, "first")
    second = chained(processor, "second", first)
    third = chained(processor, "third", second)
    await ended(first, third, second)
    assert processor._futures == {}
    gone = [weakref.ref(each) for each in (first, second, third)]
    gc.disable()
    try:
        del first, second, third
        assert [each() for each in gone] == [None, None, None]
    finally:
        gc.enable()


async def test_a_parent_waits_in_the_books_for_the_last_of_its_children(cleaned):
    processor = EventProcessor()
    parent = chained(processor, "parent")
    quick, slow = chained(processor, "quick", parent), chained(processor, "slow", parent)
    await ended(parent, quick)
    assert sorted(processor._futures) == ["parent", "slow"]
    assert slow.parent is parent
    await ended(slow)
    assert processor._futures == {}
    assert await parent.wait_all() is None
