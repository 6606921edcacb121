"""The live board with its words, as the board page and the offline page show it."""

from typing import Final

import reflex as rx

from arb_app.components.layout import button_link
from arb_app.components.live_grid import Column, LiveGrid, Sort
from arb_app.components.notice import empty, loading, notice
from arb_app.state.board import BoardState
from arb_app.words import say

OLD_AFTER_S: Final = 60
"""A leg's price that changed longer ago than this is marked as the older one."""

_WORDS: Final = (
    "age_unknown",
    "ago",
    "best",
    "checked",
    "filter",
    "in_play",
    "kept",
    "kept_none",
    "limit",
    "live",
    "lost",
    "many",
    "near",
    "no_match",
    "one",
    "refused",
    "refused_none",
    "refused_text",
    "seconds_ago",
    "sort",
    "stale",
    "start_unknown",
    "table",
    "verified",
    "waiting",
)


def board_grid(*, kept: bool = False) -> rx.Component:
    """Return the board; `kept` shows the one that this browser saw last, with its age."""
    return LiveGrid.create(
        message=BoardState.message,
        kept=kept,
        columns=[
            Column("roi", say("board.column.roi"), "roi"),
            Column("event", say("board.column.event"), "event"),
            Column("market", say("board.column.market")),
            Column("legs", say("board.column.legs"), "legs"),
            Column("first_seen_ms", say("board.column.since"), "since"),
        ],
        sorts=[
            Sort("roi", say("board.sort.roi")),
            Sort("newest", say("board.sort.newest")),
            Sort("start", say("board.sort.start")),
        ],
        words={
            **{name: say(f"board.{name}") for name in _WORDS},
            "verified_text": say("board.verified.text"),
            "why_title": say("why.title"),
            "why_last_none": say("why.last.none"),
            "old_s": OLD_AFTER_S,
        },
        waiting=loading(),
        stale=notice(say("board.stale.text"), "warn", title=say("board.stale.title")),
        lost=notice(say("board.lost.text"), "bad", title=say("board.lost.title")),
        empty=empty(
            say("board.empty.title"),
            say("board.empty.text"),
            button_link(say("board.empty.status"), "/status", quiet=True),
            drawn="shield",
        ),
        on_gap=BoardState.join,
        on_leave=BoardState.leave,
    )
