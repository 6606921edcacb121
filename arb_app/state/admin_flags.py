"""An admin's window on flags: what is switched off or shared, who did it, and how to undo it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

import reflex as rx

from arb_app import format as as_text
from arb_app import gate
from arb_app.gate import allow, allow_inherited
from arb_app.machinery_export import FLAGS as EXPORT
from arb_app.state.listing import PAGE_ROWS, SearchedState, link, summed
from arb_app.state.window import DeedsState, seen
from arb_app.words import say
from domain.flags import DEFAULT, FLAGS, Decided, Flag, FlagKind, Rule
from domain.plans import PLANS
from services import flags_admin
from services.access import Permission, Role, Subject
from services.flags_admin import Changes, Seen
from services.work import Work

PATH: Final = "/admin/flags"

Look = tuple[tuple[Seen, ...], Changes]


@dataclass(frozen=True)
class FlagLine:
    """One flag and its rule, as text."""

    name: str = ""
    title: str = ""
    text: str = ""
    state: str = ""
    tone: str = "good"
    rule: str = ""
    default: str = ""
    changed: str = ""
    shares: bool = False


@dataclass(frozen=True)
class ChangeLine:
    """One change; `at` is ISO 8601."""

    number: int = 0
    title: str = ""
    at: str = ""
    by: str = ""
    why: str = ""
    before: str = ""
    after: str = ""


@allow_inherited(Permission.VIEW_SYSTEM, "search", "turn_to")
class AdminFlagsState(SearchedState, DeedsState, rx.State):
    """The flags and a page of their changes as text; the admin's own are choices and a form."""

    FIELDS: ClassVar = ("flag",)
    acts: rx.Field[bool] = rx.field(default=False)
    flags: rx.Field[list[FlagLine]] = rx.field(default_factory=list)
    changes: rx.Field[list[ChangeLine]] = rx.field(default_factory=list)
    editing: rx.Field[str] = rx.field("")
    undoing: rx.Field[int] = rx.field(0)
    on: rx.Field[bool] = rx.field(default=True)
    share: rx.Field[str] = rx.field("100")
    roles: rx.Field[list[str]] = rx.field(default_factory=list)
    plans: rx.Field[list[str]] = rx.field(default_factory=list)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show every flag; whoever may not see them is told so."""
        self.reset()
        await self._load()

    @rx.event
    @allow(Permission.MANAGE_FLAGS)
    async def edit(self, name: Any) -> None:
        """Open the form of a flag as it is now, or none with an empty name."""
        self.editing, self.said, self.undoing = "", "", 0
        look = await seen(await gate.subject_of(self), self._look)
        if isinstance(look, tuple):
            found = next((each for each in look[0] if each.flag == name), None)
            if found is not None:
                rule, self.editing = found.rule, found.flag.value
                self.on, self.share = rule.on, str(rule.share)
                self.roles, self.plans = list(rule.roles), list(rule.plans)

    @rx.event
    @allow(Permission.MANAGE_FLAGS)
    async def change(self, form: Any) -> rx.event.EventSpec | None:
        """Give the flag whose form is open the rule that was typed."""
        name, told = self.editing, _typed(form)
        if name not in set(Flag):
            return None
        why = told.get("why")

        async def deed(work: Work) -> None:
            rule = flags_admin.rule_of(FLAGS[Flag(name)], told)
            await flags_admin.change(work, name, rule, why=why if isinstance(why, str) else "")

        led = await self._do(deed, say("flags.said.changed"), PATH)
        if led is None and self.said_tone == "good":
            self.editing = ""
        return led

    @rx.event
    @allow(Permission.MANAGE_FLAGS)
    def ask_to_undo(self, number: Any) -> None:
        """Ask once more before a change is taken back, or no longer ask with 0."""
        self.undoing = number if type(number) is int else 0
        self.editing, self.said = "", ""

    @rx.event
    @allow(Permission.MANAGE_FLAGS)
    async def undo(self) -> rx.event.EventSpec | None:
        """Give a flag the rule again that it had before the change that was asked about."""
        number, self.undoing = self.undoing, 0

        async def deed(work: Work) -> None:
            await flags_admin.revert(work, number)

        return await self._do(deed, say("flags.said.undone"), PATH)

    def _wanted(self) -> str:
        flag = self._asked.get("flag", "")
        return flag if flag in set(Flag) else ""

    async def _look(self, work: Work) -> Look:
        found, start = await flags_admin.overview(work), self._start()
        flag = self._wanted()
        return found, await flags_admin.history(work, flag, limit=PAGE_ROWS, offset=start)

    def _show(self, found: Look, subject: Subject) -> None:
        flags, changes = found
        self.acts = subject.may(Permission.MANAGE_FLAGS)
        self.flags = [flag_line(each) for each in flags]
        self.changes = [change_line(each) for each in changes.changes]
        self.summed = summed(changes.total, "flags.total")
        self.export = link(EXPORT, {"flag": self._wanted()})
        self._count(changes.total)


def flag_line(of: Seen) -> FlagLine:
    """Return a flag as its page shows it."""
    name, rule, last = of.flag.value, of.rule, of.last
    state, tone = ("on", "good") if rule.on else ("off", "warn")
    if rule.on and rule != DEFAULT:
        state, tone = "some", "accent"
    return FlagLine(
        name=name,
        title=say(f"flags.{name}"),
        text=say(f"flags.{name}.text"),
        state=say(f"flags.state.{state}"),
        tone=tone,
        rule=rule_told(rule),
        default=rule_told(DEFAULT),
        changed=_changed(last),
        shares=of.kind is FlagKind.SHARE,
    )


def change_line(of: Decided) -> ChangeLine:
    """Return a change as the page shows it."""
    return ChangeLine(
        number=of.id,
        title=say(f"flags.{of.flag}"),
        at=of.at.isoformat(),
        by=as_text.actor(of.by),
        why=of.why,
        before=rule_told(of.before),
        after=rule_told(of.after),
    )


def rule_told(rule: Rule) -> str:
    """Return a rule in words."""
    if not rule.on:
        return say("flags.rule.off")
    told = [say("flags.rule.share", share=rule.share)] if rule.share < 100 else []
    if rule.roles:
        told.append(say("flags.rule.roles", roles=", ".join(rule.roles)))
    if rule.plans:
        told.append(say("flags.rule.plans", plans=", ".join(rule.plans)))
    return "; ".join(told) or say("flags.rule.all")


def _changed(last: Decided | None) -> str:
    if last is None:
        return say("flags.unchanged")
    return say("flags.changed", who=as_text.actor(last.by), at=as_text.instant(last.at))


def _typed(form: Any) -> dict[str, Any]:
    """Return the rule that a form's fields name; a client may send anything."""
    told = cast("Mapping[str, Any]", form) if isinstance(form, Mapping) else {}
    listed = {
        kind: [each for each in known if told.get(f"{kind}-{each}")]
        for kind, known in (("roles", [*map(str, Role)]), ("plans", [*map(str, PLANS)]))
    }
    return {name: told.get(name) for name in ("on", "share", "why")} | listed
