"""The calculators: numbers to type, what comes out, what it means, and an example."""

import reflex as rx
from reflex.vars.object import ObjectVar

from arb_app.components.fields import choice, options
from arb_app.components.layout import page
from arb_app.components.notice import loading, notice
from arb_app.state.calculator import CalculatorState as State
from arb_app.state.calculator_shown import PATH, FigureLine, InputLine, TableLine, example_of
from arb_app.words import say
from domain.odds_formats import OddsFormat
from services.calculators import CALCULATORS, Answer, Calculator, answer

_TYPING_PAUSE_MS = 200


def calculator() -> rx.Component:
    """Return the page of all calculators; the address says which one is open."""
    return page(
        say("calculator.title"),
        rx.el.p(say("calculator.lede"), class_name="lede"),
        rx.el.nav(
            *(_tab(name) for name in CALCULATORS),
            aria_label=say("calculator.title"),
            class_name="tabs",
        ),
        rx.cond(State.ready, _chosen(), loading(lines=6)),
        active="calculator",
    )


def _tab(name: str) -> rx.Component:
    here = State.which == name
    return rx.el.a(
        say(f"calculator.{name}.title"),
        href=f"{PATH}?c={name}",
        class_name=rx.cond(here, "tab tab-here", "tab"),
        aria_current=rx.cond(here, "page", "false"),
    )


def _chosen() -> rx.Component:
    return rx.el.div(
        rx.el.section(
            rx.match(
                State.which,
                *(
                    (name, rx.el.h2(_title(name), class_name="section-title"))
                    for name in CALCULATORS
                ),
                rx.fragment(),
            ),
            _notation(),
            rx.foreach(State.inputs, _input),
            rx.foreach(State.legs, _input),
            _more_legs(),
            class_name="card card-pad stack calc-form",
            aria_label=say("calculator.inputs"),
        ),
        _answer(),
        rx.match(State.which, *((n, _about(c)) for n, c in CALCULATORS.items()), rx.fragment()),
        class_name="calc",
    )


def _title(name: str) -> str:
    return say(f"calculator.{name}.title")


def _notation() -> rx.Component:
    return choice(
        say("calculator.notation"),
        *options((each.value, say(f"odds_format.{each}")) for each in OddsFormat),
        look="select",
        id="notation",
        value=State.notation,
        on_change=State.write_odds,
    )


def _input(of: ObjectVar[InputLine]) -> rx.Component:
    wrong = of.error != ""
    return rx.el.div(
        rx.el.label(of.label, html_for=f"calc-{of.name}", class_name="field-label"),
        rx.el.div(
            rx.el.input(
                id=f"calc-{of.name}",
                default_value=of.text,
                on_change=lambda text: State.type_in(of.name, text).debounce(_TYPING_PAUSE_MS),
                input_mode=of.mode,
                auto_complete="off",
                max_length=24,
                class_name="input",
                aria_invalid=wrong,
                aria_describedby=f"calc-{of.name}-wrong",
            ),
            rx.cond(of.unit != "", rx.el.span(of.unit, class_name="muted")),
            class_name=rx.cond(wrong, "input-row input-wrong", "input-row"),
        ),
        rx.el.p(of.error, id=f"calc-{of.name}-wrong", class_name="field-error", role="status"),
        key=of.key,
        class_name="field",
    )


def _more_legs() -> rx.Component:
    return rx.el.div(
        rx.cond(
            State.may_add,
            rx.el.button(
                say("calculator.add"),
                type="button",
                on_click=State.add_leg,
                class_name="button button-quiet",
            ),
        ),
        rx.cond(
            State.may_drop,
            rx.el.button(
                say("calculator.drop"),
                type="button",
                on_click=State.drop_leg,
                class_name="button button-quiet",
            ),
        ),
        class_name="buttons",
    )


def _answer() -> rx.Component:
    said = [(tone, notice(State.shown.said, tone)) for tone in ("good", "bad", "warn")]
    return rx.el.section(
        rx.el.h2(say("calculator.answer"), class_name="section-title"),
        rx.match(State.shown.tone, *said, notice(State.shown.said, "plain")),
        rx.el.dl(rx.foreach(State.shown.figures, _figure), class_name="calc-figures"),
        rx.cond(State.shown.heads.length() > 0, _table()),
        rx.el.p(
            rx.el.a(say("calculator.link"), href=State.link, data_testid="calculator-link"),
            " ",
            rx.el.span(say("calculator.link.help"), class_name="muted"),
            class_name="small",
        ),
        class_name="card card-pad stack",
        aria_label=say("calculator.answer"),
    )


def _figure(of: ObjectVar[FigureLine]) -> rx.Component:
    tone = rx.match(of.tone, ("good", "figure good"), ("bad", "figure bad"), "figure")
    return rx.el.div(
        rx.el.dt(of.label),
        rx.el.dd(of.text, class_name=rx.cond(of.large, f"{tone} figure-large", tone)),
    )


def _table() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption(say("calculator.table"), class_name="visually-hidden"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(
                        rx.el.span(say("calculator.column.name"), class_name="visually-hidden")
                    ),
                    rx.foreach(State.shown.heads, lambda head: rx.el.th(head, scope="col")),
                )
            ),
            rx.el.tbody(
                rx.foreach(
                    State.shown.lines,
                    _line,
                )
            ),
            class_name="calc-table",
        ),
        class_name="calc-scroll",
        tab_index=0,
        role="group",
        aria_label=say("calculator.table"),
    )


def _line(of: ObjectVar[TableLine]) -> rx.Component:
    return rx.el.tr(rx.el.th(of.name, scope="row"), rx.foreach(of.cells, rx.el.td))


def _about(of: Calculator) -> rx.Component:
    typed = {field.name: field.example for field in of.fields}
    worked = answer(of, typed, of.legs, OddsFormat.DECIMAL)
    example = example_of(of, worked) if isinstance(worked, Answer) else ""
    return rx.el.section(
        rx.el.h2(say("calculator.about"), class_name="section-title"),
        rx.el.p(say(f"calculator.{of.name}.text")),
        rx.el.h3(say("calculator.example"), class_name="field-label"),
        rx.el.p(example),
        class_name="card card-pad stack calc-about",
    )
