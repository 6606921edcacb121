"""Value: prices above the fair ones, and the markets that cost almost nothing to cover."""

import reflex as rx

from arb_app.components.layout import page
from arb_app.components.live_grid import Column, Sort
from arb_app.components.prospects_grid import prospects_grid
from arb_app.words import say
from domain.opportunities import Kind


def value() -> rx.Component:
    """Return the page of value bets."""
    mean = Column("roi", say("prospect.mean"), "roi", "6rem", "roi")
    grid = prospects_grid(Kind.VALUE, mean, [Sort("roi", say("prospect.sort.value"))])
    return page(say("kind.value.title"), grid, active="value")


def low_hold() -> rx.Component:
    """Return the page of low holds."""
    worst = Column("roi", say("prospect.worst"), "roi", "6rem", "roi")
    grid = prospects_grid(Kind.LOW_HOLD, worst, [Sort("roi", say("prospect.sort.hold"))])
    return page(say("kind.low_hold.title"), grid, active="value")
