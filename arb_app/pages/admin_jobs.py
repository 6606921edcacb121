"""Jobs of the clock: how each is doing, held or asked for, and how they went."""

import reflex as rx
from reflex.vars import ObjectVar
from reflex_components_core.el.elements.inline import A

from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import chip, empty, notice, toned_chip
from arb_app.components.pager import pager
from arb_app.components.sheet import sheet
from arb_app.components.when import local_time
from arb_app.state.admin_jobs import AdminJobsState as State
from arb_app.state.jobs_shown import JobLine, RunLine
from arb_app.words import say
from domain.clock_jobs import Job, Outcome

_COLUMNS = ("job", "when", "outcome", "who")


def admin_jobs() -> rx.Component:
    """Return the page; it follows `AdminJobsState.live` from its loading."""
    content = rx.fragment(
        rx.cond(State.late, notice(say("state.late"), "warn")),
        rx.cond(State.held != "", rx.el.div(notice(State.held, "warn"), data_testid="held")),
        rx.cond(State.said != "", _said()),
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
    )
    lede = rx.el.p(say("jobs.lede"), class_name="lede")
    return page(
        say("jobs.title"),
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
    return rx.el.button(
        say(f"jobs.act.{act}"),
        rx.el.span(" ", line.title, class_name="visually-hidden"),
        type="button",
        on_click=State.ask(line.name, act),
        class_name="button button-quiet admin-small",
    )


def _question(line: ObjectVar[JobLine], act: rx.Var[str]) -> rx.Component:
    why = rx.el.label(
        rx.el.span(say("jobs.why"), class_name="field-label"),
        rx.el.div(
            rx.el.input(name="why", max_length=200, auto_complete="off", class_name="input"),
            class_name="input-row",
        ),
        class_name="field",
    )
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
            rx.el.button(
                say("jobs.cancel"),
                type="button",
                on_click=State.ask("", ""),
                class_name="button button-quiet admin-small",
            ),
            class_name="admin-buttons",
        ),
        on_submit=State.decide,
        class_name="doubt-confirm machinery-question",
        data_testid="question",
    )


def _history() -> rx.Component:
    nothing = empty(say("jobs.empty.title"), say("jobs.empty.text"), drawn="clock")
    table = rx.fragment(_table(), pager(State.page, State.pages, State.turn_to))
    found = rx.cond(State.runs.length() > 0, table, nothing)
    return rx.el.section(
        rx.el.h2(say("jobs.history"), class_name="section-title"),
        rx.el.p(say("jobs.history.text"), class_name="small muted"),
        _search(),
        rx.el.div(
            rx.el.p(State.summed, class_name="small muted", role="status"),
            # A link of the router's would look for a page of this address.
            A.create(
                say("machinery.csv"),
                href=State.export,
                download="jobs.csv",
                class_name="button button-quiet",
                data_testid="export",
            ),
            class_name="heading-row",
        ),
        rx.cond(State.kept, found, notice(say("jobs.history.away"), "warn")),
        class_name="section",
    )


def _search() -> rx.Component:
    jobs = [(job.value, say(f"jobs.{job}")) for job in Job]
    outcomes = [(each.value, say(f"jobs.outcome.{each}")) for each in Outcome]
    return rx.el.form(
        _choice("job", jobs),
        _choice("outcome", outcomes),
        rx.el.button(say("audit.search"), type="submit", class_name="button"),
        on_submit=State.search,
        role="search",
        class_name="audit-search",
    )


def _choice(name: str, options: list[tuple[str, str]]) -> rx.Component:
    return rx.el.label(
        rx.el.span(say(f"jobs.column.{name}"), class_name="field-label"),
        rx.el.select(
            rx.el.option(say("jobs.all"), value=""),
            *(rx.el.option(label, value=value) for value, label in options),
            name=name,
            class_name="moves-select",
        ),
        class_name="field",
    )


def _table() -> rx.Component:
    columns = (rx.el.th(say(f"jobs.column.{name}"), scope="col") for name in _COLUMNS)
    return rx.el.div(
        rx.el.table(
            rx.el.caption(say("jobs.history"), class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*columns)),
            rx.el.tbody(rx.foreach(State.runs, lambda line: _run(line=line))),
            class_name="folding",
        ),
        class_name="card folding-frame",
    )


@memo
def _run(line: ObjectVar[RunLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            line.title,
            rx.el.span(line.worker, class_name="small muted cell-beneath"),
            scope="row",
        ),
        _cell("when", local_time(line.at), rx.el.span(line.took, class_name="cell-beneath")),
        _cell(
            "outcome",
            toned_chip(line.outcome, line.tone),
            rx.el.span(line.code, class_name="said cell-beneath"),
        ),
        _cell("who", line.by),
        data_testid="run",
    )


def _cell(column: str, *inside: rx.Var | rx.Component) -> rx.Component:
    label = {"data-label": say(f"jobs.column.{column}")}
    return rx.el.td(rx.el.div(*inside), custom_attrs=label)
