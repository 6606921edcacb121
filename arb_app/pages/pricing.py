"""The plans, each with what it shows of the board, as the plans themselves say it."""

import reflex as rx

from arb_app import format as as_text
from arb_app.components.icons import icon
from arb_app.components.layout import button_link, page
from arb_app.components.notice import notice
from arb_app.words import say
from domain.plans import PLANS, Plan


def pricing() -> rx.Component:
    """Return the page of plans."""
    return page(
        say("pricing.title"),
        rx.el.p(say("pricing.lede"), class_name="lede"),
        rx.el.div(
            notice(say("pricing.given.text"), "plain", title=say("pricing.given")),
            class_name="pricing-given",
        ),
        rx.el.ul(*(_plan(plan) for plan in PLANS.values()), class_name="plans"),
        rx.el.section(
            rx.el.h2(say("pricing.all"), class_name="section-title"),
            rx.el.p(say("pricing.all.text"), class_name="pricing-all"),
            rx.el.div(
                button_link(say("home.open"), "/board"),
                button_link(say("legal.terms.title"), "/legal/terms", quiet=True),
                class_name="buttons",
            ),
            class_name="section",
        ),
        active="pricing",
    )


def facts(plan: Plan) -> list[tuple[str, str]]:
    """Return what a plan shows in sentences, each with the icon that goes with it.

    Examples:
        >>> facts(PLANS["pro"])[0]
        ('check', 'Every change at once')
    """
    shut = "cross" if plan.mask_books else "check"
    late, capped = plan.delay_s > 0, plan.roi_cap is not None
    return [
        ("clock", say("pricing.late", seconds=int(plan.delay_s)))
        if late
        else ("check", say("pricing.live")),
        (shut, say("pricing.masked" if plan.mask_books else "pricing.books")),
        ("flag", _capped(plan)) if capped else ("check", say("pricing.exact")),
        ("flag", say("pricing.one_league"))
        if plan.one_league
        else ("check", say("pricing.leagues")),
        (shut, say("pricing.no_history" if plan.mask_books else "pricing.history")),
        *([("check", say("pricing.raw"))] if plan.raw else []),
    ]


def _capped(plan: Plan) -> str:
    told = (plan.roi_cap or 0.0, plan.roi_step)
    cap, step = (as_text.percent(each, digits=1, signed=False) for each in told)
    return say("pricing.capped", cap=cap, step=step)


def _plan(plan: Plan) -> rx.Component:
    return rx.el.li(
        rx.el.h2(say(f"pricing.{plan.name}")),
        rx.el.p(say(f"pricing.{plan.name}.text"), class_name="muted"),
        rx.el.ul(*(_fact(drawn, text) for drawn, text in facts(plan)), class_name="plan-facts"),
        class_name="card card-pad plan",
        data_testid="plan",
    )


def _fact(drawn: str, text: str) -> rx.Component:
    return rx.el.li(icon(drawn), rx.el.span(text), custom_attrs={"data-icon": drawn})
