"""The live board as a component: columns, words and states are given, rows come over the socket."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

_SOURCE: Final = rx.asset("live_grid.jsx", shared=True).importable_path
rx.asset("live_store.js", shared=True)  # which the former imports


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `kind` says how its cell is drawn, `key` which field of a row it shows."""

    key: str
    label: str
    kind: Literal["roi", "event", "text", "legs", "since"] = "text"


@dataclass(frozen=True, slots=True)
class Sort:
    """One order that a viewer may choose; the first of several is the one to begin with."""

    key: Literal["roi", "newest", "start"]
    label: str


class LiveGrid(rx.Component):
    """Rows that a channel keeps up to date; see `live_grid.jsx`.

    `waiting`, `stale`, `lost` and `empty` are what stands there while nothing has arrived yet, when
    nothing arrived lately, when the socket is down, and when there is no row. `kept` shows what
    this browser saw last, while there is no other.
    """

    library = _SOURCE
    tag = "LiveGrid"

    message: rx.Var[dict[str, Any]]
    connected: rx.Var[bool]
    kept: rx.Var[bool]
    columns: rx.Var[list[dict[str, str]]]
    sorts: rx.Var[list[dict[str, str]]]
    words: rx.Var[dict[str, Any]]
    waiting: rx.Var[rx.Component]
    stale: rx.Var[rx.Component]
    lost: rx.Var[rx.Component]
    empty: rx.Var[rx.Component]
    on_gap: rx.EventHandler[rx.event.no_args_event_spec]
    on_leave: rx.EventHandler[rx.event.no_args_event_spec]

    @classmethod
    def create(cls, *, columns: list[Column], sorts: list[Sort], **props: Any) -> Self:
        """Return the grid; it knows by itself whether the socket is up."""
        return super().create(
            columns=[asdict(column) for column in columns],
            sorts=[asdict(sort) for sort in sorts],
            connected=~has_connection_errors,
            **props,
        )
