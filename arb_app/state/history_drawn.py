"""Line movement as its page shows it: prices turned into paths, ticks and text."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from arb_app import format as as_text
from arb_app import words
from arb_app.words import say
from domain.markets import Side
from domain.quotes import Origin
from services.history import Line, Movement

WIDTH, HEIGHT = 1000, 400
DASHES: Final = 6
MOST_LINES: Final = 40
MOST_CHANGES: Final = 50
MOST_IN_COLUMN: Final = 16
LABEL_HEIGHT, _LABEL_WIDTH = 6.0, 6.0
"""How much of the drawing a number at the end of a line takes, in percent of each direction."""
_TICKS: Final = 5
_BEYOND: Final = 1.03
"""How much further than the last change the drawing goes, so that one sees where it led."""
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen."""

    value: str = ""
    label: str = ""


@dataclass(frozen=True)
class Drawn:
    """One book's line: its path, how it is dashed, and its figures; instants are ISO 8601."""

    number: str = ""
    name: str = ""
    path: str = ""
    look: str = ""
    end_top: str = ""
    end_left: str = ""
    end_column: str = "0"
    first: str = ""
    low: str = ""
    high: str = ""
    last: str = ""
    since: str = ""


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, in percent of its length, and what it says."""

    at: str = ""
    label: str = ""


@dataclass(frozen=True)
class Moment:
    """One change of a price."""

    at: str = ""
    book: str = ""
    odds: str = ""


@dataclass(frozen=True)
class Chart:
    """All that is drawn."""

    told: str = ""
    unreal: str = ""
    lines: tuple[Drawn, ...] = ()
    odds: tuple[Tick, ...] = ()
    times: tuple[Tick, ...] = ()
    changes: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What the drawing covers: instants from left to right, odds from bottom to top."""

    since: datetime
    until: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        """Return how far to the right an instant stands, of `WIDTH`."""
        return WIDTH * ((at - self.since) / (self.until - self.since))

    def y(self, odds: float) -> float:
        """Return how far down odds stand, of `HEIGHT`."""
        return HEIGHT * (self.high - odds) / (self.high - self.low)


def market_choices(found: Movement) -> list[Choice]:
    """Return the event's markets by name."""
    named = ((key, words.market(of, found.event)) for key, of in found.markets.items())
    return [Choice(key, name) for key, name in named]


def outcome_choices(found: Movement) -> list[Choice]:
    """Return the outcomes of the market that is shown."""
    if found.market is None:
        return []
    of, event = found.market, found.event
    return [Choice(each.value, words.outcome(each, of, event)) for each in of.outcomes]


def chart(found: Movement) -> Chart:
    """Return the drawing of a movement; an empty one where nothing was ever offered."""
    lines = found.lines[:MOST_LINES]
    frame = _frame(lines)
    if frame is None or found.market is None:
        return Chart()
    outcome = words.outcome(found.outcome, found.market, found.event)
    many = "history.chart" if len(lines) > 1 else "history.chart.one"
    return Chart(
        told=say(many, outcome=outcome, count=len(lines)),
        unreal=_unreal(lines),
        lines=tuple(apart([_drawn(n, line, frame) for n, line in enumerate(lines, 1)])),
        odds=tuple(
            Tick(f"{frame.y(odds) / HEIGHT:.2%}", as_text.odds(odds)) for odds in _round_odds(frame)
        ),
        times=tuple(_times(frame)),
        changes=tuple(_changes(lines)),
    )


def path(points: Sequence[tuple[datetime, float | None]], frame: Frame) -> str:
    """Return a line of steps as SVG has it: a price holds until the next, a withdrawn one ends.

    Examples:
        >>> from datetime import UTC
        >>> noon, hour = datetime(2030, 1, 1, 12, tzinfo=UTC), timedelta(hours=1)
        >>> frame = Frame(noon, noon + 4 * hour, 1.0, 3.0)
        >>> path([(noon, 2.0), (noon + hour, None), (noon + 2 * hour, 3.0)], frame)
        'M0 200H250M500 0H1000'
    """
    parts: list[str] = []
    drawing = False
    for at, odds in points:
        if drawing:
            parts.append(f"H{frame.x(at):.0f}")
        if odds is not None:
            y = f"{frame.y(odds):.0f}"
            parts.append(f"V{y}" if drawing else f"M{frame.x(at):.0f} {y}")
        drawing = odds is not None
    return "".join([*parts, f"H{WIDTH}"] if drawing else parts)


def apart(lines: Sequence[Drawn]) -> list[Drawn]:
    """Return the lines with the numbers at their ends moved so that none covers another.

    Numbers at about the same place from left to right keep their order from top to bottom; where
    one column cannot hold them all, the next stands beside it.
    """
    moved = {line.number: line for line in lines}
    beside = sorted(lines, key=lambda line: _percent(line.end_left))
    while beside:
        first = _percent(beside[0].end_left)
        near = [line for line in beside if _percent(line.end_left) - first < _LABEL_WIDTH]
        beside = beside[len(near) :]
        for line in _column_by_column(near):
            moved[line.number] = line
    return [moved[line.number] for line in lines]


def _column_by_column(near: Sequence[Drawn]) -> Iterator[Drawn]:
    ordered = sorted(near, key=lambda line: (_percent(line.end_top), int(line.number)))
    columns = -(-len(ordered) // MOST_IN_COLUMN)
    for column in range(columns):
        group = ordered[column::columns]
        tops = _spread([_percent(line.end_top) for line in group])
        for line, top in zip(group, tops, strict=True):
            yield replace(line, end_top=f"{top:.2f}%", end_column=str(column))


def _spread(tops: Sequence[float]) -> list[float]:
    """Return ascending places of 0 to 100 at least `LABEL_HEIGHT` apart, as near as that allows.

    Those that would cover each other are pooled, and stand around their mean.
    """
    pools: list[tuple[float, int]] = []
    for place, top in enumerate(tops):
        mean, count = top - place * LABEL_HEIGHT, 1
        while pools and pools[-1][0] >= mean:
            other, others = pools.pop()
            mean = (mean * count + other * others) / (count + others)
            count += others
        pools.append((mean, count))
    most = 100.0 - (len(tops) - 1) * LABEL_HEIGHT
    starts = [min(max(mean, 0.0), most) for mean, count in pools for _ in range(count)]
    return [start + place * LABEL_HEIGHT for place, start in enumerate(starts)]


def _percent(text: str) -> float:
    return float(text.removesuffix("%"))


def _frame(lines: Sequence[Line]) -> Frame | None:
    points = [point for line in lines for point in line.points]
    offered = [odds for _, odds in points if odds is not None]
    if not offered:
        return None
    since, until = min(at for at, _ in points), max(at for at, _ in points)
    low, high = min(offered), max(offered)
    room = (high - low) * 0.06 or 0.05 * low
    span = max(until - since, timedelta(minutes=1))
    return Frame(since, since + _BEYOND * span, low - room, high + room)


def _drawn(number: int, line: Line, frame: Frame) -> Drawn:
    offered = [odds for _, odds in line.points if odds is not None]
    at, last = line.points[-1]
    end = frame.x(at) if last is None else WIDTH
    height = frame.y(offered[-1]) if offered else HEIGHT
    return Drawn(
        number=str(number),
        name=_name(line),
        path=path(line.points, frame),
        look=f"move-line move-{(number - 1) % DASHES}",
        end_left=f"{end / WIDTH:.2%}",
        end_top=f"{height / HEIGHT:.2%}",
        first=as_text.odds(offered[0]) if offered else as_text.NONE,
        low=as_text.odds(min(offered)) if offered else as_text.NONE,
        high=as_text.odds(max(offered)) if offered else as_text.NONE,
        last=_odds(last),
        since=at.isoformat(),
    )


def _name(line: Line) -> str:
    name = words.book(line.book)
    return name if line.side is Side.BACK else say("history.side.lay", book=name)


def _odds(odds: float | None) -> str:
    return say("history.withdrawn") if odds is None else as_text.odds(odds)


def _unreal(lines: Sequence[Line]) -> str:
    origins = sorted({line.origin for line in lines} - {Origin.LIVE.value})
    if not origins:
        return ""
    named = ", ".join(words.origin_chip(Origin(each)) for each in origins)
    return say("history.unreal", origins=named)


def _round_odds(frame: Frame) -> Iterator[float]:
    """Yield round odds that fit into the frame, about `_TICKS` of them."""
    raw = (frame.high - frame.low) / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(each * power for each in _STEPS if each * power >= raw * (1 - 1e-9))
    first = math.ceil(frame.low / step)
    yield from (n * step for n in range(first, math.floor(frame.high / step) + 1))


def _times(frame: Frame) -> Iterator[Tick]:
    """Yield both ends and the middle; the browser writes them in the reader's own zone."""
    for part in (0.0, 0.5, 1.0):
        at = frame.since + part * (frame.until - frame.since)
        yield Tick(f"{part:.0%}", at.isoformat(timespec="seconds"))


def _changes(lines: Sequence[Line]) -> Iterator[Moment]:
    every = [(at, _name(line), odds) for line in lines for at, odds in line.points]
    every.sort(key=lambda each: (each[0], each[1]), reverse=True)
    for at, name, odds in every[:MOST_CHANGES]:
        yield Moment(at.isoformat(), name, _odds(odds))
