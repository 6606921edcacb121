"""The live board of another kind than arbitrage: its columns, its words, and what it is not."""

from typing import Final

import reflex as rx

from arb_app.components.board_grid import live
from arb_app.components.layout import button_link
from arb_app.components.live_grid import Column, Sort
from arb_app.components.notice import empty, notice
from arb_app.state.account import AccountState
from arb_app.words import say
from domain.flags import Flag
from domain.opportunities import Kind

_PAGES: Final = {Kind.MIDDLE: "/middles", Kind.VALUE: "/value", Kind.LOW_HOLD: "/low-hold"}


def prospects_grid(kind: Kind, first: Column, sorts: list[Sort]) -> rx.Component:
    """Return what stands on the page of a kind; `first` is the column of the figure that counts."""
    nothing = empty(say("prospect.off.title"), say("prospect.off.text"), drawn="pause")
    off = rx.el.div(nothing, data_testid="prospects-off")
    return rx.cond(AccountState.off.contains(Flag.PROSPECTS.value), off, _grid(kind, first, sorts))


def _grid(kind: Kind, first: Column, sorts: list[Sort]) -> rx.Component:
    return rx.el.div(
        _tabs(kind),
        rx.el.p(say(f"kind.{kind}.lede"), class_name="lede"),
        notice(say(f"kind.{kind}.risk"), "warn", title=say("prospect.no_lock")),
        live(
            kinds=[kind],
            page=str(kind),
            columns=[
                first,
                Column("event", say("board.column.event"), "event", "minmax(9rem, 0.8fr)", "event"),
                Column("figures", say("prospect.figures"), "figures", "minmax(15rem, 1.1fr)"),
                Column("legs", say("board.column.legs"), "legs", "minmax(19rem, 1.4fr)", "age"),
                Column("first_seen_ms", say("board.column.since"), "since", "4.5rem", "newest"),
            ],
            sorts=[
                *sorts,
                Sort("newest", say("board.sort.newest")),
                Sort("start", say("board.sort.start")),
            ],
            words={each: say(f"kind.{kind}.{each}") for each in ("one", "many", "table")},
            empty=empty(
                say(f"kind.{kind}.empty.title"),
                say(f"kind.{kind}.empty.text"),
                button_link(say("board.empty.status"), "/status", quiet=True),
                drawn="shield",
            ),
        ),
        rx.el.section(
            rx.el.h2(say(f"kind.{kind}.how"), class_name="section-title"),
            rx.el.p(say(f"kind.{kind}.how.text"), class_name="lede"),
        ),
        class_name="prospects",
    )


def _tabs(active: Kind) -> rx.Component:
    return rx.el.nav(
        *(
            rx.el.a(
                say(f"kind.{kind}.tab"),
                href=href,
                class_name="prospect-tab",
                custom_attrs={"aria-current": "page"} if kind is active else {},
            )
            for kind, href in _PAGES.items()
        ),
        aria_label=say("prospect.tabs"),
        class_name="prospect-tabs",
    )
