"""Middles: pairs of bets on different lines, and what they cost when they miss."""

import reflex as rx

from arb_app.components.layout import page
from arb_app.components.live_grid import Column, Sort
from arb_app.components.prospects_grid import prospects_grid
from arb_app.words import say
from domain.opportunities import Kind


def middles() -> rx.Component:
    """Return the page of middles."""
    worst = Column("roi", say("prospect.worst"), "roi", "6rem", "roi")
    sorts = [
        Sort("expected", say("prospect.sort.expected")),
        Sort("roi", say("prospect.sort.worst")),
    ]
    grid = prospects_grid(Kind.MIDDLE, worst, sorts)
    return page(say("kind.middle.title"), grid, active="middles")
