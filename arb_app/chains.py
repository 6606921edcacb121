"""Chains of events that are over, which Reflex leaves to the garbage collector.

A future knows the one that it was chained from, which knows it too: a cycle for every page that was
ever opened. The link upwards is of use only until both are done and out of the processor's books.
"""

from typing import Any

from reflex_base.event.processor.event_processor import EventProcessor
from reflex_base.event.processor.future import EventFuture


def let_chains_go() -> None:
    """Have every event processor cut the links of chains that are over."""
    processor: Any = EventProcessor
    clean = processor._try_clean_future  # noqa: SLF001 - where futures leave the books

    def cleaned(self: Any, future: EventFuture) -> None:
        clean(self, future)
        over: EventFuture | None = future
        while over is not None and over.done() and over.txid not in self._futures:
            over.parent, over = None, over.parent

    if clean.__name__ != cleaned.__name__:
        processor._try_clean_future = cleaned  # noqa: SLF001 - the same
