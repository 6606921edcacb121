"""Jobs of the clock: how each is doing, held or asked for, and how they went."""

from collections.abc import Iterable

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.buttons import press
from arb_app.components.fields import choice, options, text_field
from arb_app.components.listing import export_link, paged, said, search_form, summary, window
from arb_app.components.memo import memo
from arb_app.components.notice import chip, empty, notice, toned_chip
from arb_app.components.table import cell, table
from arb_app.components.when import local_time
from arb_app.state.admin_jobs import AdminJobsState as State
from arb_app.state.jobs_shown import JobLine, RunLine
from arb_app.words import say
from domain.clock_jobs import Job, Outcome

_COLUMNS = ("job", "when", "outcome", "who")


def admin_jobs() -> rx.Component:
    """Return the page; it follows `AdminJobsState.live` from its loading."""
    return window(
        State,
        say("jobs.title"),
        say("jobs.lede"),
        rx.cond(State.held != "", rx.el.div(notice(State.held, "warn"), data_testid="held")),
        said(State),
        rx.el.p(State.workers, class_name="small muted machinery-workers", data_testid="workers"),
        rx.el.ul(
            rx.foreach(
                State.jobs,
                lambda line: _job(
                    line=line,
                    asking=State.asking,
                    act=State.act,
                    acts=State.acts,
                    key=line.name,
                ),
            ),
            class_name="card entries machinery-list",
        ),
        _history(),
        sheets=("admin", "review", "machinery"),
    )


@memo
def _job(
    line: ObjectVar[JobLine], asking: rx.Var[str], act: rx.Var[str], acts: rx.Var[bool]
) -> rx.Component:
    facts = (("plan", line.plan), ("last", line.last), ("next", line.next))
    buttons = rx.el.div(
        _button("run", line),
        rx.cond(line.paused, _button("resume", line), _button("pause", line)),
        class_name="admin-buttons",
    )
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(line.title),
                toned_chip(line.outcome, line.tone),
                rx.cond(line.paused, chip(say("jobs.paused"), "warn", drawn="pause")),
                class_name="chips",
            ),
            rx.el.p(line.text, class_name="small"),
            rx.cond(line.held != "", rx.el.p(line.held, class_name="small muted")),
            rx.el.dl(
                *(
                    rx.el.div(
                        rx.el.dt(say(f"jobs.{name}"), class_name="small muted"), rx.el.dd(text)
                    )
                    for name, text in facts
                ),
                class_name="machinery-facts",
            ),
            class_name="entry-what",
        ),
        rx.cond(acts & (asking != line.name), buttons),
        rx.cond(asking == line.name, _question(line, act)),
        class_name="entry",
        data_testid="job",
        custom_attrs={"data-job": line.name},
    )


def _button(act: str, line: ObjectVar[JobLine]) -> rx.Component:
    return press(say(f"jobs.act.{act}"), State.ask(line.name, act), about=line.title, small=True)


def _question(line: ObjectVar[JobLine], act: rx.Var[str]) -> rx.Component:
    why = text_field(say("jobs.why"), "why", "text", auto_complete="off")
    return rx.el.form(
        rx.match(
            act,
            ("pause", rx.el.p(say("jobs.sure.pause"), " ", line.cost)),
            ("resume", rx.el.p(say("jobs.sure.resume"))),
            rx.el.p(say("jobs.sure.run")),
        ),
        rx.cond(act == "pause", why),
        rx.el.div(
            rx.el.button(
                rx.match(
                    act,
                    ("pause", say("jobs.act.pause")),
                    ("resume", say("jobs.act.resume")),
                    say("jobs.act.run"),
                ),
                type="submit",
                class_name="button admin-small",
            ),
            press(say("jobs.cancel"), State.ask("", ""), small=True),
            class_name="admin-buttons",
        ),
        on_submit=State.decide,
        class_name="doubt-confirm machinery-question",
        data_testid="question",
    )


def _history() -> rx.Component:
    lines = rx.foreach(State.runs, lambda line: _run(line=line))
    shown = table(say("jobs.history"), [say(f"jobs.column.{each}") for each in _COLUMNS], lines)
    nothing = empty(say("jobs.empty.title"), say("jobs.empty.text"), drawn="clock")
    away = notice(say("jobs.history.away"), "warn")
    return rx.el.section(
        rx.el.h2(say("jobs.history"), class_name="section-title"),
        rx.el.p(say("jobs.history.text"), class_name="small muted"),
        search_form(
            State,
            _choice("job", ((job.value, say(f"jobs.{job}")) for job in Job)),
            _choice("outcome", ((each.value, say(f"jobs.outcome.{each}")) for each in Outcome)),
        ),
        summary(State.summed, export_link(say("machinery.csv"), State.export, "jobs.csv")),
        rx.cond(State.kept, paged(State, State.runs, shown, nothing), away),
        class_name="section",
    )


def _choice(name: str, named: Iterable[tuple[str, str]]) -> rx.Component:
    every = ("", say("jobs.all"))
    return choice(say(f"jobs.column.{name}"), *options([every, *named]), name=name)


@memo
def _run(line: ObjectVar[RunLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            line.title,
            rx.el.span(line.worker, class_name="small muted cell-beneath"),
            scope="row",
        ),
        cell(
            "jobs.column.when",
            local_time(line.at),
            rx.el.span(line.took, class_name="cell-beneath"),
        ),
        cell(
            "jobs.column.outcome",
            toned_chip(line.outcome, line.tone),
            rx.el.span(line.code, class_name="said cell-beneath"),
        ),
        cell("jobs.column.who", line.by),
        data_testid="run",
    )
