"""The panel of one source: how it is, its credential, its switch, a trial, and its log."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.buttons import press
from arb_app.components.listing import said
from arb_app.components.memo import memo
from arb_app.components.notice import empty, toned_chip
from arb_app.state.admin_lines import LogLine, PartLine
from arb_app.state.admin_sources import AdminSourcesState as State
from arb_app.words import say


def panel() -> rx.Component:
    """Return the panel of the source that is opened, or a word on how to open one."""
    none = empty(say("admin.pick.title"), say("admin.pick.text"), drawn="spark")
    opened = rx.el.div(
        _head(),
        said(State),
        _switch(),
        _credential(),
        _trial(),
        _log(),
        class_name="card card-pad admin-panel",
        data_testid="source-panel",
    )
    return rx.el.div(rx.cond(State.opened != "", opened, none), class_name="admin-right")


def _head() -> rx.Component:
    line = State.line
    return rx.el.header(
        rx.el.div(
            rx.el.h2(line.title, class_name="admin-title"),
            press(say("admin.close"), State.open(""), small=True),
            class_name="admin-line",
        ),
        rx.el.p(toned_chip(line.state, line.tone), class_name="chips"),
        rx.cond(line.note != "", rx.el.p(line.note, class_name="small")),
        rx.cond(line.why != "", rx.el.p(line.why, class_name="small muted")),
        rx.cond(State.why != "", rx.el.p(State.why, class_name="small muted")),
        class_name="admin-head",
    )


def _switch() -> rx.Component:
    ask = press(
        rx.cond(State.enabled, say("admin.switch.off"), say("admin.switch.on")),
        State.ask_to_switch(True),
    )
    sure = rx.el.form(
        rx.el.p(
            rx.cond(State.enabled, say("admin.switch.sure.off"), say("admin.switch.sure.on")),
            class_name="small",
        ),
        rx.el.input(
            name="why",
            max_length=200,
            auto_complete="off",
            placeholder=say("admin.switch.why"),
            aria_label=say("admin.switch.why"),
            class_name="admin-field",
        ),
        rx.el.div(
            rx.el.button(
                rx.cond(State.enabled, say("admin.switch.off"), say("admin.switch.on")),
                type="submit",
                class_name="button admin-small",
            ),
            press(say("admin.switch.cancel"), State.ask_to_switch(False), small=True),
            class_name="admin-buttons",
        ),
        on_submit=State.switch,
        class_name="admin-form",
        data_testid="switch-form",
    )
    try_it = press(
        rx.cond(State.trying != "", say("admin.trying"), say("admin.try")),
        State.try_now,
        quiet=False,
        disabled=State.trying != "",
    )
    return rx.cond(State.asking, sure, rx.el.div(try_it, ask, class_name="admin-buttons"))


def _credential() -> rx.Component:
    parts = rx.fragment(
        rx.el.p(say("admin.credential.text"), class_name="small muted"),
        rx.el.ul(
            rx.foreach(State.parts, lambda part: _part(part=part, key=part.name)),
            class_name="admin-parts",
        ),
    )
    free = rx.el.p(say("admin.credential.free"), class_name="small muted")
    return rx.el.section(
        rx.el.h3(say("admin.credential")),
        rx.cond(State.parts.length() > 0, parts, free),
        class_name="admin-part-section",
    )


@memo
def _part(part: ObjectVar[PartLine]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(part.name),
            toned_chip(part.given, part.tone),
            class_name="admin-line",
        ),
        rx.cond(part.since != "", rx.el.p(part.since, class_name="small muted")),
        rx.cond(part.reminder != "", rx.el.p(part.reminder, class_name="small muted")),
        rx.el.form(
            rx.el.input(type="hidden", name="part", value=part.name, read_only=True),
            rx.el.input(
                type="password",
                name="value",
                auto_complete="off",
                required=True,
                max_length=4096,
                spell_check=False,
                aria_label=f"{say('admin.part.value', part='')}{part.name}",
                class_name="admin-field",
                custom_attrs={"data-1p-ignore": "", "data-lpignore": "true"},
            ),
            rx.el.button(say("admin.part.save"), type="submit", class_name="button admin-small"),
            rx.cond(
                part.stored,
                press(say("admin.part.clear"), State.clear_credential(part.name), small=True),
            ),
            on_submit=State.set_credential,
            reset_on_submit=True,
            auto_complete="off",
            class_name="admin-secret",
        ),
        data_testid="credential-part",
    )


def _trial() -> rx.Component:
    trial = State.trial
    told = rx.el.div(
        rx.el.p(
            toned_chip(trial.outcome, trial.tone),
            rx.el.span(trial.when, class_name="small muted"),
            class_name="admin-line",
        ),
        rx.cond(trial.sentence != "", rx.el.p(trial.sentence, class_name="small")),
        rx.cond(trial.told != "", rx.el.p(trial.told, class_name="small muted")),
        rx.cond(trial.reasons != "", rx.el.p(trial.reasons, class_name="reasons")),
        class_name="admin-trial",
        data_testid="trial",
    )
    shown = rx.el.section(rx.el.h3(say("admin.trial")), told, class_name="admin-part-section")
    return rx.cond(trial.outcome != "", shown)


def _log() -> rx.Component:
    lines = rx.el.ol(
        rx.foreach(State.log, lambda line: _log_line(line=line, key=line.key)),
        class_name="admin-log",
        data_testid="source-log",
    )
    return rx.el.section(
        rx.el.h3(say("admin.log")),
        rx.el.p(say("admin.log.text"), class_name="small muted"),
        rx.cond(
            State.log.length() > 0,
            lines,
            rx.el.p(say("admin.log.empty"), class_name="small muted"),
        ),
        class_name="admin-part-section",
    )


@memo
def _log_line(line: ObjectVar[LogLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.at, class_name="small muted admin-log-at"),
        rx.el.span(
            rx.el.strong(line.what, class_name=rx.cond(line.bad, "bad", "")),
            rx.cond(line.text != "", rx.el.span(line.text)),
            rx.cond(line.by != "", rx.el.span(line.by, class_name="muted")),
            class_name="admin-log-text",
        ),
    )
