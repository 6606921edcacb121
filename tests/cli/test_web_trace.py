"""What the benchmark of the board page reads from a trace."""

import pytest

from benchmarks.web_trace import ARRIVED, PAINTED, longest_ms, read, work_ms

PAGE, OTHER = {"pid": 1, "tid": 7}, {"pid": 2, "tid": 7}


def task(start, dur, thread=PAGE, **more):
    return {"name": "RunTask", "ph": "X", "ts": start, "dur": dur, **thread, **more}


def mark(name, ts):
    return {"name": name, "ph": "R", "ts": ts, **PAGE}


def named(thread):
    return {"name": "thread_name", "ph": "M", "args": {"name": "CrRendererMain"}, **thread}


THREADS = [named(PAGE), named(OTHER)]
PATCH = [mark(ARRIVED, 1_100), mark(PAINTED, 9_000)]


def test_the_work_is_that_of_the_page_s_own_thread_between_arrival_and_paint():
    tasks = [task(0, 900), task(1_000, 2_000), task(4_000, 3_000), task(9_500, 500)]
    trace = read([*THREADS, *PATCH, *tasks, task(2_000, 5_000, OTHER)])
    assert work_ms(trace) == [5.0]
    assert longest_ms(trace) == pytest.approx(3.0)


def test_a_task_within_another_counts_once_and_by_the_processor_where_that_is_told():
    tasks = [task(1_000, 6_000, tdur=4_000), task(2_000, 1_000, tdur=1_000)]
    assert work_ms(read([*THREADS, *PATCH, *tasks])) == [4.0]


def test_a_message_that_is_never_painted_is_no_patch():
    again = [mark(ARRIVED, 10_000)]
    assert len(work_ms(read([*THREADS, *PATCH, *again, task(1_000, 2_000)]))) == 1
