"""What no code of the product does, whoever writes it: the linter says so, and so do these."""

import base64
import re
import subprocess
import sys

import pytest

from arb_app.pages.login import login
from kit.ids import secret
from tests.architecture.test_sources import ROOT

# What is dangerous, and the rule that refuses it wherever the product's code lies.
DANGEROUS = {
    "S102": "exec(text)",
    "S301": "import pickle\npickle.loads(data)",
    "S302": "import marshal\nmarshal.loads(data)",
    "S305": "from cryptography.hazmat.primitives.ciphers import modes\nmodes.ECB()",
    "S307": "eval(text)",
    "S311": "import random\nrandom.choice(codes)",
    "S323": "import ssl\nssl._create_unverified_context()",
    "S324": "import hashlib\nhashlib.md5(data)",
    "S501": "import httpx\nhttpx.get(url, verify=False)",
    "S502": "import ssl\nssl.wrap_socket(ssl_version=ssl.PROTOCOL_SSLv3)",
    "S506": "import yaml\nyaml.load(text)",
    "S602": "import subprocess\nsubprocess.run(text, shell=True)",
    "S605": "import os\nos.system(text)",
    "S608": "sql = f\"select * from accounts where email = '{email}'\"",
}
FOLDERS = ("kit", "domain", "store", "feeds", "engine", "services", "jobs", "arb_app", "cli")
# Statements put together of names that are our own constants.
OF_NAMES = {"S608"}
SCRIPTS = [
    path
    for folder in ("assets", "arb_app")
    for path in sorted((ROOT / folder).rglob("*.js*"))
    if path.suffix in {".js", ".jsx"} and "external" not in path.parts
]
AS_CODE = (
    r"\beval\(", r"new Function", r"\.innerHTML", r"\.outerHTML", r"insertAdjacentHTML",
    r"document\.write", r"dangerouslySetInnerHTML", r"set(Timeout|Interval)\(\s*[\"'`]",
)  # fmt: skip
# Looks and views, the last public board, minutes at it, a break: nothing that is secret.
KEPT = {
    "dutchbook-theme", "dutchbook-views", "dutchbook-board", "dutchbook-time", "dutchbook-break",
    "dutchbook-code", "dutchbook-shell",
}  # fmt: skip


def product():
    """Yield every module of the product with its text."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), path.read_text()


@pytest.mark.parametrize("rule", DANGEROUS)
def test_the_linter_refuses_what_is_dangerous(rule):
    told = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "services/x.py", "-"],
        cwd=ROOT, input=DANGEROUS[rule] + "\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    assert re.search(rf"^{rule} ", told.stdout, re.MULTILINE)


def test_no_line_of_the_product_is_excepted_from_that():
    rules = "|".join(DANGEROUS.keys() - OF_NAMES)
    found = [str(path) for path, text in product() if re.search(rf"noqa:.*\b({rules})\b", text)]
    assert found == []


def test_statements_are_put_together_in_the_store_alone():
    places = {path.parts[0] for path, text in product() if re.search(r"noqa:.*\bS608\b", text)}
    assert places <= {"store"}


def test_secrets_have_256_bits_of_chance():
    made = {secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(base64.urlsafe_b64decode(each + "=")) for each in made} == {32}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_of_ours_makes_code_or_markup_of_text(path):
    text = path.read_text()
    assert [each for each in AS_CODE if re.search(each, text)] == []


def test_no_page_takes_markup_or_script_as_text():
    asked = re.compile(r"rx\.html\(|dangerously|rx\.call_script|rx\.call_function|rx\.run_script")
    assert [str(path) for path, text in product() if asked.search(text)] == []


def test_scripts_keep_only_what_is_nobodys_secret():
    text = "\n".join(path.read_text() for path in SCRIPTS)
    keys = set(re.findall(r"const [A-Z]+ = \"(dutchbook-[\w-]+)\"", text))
    used = set(re.findall(r"(?:local|session)Storage\.\w+Item\(\s*([^,)\s]+)", text))
    assert keys <= KEPT
    assert used <= {"KEY", "KEEP", "BREAK", "BOARD"}


def test_no_script_hears_other_windows():
    """The one listener is the worker's, which hears only pages that it controls."""
    heard = [
        path.name for path in SCRIPTS if re.search(r"\(\s*[\"']message[\"']", path.read_text())
    ]
    assert heard in ([], ["sw.js"])


def test_passwords_are_masked_and_managers_of_passwords_may_fill_them():
    page = str(login())
    assert 'type:"password"' in page
    assert re.search(r'autoComplete:"current-password"', page)
    assert "onPaste" not in page
    assert 'autoComplete:"off"' not in page


def test_every_package_is_pinned_by_its_hash():
    for file in ROOT.glob("requirements*.txt"):
        pins = re.split(r"\n(?=\S)", file.read_text().strip())
        assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_the_product_installs_no_tool_of_its_tests():
    tools = re.findall(r"^([a-z][\w-]*)", (ROOT / "requirements-dev.in").read_text(), re.MULTILINE)
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert {"pytest", "playwright", "ruff"} <= set(tools)
    assert pinned.intersection(tools) <= {"psutil"}  # Reflex's own
