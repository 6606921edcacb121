"""The first call makes the environment, once, wholly, and says why when it cannot."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli import bootstrap

ROOT = Path(__file__).resolve().parents[2]
PIN = "no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n"
PROGRAM = "import sys; print('ran', *sys.argv[1:])"


def copy_to(root):
    """Make a folder with `arb`, the bootstrap, a stand-in program and lists that name nothing."""
    (root / "cli").mkdir(parents=True)
    shutil.copy(ROOT / "arb", root / "arb")
    shutil.copy(ROOT / "cli" / "bootstrap.py", root / "cli" / "bootstrap.py")
    (root / "cli" / "__main__.py").write_text(PROGRAM)
    (root / "requirements.txt").write_text("# nothing\n")
    (root / "requirements-dev.txt").write_text("# nothing\n")
    return root


def tools_in(folder):
    """Fill a folder with all that `arb` may call, and Python."""
    folder.mkdir()
    for tool in ("sh", "cmp", "readlink"):
        (folder / tool).symlink_to(shutil.which(tool))
    (folder / "python3").symlink_to(sys._base_executable)
    return folder


@pytest.fixture
def clone(tmp_path):
    return copy_to(tmp_path / "a clone")


@pytest.fixture
def tools(tmp_path):
    return tools_in(tmp_path / "tools")


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Return a clone whose environment was made by its first call, and what that said."""
    folder = tmp_path_factory.mktemp("whole")
    root = copy_to(folder / "clone")
    return root, call(root, tools_in(folder / "tools"), "scan", "two words")


@pytest.fixture
def installed(clone, whole):
    """Return a clone of one's own that has its environment."""
    shutil.copytree(whole[0] / ".venv", clone / ".venv", symlinks=True)
    return clone


def command(clone, tools, *arguments, **more):
    return {
        "args": [str(clone / "arb"), *arguments],
        "env": {"PATH": str(tools), "PIP_CONFIG_FILE": "/dev/null", **more},
        "cwd": "/",
        "stdin": subprocess.DEVNULL,
        "text": True,
    }


def call(clone, tools, *arguments, **more):
    asked = command(clone, tools, *arguments, **more)
    return subprocess.run(**asked, capture_output=True, timeout=100, check=False)


def fake(tools, name, script):
    (tools / name).unlink(missing_ok=True)
    (tools / name).write_text(f"#!{shutil.which('sh')}\n{script}\n")
    (tools / name).chmod(0o755)


@pytest.mark.slow
def test_the_first_call_installs_and_the_next_does_nothing_but_run(whole, tools):
    clone, first = whole
    assert (first.returncode, first.stdout) == (0, "ran scan two words\n")
    assert "installed in" in first.stderr
    second = call(clone, tools, "up")
    assert (second.returncode, second.stdout, second.stderr) == (0, "ran up\n", "")


@pytest.mark.slow
def test_a_changed_list_is_installed_again(installed, tools):
    (installed / "requirements.txt").write_text("# nothing new\n")
    assert "installed in" in call(installed, tools, "up").stderr
    assert call(installed, tools, "up").stderr == ""


@pytest.mark.slow
def test_tests_need_a_list_more(installed, tools):
    assert "installed in" in call(installed, tools, "test").stderr
    assert call(installed, tools, "check").stderr == ""


@pytest.mark.slow
def test_it_runs_through_a_link_and_without_a_home(installed, tools, tmp_path):
    (tmp_path / "link").symlink_to(installed / "arb")
    asked = command(installed, tools)
    asked["args"][0] = str(tmp_path / "link")
    done = subprocess.run(**asked, capture_output=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (0, "ran\n")


@pytest.mark.slow
def test_two_at_once_install_once(clone, tools):
    with (
        subprocess.Popen(**command(clone, tools), stderr=subprocess.PIPE) as one,
        subprocess.Popen(**command(clone, tools), stderr=subprocess.PIPE) as two,
    ):
        said = one.stderr.read() + two.stderr.read()
    assert (one.returncode, two.returncode) == (0, 0)
    assert said.count("installed in") == 1


@pytest.mark.slow
def test_an_interrupted_installation_is_begun_anew(clone, tools):
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").symlink_to(sys._base_executable)
    (clone / ".venv" / "begun").touch()
    assert call(clone, tools).returncode == 0
    assert (clone / ".venv" / "bin" / "pip").exists()
    assert not (clone / ".venv" / "begun").exists()


@pytest.mark.slow
def test_an_environment_that_somebody_made_by_hand_is_added_to_and_kept(installed, tools):
    shutil.rmtree(installed / ".venv" / "installed")
    (installed / ".venv" / "theirs").touch()
    assert call(installed, tools).returncode == 0
    assert (installed / ".venv" / "theirs").exists()


@pytest.mark.slow
def test_a_lock_that_a_dead_process_left_is_no_obstacle(installed, tools):
    (installed / ".venv.install").mkdir()
    (installed / ".venv.install" / "lock").write_text("999999")
    (installed / "requirements.txt").write_text("# nothing new\n")
    assert call(installed, tools).returncode == 0


def test_a_python_that_is_too_old_is_named(clone, tools):
    fake(tools, "python3", 'case $1 in --version) echo "Python 3.9.2" ;; *) exit 1 ;; esac')
    done = call(clone, tools)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and here is Python 3.9.2" in done.stderr


def test_no_python_at_all_is_said(clone, tools):
    (tools / "python3").unlink()
    done = call(clone, tools)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and here is no python3" in done.stderr


@pytest.mark.slow
def test_a_newer_python_by_another_name_is_found(installed, tools):
    (tools / "python3.11").symlink_to(sys._base_executable)
    fake(tools, "python3", "exit 1")
    (installed / "requirements.txt").write_text("# nothing new\n")
    assert call(installed, tools).returncode == 0


@pytest.mark.slow
def test_a_network_that_is_down_is_said_and_nothing_half_made_is_run(installed, tools):
    (installed / "requirements.txt").write_text(PIN)
    done = call(installed, tools, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be reached" in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("arb: The")]) == 1
    assert not (installed / ".venv" / "installed").exists()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("error: failed to write: Disk quota exceeded (os error 122)", "The disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE FILE", "pin by its hash"),
        ("error: Hash mismatch for `a==1`", "pin by its hash"),
        ("Temporary failure in name resolution", "cannot be reached"),
        ("ReadTimeoutError: Read timed out.", "cannot be reached"),
    ],
)
def test_what_an_installer_says_becomes_one_sentence(output, sentence):
    assert sentence in bootstrap.reason(f"much before\n{output}\nmuch after")


def test_what_it_does_not_understand_it_does_not_explain():
    assert bootstrap.reason("SyntaxError: invalid syntax") is None


def test_a_disk_without_room_is_refused_beforehand(tmp_path):
    with pytest.raises(bootstrap.Failed, match=r"The disk is too full.*MB are needed"):
        bootstrap.require_space(tmp_path, 10**18)


def test_the_pinned_uv_is_found_with_its_hashes_in_the_developers_list():
    pinned = bootstrap.PIN_OF_UV.search((ROOT / "requirements-dev.txt").read_text())[0]
    assert pinned.startswith("uv==")
    assert "--hash=sha256:" in pinned
    assert pinned.count("==") == 1


def test_every_package_of_every_list_is_pinned_by_hash():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt"):
        text = (ROOT / name).read_text()
        entries = text.replace("\\\n", " ").splitlines()
        assert entries
        assert [e for e in entries if "==" not in e or "--hash=sha256:" not in e] == []


def test_the_bootstrap_imports_nothing_that_a_bare_python_lacks():
    done = subprocess.run(
        [sys._base_executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({PATH!r})"],
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


PATH = str(ROOT / "cli" / "bootstrap.py")
