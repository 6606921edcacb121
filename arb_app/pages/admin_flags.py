"""Flags: what of the product is there, for whom, and who decided it."""

from collections.abc import Sequence

import reflex as rx
from reflex.vars import ArrayVar, ObjectVar

from arb_app.components.buttons import press
from arb_app.components.fields import choice, options, text_field
from arb_app.components.listing import export_link, paged, said, search_form, summary, window
from arb_app.components.memo import memo
from arb_app.components.notice import empty, toned_chip
from arb_app.components.when import local_time
from arb_app.state.admin_flags import AdminFlagsState as State
from arb_app.state.admin_flags import ChangeLine, FlagLine
from arb_app.words import say
from domain.flags import Flag
from domain.plans import PLANS
from services.access import Role


def admin_flags() -> rx.Component:
    """Return the page; it begins with `AdminFlagsState.open`."""
    flags = rx.foreach(
        State.flags,
        lambda line: _flag(line=line, editing=State.editing, acts=State.acts, key=line.name),
    )
    return window(
        State,
        say("flags.title"),
        say("flags.lede"),
        said(State),
        rx.el.ul(flags, class_name="card entries machinery-list"),
        rx.cond(State.editing != "", _form()),
        _history(),
        sheets=("admin", "review", "machinery"),
    )


@memo
def _flag(line: ObjectVar[FlagLine], editing: rx.Var[str], acts: rx.Var[bool]) -> rx.Component:
    change = press(say("flags.change"), State.edit(line.name), about=line.title, small=True)
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(line.title), toned_chip(line.state, line.tone), class_name="chips"
            ),
            rx.el.p(line.text, class_name="small"),
            rx.el.p(line.rule, class_name="small"),
            rx.el.p(line.changed, class_name="small muted"),
            class_name="entry-what",
        ),
        rx.cond(acts & (editing != line.name), change),
        class_name="entry",
        data_testid="flag",
        custom_attrs={"data-flag": line.name},
    )


def _form() -> rx.Component:
    titles = [(each.value, say(f"flags.{each}")) for each in Flag]
    shares = [
        _share(),
        _choices("roles", [*map(str, Role)], State.roles),
        _choices("plans", [*map(str, PLANS)], State.plans),
    ]
    return rx.el.form(
        rx.el.h2(rx.match(State.editing, *titles, ""), class_name="section-title"),
        rx.match(
            State.editing,
            *((each.value, rx.el.p(say(f"flags.{each}.off"))) for each in Flag),
            rx.fragment(),
        ),
        rx.el.label(
            rx.el.input(type="checkbox", name="on", default_checked=State.on),
            say("flags.on"),
            class_name="machinery-choice",
        ),
        rx.cond(State.editing == Flag.RESCUE.value, rx.fragment(*shares)),
        text_field(say("jobs.why"), "why", "text", auto_complete="off"),
        rx.el.div(
            rx.el.button(say("flags.save"), type="submit", class_name="button admin-small"),
            press(say("jobs.cancel"), State.edit(""), small=True),
            class_name="admin-buttons",
        ),
        key=State.editing,
        on_submit=State.change,
        class_name="card card-pad section doubt-confirm",
        data_testid="flag-form",
    )


def _share() -> rx.Component:
    share = {"default_value": State.share, "input_mode": "numeric", "max_length": 3}
    return text_field(say("flags.share"), "share", "text", auto_complete="off", **share)


def _choices(kind: str, names: list[str], chosen: ArrayVar[Sequence[str]]) -> rx.Component:
    boxes = (
        rx.el.label(
            rx.el.input(
                type="checkbox", name=f"{kind}-{name}", default_checked=chosen.contains(name)
            ),
            name,
            class_name="machinery-choice",
        )
        for name in names
    )
    return rx.el.fieldset(
        rx.el.legend(say(f"flags.{kind}"), class_name="field-label"),
        rx.el.div(*boxes, class_name="machinery-choices"),
        class_name="machinery-group",
    )


def _history() -> rx.Component:
    lines = rx.el.ul(
        rx.foreach(
            State.changes,
            lambda line: _change(line=line, undoing=State.undoing, acts=State.acts),
        ),
        class_name="card entries",
    )
    nothing = empty(say("flags.empty.title"), say("flags.empty.text"), drawn="clock")
    named = [("", say("flags.all")), *((each.value, say(f"flags.{each}")) for each in Flag)]
    return rx.el.section(
        rx.el.h2(say("flags.history"), class_name="section-title"),
        search_form(State, choice(say("flags.flag"), *options(named), name="flag")),
        summary(State.summed, export_link(say("machinery.csv"), State.export, "flags.csv")),
        paged(State, State.changes, lines, nothing),
        class_name="section",
    )


@memo
def _change(line: ObjectVar[ChangeLine], undoing: rx.Var[int], acts: rx.Var[bool]) -> rx.Component:
    number = f"#{line.number}"
    ask = press(say("matching.undo"), State.ask_to_undo(line.number), about=number, small=True)
    sure = rx.el.div(
        rx.el.p(say("flags.undo.sure"), " ", rx.el.strong(line.before)),
        rx.el.div(
            press(say("flags.undo.yes"), State.undo, quiet=False, small=True),
            press(say("jobs.cancel"), State.ask_to_undo(0), small=True),
            class_name="admin-buttons",
        ),
        class_name="doubt-confirm machinery-question",
        data_testid="undo-question",
    )
    return rx.el.li(
        rx.el.div(
            rx.el.p(rx.el.strong(line.title), f" #{line.number}"),
            rx.el.p(line.before, " → ", line.after),
            rx.el.p(local_time(line.at), " ", line.by, " ", line.why, class_name="small muted"),
            class_name="entry-what",
        ),
        rx.cond(acts & (undoing != line.number), ask),
        rx.cond(undoing == line.number, sure),
        class_name="entry",
        data_testid="change",
    )
