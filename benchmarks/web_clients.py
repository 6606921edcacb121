"""What every process with thousands of sockets needs."""

import resource


def most_files() -> int:
    """Let this process open as many files as it may; return how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
