"""No guarded process outlives its owner, whoever is killed and however."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from domain.errors import Unavailable
from store.embedded import Guarded, Program, guardian

ROOT = Path(__file__).resolve().parents[2]
FAMILY = "import os, signal; pid = os.fork(); signal.pause()"  # a child and a grandchild
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); signal.pause()"
OWNER = f"""
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs begin with it ignored
from store.embedded import Guarded, Program
import sys
program = Guarded(Program("family", [sys.executable, "-c", {FAMILY!r}], grace_s=1))
program.start()
print(program.pid, program._guardian.pid, flush=True)
signal.pause()
"""


def python(code, **options):
    return Guarded(Program("test", [sys.executable, "-c", code], **options))


def ended(pid):
    """Say whether a process runs no more: gone, or dead and not yet buried by its parent."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def gone(*pids, within_s=15):
    return eventually(lambda: all(map(ended, pids)), within_s)


def eventually(claim, within_s=15):
    deadline = time.monotonic() + within_s
    while not (found := claim()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def grandchild_of(pid):
    return eventually(psutil.Process(pid).children)[0].pid


@pytest.fixture
def owned():
    """Yield an owner in a process of its own: pids of owner, guardian, child and grandchild."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        child, guard = map(int, owner.stdout.readline().split())
        pids = {"owner": owner.pid, "guardian": guard, "child": child}
        yield pids | {"grandchild": grandchild_of(child)}
        owner.kill()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_survives_the_owner(owned, sign):
    os.kill(owned["owner"], sign)
    assert gone(owned["guardian"], owned["child"], owned["grandchild"])


def test_the_child_does_not_survive_owner_and_guardian_killed_together(owned):
    os.kill(owned["guardian"], signal.SIGKILL)
    os.kill(owned["owner"], signal.SIGKILL)
    assert gone(owned["child"])
    os.kill(owned["grandchild"], signal.SIGKILL)


def test_stop_ends_a_whole_family():
    family = python(FAMILY)
    family.start()
    grandchild = grandchild_of(family.pid)
    family.stop()
    assert gone(family.pid, within_s=0)
    assert gone(grandchild)
    assert not family.alive()


def test_a_killed_guardian_leaves_nothing_once_its_owner_looks():
    family = python(FAMILY, grace_s=0.2)
    family.start()
    grandchild = grandchild_of(family.pid)
    os.kill(psutil.Process(family.pid).ppid(), signal.SIGKILL)
    family.stop()
    assert gone(family.pid, grandchild)


def test_one_that_will_not_listen_is_killed_after_its_grace(tmp_path):
    deaf = python(DEAF, grace_s=0.3, log=tmp_path / "log")
    deaf.start()
    deaf.stop()
    assert gone(deaf.pid, within_s=0)


def test_a_stopped_program_starts_again():
    program = python("import signal; signal.pause()")
    program.start()
    first = program.pid
    os.kill(first, signal.SIGKILL)
    assert program.wait(10) == 128 + signal.SIGKILL
    program.start()
    assert program.alive()
    assert program.pid != first
    program.stop()


def test_the_exit_code_is_the_programs_own():
    program = python("raise SystemExit(7)")
    program.start()
    assert program.wait(10) == 7
    program.stop()


def test_output_goes_to_a_private_log_and_the_environment_is_the_one_given(tmp_path):
    log = tmp_path / "logs" / "a.log"
    program = python("import os; print(os.environ['WORD'])", log=log, environment={"WORD": "hello"})
    program.start()
    assert program.wait(10) == 0
    program.stop()
    assert log.read_text() == "hello\n"
    assert log.stat().st_mode & 0o077 == 0


def test_a_program_that_does_not_exist_ends_at_once_with_a_reason(tmp_path):
    program = Guarded(Program("ghost", ["/no/such/program"], log=tmp_path / "log"))
    program.start()
    assert program.wait(10) == guardian.NO_COMMAND
    program.stop()
    assert "/no/such/program" in (tmp_path / "log").read_text()


def test_an_identity_that_is_not_to_be_had_ends_at_once(tmp_path):
    program = Guarded(Program("x", ["true"], log=tmp_path / "log", identity="4294967295:0"))
    program.start()
    assert program.wait(10) == guardian.NO_IDENTITY
    program.stop()


def test_a_directory_that_does_not_exist_is_reported(tmp_path):
    program = Guarded(Program("lost", ["true"], directory=tmp_path / "nowhere"))
    with pytest.raises(Unavailable, match="lost"):
        program.start()
