"""What scanners found, held against what is allowed with a reason."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from kit.settings import ROOT

FILE = ROOT / "security" / "allowed.toml"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A finding that is left as it is: of a tool and rule, where, how often, and why."""

    tool: str
    rule: str
    where: str
    reason: str
    times: int = 1

    def covers(self, rule, where):
        """Return whether it is about a finding."""
        return fnmatchcase(rule, self.rule) and fnmatchcase(where, self.where)

    def wrong(self, times):
        """Return what is wrong with it where so many findings fit, or ""."""
        open_ended = "*" in self.where
        if times == self.times or (open_ended and times):
            return ""
        return f"{self.tool}: {self.rule} in {self.where}: allowed {self.times}, found {times}"


def allowed(file=FILE):
    """Return the entries of the file."""
    return [Allowed(**each) for each in tomllib.loads(file.read_text())["finding"]]


def unexplained(tool, found: Iterable[tuple[str, str]], entries=None):
    """Return in sentences what no entry explains, and which entries fit nothing any more."""
    own = [each for each in (allowed() if entries is None else entries) if each.tool == tool]
    counts, fits, told = Counter(found), Counter(), []
    for (rule, where), times in sorted(counts.items()):
        for each in own:
            if each.covers(rule, where):
                fits[each] += times
                break
        else:
            told.append(f"{tool}: {rule} in {where}, {times} times")
    return told + [wrong for each in own if (wrong := each.wrong(fits[each]))]
