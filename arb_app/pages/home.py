"""The start page: what the product is, shown on one worked example."""

from typing import Final

import reflex as rx

from arb_app import format as as_text
from arb_app import words
from arb_app.components.example import NOW, OLD, STAKE, Example, worked
from arb_app.components.icons import icon
from arb_app.components.layout import button_link, page
from arb_app.components.notice import chip
from arb_app.components.sheet import sheet
from arb_app.words import say
from domain.money import Money
from domain.opportunities import Leg, Refusal
from services.stakes import StakeLeg

_FACTS: Final = ("rare", "small", "false")
_COLUMNS: Final = ("bet", "age", "odds", "stake")


def home() -> rx.Component:
    """Return the start page."""
    example = worked()
    return page(
        say("home.title"),
        sheet("home"),
        _hero(example),
        _facts(),
        _proof(example),
        _end(),
        active="",
        heading=False,
    )


def _hero(example: Example) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h1(
                rx.el.span(say("home.title")),
                " ",
                rx.el.span(say("home.title.then")),
                class_name="hero-title",
            ),
            rx.el.p(say("home.lede"), class_name="hero-lede"),
            rx.el.div(
                button_link(say("home.open"), "/board"),
                button_link(say("home.sources"), "/status", quiet=True),
                class_name="buttons",
            ),
            class_name="hero-words",
        ),
        _slip(example),
        class_name="hero",
    )


def _slip(example: Example) -> rx.Component:
    found, exact = example.found, example.exact
    profit = Money(exact.worst_profit_minor)
    legs = zip(found.legs, exact.legs, strict=True)
    return rx.el.figure(
        rx.el.figcaption(
            rx.el.div(
                rx.el.strong(say("home.example")),
                rx.el.span(f"{say('home.example.event')} · {words.market(found.market)}"),
                class_name="slip-title",
            ),
            rx.el.span(as_text.percent(found.roi), class_name="roi roi-large"),
            class_name="slip-head",
        ),
        rx.el.div(
            *(rx.el.span(say(f"home.example.column.{n}")) for n in _COLUMNS),
            class_name="slip-leg slip-columns",
            aria_hidden="true",
        ),
        rx.el.ul(*(_slip_leg(leg, planned, example) for leg, planned in legs)),
        rx.el.dl(
            _sum("home.example.cost", as_text.money(STAKE)),
            _sum("home.example.worst", as_text.money(STAKE + profit)),
            _sum("home.example.profit", as_text.money(profit, signed=True), "good"),
            class_name="slip-sums",
        ),
        rx.el.p(say("home.example.note"), class_name="slip-note"),
        class_name="card slip",
    )


def _slip_leg(leg: Leg, planned: StakeLeg, example: Example) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(words.leg(leg, example.found.event)),
            rx.el.span(words.book(leg.book), class_name="muted small"),
            class_name="slip-bet",
        ),
        chip(as_text.age(leg.age_s), "good", drawn="clock"),
        rx.el.span(as_text.odds(leg.odds), class_name="odds"),
        rx.el.span(as_text.money(Money(planned.stake_minor)), class_name="figure slip-stake"),
        class_name="slip-leg",
    )


def _sum(key: str, amount: str, tone: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.dt(say(key), class_name="label"),
        rx.el.dd(amount, class_name=f"figure {tone}"),
    )


def _facts() -> rx.Component:
    facts = [
        rx.el.li(
            rx.el.span(say(f"home.facts.{name}.figure"), class_name=f"fact-figure fact-{name}"),
            rx.el.p(say(f"home.facts.{name}")),
            class_name="fact",
        )
        for name in _FACTS
    ]
    return rx.el.section(
        rx.el.div(
            rx.el.h2(say("home.facts.title"), class_name="section-title"),
            rx.el.p(say("home.facts.lede"), class_name="lede"),
        ),
        rx.el.ul(*facts, class_name="facts"),
        class_name="section",
    )


def _proof(example: Example) -> rx.Component:
    return rx.el.section(
        rx.el.h2(say("home.proof.title"), class_name="section-title section-title-large"),
        rx.el.p(say("home.proof.lede"), class_name="lede"),
        rx.el.ul(
            _claim("age", "clock", _ages(example)),
            _claim("refusal", "shield", _refusals(example), age=as_text.age(OLD.total_seconds())),
            _claim("endings", "flag", _endings(example), states=example.found.proof.states),
            _claim("stakes", "sigma", _rounded(example), total=as_text.money(STAKE)),
            class_name="claims",
        ),
        class_name="section",
    )


def _claim(name: str, drawn: str, evidence: rx.Component, **values: str | int) -> rx.Component:
    return rx.el.li(
        icon(drawn),
        rx.el.h3(say(f"home.proof.{name}")),
        rx.el.p(say(f"home.proof.{name}.text", **values), class_name="muted"),
        rx.el.div(evidence, class_name="evidence"),
        class_name="card card-pad claim",
    )


def _ages(example: Example) -> rx.Component:
    rows = [
        (words.leg(leg, example.found.event), f"{leg.changed_at:%H:%M:%S}", as_text.age(leg.age_s))
        for leg in example.found.legs
        if leg.changed_at
    ]
    judged = say("home.proof.age.judged", at=f"{NOW:%H:%M:%S}")
    lines = [_line(f"{bet} · {at}", aged, "good") for bet, at, aged in rows]
    return rx.el.dl(*lines, _line(judged, as_text.percent(example.found.roi), ""))


def _refusals(example: Example) -> rx.Component:
    return rx.el.ul(*(_refusal(refusal) for refusal in example.refused.refusals))


def _refusal(refusal: Refusal) -> rx.Component:
    return rx.el.li(
        chip(words.gate_chip(refusal.code), "bad", drawn="cross"),
        rx.el.span(words.sentence(refusal.detail), class_name="small"),
        class_name="refusal",
    )


def _endings(example: Example) -> rx.Component:
    lines = [
        _line(words.sentence(ending.state), _share_of_stake(ending.worst_roi), "bad")
        for ending in example.found.proof.unprotected
    ]
    return rx.el.dl(*lines)


def _rounded(example: Example) -> rx.Component:
    legs = zip(example.found.legs, example.whole.legs, strict=True)
    lines = [
        _line(words.leg(leg, example.found.event), as_text.money(Money(planned.stake_minor)), "")
        for leg, planned in legs
    ]
    worst = Money(example.whole.worst_profit_minor)
    tone = "good" if worst.minor > 0 else "bad"
    return rx.el.dl(
        *lines, _line(say("opportunity.worst"), as_text.money(worst, signed=True), tone)
    )


def _line(name: str, figure: str, tone: str) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(figure, class_name=f"figure {tone}"))


def _share_of_stake(ratio: float) -> str:
    return as_text.money(Money(round(ratio * STAKE.minor)), signed=True)


def _end() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(say("home.end.title"), class_name="section-title section-title-large"),
            rx.el.p(say("home.end.text"), class_name="lede"),
        ),
        button_link(say("home.open"), "/board"),
        class_name="section end card card-pad",
    )
