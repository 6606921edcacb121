"""What a trace of Chromium tells of the main thread: tasks, and the work between two marks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

CATEGORIES: Final = (
    "toplevel",
    "blink.user_timing",
    "__metadata",
    "disabled-by-default-lifecycles",
)
ARRIVED, PAINTED = "bench-arrived", "bench-painted"
_TASKS: Final = frozenset({"RunTask", "ThreadControllerImpl::RunTask", "ThreadController::Task"})
_MAIN: Final = "CrRendererMain"


class Task(NamedTuple):
    """One task of the main thread, in microseconds: when it ran, and the CPU that it took."""

    start: float
    end: float
    work: float


class Trace(NamedTuple):
    """The tasks of the page's main thread in order, and the instants of its marks."""

    tasks: Sequence[Task]
    marks: Sequence[tuple[float, str]]


def read(events: Iterable[Mapping[str, Any]]) -> Trace:
    """Return the main thread of the renderer that set the marks."""
    events = list(events)
    marked = [e for e in events if e.get("name") in (ARRIVED, PAINTED) and "ts" in e]
    threads = {
        (e["pid"], e["tid"])
        for e in events
        if e.get("name") == "thread_name" and e["args"].get("name") == _MAIN
    }
    ours = {(e["pid"], e["tid"]) for e in marked} & threads
    tasks = sorted(
        Task(e["ts"], e["ts"] + e["dur"], e.get("tdur", e["dur"]))
        for e in events
        if e.get("name") in _TASKS and e.get("ph") == "X" and (e["pid"], e["tid"]) in ours
    )
    return Trace(_outermost(tasks), sorted((e["ts"], e["name"]) for e in marked))


def work_ms(trace: Trace) -> list[float]:
    """Return the main thread's work from each arrival to its paint, in milliseconds."""
    found: list[float] = []
    arrived: float | None = None
    for at, name in trace.marks:
        if name == ARRIVED:
            arrived = at
        elif arrived is not None:
            found.append(sum(t.work for t in trace.tasks if t.end > arrived and t.start < at) / 1e3)
            arrived = None
    return found


def longest_ms(trace: Trace) -> float:
    """Return the longest that one task kept the main thread, between the first mark and the last.

    It is what the task worked, not how long another program kept it from working.
    """
    first, last = trace.marks[0][0], trace.marks[-1][0]
    return max(t.work for t in trace.tasks if t.end > first and t.start <= last) / 1e3


def _outermost(tasks: Iterable[Task]) -> list[Task]:
    """Leave out tasks that ran within another, as nested loops do."""
    kept: list[Task] = []
    for task in tasks:
        if not kept or task.start >= kept[-1].end:
            kept.append(task)
    return kept
