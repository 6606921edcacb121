"""Quality as its page shows it: figures turned into text, and nothing decided."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from arb_app import format as as_text
from arb_app import words
from arb_app.state.sources import since
from arb_app.words import say
from domain.opportunities import GateCode
from domain.sources import ReliabilityPart, SourceHealth, SourceReliability, Standing
from services.quality import Blame, Noted, Quality

MOST_LINES: Final = 50
MOST_CODES: Final = 3


@dataclass(frozen=True)
class GateLine:
    """One gate: how many crossings it holds back now, and held back within a day."""

    code: str = ""
    chip: str = ""
    text: str = ""
    now: str = ""
    day: str = ""


@dataclass(frozen=True)
class BookLine:
    """One source, or one book of it: how it stands, and what is held against it now."""

    key: str = ""
    name: str = ""
    whole: bool = False
    age: str = ""
    lag: str = ""
    silent: str = ""
    sound: str = ""
    anomalies: str = ""
    blamed: str = ""
    gates: str = ""


@dataclass(frozen=True)
class DropLine:
    """One source: what it sent that was dropped, by reason."""

    name: str = ""
    total: str = ""
    reasons: str = ""


@dataclass(frozen=True)
class NameLine:
    """A name that no table of ours knows; instants are ISO 8601."""

    key: str = ""
    source: str = ""
    kind: str = ""
    name: str = ""
    count: str = ""
    reason: str = ""
    example: str = ""
    last: str = ""
    first: str = ""


@dataclass(frozen=True)
class Choice:
    """One source that can be chosen, with how many names there are of it."""

    value: str = ""
    label: str = ""


def gate_lines(found: Quality) -> list[GateLine]:
    """Return the gates that hold anything back, now or within a day, the busiest now first."""
    codes = sorted(
        found.now.keys() | found.day.keys(),
        key=lambda code: (-found.now.get(code, 0), -found.day.get(code, 0), code),
    )
    return [
        GateLine(
            code=code,
            chip=words.gate_code(code),
            text=words.gate_text(GateCode(code)) if code in set(GateCode) else "",
            now=as_text.count(found.now.get(code, 0)),
            day=as_text.count(found.day.get(code, 0)),
        )
        for code in codes
    ]


def book_lines(found: Quality) -> list[BookLine]:
    """Return a line a source, followed by one a book, the most blamed first."""
    blames = {(one.source, one.book): one for one in found.blames}
    standings = {one.whole.name: one for one in found.reliabilities}
    names = sorted(standings.keys() | {source for source, _ in blames})
    lines = [line for name in names for line in _of_source(name, standings.get(name), blames)]
    return lines[:MOST_LINES]


def drop_lines(healths: Sequence[SourceHealth]) -> list[DropLine]:
    """Return what each source sent that was dropped, the most first."""
    dropped = [one for one in healths if one.rejected]
    dropped.sort(key=lambda one: (-sum(one.rejected.values()), one.name))
    return [
        DropLine(
            name=one.title,
            total=as_text.count(sum(one.rejected.values())),
            reasons=_reasons(one.rejected),
        )
        for one in dropped[:MOST_LINES]
    ]


def name_line(noted: Noted, now: datetime) -> NameLine:
    """Return an unknown name with how often and when it was said."""
    return NameLine(
        key=f"{noted.source} {noted.kind} {noted.name}",
        source=noted.source,
        kind=words.name_kind(noted.kind),
        name=noted.name,
        count=as_text.count(noted.count),
        reason=words.rejection(noted.reason),
        example=noted.example,
        last=since(noted.last_seen_at, now),
        first=noted.first_seen_at.isoformat(),
    )


def choices(by_source: Mapping[str, int]) -> list[Choice]:
    """Return every source with names, after the choice of all."""
    total = as_text.count(sum(by_source.values()))
    every = Choice("", say("unknown.source.all", count=total))
    each = (
        Choice(name, say("unknown.source.one", source=name, count=as_text.count(count)))
        for name, count in by_source.items()
    )
    return [every, *each]


def summed(found: Quality) -> str:
    """Return the sentence over the gates: how many crossings now, and how many are told whole."""
    if found.as_of is None:
        return say("quality.silent", day=as_text.count(found.day_total))
    key = "quality.now" if found.total == found.told else "quality.now.part"
    return say(
        key,
        total=as_text.count(found.total),
        told=as_text.count(found.told),
        day=as_text.count(found.day_total),
    )


def _of_source(
    name: str, standing: SourceReliability | None, blames: Mapping[tuple[str, str], Blame]
) -> list[BookLine]:
    books = {book.name: book for book in standing.books} if standing else {}
    of_books = {book: blame for (source, book), blame in blames.items() if source == name}
    whole = _line(name, name, standing.whole if standing else None, of_books.values(), whole=True)
    order = sorted(
        books.keys() | of_books.keys(),
        key=lambda book: (-(of_books[book].crossings if book in of_books else 0), book),
    )
    lines = [
        _line(
            f"{name} {book}",
            words.book(book),
            books.get(book),
            [of_books[book]] if book in of_books else [],
            whole=False,
        )
        for book in order
    ]
    return [whole, *lines]


def _line(
    key: str, name: str, of: Standing | None, blames: Collection[Blame], *, whole: bool
) -> BookLine:
    by = sum((blame.by for blame in blames), Counter[GateCode]())
    gates = (f"{words.gate_chip(code)} ({count})" for code, count in by.most_common(MOST_CODES))
    line = BookLine(
        key=key,
        name=name,
        whole=whole,
        age=as_text.NONE,
        lag=as_text.NONE,
        silent=as_text.NONE,
        sound=as_text.NONE,
        anomalies=as_text.count(sum(blame.anomalies for blame in blames)),
        blamed=as_text.count(sum(by.values())),
        gates=", ".join(gates),
    )
    if of is None:
        return line
    return replace(
        line,
        age=as_text.age(of.age_s),
        lag=as_text.age(of.lag_s),
        silent=say("reliability.silent.of", silent=of.silent, events=of.events),
        sound=as_text.percent(of.parts[ReliabilityPart.SOUNDNESS], signed=False),
    )


def _reasons(rejected: Mapping[str, int]) -> str:
    ordered = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(f"{as_text.count(count)}  {words.rejection(why)}" for why, count in ordered)
