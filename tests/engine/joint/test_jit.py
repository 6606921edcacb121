import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from kit.jit import Kernel, jit, jit_or
from tests.engine.joint.answers import answers

ROOT = Path(__file__).resolve().parents[3]


def in_a_new_process(code, **environment):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_importing_the_engine_compiles_nothing():
    code = """
import sys
import engine.monitor, engine.trigger, engine.tiers, engine.columns, engine.offers
print(sorted({"numba", "scipy"} & set(sys.modules)))
"""
    assert in_a_new_process(code) == "[]"


@pytest.mark.skipif(find_spec("numba") is None, reason="there is nothing to compare with")
def test_without_numba_every_answer_is_the_same_to_the_last_bit():
    code = """
import sys
from tests.engine.joint.answers import answers
print(answers(), "numba" in sys.modules)
"""
    assert in_a_new_process(code, DUTCHBOOK_NO_NUMBA="1") == f"{answers()} False"


def _plain_sum(values):
    return float(sum(values.tolist()))


@jit_or(_plain_sum)
def total(values):
    """Add up."""
    added = 0.0
    for value in values:
        added += value
    return added


@jit
def twice(values):
    return 2.0 * total(values)


def test_kernels_call_each_other_and_say_what_they_are():
    assert twice(np.array([1.0, 2.5])) == 7.0
    assert total.__doc__ == "Add up."
    assert isinstance(twice, Kernel)


def test_a_kernel_knows_the_files_that_are_compiled_into_it():
    assert twice.files() == {__file__}
