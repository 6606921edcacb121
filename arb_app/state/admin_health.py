"""An admin's window on how the machinery is: everything that can be read, every few seconds."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from arb_app import format as as_text
from arb_app.gate import allow
from arb_app.state.window import WindowState
from arb_app.words import say
from domain.vitals import CHAPTERS, Level, Part, Reading, Sign, Vitals
from kit.settings import settings
from services import health
from services.access import Permission, Subject
from services.work import Work

PAUSE_S: Final = 5.0
TONES: Final = {
    Level.GOOD: "good",
    Level.WARN: "warn",
    Level.BAD: "bad",
    Level.UNKNOWN: "plain",
}
_PARTS: Final = list(Part)
_SECONDS: Final = frozenset({
    Sign.OLDEST, Sign.AGE, Sign.LETTERS_OLDEST, Sign.ANCHORED, Sign.CHECKED
})  # fmt: skip
_MEGABYTES: Final = frozenset({
    (Part.POSTGRES, Sign.SIZE), (Part.WORKERS, Sign.MEMORY), (Part.WEB, Sign.MEMORY)
})  # fmt: skip


@dataclass(frozen=True)
class ReadingLine:
    """One reading as text; `todo` says what to do about it, "" where there is nothing to do."""

    key: str = ""
    part: str = ""
    sign: str = ""
    name: str = ""
    value: str = ""
    level: str = ""
    tone: str = "plain"
    todo: str = ""


class AdminHealthState(WindowState, rx.State):
    """All readings as text, the worst part of it first said."""

    level: rx.Field[str] = rx.field("")
    tone: rx.Field[str] = rx.field("plain")
    at: rx.Field[str] = rx.field("")
    down: rx.Field[str] = rx.field("")
    lines: rx.Field[list[ReadingLine]] = rx.field(default_factory=list)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VISIT)
    async def live(self) -> None:
        """Follow the machinery until the admin leaves the page or may no longer see it."""
        await self._follow(PAUSE_S)

    async def _look(self, work: Work) -> Vitals:
        return await health.look(work, settings().data_dir)

    def _show(self, found: Vitals, subject: Subject) -> None:
        del subject
        self.level, self.tone = say(f"health.all.{found.level}"), TONES[found.level]
        self.at = found.at.isoformat()
        self.down = down_told(found)
        self.lines = [line(each) for each in sorted(found.readings, key=_place)]


def down_told(seen: Vitals) -> str:
    """Return which servers do not answer, so that the rest of the page is known to be partial."""
    bad = [
        say(f"health.part.{each.part}")
        for each in seen.readings
        if each.sign is Sign.ANSWERS and each.level is Level.BAD
    ]
    return say("health.down", parts=", ".join(bad)) if bad else ""


def line(of: Reading) -> ReadingLine:
    """Return one reading as the page shows it."""
    return ReadingLine(
        key=f"{of.part} {of.sign} {of.name}",
        part=say(f"health.part.{of.part}"),
        sign=say(f"health.sign.{of.sign}"),
        name=_named(of),
        value=_value(of),
        level=say(f"health.level.{of.level}"),
        tone=TONES[of.level],
        todo="" if of.level is Level.GOOD else _todo(of),
    )


def _place(of: Reading) -> int:
    return _PARTS.index(of.part)


def _named(of: Reading) -> str:
    return say(f"health.day.{of.name}") if of.sign is Sign.PARTITION else of.name


def _todo(of: Reading) -> str:
    what = say("health.todo.unknown") if of.level is Level.UNKNOWN else say(f"health.do.{of.sign}")
    return f"{what} {say('health.runbook', chapter=CHAPTERS[of.part])}"


def _value(of: Reading) -> str:
    if of.sign is Sign.ANSWERS:
        return say(f"health.answers.{of.level}")
    if of.sign is Sign.WRITES:
        return say(f"health.answers.{'good' if of.level is Level.GOOD else 'bad'}")
    if of.value is None:
        return of.text or say("health.none")
    if of.text and (of.part, of.sign) not in _MEGABYTES:
        return f"{_figure(of)} ({of.text})" if of.sign in _COUNTED else of.text
    return _figure(of)


_COUNTED: Final = frozenset({Sign.ALERTS, Sign.PAUSED, Sign.LETTERS, Sign.KEY, Sign.FREE})


def _figure(of: Reading) -> str:
    value = of.value or 0.0
    if of.sign in _SECONDS:
        return as_text.age(value)
    if (of.part, of.sign) in _MEGABYTES:
        return as_text.number(f"{value:,.0f} MB")
    if of.sign is Sign.FREE:
        return as_text.percent(value, digits=0, signed=False)
    return as_text.count(round(value))
