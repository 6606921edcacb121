"""What the default gates accept in the recordings, fifty of it judged by hand: docs/accepted.md."""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.accepted_gates import GATES, refused
from benchmarks.accepted_lives import Life, lives, sample
from benchmarks.accepted_tracks import LegFacts
from benchmarks.anomaly_windows import FOLDER
from cli.scan_views import summary
from domain.errors import Broken
from domain.markets import Market, MarketKind
from kit.settings import ROOT
from services.scan import Scan

PAGE = ROOT / "docs" / "accepted.md"
VERDICTS = ROOT / "benchmarks" / "accepted.toml"
END = "<!-- from here on: python -m benchmarks.accepted -->\n"
ORDER = ("bet", "doubtful", "no")
_HEAD = (
    "`./arb scan FILE... --summary`, then with `--per-market`. One crossing can have several",
    "reasons; each look at it counts.",
)
_COLUMNS = (
    "*Seen*: the first accepted look, and how far ahead of the start. *Legs*: decimal odds, and",
    "the age of each. *Return*: as found; kept in whole dollars at $100, at $1,000. *Lived*: at",
    "least and at most, as far as looks can tell. *Next*: are the same legs there one look on?",
)
_LEFT = (
    "The default gates now, those of wavering books and of one house among them, beside what they",
    "accepted before there were these two. A life is hidden if none of its looks is accepted.",
)


def judged(chosen: Sequence[Life]) -> list[tuple[Life, str, str]]:
    """Return the fifty with what was judged of them.

    Raises:
        Broken: The verdicts are about others.
    """
    said: Mapping[str, Mapping[str, str]] = tomllib.loads(VERDICTS.read_text())
    looks = [f"{life.first.as_of:%Y-%m-%d %H:%M}" for life in chosen]
    if looks != [one["at"] for one in said.values()]:
        raise Broken("the verdicts are about other crossings: judge anew")
    return [
        (life, one["verdict"], one["why"]) for life, one in zip(chosen, said.values(), strict=True)
    ]


def page(found: Sequence[Life], fifty: Sequence[tuple[Life, str, str]]) -> Iterator[str]:
    """Yield the lines of the tables."""
    yield from ("## What the gates did", "", *_HEAD, "")
    for title, joint in (("All markets of an event together", True), ("Each market alone", False)):
        scan = Scan(sorted(FOLDER.glob("*.jsonl.xz")), joint=joint)
        for _ in scan:
            pass
        yield from (f"### {title}", "", *summary(scan.tallies), "")
    yield from (
        "## The fifty",
        "",
        *_COLUMNS,
        "",
        *_fifty(fifty),
        "",
        "## What is still accepted",
        "",
        *_LEFT,
        "",
        *_left(found, fifty),
        "",
        "## What gates would have refused",
        "",
    )
    yield from _gates(found, fifty)


def evidence(life: Life) -> Iterator[str]:
    """Yield all that is known of a crossing, for whoever judges it."""
    one, (least_s, most_s) = life.first, life.lived_s
    yield (
        f"{life.recording.name}  {one.as_of:%m-%d %H:%M:%S}  {one.event.home} v {one.event.away}  "
        f"{_asked(one.market)}  {_money(life)}  start in {life.to_start_s / 3600:.1f} h  lived "
        f"{least_s / 60:.0f}-{most_s / 60:.0f} min  next look after {life.gap_s / 60:.0f} min: "
        f"{_held(life)}"
    )
    for leg in life.legs:
        others = sorted(leg.prices.items(), key=lambda entry: -entry[1])
        yield f"  {_leg(leg)} {_asked(leg.leg.market)}, stood {leg.stood_s / 60:.0f} min"
        yield (
            f"    from {leg.others} others {leg.before_distance:+.3f} {leg.distance:+.3f} "
            f"{leg.next_distance:+.3f}; before {leg.before_odds:.3f}, next {leg.next_odds:.3f}, "
            f"after {leg.after_odds:.3f}; moved {leg.own:+.3f}, the others {leg.theirs:+.3f}; "
            f"overround {leg.margin:.1%}"
        )
        yield "    " + ", ".join(f"{book} {odds:.3f}" for book, odds in others)


def _fifty(fifty: Sequence[tuple[Life, str, str]]) -> Iterator[str]:
    window = ""
    for number, (life, verdict, why) in enumerate(fifty, 1):
        if life.recording.name != window:
            window = life.recording.name
            yield from ("", f"**{window}**", "") if number > 1 else (f"**{window}**", "")
            yield "| # | seen (UTC) | bet | legs | return | lived | next | verdict | why |"
            yield "|--:|---|---|---|---|--:|---|---|---|"
        least_s, most_s = life.lived_s
        event = life.first.event
        cells = (
            f"{number}",
            f"{life.first.as_of:%d %H:%M}, {_ahead(life.to_start_s)} ahead",
            f"{event.home} v {event.away}: {_asked(life.first.market)}",
            "; ".join(_leg(leg, life.first.market) for leg in life.legs),
            _money(life),
            f"{least_s / 60:.0f}-{most_s / 60:.0f} min",
            _held(life),
            f"**{verdict}**" if verdict == "bet" else verdict,
            why,
        )
        yield f"| {' | '.join(cells)} |"


def _left(found: Sequence[Life], fifty: Sequence[tuple[Life, str, str]]) -> Iterator[str]:
    yield "| | looks before | looks now | lives before | lives now | hidden |"
    yield "|---|--:|--:|--:|--:|---|"
    said = {id(life): verdict for life, verdict, _ in fifty}
    numbers = {id(life): number for number, (life, _, _) in enumerate(fifty, 1)}
    for name in ("all", *ORDER):
        lives = [life for life in found if name in ("all", said.get(id(life)))]
        hidden = [numbers.get(id(life), 0) for life in lives if not life.left]
        cells = (
            name if name == "all" else f"“{name}”",
            sum(len(life.seen) for life in lives),
            sum(len(life.left) for life in lives),
            len(lives),
            sum(bool(life.left) for life in lives),
            len(hidden) if name == "all" else ", ".join(map(str, hidden)) or "none",
        )
        yield f"| {' | '.join(map(str, cells))} |"


def _gates(found: Sequence[Life], fifty: Sequence[tuple[Life, str, str]]) -> Iterator[str]:
    accepted = sum(len(life.seen) for life in found)
    verdict = {id(life): said for life, said, _ in fifty}
    held = Counter(verdict.values())
    yield (
        f"| refuses | of {accepted} looks | hides of {len(found)} lives | "
        + " | ".join(f"of {held[said]} “{said}”" for said in ORDER)
        + " |"
    )
    yield "|---|--:|--:|--:|--:|--:|"
    for name, gate in GATES.items():
        looks, hidden = refused(gate, found)
        lost = Counter(verdict.get(id(life)) for life in hidden)
        yield (
            f"| {name} | {looks} | {len(hidden)} | "
            + " | ".join(f"{lost[said]}" for said in ORDER)
            + " |"
        )


def _leg(facts: LegFacts, market: Market | None = None) -> str:
    leg = facts.leg
    elsewhere = f" ({_asked(leg.market)})" if market is not None and leg.market != market else ""
    return f"{leg.outcome}{elsewhere} {leg.odds:.3f} {leg.book}, {leg.age_s:.0f} s"


def _asked(market: Market) -> str:
    if market.kind is MarketKind.WINNER:
        return "1X2" if market.ways == 3 else "winner"
    line = f"{market.line:+g}" if market.kind is MarketKind.HANDICAP else f"{market.line:g}"
    return f"{market.kind} {line}"


def _money(life: Life) -> str:
    return f"{life.first.roi:.2%}; {life.kept(100):.2%}, {life.kept(1_000):.2%}"


def _held(life: Life) -> str:
    return {True: "yes", False: "gone", None: "started"}[life.held]


def _ahead(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours / 24:.1f} d" if hours >= 24 else f"{hours:.1f} h"


if __name__ == "__main__":
    everything = lives()
    chosen = sample(everything)
    if sys.argv[1:] == ["evidence"]:
        for place, crossing in enumerate(chosen, 1):
            print(f"#{place}", *evidence(crossing), "", sep="\n")
    else:
        written = PAGE.read_text(encoding="utf-8").partition(END)[0]
        tables = "\n".join(page(everything, judged(chosen)))
        PAGE.write_text(f"{written}{END}\n{tables}\n", encoding="utf-8")
