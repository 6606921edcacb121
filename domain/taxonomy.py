"""The taxonomy as a page: `python -m domain.taxonomy` prints what `docs/taxonomy.md` holds."""

import sys
from collections.abc import Iterable, Iterator, Sequence

from domain.markets import (
    NUMBERED,
    SUBJECTS,
    Market,
    MarketKind,
    Outcome,
    Period,
    Statistic,
    complement,
    flaw,
    swapped,
)
from domain.sports import SPORTS, Sport

_SAMPLES = {
    MarketKind.YES_NO: "rain",
    MarketKind.TEAM_TOTAL: "home",
    MarketKind.PLAYER_TOTAL: "A. Player",
    MarketKind.DOUBLE_CHANCE: "1X",
    MarketKind.CORRECT_SCORE: "2-1",
    MarketKind.HALF_TIME_FULL_TIME: "home/draw",
    MarketKind.METHOD_OF_VICTORY: "home knockout",
    MarketKind.TO_QUALIFY: "home",
    MarketKind.OUTRIGHT: "A. Runner",
    MarketKind.PLAYER_YES_NO: "A. Player",
}


def samples(kind: MarketKind) -> Iterator[Market]:
    """Yield a market of the kind for each number of ways that it has."""
    for ways in (2, 3):
        market = Market(
            event_id="an event",
            kind=kind,
            period=Period.FULL_TIME,
            line=-1.0 if kind is MarketKind.HANDICAP else 2.5 if kind in NUMBERED else None,
            ways=ways,
            subject=_SAMPLES.get(kind),
        )
        if flaw(market) is None:
            yield market


def page() -> str:
    """Return the page in Markdown."""
    sections = (
        _INTRODUCTION,
        "## Markets",
        _MARKETS,
        _table(("market", "ways", "line", "subject", "outcomes"), _markets()),
        "## The other way round",
        _SWAPS,
        _table(("market", "outcome", "complement", "with the sides exchanged"), _swaps()),
        "## Periods",
        _bullets(Period),
        "## Statistics",
        _STATISTICS,
        _bullets(Statistic),
        f"## Sports ({len(SPORTS)})",
        _SPORTS,
        _table(
            ("sport", "ways", "period", "level", "level at the end", "score", "lines", "also"),
            map(_sport, SPORTS.values()),
        ),
    )
    return "\n\n".join(sections) + "\n"


def _markets() -> Iterator[Sequence[str]]:
    for kind in MarketKind:
        for market in samples(kind):
            line = "yes" if kind in NUMBERED else ""
            like = f"`{SUBJECTS[kind]}`".replace("|", "\\|") if kind in SUBJECTS else ""
            yield f"`{kind}`", str(market.ways), line, like, ", ".join(market.outcomes)


def _swaps() -> Iterator[Sequence[str]]:
    for kind in MarketKind:
        for market in samples(kind):
            for outcome in market.outcomes:
                other = "" if outcome is Outcome.DRAW or market.ways == 3 else complement(outcome)
                exchanged = swapped(market, outcome)
                yield (
                    f"`{kind}` {_told(market)}",
                    outcome,
                    other,
                    " ".join(filter(None, (exchanged[1], _told(exchanged[0])))),
                )


def _told(market: Market) -> str:
    line = "" if market.line is None else f"{market.line:+g}"
    return " ".join(filter(None, (line, market.subject)))


def _sport(sport: Sport) -> Sequence[str]:
    also = ", ".join(sport.aliases)
    return (
        *(f"`{sport.name}`", str(sport.ways), sport.period),
        *(sport.level, sport.level_at_end, sport.score, sport.lines, also),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _bullets(names: Iterable[str]) -> str:
    return "\n".join(f"- `{name}`" for name in names)


_INTRODUCTION = """# Taxonomy

What a price can be a price of. This page is made by `python -m domain.taxonomy` from
`domain/markets.py` and `domain/sports.py`; a test compares them. Prices are compared only within
one market: event, kind, period, line, ways, statistic and subject are all the same. What a source
says is mapped to these names by a table beside its feed, and what the table does not know is
counted and dropped, never guessed."""
_MARKETS = """The line of a handicap is the home side's; in three ways it is a whole number. A
subject says whom or what a market is about; the column shows its form as a regular expression.
Where the outcomes are yes and no and there is a subject, the market is a proposition: double chance
"1X" yes and no is one market, "X2" another."""
_SWAPS = """Two outcomes of a two-way market are each other's complement: what backs the one lays
the other. A source that names the sides the other way round says the same bet as in the last
column. Both maps are their own inverse."""
_STATISTICS = """What is counted. `score` is what decides who wins; a sport's own name for it, as
goals in soccer, means the same."""
_SPORTS = """`ways` and `period` are those of the usual winner market. `level` says what it is when
the sides are level after regulation, and after overtime: never (play goes on), rare (only a book's
rules say what becomes of a two-way winner) or usual. `score` is what the score counts, `lines` what
handicaps, totals, odd and even count where a source does not say. "Football" and "hockey" are the
names of two sports each, so neither is taken for one."""


if __name__ == "__main__":
    sys.stdout.write(page())
