"""When things happen: the worker process and its timetable."""
