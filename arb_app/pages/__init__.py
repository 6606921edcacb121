"""The table of pages: route, what it shows, and what happens when it is opened."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import reflex as rx

from arb_app.pages.admin import admin
from arb_app.pages.admin_matching import admin_matching
from arb_app.pages.admin_quality import admin_quality
from arb_app.pages.admin_sources import admin_sources
from arb_app.pages.board import board
from arb_app.pages.calculator import calculator
from arb_app.pages.history import history
from arb_app.pages.home import home
from arb_app.pages.login import login
from arb_app.pages.not_found import not_found
from arb_app.pages.offline import offline
from arb_app.pages.opportunity import opportunity
from arb_app.pages.status import status
from arb_app.state.admin import AdminState
from arb_app.state.admin_door import AdminDoorState
from arb_app.state.admin_matching import AdminMatchingState
from arb_app.state.admin_quality import AdminQualityState
from arb_app.state.admin_sources import AdminSourcesState
from arb_app.state.board import BoardState
from arb_app.state.calculator import CalculatorState
from arb_app.state.history import HistoryState
from arb_app.state.opportunity import OpportunityState
from arb_app.state.status import StatusState
from arb_app.words import say


class Page(NamedTuple):
    """One page; `name` finds the words of its title and description."""

    route: str
    show: Callable[[], rx.Component]
    title: str
    description: str
    on_load: Sequence[Any] = ()


PAGES: Final = (
    Page("/", home, say("product.promise"), say("home.lede")),
    Page("/board", board, say("board.title"), say("board.description"), [BoardState.join]),
    Page(
        "/board/[opportunity]",
        opportunity,
        say("opportunity.proof"),
        say("board.description"),
        [OpportunityState.open],
    ),
    Page(
        "/history/[event]",
        history,
        say("history.title"),
        say("history.description"),
        [HistoryState.open],
    ),
    Page(
        "/calculator",
        calculator,
        say("calculator.title"),
        say("calculator.lede"),
        [CalculatorState.open],
    ),
    Page("/status", status, say("status.title"), say("status.lede"), [StatusState.live]),
    Page("/offline", offline, say("offline.title"), say("offline.text")),
    Page(
        "/admin/sources",
        admin_sources,
        say("admin.sources.title"),
        say("admin.sources.description"),
        [AdminDoorState.knock_for_sources, AdminSourcesState.live],
    ),
    Page(
        "/admin/matching",
        admin_matching,
        say("matching.title"),
        say("matching.description"),
        [AdminMatchingState.open],
    ),
    Page(
        "/admin/quality",
        admin_quality,
        say("quality.title"),
        say("quality.description"),
        [AdminQualityState.open],
    ),
    Page("/login", login, say("login.title"), say("login.description")),
    Page("/admin", admin, say("admin.title"), say("admin.lede"), [AdminState.open]),
    Page("404", not_found, say("missing.title"), say("missing.text")),
)
