"""The live board with its words, as the board page and the offline page show it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import reflex as rx

from arb_app.components.layout import button_link
from arb_app.components.live_grid import Column, Filter, LiveGrid, Sort
from arb_app.components.notice import empty, loading, notice
from arb_app.state.board import BoardState
from arb_app.words import say
from domain.markets import MarketKind
from domain.opportunities import Kind

OLD_AFTER_S: Final = 60
"""A leg's price that changed longer ago than this is marked as the older one."""

_WORDS: Final = (
    *("age_unknown", "ago", "any", "best", "checked", "close", "columns", "columns.down"),
    *("columns.reset", "columns.up", "copy.done", "copy.failed", "dismiss", "display", "filter"),
    *("filters", "filters.clear", "filters.off", "filters.set", "filters.show", "find", "help"),
    *("help.text", "hidden", "hidden.all", "hidden.back", "hidden.back.of", "hidden.book"),
    *("hidden.done", "hidden.event", "hidden.row", "in_play", "kept", "kept_none", "limit", "live"),
    *("lost", "many", "menu", "menu.copy", "menu.hide.book", "menu.hide.event", "menu.hide.row"),
    *("menu.of", "menu.open", "menu.pin", "menu.unpin", "near", "no", "no_match"),
    *("no_match.text", "none", "one", "option.badge", "option.keys", "option.sound", "options"),
    *("pin.off", "pin.on", "pinned", "refused", "refused_none", "refused_text", "seconds_ago"),
    *("shown", "sort", "sort.drop", "sort.first", "sort.how", "sort.then", "sort.turn"),
    *("sort.turned", "stale", "start_unknown", "table", "undo", "verified", "views"),
    *("views.delete", "views.delete.of", "views.link", "views.link.copied", "views.link.now"),
    *("views.link.of", "views.name", "views.rename", "views.rename.of", "views.save"),
    *("views.text", "waiting", "yes"),
)
_KEYS: Final = ("j", "k", "enter", "f", "p", "x", "c", "help", "esc")


def columns() -> list[Column]:
    """Return the columns of the board; those not shown at first are for the viewer to choose."""
    return [
        Column("roi", say("board.column.roi"), "roi", "6rem", "roi"),
        Column("event", say("board.column.event"), "event", "minmax(11rem, 1fr)", "event"),
        Column("market", say("board.column.market"), "text", "7rem", "market"),
        Column("legs", say("board.column.legs"), "legs", "minmax(21rem, 1.85fr)", "age"),
        Column("first_seen_ms", say("board.column.since"), "since", "6.5rem", "newest"),
        Column("age", say("board.column.age"), "oldest", "5.5rem", "age", shown=False),
        Column("start", say("board.column.start"), "start", "8rem", "start", shown=False),
        Column("sport", say("board.column.sport"), "text", "7rem", "sport", shown=False),
        Column("league", say("board.column.league"), "text", "7rem", "league", shown=False),
        Column("stake_limit", say("board.column.stake"), "number", "6rem", "stake", shown=False),
    ]


def sorts() -> list[Sort]:
    """Return the orders of the board."""
    return [
        Sort("roi", say("board.sort.roi")),
        Sort("newest", say("board.sort.newest")),
        Sort("start", say("board.sort.start")),
        Sort("age", say("board.sort.age"), quick=False),
        Sort("stake", say("board.sort.stake"), quick=False),
        Sort("event", say("board.sort.event"), quick=False),
        Sort("market", say("board.sort.market"), quick=False),
        Sort("sport", say("board.sort.sport"), quick=False),
        Sort("league", say("board.sort.league"), quick=False),
    ]


def filters() -> list[Filter]:
    """Return the filters of the board."""
    return [
        Filter("kind", say("board.filter.kind"), "choice", "kind"),
        Filter("sport", say("board.filter.sport"), "choice", "sport"),
        Filter("league", say("board.filter.league"), "choice", "league"),
        Filter("market", say("board.filter.market"), "choice", "market"),
        Filter(
            "book", say("board.filter.book"), "every", "book", help=say("board.filter.book.help")
        ),
        Filter("roi", say("board.filter.roi"), "least", "roi", unit="%"),
        Filter("roi_most", say("board.filter.roi_most"), "most", "roi", unit="%"),
        Filter("age", say("board.filter.age"), "most", "age", unit="s"),
        Filter("start", say("board.filter.start"), "most", "start", unit="h"),
        Filter(
            "stake",
            say("board.filter.stake"),
            "least",
            "stake",
            help=say("board.filter.stake.help"),
            unknown=True,
        ),
        Filter("play", say("board.filter.play"), "either", "play"),
        Filter("verified", say("board.filter.verified"), "flag", "verified"),
    ]


def board_grid(*, kept: bool = False) -> rx.Component:
    """Return the board; `kept` shows the one that this browser saw last, with its age."""
    return live(
        kept=kept,
        page="board",
        kinds=[Kind.ARBITRAGE],
        columns=columns(),
        sorts=sorts(),
        empty=empty(
            say("board.empty.title"),
            say("board.empty.text"),
            button_link(say("board.empty.status"), "/status", quiet=True),
            drawn="shield",
        ),
    )


def live(*, words: Mapping[str, str] = MappingProxyType({}), **props: Any) -> rx.Component:
    """Return a live grid over the board's channel; `words` take the place of the board's own."""
    return LiveGrid.create(
        message=BoardState.message,
        filters=filters(),
        words={**_words(), **words},
        waiting=loading(),
        stale=notice(say("board.stale.text"), "warn", title=say("board.stale.title")),
        lost=notice(say("board.lost.text"), "bad", title=say("board.lost.title")),
        on_gap=BoardState.join,
        on_leave=BoardState.leave,
        **props,
    )


def _words() -> Mapping[str, str | int]:
    """Return every word of the grid by the name that its code has for it."""
    kinds = ("arbitrage", "middle", "value", "low_hold")
    return {
        **{name: say(f"board.{name}") for name in _WORDS},
        **{f"key.{key}": say(f"board.key.{key}") for key in _KEYS},
        **{f"key.{key}.does": say(f"board.key.{key}.does") for key in _KEYS},
        **{f"market.{kind}": say(f"board.market.{kind}") for kind in MarketKind},
        **{f"kind.{kind}": say(f"board.kind.{kind}") for kind in kinds},
        "verified_text": say("board.verified.text"),
        "why_title": say("why.title"),
        "why_last_none": say("why.last.none"),
        "old_s": OLD_AFTER_S,
    }
