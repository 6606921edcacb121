"""The master keys for those who look after them: which there are, and one taking over."""

from dataclasses import dataclass
from typing import Any, Final

import reflex as rx

from arb_app import format as as_text
from arb_app.audit_export import PATH
from arb_app.gate import allow, allow_inherited
from arb_app.runtime import current
from arb_app.state.audit_shown import summed
from arb_app.state.listing import PAGE_ROWS, PagedState, link
from arb_app.state.sources import since
from arb_app.state.window import DeedsState
from arb_app.words import say
from services import keys as service
from services.access import Permission, Subject
from services.audit_look import Entries, Kept
from services.keys import ABOUT, Key, Overview, Rotation
from services.work import Work

PAUSE_S: Final = 2.0
ROUTE: Final = "/admin/keys"
EXPORT: Final = link(PATH, {"subject": ABOUT.subject})

Seen = tuple[Overview, Entries]


@dataclass(frozen=True)
class KeyLine:
    """A key as text; never the key."""

    id: str = ""
    state: str = ""
    tone: str = "plain"
    holder: str = ""
    at: str = ""
    age: str = ""
    rows: str = ""
    retirable: bool = False


@dataclass(frozen=True)
class RotationLine:
    """The last rotation: how far it has come, of 100."""

    state: str = ""
    tone: str = "plain"
    text: str = ""
    percent: int = 0
    going: bool = False


@dataclass(frozen=True)
class ActLine:
    """What was done with the keys, by whom; `at` is ISO 8601."""

    seq: int = 0
    at: str = ""
    who: str = ""
    what: str = ""
    details: str = ""


@allow_inherited(Permission.VIEW_AUDIT, "turn_to")
class AdminKeysState(PagedState, DeedsState, rx.State):
    """Keys, the last rotation and what was done, as text; `asking` is what waits for a yes."""

    keys: rx.Field[list[KeyLine]] = rx.field(default_factory=list)
    rotation: rx.Field[RotationLine] = rx.field(default_factory=RotationLine)
    acts: rx.Field[list[ActLine]] = rx.field(default_factory=list)
    summed: rx.Field[str] = rx.field("")
    may: rx.Field[bool] = rx.field(default=False)
    asking: rx.Field[str] = rx.field("")

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Follow the keys until the reader leaves the page, or may no longer see them."""
        async with self:
            self.said, self.asking, self.page = "", "", 1
        await self._follow(PAUSE_S)

    @rx.event
    @allow(Permission.MANAGE_KEYS)
    def ask(self, what: Any) -> None:
        """Ask whether it is meant: "rotate", a key that is to be retired, or "" for nothing."""
        known = ["rotate", *(line.id for line in self.keys if line.retirable)]
        self.asking, self.said = (what if what in known else ""), ""

    @rx.event
    @allow(Permission.MANAGE_KEYS)
    async def act(self) -> rx.event.EventSpec | None:
        """Do what was asked for and is meant."""
        what, self.asking = self.asking, ""
        if not what:
            return None
        key = "keys.asked" if what == "rotate" else "keys.retired.said"
        return await self._do(lambda work: _done(work, what), say(key), ROUTE)

    async def _look(self, work: Work) -> Seen:
        history = await service.history(work, limit=PAGE_ROWS, offset=self._start())
        return await service.overview(work), history

    def _show(self, found: Seen, subject: Subject) -> None:
        (overview, history), now = found, current().clock.now()
        self.may = subject.may(Permission.MANAGE_KEYS)
        self.keys = [key_line(each, since(each.known_at, now)) for each in overview.keys]
        last = next(iter(overview.rotations), None)
        self.rotation = rotation_line(last, since(last.asked_at, now) if last else "")
        self.acts = [act_line(each) for each in history.entries]
        self.summed = summed(history.total)
        self._count(history.total)


async def _done(work: Work, what: str) -> None:
    if what == "rotate":
        await service.rotate(work)
    else:
        await service.retire(work, what)


def key_line(key: Key, age: str) -> KeyLine:
    """Return a key as the page shows it."""
    tone, state = "plain", "older"
    if key.current:
        tone, state = "good", "current"
    elif key.retired_at:
        state = "retired"
    elif not key.held:
        tone, state = ("bad", "missing") if key.rows else ("warn", "away")
    return KeyLine(
        id=key.id,
        state=say(f"keys.state.{state}"),
        tone=tone,
        holder=say(f"keys.holder.{key.holder}") if key.holder else "",
        at=key.known_at.isoformat() if key.known_at else "",
        age=age,
        rows=as_text.count(key.rows),
        retirable=state in {"older", "away"} and not key.rows and key.known_at is not None,
    )


def rotation_line(of: Rotation | None, ago: str) -> RotationLine:
    """Return the last rotation as the page shows it."""
    if of is None:
        return RotationLine(state=say("keys.rotation.never"), text=say("keys.rotation.never.text"))
    figures = {"done": as_text.count(of.resealed), "left": as_text.count(of.left), "ago": ago}
    state, tone = ("broken", "bad") if of.left else ("ended", "good")
    percent = 100 * of.resealed // max(1, of.resealed + of.left) if of.key_id else 0
    if of.ended_at is None:
        state, tone = ("going", "accent") if of.key_id else ("waiting", "warn")
    return RotationLine(
        state=say(f"keys.rotation.{state}"),
        tone=tone,
        text=say(f"keys.rotation.{state}.text", **figures),
        percent=percent,
        going=of.ended_at is None,
    )


def act_line(kept: Kept) -> ActLine:
    """Return an act as the page shows it."""
    details = ", ".join(f"{name}: {value}" for name, value in kept.details.items())
    return ActLine(kept.seq, kept.at.isoformat(), as_text.actor(kept.actor), kept.action, details)
