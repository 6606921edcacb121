"""Flags: what of the product is there, for whom, and who decided it."""

from collections.abc import Sequence

import reflex as rx
from reflex.vars import ArrayVar, ObjectVar
from reflex_components_core.el.elements.inline import A

from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.pager import pager
from arb_app.components.sheet import sheet
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
    content = rx.fragment(
        rx.cond(State.late, notice(say("state.late"), "warn")),
        rx.cond(State.said != "", _said()),
        rx.el.ul(flags, class_name="card entries machinery-list"),
        rx.cond(State.editing != "", _form()),
        _history(),
    )
    lede = rx.el.p(say("flags.lede"), class_name="lede")
    return page(
        say("flags.title"),
        sheet("admin"),
        sheet("review"),
        sheet("machinery"),
        lede,
        admin_only(content, State.phase),
        active="admin",
    )


def _said() -> rx.Component:
    good = State.said_tone == "good"
    return rx.el.div(
        rx.cond(good, notice(State.said, "good"), notice(State.said, "bad")), data_testid="said"
    )


@memo
def _flag(line: ObjectVar[FlagLine], editing: rx.Var[str], acts: rx.Var[bool]) -> rx.Component:
    change = rx.el.button(
        say("flags.change"),
        rx.el.span(" ", line.title, class_name="visually-hidden"),
        type="button",
        on_click=State.edit(line.name),
        class_name="button button-quiet admin-small",
    )
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
        _field(
            say("jobs.why"),
            rx.el.input(name="why", max_length=200, auto_complete="off", class_name="input"),
        ),
        rx.el.div(
            rx.el.button(say("flags.save"), type="submit", class_name="button admin-small"),
            rx.el.button(
                say("jobs.cancel"),
                type="button",
                on_click=State.edit(""),
                class_name="button button-quiet admin-small",
            ),
            class_name="admin-buttons",
        ),
        key=State.editing,
        on_submit=State.change,
        class_name="card card-pad section doubt-confirm",
        data_testid="flag-form",
    )


def _share() -> rx.Component:
    share = rx.el.input(
        name="share",
        default_value=State.share,
        input_mode="numeric",
        max_length=3,
        auto_complete="off",
        class_name="input",
    )
    return _field(say("flags.share"), share)


def _field(label: str, control: rx.Component) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="field-label"),
        rx.el.div(control, class_name="input-row"),
        class_name="field",
    )


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
    found = rx.fragment(lines, pager(State.page, State.pages, State.turn_to))
    nothing = empty(say("flags.empty.title"), say("flags.empty.text"), drawn="clock")
    search = rx.el.form(
        rx.el.label(
            rx.el.span(say("flags.flag"), class_name="field-label"),
            rx.el.select(
                rx.el.option(say("flags.all"), value=""),
                *(rx.el.option(say(f"flags.{each}"), value=each.value) for each in Flag),
                name="flag",
                class_name="moves-select",
            ),
            class_name="field",
        ),
        rx.el.button(say("audit.search"), type="submit", class_name="button"),
        on_submit=State.search,
        role="search",
        class_name="audit-search",
    )
    return rx.el.section(
        rx.el.h2(say("flags.history"), class_name="section-title"),
        search,
        rx.el.div(
            rx.el.p(State.summed, class_name="small muted", role="status"),
            A.create(
                say("machinery.csv"),
                href=State.export,
                download="flags.csv",
                class_name="button button-quiet",
                data_testid="export",
            ),
            class_name="heading-row",
        ),
        rx.cond(State.changes.length() > 0, found, nothing),
        class_name="section",
    )


@memo
def _change(line: ObjectVar[ChangeLine], undoing: rx.Var[int], acts: rx.Var[bool]) -> rx.Component:
    hidden = rx.el.span(f" #{line.number}", class_name="visually-hidden")
    ask = rx.el.button(
        say("matching.undo"),
        hidden,
        type="button",
        on_click=State.ask_to_undo(line.number),
        class_name="button button-quiet admin-small",
    )
    sure = rx.el.div(
        rx.el.p(say("flags.undo.sure"), " ", rx.el.strong(line.before)),
        rx.el.div(
            rx.el.button(
                say("flags.undo.yes"),
                type="button",
                on_click=State.undo,
                class_name="button admin-small",
            ),
            rx.el.button(
                say("jobs.cancel"),
                type="button",
                on_click=State.ask_to_undo(0),
                class_name="button button-quiet admin-small",
            ),
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
