"""`./arb asvs`: each requirement of ASVS 5.0 up to level 2, where it is met, and its tests."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

import typer

from cli.chromium import provide_chromium
from domain.errors import Refused
from kit.settings import ROOT

LIST: Final = ROOT / "docs" / "security" / "asvs.toml"
TABLE: Final = ROOT / "docs" / "security" / "asvs.md"
CHAPTERS: Final = range(1, 18)
_BROWSER: Final = "tests/e2e/"
_RESULT = re.compile(r"^(PASSED|FAILED|ERROR) (\S+)", re.MULTILINE)
_HEAD: Final = """\
# ASVS 5.0, levels 1 and 2

Made of [asvs.toml](asvs.toml) by `./arb asvs --write`. Requirements stand by their ids: what they
ask for is in the standard, <https://owasp.org/www-project-application-security-verification-standard>.
`./arb asvs` runs the tests and prints how each went. Each requirement was read beside its tests,
which are to fail without the control. That they do was tried, by taking the control away, for
V3.3.1, V3.3.3, V3.4.4, V3.4.5, V3.4.6, V3.5.1, V3.5.3, V4.1.2, V6.1.1, V6.3.4, V6.4.4, V6.5.3,
V6.5.4, V6.6.1, V6.6.3, V7.4.5, V8.2.2, V9.1.1, V12.3.1, V16.3.2 and V16.3.4; for the others it was
read.
"""

State = Literal["met", "not_applicable", "not_met"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: `how` and `where` if it is met, `reason` if not or if no test shows it."""

    id: str
    state: State
    where: str = ""
    how: str = ""
    reason: str = ""
    tests: tuple[str, ...] = ()

    @property
    def applicable(self) -> bool:
        """Whether it asks something of a product like this one."""
        return self.state != "not_applicable"


def requirements(file: Path = LIST) -> list[Requirement]:
    """Return the list as it is written.

    Raises:
        Refused: An entry lacks what its state asks for, or names a test that is not there.
    """
    given = cast("dict[str, dict[str, Any]]", tomllib.loads(file.read_text()))
    found = [_read(name, told) for name, told in given.items()]
    for each in found:
        _require_whole(each)
    return found


def _read(name: str, told: Mapping[str, Any]) -> Requirement:
    if unknown := told.keys() - {"state", "where", "how", "reason", "tests"}:
        raise Refused(f"{name}: {', '.join(sorted(unknown))} is nothing that an entry says")
    given: dict[str, Any] = {**told, "tests": tuple(told.get("tests", ()))}
    return Requirement(name, **given)


def _require_whole(each: Requirement) -> None:
    if each.state not in {"met", "not_applicable", "not_met"}:
        raise Refused(f"{each.id}: {each.state} is no state")
    if each.state == "met" and not (each.where and each.how and (each.tests or each.reason)):
        raise Refused(f"{each.id} is met: where, how, and by which tests, or why by none?")
    if each.state != "met" and (each.tests or not each.reason):
        raise Refused(f"{each.id} is {each.state}: it needs a reason and has no tests")
    for test in each.tests:
        if not exists(test):
            raise Refused(f"{each.id} names a test that is not there: {test}")


def exists(test: str) -> bool:
    """Return whether a test `file::function` is there."""
    file, _, name = test.partition("::")
    return name.startswith("test_") and name in _functions(ROOT / file)


@cache
def _functions(file: Path) -> frozenset[str]:
    if not file.is_file():
        return frozenset()
    kinds = ast.FunctionDef, ast.AsyncFunctionDef
    body = ast.parse(file.read_text()).body
    return frozenset(node.name for node in body if isinstance(node, kinds))


def results(tests: Iterable[str]) -> dict[str, bool]:
    """Run tests, each once and all in one go; return of each whether it and all its cases passed.

    Those that drive a browser come last. A test that was skipped has not passed.
    """
    wanted = sorted(set(tests), key=lambda each: (each.startswith(_BROWSER), each))
    told = _told(wanted) if wanted else []
    return {each: _passed(each, told) for each in wanted}


def _told(tests: Sequence[str]) -> list[tuple[str, str]]:
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=short", *tests]
    more = {"DUTCHBOOK_CHROMIUM": provide_chromium()} if tests[-1].startswith(_BROWSER) else {}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | more, capture_output=True, text=True, check=False
    )
    if done.returncode:
        typer.echo(done.stdout[-8_000:] + done.stderr[-2_000:], err=True)
    return _RESULT.findall(done.stdout)


def _passed(test: str, told: Sequence[tuple[str, str]]) -> bool:
    own = {word for word, case in told if case.partition("[")[0] == test}
    return own == {"PASSED"}


def table(found: Sequence[Requirement]) -> str:
    """Return the document made of the list."""
    counts = {state: sum(r.state == state for r in found) for state in _STATES}
    shown = sum(1 for r in found if r.tests)
    applicable = len(found) - counts["not_applicable"]
    told = (
        f"Of {len(found)} requirements {applicable} apply. {counts['met']} of these are met, "
        f"{shown} of them with tests; {counts['not_met']} are not met.\n"
    )
    parts = [_chapter(number, found) for number in CHAPTERS]
    return "\n".join([_HEAD, told, *filter(None, parts)])


_STATES: Final[Mapping[State, str]] = {
    "met": "met",
    "not_applicable": "does not apply",
    "not_met": "**not met**",
}


def _chapter(number: int, found: Sequence[Requirement]) -> str:
    own = [_line(each) for each in found if each.id.startswith(f"V{number}.")]
    head = (
        f"## V{number}\n\n| id | state | how, or why not | where | tests |\n|---|---|---|---|---|\n"
    )
    return head + "".join(own) if own else ""


def _line(each: Requirement) -> str:
    tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in each.tests)
    told = " ".join(filter(None, (each.how, each.reason)))
    return f"| {each.id} | {_STATES[each.state]} | {told} | {each.where} | {tests} |\n"


def asvs(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    run: Annotated[
        bool, typer.Option("--run/--listed", help="Run the tests, or list them alone.")
    ] = True,
    write: Annotated[
        bool, typer.Option("--write", help="Make the tables in docs/security anew; run nothing.")
    ] = False,
) -> None:
    """Show requirement, test and result of OWASP ASVS 5.0, levels 1 and 2."""
    found = requirements()
    if write:
        from cli.security_tables import write_all

        TABLE.write_text(table(found))
        write_all()
        return
    outcomes = results(t for r in found for t in r.tests) if run else {}
    told = figures(found, outcomes)
    brief = {name: told[name] for name in ("applicable", "tested", "passed")}
    typer.echo(json.dumps(brief) if as_json else shown(found, outcomes, told))
    if run and told["passed"] < told["tested"]:
        raise typer.Exit(1)


def figures(found: Sequence[Requirement], outcomes: Mapping[str, bool]) -> dict[str, int]:
    """Return how many requirements there are of each kind, and of how many all tests passed."""
    apply = [each for each in found if each.applicable]
    tested = [each for each in apply if each.tests]
    return {
        "requirements": len(found),
        "applicable": len(apply),
        "met": sum(each.state == "met" for each in apply),
        "tested": len(tested),
        "passed": sum(all(outcomes.get(t, False) for t in each.tests) for each in tested),
        "not_applicable": len(found) - len(apply),
        "not_met": sum(each.state == "not_met" for each in apply),
        "tests": len({t for each in tested for t in each.tests}),
    }


def shown(
    found: Sequence[Requirement], outcomes: Mapping[str, bool], told: Mapping[str, int]
) -> str:
    """Return the lines for people: a test a line, and the totals."""
    lines: list[str] = []
    for each in found:
        for test in each.tests:
            word = {True: "passed", False: "FAILED", None: "-"}[outcomes.get(test)]
            lines.append(f"{each.id:<9}{word:<8}{test}")
        if not each.tests:
            word = "n/a" if not each.applicable else "untested" if each.how else "NOT MET"
            lines.append(f"{each.id:<9}{word:<8} {each.reason}")
    share = 100 * told["tested"] / max(1, told["applicable"])
    lines.append(
        f"\n{told['requirements']} requirements, {told['applicable']} apply: "
        f"{told['tested']} with tests ({share:.1f} %), {told['not_met']} not met"
    )
    if outcomes:
        lines.append(f"{told['tests']} tests ran; all passed of {told['passed']} requirements")
    return "\n".join(lines)
