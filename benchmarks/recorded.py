"""What `./arb scan` reads of the recordings beside the project: the table in docs/sources.md."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import Refused
from feeds.page import END, page
from feeds.recordings import recognise
from kit.settings import ROOT
from services.scan import Scan

RECORDED = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "sources.md"


@dataclass(slots=True)
class Row:
    """What one file, or the tables of one folder, gave."""

    files: int = 0
    readings: int = 0
    quotes: int = 0
    rejected: Counter[str] = field(default_factory=Counter[str])


def rows(root: Path) -> dict[tuple[str, str], Row]:
    """Return what was read by (path, source); the tables of a folder are one row."""
    found: dict[tuple[str, str], Row] = defaultdict(Row)
    for path, source in _known(root):
        scan = Scan([path], joint=False)
        for _ in scan:
            pass
        tally = scan.tallies[path]
        row = found[_called(path.relative_to(root)), source]
        row.files += 1
        row.readings += tally.readings
        row.quotes += tally.quotes
        row.rejected.update(tally.rejected)
    return dict(found)


def table(found: dict[tuple[str, str], Row]) -> str:
    """Return the section of the page."""
    lines = [_line(name, source, row) for (name, source), row in sorted(found.items())]
    total = sum(row.quotes for row in found.values())
    files = sum(row.files for row in found.values())
    return _SECTION.format(files=f"{files:,}", total=f"{total:,}", lines="\n".join(lines))


def _known(root: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(root.rglob("*")):
        if not path.is_file():
            continue
        try:
            yield path, recognise(path)
        except Refused:
            continue


def _called(path: Path) -> str:
    return (path.parent / "*.csv" if path.suffix == ".csv" else path).as_posix()


def _line(name: str, source: str, row: Row) -> str:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in row.rejected.most_common())
    files = f" ({row.files} files)" if row.files > 1 else ""
    cells: Sequence[str] = (
        *(f"`{name}`{files}", f"`{source}`", f"{row.readings:,}", f"{row.quotes:,}", reasons),
    )
    return f"| {' | '.join(cells)} |"


_SECTION = """
## What the recordings hold

Made by `python -m benchmarks.recorded`, which scans every file that a source recognises as
`./arb scan` does: {files} files, {total} quotes. A file without quotes holds questions, catalogues,
heartbeats or markets that we do not compare; everything that was dropped is counted by its reason.

| file | source | readings | quotes | rejected |
| --- | --- | ---: | ---: | --- |
{lines}
"""


if __name__ == "__main__":
    PAGE.write_text(page() + END + table(rows(RECORDED)), encoding="utf-8")
