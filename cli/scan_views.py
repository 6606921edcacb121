"""How a scan looks on a terminal: opportunities, counts, and the table of gates."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from domain.markets import Market, Side
from domain.opportunities import GateCode, Leg, Opportunity
from services.scan import FileTally, Scan, StageTally


def as_text(opportunity: Opportunity) -> str:
    """Return an opportunity as a heading, one line a leg and one a refusal."""
    colour = typer.colors.GREEN if opportunity.accepted else typer.colors.YELLOW
    event = f"{opportunity.event.home} v {opportunity.event.away}"
    heading = (
        f"{opportunity.as_of:%Y-%m-%d %H:%M:%S}  {opportunity.roi:>+8.2%}  "
        f"{'in play' if opportunity.in_play else 'pre-match':<9}  "
        f"{_title(opportunity):<36}  {event}"
    )
    several = len({leg.source for leg in opportunity.legs}) > 1
    legs = (_leg(leg, joint=opportunity.joint, several=several) for leg in opportunity.legs)
    refusals = (f"    refused: {one.code}: {one.detail}" for one in opportunity.refusals)
    return "\n".join([typer.style(heading, fg=colour), *legs, *refusals, ""])


def counts(tallies: Iterable[FileTally]) -> Iterator[str]:
    """Yield what was read, dropped and found, in sentences."""
    files = list(tallies)
    stages = [stage for file in files for stage in file.stages]
    crossings, accepted, mended = (
        sum(figures)
        for figures in zip(
            *((one.crossings, one.accepted, one.mended) for one in stages), strict=True
        )
    )
    rejected = _total(file.rejected for file in files)
    yield f"quotes read: {sum(file.quotes for file in files):,}"
    yield f"quotes in markets that two books or more price: {sum(f.matched for f in files):,}"
    yield f"rejected: {rejected.total():,}{_by_reason(rejected)}"
    yield f"crossings: {crossings:,} in {sum(file.readings for file in files):,} readings"
    yield f"accepted: {accepted + mended:,}, {mended:,} of them with other legs than the best"
    refused = _total(stage.refused for stage in stages)
    yield f"refused: {crossings - accepted:,}{_by_reason(refused)}"


def matches(scan: Scan) -> Iterator[str]:
    """Yield how often a file's event was found to be another's."""
    yield f"events joined to another file's: {scan.joined:,}; doubtful: {scan.doubtful:,}"


def summary(tallies: Mapping[Path, FileTally]) -> Iterator[str]:
    """Yield a Markdown table: what became of the crossings of each file, by stage and gate."""
    codes = [code for code in GateCode if any(_refused(tally, code) for tally in tallies.values())]
    head = ["recording", "stage", "crossings", "across markets", "accepted"]
    head += ["accepted with other legs", *codes]
    yield _row(head)
    yield _row(["---", "---", *["---:"] * (len(head) - 2)])
    for path, tally in tallies.items():
        yield from _stage_rows(path.name.split(".")[0], tally.stages, codes)
    total = [_sum(stages) for stages in zip(*(t.stages for t in tallies.values()), strict=True)]
    yield from _stage_rows("**all**", total, codes)
    yield ""
    yield _added(_sum(total))


def _added(whole: StageTally) -> str:
    """Say what looking at the markets of an event together finds beyond each market alone."""
    alone, events = whole.crossings - whole.joint, len(whole.events)
    more = len(whole.joint_events - whole.events)
    return (
        f"Crossings across markets: {whole.joint:,} beside {alone:,} within one"
        f"{_share(whole.joint, alone)}. Events that cross in no single market: {more:,} beside "
        f"{events:,} that do{_share(more, events)}."
    )


def _share(more: int, of: int) -> str:
    return f" (+{more / of:.1%})" if of else ""


def _question(market: Market) -> str:
    line = "" if market.line is None else f" {market.line:+g}"
    overtime = " incl. overtime" if market.period.endswith("overtime") else ""
    return f"{market.kind}{line}{overtime}, {market.ways} ways"


def _title(opportunity: Opportunity) -> str:
    if not opportunity.joint:
        return _question(opportunity.market)
    return f"across {len({leg.market for leg in opportunity.legs})} markets"


def _leg(leg: Leg, *, joint: bool, several: bool) -> str:
    age = "age unknown" if leg.age_s is None else f"{leg.age_s:,.0f} s old"
    bet = f"{'lay ' if leg.side is Side.LAY else ''}{leg.outcome}"
    asked = f"  {_question(leg.market)}" if joint else ""
    told = f"  by {leg.source}" if several else ""
    return f"    {bet:<9} {leg.odds:>9.4f}  {leg.book:<20} {leg.share:>6.1%}  {age}{asked}{told}"


def _stage_rows(
    name: str, stages: Iterable[StageTally], codes: Iterable[GateCode]
) -> Iterator[str]:
    for stage, tally in zip(("pre-match", "in play"), stages, strict=True):
        figures = [tally.crossings, tally.joint, tally.accepted, tally.mended]
        figures += [tally.refused[code] for code in codes]
        yield _row([name, stage, *(f"{figure:,}" for figure in figures)])


def _sum(stages: Iterable[StageTally]) -> StageTally:
    whole = StageTally()
    for stage in stages:
        whole.crossings += stage.crossings
        whole.accepted += stage.accepted
        whole.mended += stage.mended
        whole.joint += stage.joint
        whole.refused += stage.refused
        whole.events |= stage.events
        whole.joint_events |= stage.joint_events
    return whole


def _refused(tally: FileTally, code: GateCode) -> int:
    return sum(stage.refused[code] for stage in tally.stages)


def _total(counters: Iterable[Counter[Any]]) -> Counter[Any]:
    return sum(counters, Counter[Any]())


def _by_reason(counter: Mapping[str, int]) -> str:
    by_size = sorted(counter.items(), key=lambda entry: -entry[1])
    return "".join(f"\n  {count:>9,}  {reason}" for reason, count in by_size)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
