"""When things happen: the worker process."""
