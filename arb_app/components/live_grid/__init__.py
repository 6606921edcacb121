"""The live board as a component: columns and words are given, rows come over the socket."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

import reflex as rx
from reflex_base.components.component import field
from reflex_components_core.core.banner import has_connection_errors

_SOURCE: Final = rx.asset("live_grid.jsx", shared=True).importable_path
for _part in (  # which the former imports
    "cells.jsx",
    "desk.js",
    "keys.jsx",
    "menu.jsx",
    "news.js",
    "odds.js",
    "order.js",
    "panel_filters.jsx",
    "panels.jsx",
    "refused.jsx",
    "rows.jsx",
    "store.js",
    "text.js",
    "tools.jsx",
    "view.js",
):
    rx.asset(_part, shared=True)

_WINDOWED: Final = "@tanstack/react-virtual@3.14.26"
SortKey = Literal[
    "roi", "newest", "start", "age", "stake", "event", "market", "sport", "league", "expected"
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `kind` says how its cell is drawn, `key` which field of a row it shows.

    `width` is what CSS takes for a track of a grid, `sort` the order that a click on its head asks
    for. One that is not `shown` is there for the viewer to choose.
    """

    key: str
    label: str
    kind: Literal[
        "roi", "event", "text", "legs", "since", "start", "oldest", "percent", "number", "figures"
    ] = "text"
    width: str = "minmax(5rem, 0.6fr)"
    sort: SortKey | Literal[""] = ""
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Sort:
    """One order that a viewer may choose; the first of several is the one to begin with.

    Those that are `quick` have a button above the rows.
    """

    key: SortKey
    label: str
    quick: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow the rows.

    `of` is what of a row it looks at, `kind` how: one of the chosen values, every value among the
    chosen, a bound, yes or no, a claim. `unknown`: rows that do not say pass, too. `key` names it
    in the address of a view.
    """

    key: str
    label: str
    kind: Literal["choice", "every", "least", "most", "either", "flag"]
    of: Literal[
        "sport",
        "league",
        "market",
        "book",
        "kind",
        "roi",
        "age",
        "start",
        "stake",
        "play",
        "verified",
    ]
    unit: str = ""
    help: str = ""
    unknown: bool = False


class LiveGrid(rx.Component):
    """Rows that a channel keeps up to date; see `live_grid.jsx`.

    `page` is under what name the viewer's arrangement is kept, `kinds` which kinds of rows the page
    is about. `waiting`, `stale`, `lost` and `empty` are what stands there while nothing has arrived
    yet, when nothing arrived lately, when the socket is down, and when there is no row. `kept`
    shows what this browser saw last, while there is no other.
    """

    library = _SOURCE
    lib_dependencies: list[str] = field(
        default_factory=lambda: [_WINDOWED], is_javascript_property=False
    )
    tag = "LiveGrid"

    message: rx.Var[dict[str, Any]]
    connected: rx.Var[bool]
    kept: rx.Var[bool]
    page: rx.Var[str]
    kinds: rx.Var[list[str]]
    columns: rx.Var[list[dict[str, Any]]]
    sorts: rx.Var[list[dict[str, Any]]]
    filters: rx.Var[list[dict[str, Any]]]
    words: rx.Var[dict[str, Any]]
    waiting: rx.Var[rx.Component]
    stale: rx.Var[rx.Component]
    lost: rx.Var[rx.Component]
    empty: rx.Var[rx.Component]
    on_gap: rx.EventHandler[rx.event.no_args_event_spec]
    on_leave: rx.EventHandler[rx.event.no_args_event_spec]

    @classmethod
    def create(
        cls,
        *,
        columns: Sequence[Column],
        sorts: Sequence[Sort],
        filters: Sequence[Filter] = (),
        kinds: Sequence[str] = ("arbitrage",),
        **props: Any,
    ) -> Self:
        """Return the grid; it knows by itself whether the socket is up."""
        return super().create(
            columns=[asdict(column) for column in columns],
            sorts=[asdict(sort) for sort in sorts],
            filters=[asdict(narrowing) for narrowing in filters],
            kinds=list(kinds),
            connected=~has_connection_errors,
            **props,
        )
