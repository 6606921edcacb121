"""Guardian: a process between an owner and one server, which ends the server with its owner.

Run as a script of the standard library alone: `guardian.py STOP DEATH GRACE IDENTITY COMMAND...`.
Its standard input is a pipe whose other end only the owner holds: when that closes, because the
owner asked or because it died in whatever way, the server is stopped. Should the guardian itself
be killed, the kernel sends the server the signal DEATH.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time

PLAIN = "plain"
NAMESPACE = "namespace"
_INNER_ID = 65534  # "nobody" by custom; inside the namespace it stands for the user outside
_NEW_USER_NAMESPACE = 0x10000000
_SET_DEATH_SIGNAL = 1
_HEARD = (signal.SIGCHLD, signal.SIGTERM)
_IGNORED = (signal.SIGINT, signal.SIGHUP)
NO_IDENTITY, NO_COMMAND = 125, 127  # exit codes: the identity was refused; nothing to run


def _enter_namespace() -> None:
    """Become an unprivileged user who still owns the files of the user outside."""
    outer = {"uid_map": os.geteuid(), "gid_map": os.getegid()}
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER_NAMESPACE) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused")
    with open("/proc/self/setgroups", "w", encoding="ascii") as file:  # noqa: PTH123 (no pathlib: it costs 10 ms)
        file.write("deny")
    for name, identity in outer.items():
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 (as above)
            file.write(f"{_INNER_ID} {identity} 1")


def _assume(identity: str) -> None:
    """Take on `identity`: plain, namespace, or `uid:gid`."""
    if identity == NAMESPACE:
        _enter_namespace()
    elif identity != PLAIN:
        uid, gid = (int(part) for part in identity.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def _die_with_parent(parent: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` at the guardian's end; any change of user comes before."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, death_signal)
    if os.getppid() != parent:
        os._exit(NO_COMMAND)


def _become(command: list[str], identity: str, parent: int, death_signal: int) -> None:
    """Turn this process into the server, in a process group of its own; never returns."""
    code = NO_IDENTITY
    try:
        os.setsid()
        for handled in (*_HEARD, *_IGNORED, signal.SIGPIPE):
            signal.signal(handled, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        _assume(identity)
        code = NO_COMMAND
        _die_with_parent(parent, death_signal)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (*_HEARD, *_IGNORED))
        os.execvp(command[0], command)  # noqa: S606 (no shell is meant)
    except OSError as e:
        os.write(2, f"{command[0]}: {e}\n".encode())
    finally:
        os._exit(code)


def _exit_code(child: int) -> int | None:
    """Return the server's exit code, 128 + signal if one ended it, None while it runs."""
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid == 0:
        return None
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _watch(child: int, wake: int, stop_signal: int, grace_s: float) -> int:
    """Wait for the server's end, and bring it about once the owner is gone; return its code."""
    watched = [0, wake]
    deadline: float | None = None
    while (code := _exit_code(child)) is None:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready = select.select(watched, [], [], left)[0]
        asked = wake in ready and signal.SIGTERM in os.read(wake, 64)
        if (asked or 0 in ready) and deadline is None:
            watched = [wake]
            deadline = time.monotonic() + grace_s
            os.kill(child, stop_signal)
        elif deadline is not None and time.monotonic() >= deadline:
            os.killpg(child, signal.SIGKILL)
            deadline += grace_s
    return code


def _hear(_signal: int, _frame: object) -> None:
    """Do nothing: the signal's number is read from the wake-up pipe."""


def main(arguments: list[str]) -> int:
    """Start the command, report its pid on standard output and guard it to its end."""
    stop_signal, death_signal = int(arguments[0]), int(arguments[1])
    grace_s, identity, command = float(arguments[2]), arguments[3], arguments[4:]
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    for heard in _HEARD:
        signal.signal(heard, _hear)
    for ignored in _IGNORED:
        signal.signal(ignored, signal.SIG_IGN)
    parent = os.getpid()
    # No signal may be lost before the program runs: all wait until it does.
    signal.pthread_sigmask(signal.SIG_BLOCK, (*_HEARD, *_IGNORED))
    child = os.fork()
    if child == 0:
        _become(command, identity, parent, death_signal)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (*_HEARD, *_IGNORED))
    with contextlib.suppress(BrokenPipeError):
        os.write(1, f"{child}\n".encode())
    code = _watch(child, wake_read, stop_signal, grace_s)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
