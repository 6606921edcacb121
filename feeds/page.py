"""The page on sources, docs/sources.md: made from the manifests and from quality.toml."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from feeds.base import Manifest
from feeds.registry import FEEDS

# Where the part ends that is made here; what follows it was measured and stays as it is.
END = "\n<!-- from here on: python -m benchmarks.recorded -->\n"

_FOLDER = Path(__file__).parent
_FILE = _FOLDER.parent / "docs" / "sources.md"
_HEAD = ("source", "name", "basis", "wire", "needs", "asked", "quota", "rules", "markets", "terms")
_READ_HEAD = ("source", "name", "basis", "rules", "markets", "terms")
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60
_SPANS = ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min"), (1, "s"))


def page() -> str:
    """Return the part of the page that the code says."""
    manifests = [FEEDS[name].manifest for name in sorted(FEEDS)]
    asked = [one for one in manifests if one.hosts]
    free = [_vendor(one) for one in asked if not one.needs_credential]
    keyed = [_vendor(one) for one in asked if one.needs_credential]
    read = [_file(one) for one in manifests if not one.hosts]
    parts = [
        _INTRODUCTION,
        "## Without a credential",
        _table(_HEAD, free),
        "## With a credential",
        _CREDENTIALS,
        _table(_HEAD, keyed),
        "## From files alone",
        _table(_READ_HEAD, read),
    ]
    return "\n\n".join(parts) + "\n"


def written(text: str, made: str) -> str:
    """Return the page with its first part made anew, and what was measured as it is."""
    return made + END + text.partition(END)[2]


def _vendor(manifest: Manifest) -> Sequence[str]:
    return (
        *(f"`{manifest.name}`", manifest.title, manifest.basis, manifest.wire),
        ", ".join(manifest.credential_parts),
        f"every {_span(manifest.min_interval_s)}",
        _quota(manifest),
        *_common(manifest),
    )


def _file(manifest: Manifest) -> Sequence[str]:
    return (f"`{manifest.name}`", manifest.title, manifest.basis, *_common(manifest))


def _common(manifest: Manifest) -> Sequence[str]:
    markets = ", ".join(f"`{market}`" for market in sorted(manifest.markets))
    terms = f"[terms]({manifest.terms})" if manifest.terms else ""
    return _rules(manifest.name), markets, terms


def _quota(manifest: Manifest) -> str:
    quota = manifest.quota
    if quota is None:
        return ""
    told = [f"{quota.credits:g} per {_span(quota.period_s)}"] if quota.credits else []
    told += [f"{quota.per_s:.3g} per s"] if quota.per_s else []
    return ", ".join(told)


def _rules(name: str) -> str:
    verdicts = Counter(verdict.partition(":")[0] for verdict in _QUALITY[name].values())
    names = {"done": "done", "todo": "to do", "exempt": "exempt"}
    return ", ".join(f"{verdicts[each]} {said}" for each, said in names.items() if verdicts[each])


def _span(seconds: float) -> str:
    length, unit = next((size, unit) for size, unit in _SPANS if seconds >= size)
    return f"{seconds / length:g} {unit}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


_QUALITY = tomllib.loads((_FOLDER / "quality.toml").read_text(encoding="utf-8"))["feeds"]
_INTRODUCTION = """# Sources

What prices can be read from. The first part of this page is made by `python -m feeds.page` from the
manifests and from `feeds/quality.toml`; a test compares them. Beside these there is the simulator,
whose prices are stamped as simulated.

*Basis* is what our knowledge of a source's answers rests on: `recorded` answers, or `documented`
only, in which case the vendor's answers may differ from what we read until somebody has asked it
with a key of theirs. *Wire* is how it is followed: asked again and again over `rest`, or listened
to. *Asked* is how often one scope is asked at most, *quota* what the vendor's documentation lets
the smallest plan spend; the worker spends it evenly and believes what answers say is left. *Rules*
counts the eleven rules of `feeds/quality.toml`. No source is asked at any host but those of its
manifest."""
_CREDENTIALS = """*Needs* names the parts of a credential. One of `key` alone is set as
`DUTCHBOOK_CREDENTIAL_<SOURCE>`, e.g. `DUTCHBOOK_CREDENTIAL_BETSAPI`; of others each part, e.g.
`DUTCHBOOK_CREDENTIAL_BETDAQ_USERNAME`. `/status` lists what is missing. A source is off, and not
asked, until all of its credential is set. A stream is a source of its own beside the polled one,
which names its events: set up both."""


if __name__ == "__main__":
    text = _FILE.read_text(encoding="utf-8") if _FILE.exists() else ""
    _FILE.write_text(written(text, page()), encoding="utf-8")
